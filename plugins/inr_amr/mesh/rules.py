"""How a batch of cells is judged: which of them are complex and are to be split."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.pruning.interpolative import (
    FLOOR,
    BatchedRanks,
    batched_matrices,
    decompose,
    gram_ranks,
    recheck,
)

from ..network.domain import Slice
from ..network.network import FieldNetwork
from .interpolant import multilinear, sample_points

RULES = ("id", "gradient", "interpolation", "hybrid", "uniform")
POINTS = 4_096
"""Points evaluated at once, so that the activations of a layer stay in the cache."""
QUICK = 0.05, 0.5
"""Least and largest tolerance at which cells are first judged in float32."""
ROUNDING = 2.0**-22
"""Times sqrt(n), of a squared residual norm by float32: two units for each of n random steps."""
NEAR = 2e-3, 2e-5
"""Distance of an error to T, in T and in the largest value, at which float32 compares them."""
BYTES = 32 * 2**20
"""Matrices factorised at once, which bounds what judging takes for the moment."""
REASONS = (
    "It stays: nothing the rule looks at is above its threshold.",
    "It is marked and stays: the field is not a finite number everywhere in it.",
    "It is split: more neurons are kept for it than the fraction P.",
    "It is split: the network pruned for it is off by more than the threshold T.",
    "It is split: the field differs from the interpolant of its corners by more than T.",
    "It is split: the field changes across it by more than T.",
    "It is split: it is badly interpolated, and more neurons are kept than the fraction P.",
    "It is split: it is badly interpolated, and the network pruned for it is off by more than T.",
    "It stays, badly interpolated: few neurons are enough for it.",
    "It is split, as all cells are.",
)
"""Sentences that `Judgement.reason` numbers."""
_STAYS, _BAD, _KEPT, _PRUNED, _LINEAR, _STEEP, _BOTH_KEPT, _BOTH_PRUNED, _SIMPLE, _ALL = range(10)


@dataclass(frozen=True)
class RuleSpec:
    """Which cells are split.

    Parameters
    ----------
    rule : {"id", "gradient", "interpolation", "hybrid", "uniform"}
    threshold : float
        T, of errors and of the change across a cell, as a share of the range of values.
    proportion : float
        P, the kept fraction above which a cell is complex; 0 takes the affine rank: where the
        field is affine, d + 1 neurons make up each of L layers, so P = (d + 1) L / sum(widths).
        On two ReLU fits of sin(1 / (a + r)) larger multiples of it ended at larger errors.
    tolerance : float
        Of the decomposition within a cell, 0 to 1.
    samples, error_samples : int
        Points in a cell at which activations are taken, and others for errors and gradients.
    seed : int

    Raises
    ------
    BadInput
        If the rule is unknown or a number is out of range.
    """

    rule: str = "hybrid"
    threshold: float = 1e-2
    proportion: float = 0.0
    tolerance: float = 1e-2
    samples: int = 256
    error_samples: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise BadInput(
                f"The mesh rule {self.rule!r} is unknown; take one of {', '.join(RULES)}."
            )
        if not 0 < self.threshold < np.inf:
            raise BadInput(f"A threshold of {self.threshold:g} splits all cells or none; take > 0.")
        for name in ("proportion", "tolerance"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"The {name} {getattr(self, name):g} is out of range; take 0 to 1.")
        if min(self.samples, self.error_samples) < 1:
            raise BadInput(
                f"Cells cannot be judged by {self.samples} and {self.error_samples} points; take "
                "one or more of each."
            )


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was found of a batch of B cells.

    Attributes
    ----------
    split : (B,) bool
    priority : (B,) float64
        Above 1 where the cell is split, except for "uniform"; larger is more urgent. "id":
        p / P where that is above 1, else the larger of it and e / T. "gradient": change / T.
        "interpolation": error / T. "hybrid": error / T, but where "id" would not split the
        cell, its priority if that is smaller. "uniform": the size. 0 where `bad`.
    kept : (B,) float64
        Fraction p of the neurons that the decomposition keeps; NaN where it was not made.
    ranks : (B, L) int16 or None
        Neurons kept in each hidden layer, 0 where it was not made; None if the rule makes none.
    pruned_error : (B,) float64
        e, the mean difference of pruned and original network as a share of the range of values;
        NaN where it was not needed.
    interpolation_error : (B,) float64
        Root mean square difference of the field and its multilinear interpolant from the
        corners as a share of the range of values; NaN where it was not needed.
    gradient : (B,) float64
        Mean magnitude of the gradient times the side, as a share of the range of values; NaN
        where it was not needed.
    bad : (B,) bool
        Where the field was not finite at a corner or point; such a cell is never split.
    reason : (B,) uint8
        Numbers of `REASONS`.
    """

    split: np.ndarray
    priority: np.ndarray
    kept: np.ndarray
    ranks: np.ndarray | None
    pruned_error: np.ndarray
    interpolation_error: np.ndarray
    gradient: np.ndarray
    bad: np.ndarray
    reason: np.ndarray


