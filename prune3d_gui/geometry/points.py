"""The geometry of point clouds."""

from __future__ import annotations

import numpy as np

from ..core.scene.scenes import Layer, Points
from .sight import Hit, Sight, point_hit


def extent(cloud: Points) -> np.ndarray:
    """Points that hold the cloud between them: (K, 3) float64."""
    return np.asarray(cloud.points, dtype=float)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if len(layer.data.points) else "There are no points."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The frontmost point within reach."""
    return point_hit(layer.data.points, sight)


def points(cloud: Points) -> Points:
    """The cloud itself."""
    return cloud
