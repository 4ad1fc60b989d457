"""Which photographs are looked at: key frames, and for each tile those that see it best.

Nothing is drawn at random: the same photographs are chosen again.
"""

from __future__ import annotations

import numpy as np

APART = 0.10
"""Metres that a key frame moved, or"""
TURNED = 15.0
"""degrees that it turned, from the one before."""
FAR = 4.0
"""Metres beyond which a view tells little."""
SAMPLED = 400
"""Voxels of a tile by which views are compared."""


def key_frames(poses: np.ndarray, apart: float = APART, turned: float = TURNED) -> np.ndarray:
    """Walk along the frames; keep those that moved or turned from the last one kept.

    Parameters
    ----------
    poses : (N, 4, 4)
        World from camera.
    apart : float
        Metres.
    turned : float
        Degrees between optical axes.

    Returns
    -------
    (K,) int64
        Numbers; the first frame is kept.
    """
    kept = [0] if len(poses) else []
    places, axes = poses[:, :3, 3], poses[:, :3, 2]
    for number in range(1, len(poses)):
        last = kept[-1]
        angle = np.degrees(np.arccos(np.clip(axes[number] @ axes[last], -1, 1)))
        if np.linalg.norm(places[number] - places[last]) > apart or angle > turned:
            kept.append(number)
    return np.array(kept, np.int64)


def sees(
    points: np.ndarray, intrinsics: np.ndarray, poses: np.ndarray, sizes: np.ndarray,
    far: float = FAR,
) -> np.ndarray:  # fmt: skip
    """Whether views see points, walls left out of account: (P, V) bool.

    Parameters
    ----------
    points : (P, 3)
    intrinsics : (V, 4)
        fx, fy, cx, cy.
    poses : (V, 4, 4)
    sizes : (V, 2)
        Width and height.
    far : float
    """
    own = np.einsum("vji,pvj->pvi", poses[:, :3, :3], points[:, None] - poses[:, :3, 3])
    depth = np.maximum(own[..., 2], 1e-6)
    pixels = own[..., :2] / depth[..., None] * intrinsics[:, :2] + intrinsics[:, 2:]
    inside = ((pixels >= 0) & (pixels < sizes)).all(-1)
    return inside & (own[..., 2] > 0) & (own[..., 2] < far)


def chosen_views(seen: np.ndarray, most: int) -> np.ndarray:
    """Choose views that see as much as they can together.

    One after the other, the view that adds most: what n chosen ones see already counts 1 / (n + 1).
    The release draws at random from those that see anything.

    Parameters
    ----------
    seen : (P, V) bool
    most : int

    Returns
    -------
    (W,) int64
        Numbers in their order, at most `most`; none that sees nothing.
    """
    times = np.zeros(len(seen))
    left = np.asarray(seen.any(axis=0))
    found: list[int] = []
    while len(found) < most and left.any():
        gains = np.where(left, (1 / (times + 1)) @ seen, -1.0)
        best = int(gains.argmax())
        found.append(best)
        left[best] = False
        times += seen[:, best]
    return np.array(sorted(found), np.int64)