@dataclass(frozen=True)
class Explanation:
    """All that can be known of one cell, whatever the rule.

    Attributes
    ----------
    split, bad : bool
        As the rule says, with its `priority` and `reason`, one sentence.
    priority : float
    reason : str
    ranks, widths : tuple of int
        Neurons kept in each hidden layer for this cell, and neurons of the unpruned network.
    kept, proportion : float
        Kept fraction p, and P with which it is compared.
    pruned_error, interpolation_error, gradient : float
        As in `Judgement`; NaN where the field is not finite.
    """

    split: bool
    bad: bool
    priority: float
    reason: str
    ranks: tuple[int, ...]
    widths: tuple[int, ...]
    kept: float
    proportion: float
    pruned_error: float
    interpolation_error: float
    gradient: float


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
    `QUICK`, activations and Z'Z are first taken in float32, and in float64 only of cells in
    which the rounding could change a pivot, a rank or what an error says; errors that stay are
    then good to some 1e-5 of the range. Values that are not of the decomposition are the field's.

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
        self._range = _value_range(field)
        self._samples, self._places, self._shares = _sample_places(field.dimension, spec)

    @cached_property
    def _exact(self) -> Slice:
        return _exact(self.field)

    @cached_property
    def _single(self) -> FieldNetwork:
        return copy.deepcopy(self._exact.network).float()

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
        return self._judged(lower, size, corners, cancel, everything=False)

    def explain(self, lower: np.ndarray, size: float, corners: np.ndarray) -> Explanation:
        """Find out all there is about one cell: (d,), its side, and (2**d,) values."""
        cell = np.asarray(lower)[None], np.array([size], float), np.asarray(corners)[None]
        found = self._judged(*cell, CancelToken(), everything=True)
        return Explanation(
            bool(found.split[0]),
            bool(found.bad[0]),
            float(found.priority[0]),
            REASONS[found.reason[0]],
            tuple(int(k) for k in found.ranks[0]),
            self.widths,
            float(found.kept[0]),
            self.proportion,
            float(found.pruned_error[0]),
            float(found.interpolation_error[0]),
            float(found.gradient[0]),
        )

    def _judged(
        self,
        lower: np.ndarray,
        size: np.ndarray,
        corners: np.ndarray,
        cancel: CancelToken,
        everything: bool,
    ) -> Judgement:
        rule, cells = self.spec.rule, _Cells(lower, size, corners)
        found = _Findings(len(size), len(self.widths))
        found.bad |= ~np.isfinite(corners).all(axis=1)
        for part in _blocks(np.arange(len(size)), self.spec.error_samples):
            cancel.check()
            if everything or rule == "gradient":
                self._find_gradient(cells, part, found)
            if everything or rule in ("interpolation", "hybrid"):
                self._find_interpolation(cells, part, found)
        if everything or rule in ("id", "hybrid"):
            wanted = ~found.bad
            if rule == "hybrid" and not everything:
                wanted &= found.interpolation_error > self.spec.threshold
            rows = np.flatnonzero(wanted)
            step = max(1, BYTES // (8 * sum(width**2 for width in self.field.network.widths)))
            for start in range(0, len(rows), step):
                cancel.check()
                self._find_complexity(cells, rows[start : start + step], found, everything)
        made = everything or rule in ("id", "hybrid")
        return found.judgement(self.spec, self.proportion, cells.size, made)

    def _find_gradient(self, cells: _Cells, part: np.ndarray, found: _Findings) -> None:
        with torch.inference_mode(False), torch.enable_grad():
            unit = torch.as_tensor(cells.points(part, self._places))
            unit = unit.to(self.field.coordinates(unit)).requires_grad_()
            values = self.field.network(self.field.coordinates(unit))
            (slope,) = torch.autograd.grad(values.sum(), unit)
        change = slope.norm(dim=-1).mean(dim=-1).double().cpu().numpy() * cells.size[part]
        found.gradient[part] = change / self._range
        found.mark(part, change)

    def _find_interpolation(self, cells: _Cells, part: np.ndarray, found: _Findings) -> None:
        points = cells.points(part, self._places)
        values = self.field.values(points.reshape(-1, points.shape[-1]))
        self._note_interpolation(cells, part, values.reshape(len(part), -1), found)

    def _note_interpolation(
        self, cells: _Cells, part: np.ndarray, values: np.ndarray, found: _Findings
    ) -> None:
        with np.errstate(invalid="ignore"):
            wrong = values - cells.corners[part].astype(float) @ self._shares
        error = np.sqrt(np.mean(wrong**2, axis=1))
        found.interpolation_error[part] = error / self._range
        found.mark(part, error)

    @torch.inference_mode()
    def _find_complexity(
        self, cells: _Cells, part: np.ndarray, found: _Findings, everything: bool
    ) -> None:
        """Find ranks, and the error of the pruned network where the ranks do not decide."""
        if QUICK[0] <= self.spec.tolerance <= QUICK[1] and not everything:
            part = self._complexity(self._single, cells, part, found, False)
        self._complexity(self._exact.network, cells, part, found, everything)

    def _complexity(
        self,
        network: FieldNetwork,
        cells: _Cells,
        part: np.ndarray,
        found: _Findings,
        everything: bool,
    ) -> np.ndarray:
        """Do so in the network's precision; give the cells that float32 does not decide."""
        single = network is self._single
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
        found.ranks[part], found.kept[part] = ranks, ranks.sum(axis=1) / sum(self.widths)
        open_ = np.flatnonzero((found.kept[part] / self.proportion <= 1) | everything)
        for rows in _blocks(open_, self.spec.error_samples):
            which = torch.as_tensor(rows, device=finite.device)
            own, pruned = self._pruned(
                network,
                cells.points(part[rows], self._places),
                [layer.taken(which) for layer in decided],
            )
            error = (own - pruned).abs().mean(dim=1).double().cpu().numpy() / self._range
            values = own.double().cpu().numpy()
            if single:
                largest = np.maximum(np.abs(values).max(axis=1) / self._range, 1.0)
                band = NEAR[0] * self.spec.threshold + NEAR[1] * largest
                sure = np.abs(error - self.spec.threshold) > band
                unsure = np.concatenate([unsure, part[rows[~sure]]])
                rows, error, values = rows[sure], error[sure], values[sure]
            found.pruned_error[part[rows]] = error
            found.mark(part[rows], error)
            if self.spec.rule == "id" and not everything:
                self._note_interpolation(cells, part[rows], values, found)
        return unsure

    def _decompositions(
        self, network: FieldNetwork, cells: _Cells, part: np.ndarray
    ) -> tuple[list[BatchedRanks], Tensor]:
        """Decide the ranks of each hidden layer, and which cells' activations are finite."""
        spec, filled, single = self.spec, 0, network is self._single
        some = next(self._exact.network.parameters())
        layers = [some.new_empty(len(part), w, w) for w in network.widths]
        for rows in _blocks(part, spec.samples):
            here = slice(filled, filled := filled + len(rows))
            block = self._activations(network, cells.points(rows, self._samples))
            for gram, z in zip(layers, block, strict=True):
                gram[here] = torch.bmm(z.mT, z)
        finite = sum(gram.diagonal(dim1=1, dim2=2).sum(dim=1) for gram in layers).isfinite()
        decided, rounding = [], ROUNDING * spec.samples**0.5 if single else FLOOR
        while layers:
            gram = layers.pop(0)
            gram[~finite] = 0.0
            decided.append(gram_ranks(gram, spec.samples, spec.tolerance, rounding))
        doubtful = torch.stack([layer.doubtful for layer in decided]).any(dim=0) & finite
        for which in doubtful.nonzero()[:, 0].split(
            max(1, BYTES // (8 * spec.samples * sum(self.widths)))
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


@dataclass(frozen=True, eq=False)
class _Cells:
    lower: np.ndarray
    size: np.ndarray
    corners: np.ndarray

    def points(self, part: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Scale places of the unit box into cells: (B, n, d)."""
        return self.lower[part, None] + self.size[part, None, None] * places


class _Findings:
    """Arrays to be filled in, and what the rule makes of them."""

    def __init__(self, count: int, layers: int) -> None:
        self.bad = np.zeros(count, bool)
        self.ranks = np.zeros((count, layers), np.int16)
        self.kept, self.pruned_error, self.interpolation_error, self.gradient = (
            np.full(count, np.nan) for _ in range(4)
        )

    def mark(self, part: np.ndarray, values: np.ndarray) -> None:
        """Mark cells as bad where what was found is not finite."""
        self.bad[part] |= ~np.isfinite(values)

    def judgement(
        self, spec: RuleSpec, proportion: float, size: np.ndarray, made: bool
    ) -> Judgement:
        """Decide.

        Parameters
        ----------
        made : bool
            Whether decompositions were made.
        """
        for values in (self.kept, self.pruned_error, self.interpolation_error, self.gradient):
            values[self.bad] = np.nan
        self.ranks[self.bad] = 0
        neurons, pruned = self.kept / proportion, self.pruned_error / spec.threshold
        linear, steep = self.interpolation_error / spec.threshold, self.gradient / spec.threshold
        many = neurons > 1
        complexity = np.where(many, neurons, np.fmax(neurons, pruned))
        if spec.rule == "id":
            priority = complexity
            reason = np.where(many, _KEPT, np.where(pruned > 1, _PRUNED, _STAYS))
        elif spec.rule == "hybrid":
            both = (linear > 1) & (complexity > 1)
            priority = np.where(both | ~(linear > 1), linear, np.fmin(linear, complexity))
            reason = np.where(many, _BOTH_KEPT, _BOTH_PRUNED)
            reason = np.where(both, reason, np.where(linear > 1, _SIMPLE, _STAYS))
        elif spec.rule == "interpolation":
            priority, reason = linear, np.where(linear > 1, _LINEAR, _STAYS)
        elif spec.rule == "gradient":
            priority, reason = steep, np.where(steep > 1, _STEEP, _STAYS)
        else:
            priority, reason = size.astype(float), np.full(len(size), _ALL)
        split = ~self.bad & ((priority > 1) | (spec.rule == "uniform"))
        return Judgement(
            split,
            np.where(self.bad, 0.0, priority),
            self.kept,
            self.ranks if made else None,
            self.pruned_error,
            self.interpolation_error,
            self.gradient,
            self.bad,
            np.where(self.bad, _BAD, reason).astype(np.uint8),
        )


def judge_plain(
    field: Slice,
    spec: RuleSpec,
    lower: np.ndarray,
    size: np.ndarray,
    corners: np.ndarray,
    widths: tuple[int, ...] | None = None,
) -> Judgement:
    """Judge cells one by one, with LAPACK's QR and a pruned network for each: the plain reference.

    Parameters are those of `Judge` and `Judge.judge`.
    """
    widths = tuple(widths or field.network.widths)
    proportion = Judge(field, spec, widths).proportion
    samples, places, _ = _sample_places(field.dimension, spec)
    exact = _exact(field)
    gradient = spec.rule == "gradient"
    value_range, found = _value_range(field), _Findings(len(size), len(widths))
    for cell in range(len(size)):
        found.bad[cell] = not np.isfinite(corners[cell]).all()
        unit = torch.tensor(lower[cell] + size[cell] * places, requires_grad=gradient)
        values = exact.network(exact.coordinates(unit))
        own = values.detach().numpy()
        found.bad[cell] |= not np.isfinite(own).all()
        if found.bad[cell]:
            continue
        if gradient:
            (slope,) = torch.autograd.grad(values.sum(), unit)
            found.gradient[cell] = slope.norm(dim=1).mean() * size[cell] / value_range
        linear = multilinear(np.tile(corners[cell].astype(float), (len(places), 1)), places)
        found.interpolation_error[cell] = np.sqrt(np.mean((own - linear) ** 2)) / value_range
        if spec.rule in ("id", "hybrid"):
            inside = exact.coordinates(lower[cell] + size[cell] * samples)
            network = _pruned_network(exact.network, inside, spec.tolerance)
            found.ranks[cell] = network.widths
            found.kept[cell] = sum(network.widths) / sum(widths)
            wrong = network.evaluate(exact.coordinates(unit)).numpy() - own
            found.pruned_error[cell] = np.abs(wrong).mean() / value_range
    return found.judgement(spec, proportion, size, spec.rule in ("id", "hybrid"))


@torch.no_grad()
def _pruned_network(network: FieldNetwork, points: Tensor, tolerance: float) -> FieldNetwork:
    """Prune a network by its activations at the network's coordinates (n, inputs)."""
    weights = [layer.weight for layer in network.layers]
    biases = [layer.bias for layer in network.layers]
    for number, activations in enumerate(network.hidden(points)):
        found = decompose(activations.numpy(), tolerance)
        kept, matrix = torch.as_tensor(found.kept), torch.as_tensor(found.matrix)
        weights[number], biases[number] = weights[number][kept], biases[number][kept]
        weights[number + 1] = weights[number + 1] @ matrix.T
    widths = (weights[0].shape[1], *(len(weight) for weight in weights))
    pruned = FieldNetwork(widths, network.activation, network.omegas, network.features).double()
    for layer, weight, bias in zip(pruned.layers, weights, biases, strict=True):
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return pruned


def _blocks(rows: np.ndarray, points: int) -> Iterator[np.ndarray]:
    """Part cells, of so many points each, so that a block has about `POINTS`."""
    step = max(1, POINTS // points)
    return (rows[start : start + step] for start in range(0, len(rows), step))


def _sample_places(dimension: int, spec: RuleSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw places in a cell for activations, others for errors, and their shares of each corner."""
    drawn = sample_points(dimension, spec.samples + spec.error_samples, spec.seed)
    places = drawn[spec.samples :]
    corners = np.eye(2**dimension)
    shares = [multilinear(np.tile(corner, (len(places), 1)), places) for corner in corners]
    return drawn[: spec.samples], places, np.stack(shares)


def _exact(field: Slice) -> Slice:
    """Give the field with its network in float64."""
    network = copy.deepcopy(field.network).double().requires_grad_(False)
    return Slice(network, field.domain, field.time)


def _value_range(field: Slice) -> float:
    span = field.domain.high - field.domain.low
    return span if span > 0 else 1.0
