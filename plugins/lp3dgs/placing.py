"""Cameras round a scene that came without any: where its Gaussians are says where they stand."""

from __future__ import annotations

import math

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.gaussians import Gaussians

COUNT, SIDE = 32, 400
"""Cameras, and pixels along each side of their pictures."""
EVERY = 8
"""Of so many cameras one is held out, the first to begin with, as is usual for photographs."""
OPAQUE = 0.1
"""Opacity from which a Gaussian says where the scene is."""
SHARE = 0.98
"""Of these Gaussians, those that are in the picture from every camera: floaters need not be."""
FIELD = math.radians(45)
"""Field of view across a picture."""
LOWEST, HIGHEST = math.radians(-5), math.radians(65)
"""Elevations between which cameras stand."""
UP = np.array((0.0, -1.0, 0.0))
"""Of scenes as training from photographs leaves them, whose y points down."""
_GOLDEN = math.pi * (3 - math.sqrt(5))


def cameras_round(gaussians: Gaussians, count: int = COUNT, side: int = SIDE) -> Cameras:
    """Stand cameras round a scene, evenly spread over a band of directions, all looking at it.

    Parameters
    ----------
    gaussians : Gaussians
    count, side : int
        How many, and pixels along each side of their square pictures.

    Raises
    ------
    BadInput
        If there is no Gaussian to look at.
    """
    means = gaussians.means.astype(float)
    if not len(means):
        raise BadInput("The scene has no Gaussian, so there is nothing to look at.")
    solid = gaussians.opacities >= OPAQUE
    means = means[solid] if solid.any() else means
    middle = np.median(means, axis=0)
    radius = float(np.quantile(np.linalg.norm(means - middle, axis=1), SHARE))
    distance = max(radius, 1e-6) / math.sin(FIELD / 2)
    focal = side / 2 / math.tan(FIELD / 2)
    poses = [_looking(middle, middle + distance * way) for way in _directions(count)]
    return Cameras(
        np.array(poses),
        np.tile((focal, focal, side / 2, side / 2), (count, 1)),
        np.full((count, 2), side),
        tuple(f"round-{number:02d}" for number in range(count)),
    )


def _directions(count: int) -> np.ndarray:
    """Unit vectors from the middle to the cameras: (count, 3), a spiral from low to high."""
    low, high = math.sin(LOWEST), math.sin(HIGHEST)
    rises = low + (high - low) * (np.arange(count) + 0.5) / count
    turns = _GOLDEN * np.arange(count)
    flat = np.sqrt(1 - rises**2)
    return np.stack((flat * np.cos(turns), UP[1] * rises, flat * np.sin(turns)), axis=1)


def _looking(at: np.ndarray, place: np.ndarray) -> np.ndarray:
    """World from a camera at a place that looks at a point, its picture upright: (4, 4)."""
    ahead = (at - place) / np.linalg.norm(at - place)
    right = np.cross(ahead, UP)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack((right, np.cross(ahead, right), ahead), axis=1)
    pose[:3, 3] = place
    return pose
