"""How a batch of cells is judged: which of them are complex and are to be split."""

from __future__ import annotations

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken

from ..network.domain import Slice
from .cells import Cells, blocks, sample_places
from .complexity import Complexity
from .judgements import REASONS, Explanation, Findings, Judgement
from .specs import RuleSpec


class Judge:
    """Judges cells of a field by a rule, many at a time.

    "id" is the rule of PruningAMR (Zvonek & Gillette 2025): the network is pruned for the cell by
    interpolative decomposition of each hidden layer's activations at `samples` points of it, and
    the cell is split if the kept fraction p is above P or the mean error e of the pruned network
    at `error_samples` other points is above T. Where their code divides errors by ``|f|`` with 5
    added to both outputs, we divide by the range of the domain's values. e is not computed where
    p alone decides.

    The points are the same in all cells, scaled, so what is decided depends on neither order nor
    batch. Decisions are those of activations and decompositions in float64. At tolerances in
    `complexity.QUICK`, activations and Z'Z are first taken in float32, and in float64 only of
    cells in which the rounding could change a pivot, a rank or what an error says; errors that
    stay are then good to some 1e-5 of the range. Values that are not of the decomposition are
    the field's.

    Parameters
    ----------
    field : Slice
    spec : RuleSpec
    widths : tuple of int, optional
        Hidden widths of the unpruned network, which kept fractions refer to; those of the
        field's network by default.

    Attributes
    ----------
    proportion : float
        P, as given or as set from the architecture.
    """

    def __init__(self, field: Slice, spec: RuleSpec, widths: tuple[int, ...] | None = None) -> None:
        self.field, self.spec = field, spec
        self.widths = tuple(widths or field.network.widths)
        affine = (field.dimension + 1) * len(self.widths) / sum(self.widths)
        self.proportion = spec.proportion or min(affine, 1.0)
        _, self._places, self._shares = sample_places(field.dimension, spec)
        self._complexity = Complexity(field, spec, self.widths, self.proportion)

    def judge(
        self, lower: np.ndarray, size: np.ndarray, corners: np.ndarray, cancel: CancelToken
    ) -> Judgement:
        """Judge cells.

        Parameters
        ----------
        lower : (B, d) float64
            Low corners in the unit box.
        size : (B,) float64
            Sides.
        corners : (B, 2**d) float32
            The field at the corners, x fastest, then y, then z.
        cancel : CancelToken
            Looked at every few hundred cells.

        Raises
        ------
        Cancelled
        """
        found = self._findings(lower, size, corners, cancel, everything=False)
        made = self.spec.rule in ("id", "hybrid")
        return found.judgement(self.spec, self.proportion, size, made)

    def explain(self, lower: np.ndarray, size: float, corners: np.ndarray) -> Explanation:
        """Find out all there is about one cell: (d,), its side, and (2**d,) values."""
        cell = np.asarray(lower)[None], np.array([size], float), np.asarray(corners)[None]
        found = self._findings(*cell, CancelToken(), everything=True)
        judged = found.judgement(self.spec, self.proportion, cell[1], made=True)
        return Explanation(
            bool(judged.split[0]),
            bool(judged.bad[0]),
            float(judged.priority[0]),
            REASONS[judged.reason[0]],
            tuple(int(k) for k in found.ranks[0]),
            self.widths,
            float(found.kept[0]),
            self.proportion,
            float(found.pruned_error[0]),
            float(found.interpolation_error[0]),
            float(found.gradient[0]),
        )

    def _findings(
        self,
        lower: np.ndarray,
        size: np.ndarray,
        corners: np.ndarray,
        cancel: CancelToken,
        everything: bool,
    ) -> Findings:
        rule, cells = self.spec.rule, Cells(lower, size, corners)
        found = Findings(len(size), len(self.widths))
        found.bad |= ~np.isfinite(corners).all(axis=1)
        for part in blocks(np.arange(len(size)), self.spec.error_samples):
            cancel.check()
            if everything or rule == "gradient":
                self._find_gradient(cells, part, found)
            if everything or rule in ("interpolation", "hybrid", "surface"):
                self._find_interpolation(cells, part, found)
        if everything or rule in ("id", "hybrid"):
            wanted = ~found.bad
            if rule == "hybrid" and not everything:
                wanted &= found.interpolation_error > self.spec.threshold
            self._complexity.find(cells, np.flatnonzero(wanted), found, everything, cancel)
        return found

    def _find_gradient(self, cells: Cells, part: np.ndarray, found: Findings) -> None:
        with torch.inference_mode(False), torch.enable_grad():
            unit = torch.as_tensor(cells.points(part, self._places))
            unit = unit.to(self.field.coordinates(unit)).requires_grad_()
            values = self.field.network(self.field.coordinates(unit))
            (slope,) = torch.autograd.grad(values.sum(), unit)
        change = slope.norm(dim=-1).mean(dim=-1).double().cpu().numpy() * cells.size[part]
        found.gradient[part] = change / self.field.domain.span
        found.mark(part, change)

    def _find_interpolation(self, cells: Cells, part: np.ndarray, found: Findings) -> None:
        points = cells.points(part, self._places)
        values = self.field.values(points.reshape(-1, points.shape[-1])).reshape(len(part), -1)
        self._note_interpolation(cells, part, values, found)
        if self.spec.rule == "surface":
            found.note_gap(part, cells.corners, values, self.spec, self.field.domain.span)

    def _note_interpolation(
        self, cells: Cells, part: np.ndarray, values: np.ndarray, found: Findings
    ) -> None:
        wrong = cells.departures(part, values, self._shares)
        found.note_interpolation(part, wrong, self.field.domain.span)
