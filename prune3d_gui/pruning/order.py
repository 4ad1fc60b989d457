"""Orders: in which sequence elements are pruned."""

from __future__ import annotations

from typing import Literal

import numpy as np

Criterion = Literal["l1", "l2", "random"]


def magnitude_order(values: np.ndarray) -> np.ndarray:
    """Sort positions by magnitude, smallest first, ties by position.

    Parameters
    ----------
    values : (N,) float32
        Must be finite.

    Returns
    -------
    (N,) int64
    """
    return np.argsort(np.abs(values), kind="stable")


def random_order(count: int, seed: int) -> np.ndarray:
    """Shuffle positions by seed (PCG64): the random baseline.

    Returns
    -------
    (N,) int64
    """
    return np.random.default_rng(seed).permutation(count)
