"""The geometry of pictures: upright planes one unit tall around the origin."""

from __future__ import annotations

import numpy as np

from ..core.scene.scenes import Image, Layer
from .boxes import corners


def extent(image: Image) -> np.ndarray:
    """Points that hold the picture between them: (8, 3) float64."""
    half = np.array((image.pixels.shape[1] / image.pixels.shape[0] / 2, 0.5, 0.0))
    return corners(-half, 2 * half)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if layer.data.pixels.size else "The picture has no pixels."
