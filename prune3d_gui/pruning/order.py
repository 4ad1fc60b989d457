"""Orders: in which sequence elements are pruned."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..core.cancel import NEVER, CancelToken

Criterion = Literal["l1", "l2", "random"]


def magnitude_order(values: np.ndarray, cancel: CancelToken = NEVER) -> np.ndarray:
    """Sort positions by magnitude, smallest first, ties by position.

    The bits of a magnitude, read as a whole number, rise with it: they are sorted by their lower
    half and then by their upper one, which takes half as long as a stable sort of the numbers.

    Parameters
    ----------
    values : (N,) float32
        Must be finite.
    cancel : CancelToken
        Looked at between the passes.

    Returns
    -------
    (N,) int64
    """
    bits = np.abs(values).astype(np.float32, copy=False).view(np.uint32)
    order = np.argsort((bits & 0xFFFF).astype(np.uint16), kind="stable")
    cancel.check()
    upper = (bits >> 16).astype(np.uint16)[order]
    cancel.check()
    return order[np.argsort(upper, kind="stable")]


def random_order(count: int, seed: int) -> np.ndarray:
    """Shuffle positions by seed (PCG64): the random baseline.

    Returns
    -------
    (N,) int64
    """
    return np.random.default_rng(seed).permutation(count)
