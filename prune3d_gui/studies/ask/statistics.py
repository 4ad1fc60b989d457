"""Statistics of rows and samples: the knee of a curve, what passes, paired differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from statistics import NormalDist

import numpy as np

from ...core.jobs import Row
from ...core.score.scores import Better
from ...metrics.intervals import LEVEL, interval


def passes(value: float, threshold: float, better: Better) -> bool:
    """Whether `value` is as good as `threshold` or better; NaN never is."""
    return value <= threshold if better == "lower" else value >= threshold


def knee(x: np.ndarray, y: np.ndarray, better: Better = "lower") -> int | None:
    """Where a curve bends most: the point farthest from its chord, on the better side.

    The chord joins the first and the last finite point by `x`, after both axes are scaled to
    0..1. Up to the knee a rising rate costs little, from there on much.

    Parameters
    ----------
    x, y : (n,) float
        In any order. Points where either is NaN or infinite are left out.
    better : {"lower", "higher"}
        Which values of `y` are good: the knee of an error lies below the chord.

    Returns
    -------
    int or None
        Index into `x`; None for fewer than three finite points, or where no point lies on the
        better side of the chord.

    References
    ----------
    Satopää et al., *Finding a "kneedle" in a haystack*, ICDCS workshops, 2011.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    known = known[np.argsort(x[known], kind="stable")]
    if len(known) < 3:
        return None
    across, up = x[known], y[known]
    width, height = np.ptp(across), np.ptp(up)
    if not width or not height:
        return None
    across, up = (across - across[0]) / width, (up - up[0]) / height
    distance = up[-1] * across - up
    distance *= 1 if better == "lower" else -1
    best = int(np.argmax(distance))
    return int(known[best]) if distance[best] > 1e-12 else None


def largest_passing(
    rows: Iterable[Row], axis: str, metric: str, threshold: float, better: Better = "lower"
) -> Row | None:
    """The row of the largest value of `axis` whose metric passes; None where none does.

    Rows without a number in either column do not count.
    """
    found = [
        row
        for row in rows
        if _number(row.get(axis)) and passes(row.get(metric, math.nan), threshold, better)
    ]
    return max(found, key=lambda row: row[axis], default=None)


def passing_run(
    rows: Iterable[Row], axis: str, metric: str, threshold: float, better: Better = "lower"
) -> list[Row]:
    """Rows from the smallest value of `axis` up, until the first whose metric does not pass.

    The last one is the largest value up to which every value tried passes. It is smaller than
    that of `largest_passing` where the metric gets worse and better again.
    """
    ordered = sorted(rows, key=lambda row: row[axis])
    return list(
        itertools.takewhile(
            lambda row: passes(row.get(metric, math.nan), threshold, better), ordered
        )
    )


def paired_interval(
    values: np.ndarray, others: np.ndarray, level: float = LEVEL, seed: int = 0
) -> tuple[float, float, float]:
    """Mean difference of two plans on the same samples, and its bootstrap interval.

    Samples are resampled as pairs, so what makes a sample hard for both plans cancels.

    Parameters
    ----------
    values, others : (n,) float
        One metric under either plan, sample by sample.
    level : float
        Share of resampled means inside the interval.
    seed : int
        Seed of the resampling.

    Returns
    -------
    difference, low, high : float
        Of ``mean(values - others)``; NaN where a value is.
    """
    apart = np.asarray(values, np.float64) - np.asarray(others, np.float64)
    if not len(apart):
        return (math.nan, math.nan, math.nan)
    return (float(apart.mean()), *interval(apart, level, seed))


def smallest_detectable(differences: np.ndarray, level: float = LEVEL, power: float = 0.8) -> float:
    """The smallest mean difference that as many samples would tell from none.

    ``(z(1 - (1 - level) / 2) + z(power)) s / sqrt(n)`` with the standard deviation `s` of
    `differences`, (n,) float, one for each sample; NaN for fewer than two.
    """
    differences = np.asarray(differences, np.float64)
    if len(differences) < 2:
        return math.nan
    z = NormalDist().inv_cdf(0.5 + level / 2) + NormalDist().inv_cdf(power)
    return float(z * differences.std(ddof=1) / math.sqrt(len(differences)))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
