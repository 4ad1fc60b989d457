"""The geometry of pictures: upright planes one unit tall around the origin."""

from __future__ import annotations

import numpy as np

from ..core.scenes import Image, Layer, Mesh, Points
from .boxes import corners
from .sight import Hit, Sight


def extent(image: Image) -> np.ndarray:
    """Points that hold the picture between them: (8, 3) float64."""
    half = np.array((image.pixels.shape[1] / image.pixels.shape[0] / 2, 0.5, 0.0))
    return corners(-half, 2 * half)


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """None: a picture has no vertices of its own."""
    return None


def surface(image: Image) -> Mesh | None:
    """None."""
    return None


def points(image: Image) -> Points | None:
    """None."""
    return None
