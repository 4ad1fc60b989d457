"""Scoring a field: against its reference, or against the unpruned network."""

from __future__ import annotations

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import Newest

from .data.truth import Truth
from .mesh.cells import sample_points
from .mesh.interpolant import AdaptiveMesh
from .network.controls import POINTS
from .network.domain import Domain, Slice, in_parts
from .network.network import FieldNetwork

PREVIEW_POINTS = 8_192
WANTED_BYTES = 8 << 20
"""Of the values of moments that were scored."""


class FieldScorer:
    """Compares networks with the truth at fixed points.

    Parameters
    ----------
    domain : Domain
    truth : Truth or None
        None to compare with `network`.
    network : FieldNetwork
        The unpruned network.
    """

    def __init__(self, domain: Domain, truth: Truth | None, network: FieldNetwork) -> None:
        self._domain, self._truth, self._network = domain, truth, network
        self.points = sample_points(domain.dimension, POINTS, 0)
        """(65536, dimension) float64 in the unit box."""
        self._wanted: Newest[np.ndarray] = Newest(WANTED_BYTES)
        self._full: Newest[np.ndarray] = Newest(WANTED_BYTES)

    @property
    def against(self) -> str:
        """What is compared with: ``reference`` or ``full``."""
        return "full" if self._truth is None else "reference"

    def wanted(self, unit: np.ndarray, time: float, cancel: CancelToken = NEVER) -> np.ndarray:
        """Values to be compared with at points of the unit box: (n,) float32."""
        truth = self._truth
        if truth is not None:
            return in_parts(lambda part: truth.values(part, time), unit, cancel)
        return in_parts(Slice(self._network, self._domain, time).values, unit, cancel)

    def score(
        self, field: Slice, preview: bool = False, cancel: CancelToken = NEVER
    ) -> dict[str, float]:
        """Relative L2 error, PSNR and RMSE of pruning of a network; NaN where it gives NaN.

        Parameters
        ----------
        field : Slice
        preview : bool
            Take the first 8,192 points only.
        cancel : CancelToken
        """
        count = PREVIEW_POINTS if preview else POINTS
        wanted = self._at(field.time, cancel)[:count].astype(np.float64)
        own = in_parts(field.values, self.points[:count], cancel)
        wrong = own - wanted
        rmse = float(np.sqrt(np.mean(wrong**2)))
        span = self._domain.high - self._domain.low
        norm = float(np.linalg.norm(wanted))
        with np.errstate(divide="ignore"):
            psnr = float(20 * np.log10(span / rmse)) if rmse else np.inf
        found = float(np.linalg.norm(wrong)) / norm if norm else np.nan
        pruning = 0.0
        if field.network is not self._network:
            wrong = own - self._full_at(field.time, cancel)[:count].astype(np.float64)
            pruning = float(np.sqrt(np.mean(wrong**2)))
        return {"rel_l2": found, "psnr": psnr, "pruning_rmse": pruning}

    def errors(
        self,
        field: Slice,
        points: np.ndarray,
        iso: float,
        mesh: AdaptiveMesh | None,
        cancel: CancelToken = NEVER,
    ) -> dict[str, np.ndarray]:
        """Tell the errors at the vertices of a surface apart, in units of the value.

        Parameters
        ----------
        field : Slice
            The pruned network.
        points : (N, 3) float32
            In the world, where the value shown is `iso`.
        mesh : AdaptiveMesh or None
            Of this network, once there is one.

        Returns
        -------
        dict of (N,) float32
            ``error`` of the value shown against what it is compared with, ``pruning_error`` of
            the pruned network against the full one, and ``meshing_error`` of the mesh against
            the pruned network, NaN without a mesh.
        """
        unit = np.clip(self._domain.to_unit(points), 0, 1)
        error = np.abs(self.wanted(unit, field.time, cancel) - iso)
        pruning, meshing = np.zeros(len(unit)), np.full(len(unit), np.nan)
        pruned = field.network is not self._network
        own = in_parts(field.values, unit, cancel) if pruned or mesh is not None else None
        if pruned:
            full = Slice(self._network, self._domain, field.time)
            pruning = np.abs(in_parts(full.values, unit, cancel) - own)
        if mesh is not None:
            meshing = np.abs(in_parts(mesh.interpolate, unit, cancel) - own)
        found = {"error": error, "pruning_error": pruning, "meshing_error": meshing}
        return {name: values.astype(np.float32) for name, values in found.items()}

    def _at(self, time: float, cancel: CancelToken) -> np.ndarray:
        return self._wanted.keep(time, lambda: self.wanted(self.points, time, cancel))

    def _full_at(self, time: float, cancel: CancelToken) -> np.ndarray:
        if self._truth is None:
            return self._at(time, cancel)
        full = Slice(self._network, self._domain, time)
        return self._full.keep(time, lambda: in_parts(full.values, self.points, cancel))
