"""Allocation: from what each unit costs and gains to a rate for each. No network is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Rates = dict[str, float]

GRID = np.linspace(0.0, 100.0, 201)
"""Rates that are weighed against each other, in percent."""
UNKNOWN = 1e6
STANDS_OUT = 0.2
"""Cost from which on a point of a curve is taken at its word; below, it may be noise."""


@dataclass(frozen=True, eq=False)
class UnitCurve:
    """What pruning one unit alone costs and gains, at each rate of `GRID`.

    Parameters
    ----------
    unit : str
    costs : (n,) float
        Share of the allowance that is used up, rising: 0 is the full model, 1 the threshold.
    gains : (n,) float
        What is removed, in the objective's unit.
    """

    unit: str
    costs: np.ndarray
    gains: np.ndarray

    @classmethod
    def of(
        cls,
        unit: str,
        rates: Sequence[float],
        costs: Sequence[float],
        gains: Sequence[float],
        power: float,
        whole: bool = False,
    ) -> UnitCurve:
        """Make a curve from points measured at rising rates in percent, (m,) each.

        Costs are made to rise: a dip is noise. Up to the first that stands out they are taken
        to rise as ``rate ** power``, from there on they are interpolated between logarithms.
        Past the last rate, and where a cost is NaN, nothing is known and nothing is taken.
        Of a unit that goes as a whole only the ends are known.
        """
        rates = np.asarray(rates, np.float64)
        rising = np.maximum.accumulate(np.where(np.isfinite(costs), costs, UNKNOWN))
        first = min(int(np.searchsorted(rising, STANDS_OUT)), len(rates) - 1)
        known = np.maximum(rising[first:], STANDS_OUT)
        low = known[0] * (GRID / rates[first]) ** power
        high = np.exp(np.interp(GRID, rates[first:], np.log(known)))
        found = np.where(rates[first] >= GRID, low, high)
        found[rates[-1] < GRID] = UNKNOWN
        if whole:
            found[1:-1] = UNKNOWN
        return cls(unit, found, np.interp(GRID, [0.0, *rates], [0.0, *gains]))


@dataclass(frozen=True, slots=True)
class Move:
    """A small change of one unit's rate, and what it was measured to cost and gain in place.

    Parameters
    ----------
    unit : str
    by : float
        See `moved`; 0 is no change.
    cost, gain : float
        Changes of the cost and of what is removed; negative for a unit that is given back.
    """

    unit: str
    by: float
    cost: float
    gain: float


def allocate(curves: Sequence[UnitCurve], budget: float) -> Rates:
    """Rates with the largest summed gain whose summed costs stay within `budget`.

    The sum of curves only proposes; what a plan really costs is measured on the network.
    """
    choices = [list(zip(curve.costs, curve.gains, strict=True)) for curve in curves]
    picked = _best_choices(choices, budget)
    return {c.unit: float(GRID[i]) for c, i in zip(curves, picked, strict=True)}


def best_moves(moves: Sequence[Move], budget: float) -> dict[str, float]:
    """At most one move for each unit, with the largest summed gain within `budget`.

    A move that prunes more and was measured to cost less than nothing is taken to cost
    nothing: that may be luck of the samples.
    """
    units = list(dict.fromkeys(move.unit for move in moves))
    options = [
        [Move(unit, 0.0, 0.0, 0.0), *(move for move in moves if move.unit == unit)]
        for unit in units
    ]
    choices = [[(max(m.cost, 0.0) if m.gain > 0 else m.cost, m.gain) for m in o] for o in options]
    picked = _best_choices(choices, budget)
    return {option[i].unit: option[i].by for option, i in zip(options, picked, strict=True)}


def _best_choices(choices: Sequence[Sequence[tuple[float, float]]], budget: float) -> list[int]:
    """One (cost, gain) of each list, with the largest summed gain within `budget`.

    The Lagrangian of the problem falls apart: each list gives the choice with the largest
    ``gain - multiplier x cost``, and the multiplier is bisected until the costs fit.

    References
    ----------
    Everett, *Generalized Lagrange multiplier method for solving problems of optimum allocation
    of resources*, Operations Research, 1963.
    """
    tables = [np.asarray(choice, np.float64) for choice in choices]
    scale = max(sum(float(np.abs(table[:, 1]).max()) for table in tables), 1e-300)
    low, high = -40.0, 40.0  # logarithm of the multiplier over the whole gain
    picked = [int(np.argmin(table[:, 0])) for table in tables]
    for _ in range(60):
        middle = (low + high) / 2
        price = scale * math.exp(middle)
        found = [int(np.argmax(table[:, 1] - price * table[:, 0])) for table in tables]
        if sum(table[i, 0] for table, i in zip(tables, found, strict=True)) <= budget:
            picked, high = found, middle
        else:
            low = middle
    return picked


def scaled(rates: Mapping[str, float], power: float) -> Rates:
    """Every unit keeps its kept share to the power `power`: above 1 all rates rise."""
    return {unit: _rate(_keep(rate) * power) for unit, rate in rates.items()}


def mixed(rates: Mapping[str, float], others: Mapping[str, float], share: float) -> Rates:
    """Between two plans: the geometric mean of kept shares, `share` of the way to `others`."""
    return {
        unit: _rate((1 - share) * _keep(rate) + share * _keep(others[unit]))
        for unit, rate in rates.items()
    }


def moved(rates: Mapping[str, float], moves: Mapping[str, float]) -> Rates:
    """Units that move by `m` keep ``exp(-m)`` of what they kept; a negative `m` gives back."""
    return {
        unit: _rate(min(0.0, _keep(rate) - moves.get(unit, 0.0))) for unit, rate in rates.items()
    }


def _keep(rate: float) -> float:
    """Logarithm of the share that a rate keeps."""
    return math.log(max(1 - rate / 100, 1e-6))


def _rate(keep: float) -> float:
    return round(100 * (1 - math.exp(keep)), 6) if keep > math.log(2e-6) else 100.0
