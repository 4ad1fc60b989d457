"""The geometry of boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.scene.affines import placed
from ..core.scene.scenes import Box


def corners(origin: ArrayLike, size: ArrayLike, affine: np.ndarray | None = None) -> np.ndarray:
    """Return the corners of a box, x fastest: (8, 3) float64."""
    bits = np.arange(8)[:, None] >> np.arange(3) & 1
    own = np.add(np.asarray(origin, dtype=float), bits * np.asarray(size, dtype=float))
    return own if affine is None else placed(own, affine)


def extent(box: Box) -> np.ndarray:
    """Points that hold the box between them: (8, 3) float64."""
    return corners(box.origin, box.size, box.affine)
