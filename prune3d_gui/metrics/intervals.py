"""Intervals: how far a mean could lie from what was found, by resampling."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

RESAMPLES, LEVEL = 2000, 0.95
MANY = 512
"""Samples from which on resamples are drawn anew each time, to spare memory."""


def interval(values: np.ndarray, level: float = LEVEL, seed: int = 0) -> tuple[float, float]:
    """Bootstrap interval of a mean: percentiles of the means of resampled samples.

    Parameters
    ----------
    values : (n,) float64
    level : float
        Share of resampled means inside.
    seed : int
        Seed of the resampling; the same values give the same interval.

    Returns
    -------
    low, high : float
        NaN where a value is NaN or infinite, or there is none; equal to the value where there is
        only one.

    References
    ----------
    Efron, *Bootstrap methods: another look at the jackknife*, Annals of Statistics, 1979.
    """
    return intervals([values], level, seed)[0]


def intervals(
    columns: Sequence[np.ndarray], level: float = LEVEL, seed: int = 0
) -> list[tuple[float, float]]:
    """`interval` of several columns; those of equal length take the same resamples, at once."""
    columns = [np.asarray(values, np.float64) for values in columns]
    found = [(np.nan, np.nan)] * len(columns)
    alike: dict[int, list[int]] = {}
    for place, values in enumerate(columns):
        if len(values) and np.isfinite(values).all():
            alike.setdefault(len(values), []).append(place)
    for places in alike.values():
        means = _resampled_means(np.stack([columns[place] for place in places]), seed)
        ends = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=1).T
        for place, (low, high) in zip(places, ends, strict=True):
            found[place] = (float(low), float(high))
    return found


def _resampled_means(values: np.ndarray, seed: int) -> np.ndarray:
    """Means of resamples: (m, n) gives (m, RESAMPLES); all m take the same samples."""
    count = values.shape[1]
    if count <= MANY:
        return values[:, _draws(count, seed)].mean(2)
    draw, stride = np.random.default_rng(seed), max(1, MANY * RESAMPLES // count)
    return np.concatenate(
        [
            values[:, draw.integers(count, size=(min(stride, RESAMPLES - start), count))].mean(2)
            for start in range(0, RESAMPLES, stride)
        ],
        axis=1,
    )


@functools.lru_cache(maxsize=4)
def _draws(count: int, seed: int) -> np.ndarray:
    """Which values each resample takes: (RESAMPLES, count) indices."""
    return np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
