"""What is found of cells, and what a rule makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .specs import RuleSpec

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
    "It is split: it is off by more than T and than its values are from the surface's.",
    "It stays, badly interpolated: its values are further from the surface's than it is off.",
)
"""Sentences that `Judgement.reason` numbers."""
_STAYS, _BAD, _KEPT, _PRUNED, _LINEAR, _STEEP, _BOTH_KEPT, _BOTH_PRUNED, _SIMPLE, _ALL = range(10)
_CROSSED, _FAR = 10, 11


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
        cell, its priority if that is smaller. "surface": error / (T + the distance of the cell's
        values from the iso value). "uniform": the size. 0 where `bad`.
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


class Findings:
    """Arrays to be filled in, and what the rule makes of them."""

    def __init__(self, count: int, layers: int) -> None:
        self.bad = np.zeros(count, bool)
        self.ranks = np.zeros((count, layers), np.int16)
        self.kept, self.pruned_error, self.interpolation_error, self.gradient = (
            np.full(count, np.nan) for _ in range(4)
        )
        self.gap = np.full(count, np.nan)

    def mark(self, part: np.ndarray, values: np.ndarray) -> None:
        """Mark cells as bad where what was found is not finite."""
        self.bad[part] |= ~np.isfinite(values)

    def note_interpolation(self, part: np.ndarray, wrong: np.ndarray, span: float) -> None:
        """Note errors of interpolation from differences, (B, n), as shares of a range of values."""
        with np.errstate(invalid="ignore"):
            error = np.sqrt(np.mean(wrong**2, axis=1))
        self.interpolation_error[part] = error / span
        self.mark(part, error)

    def note_gap(
        self, part: np.ndarray, corners: np.ndarray, values: np.ndarray, spec: RuleSpec, span: float
    ) -> None:
        """Note how far corners, (B, 2**d), and values in cells, (B, n), are from the iso value.

        0 where they are on both sides of it.
        """
        away = np.concatenate([corners[part], values], axis=1).astype(float) - spec.iso
        apart = np.maximum(away.min(axis=1), -away.max(axis=1))
        self.gap[part] = np.maximum(apart, 0.0) / span

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
        elif spec.rule == "surface":
            priority = self.interpolation_error / (spec.threshold + self.gap)
            reason = np.where(priority > 1, _CROSSED, np.where(linear > 1, _FAR, _STAYS))
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
