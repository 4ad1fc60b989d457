"""How complex cells are: the network decomposed for each, many at a time."""

from __future__ import annotations

import copy
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.pruning.interpolative import (
    FLOOR,
    BatchedRanks,
    batched_matrices,
    gram_ranks,
    recheck,
)

from ..network.domain import Slice
from ..network.network import FieldNetwork
from .cells import Cells, blocks, sample_places
from .judgements import Findings
from .specs import RuleSpec

QUICK = 0.05, 0.5
"""Least and largest tolerance at which cells are first judged in float32."""
ROUNDING = 2.0**-22
"""Times sqrt(n), of a squared residual norm by float32: two units for each of n random steps."""
NEAR = 2e-3, 2e-5
"""Distance of an error to T, in T and in the largest value, at which float32 compares them."""
BYTES = 32 * 2**20
"""Matrices factorised at once, which bounds what judging takes for the moment."""


class Complexity:
    """Decomposes a field's network for cells, and evaluates it pruned for them.

    Parameters
    ----------
    field : Slice
    spec : RuleSpec
    widths : tuple of int
        Hidden widths of the unpruned network, which kept fractions refer to.
    proportion : float
        P; above it the error of the pruned network is not needed.
    """

    def __init__(
        self, field: Slice, spec: RuleSpec, widths: tuple[int, ...], proportion: float
    ) -> None:
        self._field, self._spec = field, spec
        self._neurons, self._proportion = sum(widths), proportion
        self._samples, self._places, self._shares = sample_places(field.dimension, spec)

    @cached_property
    def _exact(self) -> Slice:
        return exact(self._field)

    @cached_property
    def _single(self) -> FieldNetwork:
        return copy.deepcopy(self._exact.network).float()

    def find(
        self, cells: Cells, rows: np.ndarray, found: Findings, everything: bool, cancel: CancelToken
    ) -> None:
        """Find ranks, and the error of the pruned network where the ranks do not decide.

        Parameters
        ----------
        rows : (n,) int
            Cells to look at.
        everything : bool
            Find errors of all, in float64.
        """
        step = max(1, BYTES // (8 * sum(width**2 for width in self._field.network.widths)))
        for start in range(0, len(rows), step):
            cancel.check()
            self._find(cells, rows[start : start + step], found, everything)

    @torch.inference_mode()
    def _find(self, cells: Cells, part: np.ndarray, found: Findings, everything: bool) -> None:
        if QUICK[0] <= self._spec.tolerance <= QUICK[1] and not everything:
            part = self._found(self._single, cells, part, found, False)
        self._found(self._exact.network, cells, part, found, everything)

    def _found(
        self,
        network: FieldNetwork,
        cells: Cells,
        part: np.ndarray,
        found: Findings,
        everything: bool,
    ) -> np.ndarray:
        """Do so in the network's precision; give the cells that float32 does not decide."""
        single, span = network is self._single, self._field.domain.span
        decided, finite = self._decompositions(network, cells, part)
        sound = finite.cpu().numpy()
        if not single:
            found.bad[part[~sound]] = True
        unsure = part[~sound]
        if not sound.all():
            part, which = part[sound], finite.nonzero()[:, 0]
            decided = [layer.taken(which) for layer in decided] if len(part) else []
        if not len(part):
            return unsure
        ranks = torch.stack([layer.rank for layer in decided], dim=1).cpu().numpy()
        found.ranks[part], found.kept[part] = ranks, ranks.sum(axis=1) / self._neurons
        open_ = np.flatnonzero((found.kept[part] / self._proportion <= 1) | everything)
        for rows in blocks(open_, self._spec.error_samples):
            which = torch.as_tensor(rows, device=finite.device)
            own, pruned = self._pruned(
                network,
                cells.points(part[rows], self._places),
                [layer.taken(which) for layer in decided],
            )
            error = (own - pruned).abs().mean(dim=1).double().cpu().numpy() / span
            values = own.double().cpu().numpy()
            if single:
                largest = np.maximum(np.abs(values).max(axis=1) / span, 1.0)
                band = NEAR[0] * self._spec.threshold + NEAR[1] * largest
                sure = np.abs(error - self._spec.threshold) > band
                unsure = np.concatenate([unsure, part[rows[~sure]]])
                rows, error, values = rows[sure], error[sure], values[sure]
            found.pruned_error[part[rows]] = error
            found.mark(part[rows], error)
            if self._spec.rule == "id" and not everything:
                wrong = cells.departures(part[rows], values, self._shares)
                found.note_interpolation(part[rows], wrong, span)
        return unsure

    def _decompositions(
        self, network: FieldNetwork, cells: Cells, part: np.ndarray
    ) -> tuple[list[BatchedRanks], Tensor]:
        """Decide the ranks of each hidden layer, and which cells' activations are finite."""
        spec, filled, single = self._spec, 0, network is self._single
        some = next(self._exact.network.parameters())
        layers = [some.new_empty(len(part), w, w) for w in network.widths]
        for rows in blocks(part, spec.samples):
            here = slice(filled, filled := filled + len(rows))
            block = self._activations(network, cells.points(rows, self._samples))
            for gram, z in zip(layers, block, strict=True):
                gram[here] = torch.bmm(z.mT, z)
        traces = torch.stack([gram.diagonal(dim1=1, dim2=2).sum(dim=1) for gram in layers])
        finite = traces.sum(dim=0).isfinite()
        decided, rounding = [], ROUNDING * spec.samples**0.5 if single else FLOOR
        while layers:
            gram = layers.pop(0)
            gram[~finite] = 0.0
            decided.append(gram_ranks(gram, spec.samples, spec.tolerance, rounding))
        doubtful = torch.stack([layer.doubtful for layer in decided]).any(dim=0) & finite
        for which in doubtful.nonzero()[:, 0].split(
            max(1, BYTES // (8 * spec.samples * self._neurons))
        ):
            points = cells.points(part[which.cpu().numpy()], self._samples)
            for number, z in enumerate(self._activations(self._exact.network, points)):
                unsure = decided[number].doubtful[which]
                again = which[unsure], z[unsure], spec.tolerance
                decided[number] = recheck(decided[number], *again, by_gram=single)
        return decided, finite

    def _activations(self, network: FieldNetwork, points: np.ndarray) -> list[Tensor]:
        """Give the original network's activations of each hidden layer at (B, n, d) points."""
        flat = self._exact.coordinates(points.reshape(-1, points.shape[-1]))
        values, found = network.encode(flat.to(network.layers[0].weight)), []
        for number, layer in enumerate(network.layers[:-1]):
            values = layer(values)
            if network.activation == "sine":
                values.mul_(network.omegas[number]).sin_()
            else:
                values = network.activate(values, number)
            found.append(values.unflatten(0, points.shape[:2]))
        return found

    def _pruned(
        self, network: FieldNetwork, points: np.ndarray, decided: list[BatchedRanks]
    ) -> tuple[Tensor, Tensor]:
        """Evaluate the network and, for each cell, the one pruned for it: (B, n) both.

        Layer i of a pruned network has the weights W_i[kept_i] T_{i-1}' and biases b_i[kept_i];
        neurons that pad a cell's layer have rows of zeros in T.
        """
        layers, last = self._activations(network, points), network.layers[-1]
        own = last(layers[-1])[..., 0]
        kept = decided[0].pivots
        values = layers[0].gather(2, kept[:, None].expand(-1, points.shape[1], -1))
        for number, layer in enumerate(network.layers[1:-1], start=1):
            kept = decided[number].pivots
            folded = batched_matrices(decided[number - 1]).to(values) @ layer.weight[kept].mT
            values = torch.baddbmm(layer.bias[kept][:, None], values, folded)
            values = network.activate(values, number)
        folded = batched_matrices(decided[-1]).to(values) @ last.weight[0]
        return own, (values @ folded[..., None])[..., 0] + last.bias


def exact(field: Slice) -> Slice:
    """Give the field with its network in float64."""
    network = copy.deepcopy(field.network).double().requires_grad_(False)
    return Slice(network, field.domain, field.time)
