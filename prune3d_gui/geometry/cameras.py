"""The geometry of cameras: the pyramids that they see, up to a short way from the eye."""

from __future__ import annotations

import numpy as np

from ..core.scene.cameras import Cameras
from ..core.scene.scenes import Layer
from .sight import BEHIND, Hit, Sight, face_hit, line_hit

EDGES = np.array(((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 1)))
"""(8, 2) int: which corners of a pyramid its edges join."""
_FACES = np.array(((0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 1), (1, 2, 3), (1, 3, 4)))
_REACH = 0.06  # length of a pyramid as a share of how far the cameras are spread


def pyramids(cameras: Cameras) -> np.ndarray:
    """Return the eye of each camera and the corners of its picture, all in the world.

    Returns
    -------
    (N, 5, 3) float64
        The eye, then upper left, upper right, lower right and lower left.
    """
    poses = np.asarray(cameras.poses, dtype=float)
    eyes = poses[:, :3, 3]
    spread = float(np.linalg.norm(np.ptp(eyes, axis=0))) if len(eyes) else 0.0
    reach = _REACH * spread if spread > 0 else 1.0
    fx, fy, cx, cy = np.asarray(cameras.intrinsics, dtype=float).T
    wide, tall = np.asarray(cameras.sizes, dtype=float).T
    zero = np.zeros_like(wide)
    u, v = np.stack([zero, wide, wide, zero], 1), np.stack([zero, zero, tall, tall], 1)
    rays = np.stack(
        [(u - cx[:, None]) / fx[:, None], (v - cy[:, None]) / fy[:, None], np.ones_like(u)], axis=2
    )
    ends = eyes[:, None] + reach * rays @ poses[:, :3, :3].transpose(0, 2, 1)
    return np.concatenate([eyes[:, None], ends], axis=1)


def extent(cameras: Cameras) -> np.ndarray:
    """Points that hold the pyramids between them: (K, 3) float64."""
    return pyramids(cameras).reshape(-1, 3)


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The camera whose lines are seen first, else whose pyramid holds the place.

    Pyramids are drawn as lines, and what is seen through them is nearer to who clicks there.
    """
    if not layer.data.names:
        return None
    corners = pyramids(layer.data)
    starts = np.arange(0, 5 * len(corners), 5)[:, None, None]
    found = line_hit(corners.reshape(-1, 3), (starts + EDGES).reshape(-1, 2), sight)
    if found is not None:
        return Hit(found[0] // len(EDGES), "camera", found[1])
    inside = face_hit(corners.reshape(-1, 3), (starts + _FACES).reshape(-1, 3), sight)
    return inside and Hit(inside[0] // len(_FACES), "camera", BEHIND)
