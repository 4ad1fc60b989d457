"""Which points cameras see, by depth maps of what they may be hidden by."""

from __future__ import annotations

import numpy as np

from ...core.scene.cameras import Camera
from ..compiling import even, exact, shared, threads


def mark_seen(
    points: np.ndarray, camera: Camera, depth: np.ndarray, slack: float, seen: np.ndarray
) -> None:
    """Mark points that a camera sees.

    Parameters
    ----------
    points : (M, 3) float64
    camera : Camera
    depth : (H, W) float32
        What it sees, as `depths.depth_maps` makes it; nothing hides a point where it is 0.
    slack : float
        How far behind the depth a point may be, in metres.
    seen : (M,) bool
        Written to: whether a point is seen by this camera, or was before.
    """
    view = np.asarray(camera.world_to_camera, np.float64)
    numbers = np.array((camera.fx, camera.fy, camera.cx, camera.cy))

    def work(_: int, first: int, last: int) -> None:
        _mark(first, last, points, view, numbers, depth, slack, seen)

    shared(work, even(len(points), threads()))


@exact
def _mark(first, last, points, view, numbers, depth, slack, seen):
    height, width = depth.shape
    for n in range(first, last):
        if seen[n]:
            continue
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        depth_of = view[2, 0] * x + view[2, 1] * y + view[2, 2] * z + view[2, 3]
        if not depth_of > 0:
            continue
        across = view[0, 0] * x + view[0, 1] * y + view[0, 2] * z + view[0, 3]
        down = view[1, 0] * x + view[1, 1] * y + view[1, 2] * z + view[1, 3]
        u = np.floor(numbers[0] * across / depth_of + numbers[2])
        v = np.floor(numbers[1] * down / depth_of + numbers[3])
        if u >= 0 and v >= 0 and u < width and v < height:
            nearest = depth[int(v), int(u)]
            if nearest == 0 or depth_of <= nearest + slack:
                seen[n] = True
