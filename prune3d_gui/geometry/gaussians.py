"""The geometry of Gaussian splats: the centres of those that are kept."""

from __future__ import annotations

import numpy as np

from ..core.scene.gaussians import KeptGaussians
from ..core.scene.scenes import Layer, Points
from .sight import Hit, Sight, point_hit


def extent(gaussians: KeptGaussians) -> np.ndarray:
    """Points that hold the kept centres between them: (K, 3) float64."""
    return gaussians.base.means[gaussians.kept].astype(float)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if layer.data.kept.any() else "No Gaussian is kept."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The frontmost kept Gaussian within reach, by its number in the whole scene."""
    kept = np.flatnonzero(layer.data.kept)
    found = point_hit(layer.data.base.means[kept], sight, "gaussian")
    return found and Hit(int(kept[found.index]), found.of, found.depth)


def points(gaussians: KeptGaussians) -> Points:
    """The kept centres, with their values."""
    kept = gaussians.kept
    arrays = {name: np.asarray(values)[kept] for name, values in gaussians.arrays.items()}
    return Points(gaussians.base.means[kept], arrays)
