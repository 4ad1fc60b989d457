"""The geometry of pictures: upright planes one unit tall around the origin."""

from __future__ import annotations

import numpy as np

from ..core.scene.scenes import Image, Layer
from .boxes import corners
from .sight import Hit, Sight


def extent(image: Image) -> np.ndarray:
    """Points that hold the picture between them: (8, 3) float64."""
    half = np.array((image.pixels.shape[1] / image.pixels.shape[0] / 2, 0.5, 0.0))
    return corners(-half, 2 * half)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if layer.data.pixels.size else "The picture has no pixels."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The pixel at the place, by its number row by row from the upper left, where it is told of."""
    tall, wide = layer.data.pixels.shape[:2]
    near, far = sight.line()
    step = far[2] - near[2]
    if not layer.data.told or not tall * wide or not step:
        return None
    x, y = (near + (far - near) * (-near[2] / step))[:2]
    column, row = int(np.floor((x + wide / tall / 2) * tall)), int(np.floor((0.5 - y) * tall))
    if not (0 <= row < tall and 0 <= column < wide):
        return None
    _, depth = sight.away(np.array([(x, y, 0.0)]))
    return Hit(row * wide + column, "pixel", float(depth[0]))


def middle(image: Image, index: int) -> np.ndarray:
    """Where the middle of a pixel lies: (3,) float64."""
    tall, wide = image.pixels.shape[:2]
    row, column = divmod(index, wide)
    return np.array(((column + 0.5) / tall - wide / tall / 2, 0.5 - (row + 0.5) / tall, 0.0))
