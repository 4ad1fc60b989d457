"""Depth maps of triangles, as cameras see them: a z-buffer without VTK and without a display.

Every pixel has the depth, along the camera's axis, at which the ray through its middle first
meets a face, from either side. Edges are tested with the functions of Olano & Greer, "Triangle
scan conversion using 2D homogeneous coordinates" (1997), so that faces that reach behind the
camera need no cutting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from ...core.cancel import NEVER, CancelToken
from ...core.scene.cameras import Camera
from ...core.scene.scenes import Mesh
from ..compiling import exact, shared, threads

NEAR = 1e-3
"""Depth in front of which nothing is seen, in metres."""


def depth_maps(
    mesh: Mesh, cameras: Sequence[Camera], cancel: CancelToken = NEVER
) -> Iterator[np.ndarray]:
    """Yield what each camera sees of a mesh: (H, W) float32, metres, 0 where it sees nothing.

    As many are made at a time as there are threads; no more are held.

    Raises
    ------
    Cancelled
    """
    points = np.ascontiguousarray(mesh.points, np.float64)
    faces = np.ascontiguousarray(mesh.faces, np.int64)
    step = threads()
    for start in range(0, len(cameras), step):
        some = cameras[start : start + step]
        made = [np.zeros((one.height, one.width), np.float32) for one in some]
        shared(partial(_render, points, faces, some, made), range(len(some) + 1), cancel)
        yield from made


def depth_map(mesh: Mesh, camera: Camera) -> np.ndarray:
    """What one camera sees of a mesh; see `depth_maps`."""
    return next(depth_maps(mesh, [camera]))


def _render(
    points: np.ndarray,
    faces: np.ndarray,
    cameras: Sequence[Camera],
    made: Sequence[np.ndarray],
    place: int,
    *_: int,
) -> None:
    """Write what the camera of a number sees."""
    camera, depth = cameras[place], made[place]
    view = np.asarray(camera.world_to_camera, np.float64)
    seen = points @ view[:3, :3].T + view[:3, 3]
    depth[:] = np.inf
    _draw(seen, faces, np.array((camera.fx, camera.fy, camera.cx, camera.cy)), depth)
    depth[np.isinf(depth)] = 0


@exact
def _draw(points, faces, numbers, depth):
    """Write the nearest depths of faces, (F, 3), whose points, (P, 3), a camera sees."""
    height, width = depth.shape
    fx, fy, cx, cy = numbers[0], numbers[1], numbers[2], numbers[3]
    for f in range(faces.shape[0]):
        ax, ay, az = points[faces[f, 0], 0], points[faces[f, 0], 1], points[faces[f, 0], 2]
        bx, by, bz = points[faces[f, 1], 0], points[faces[f, 1], 1], points[faces[f, 1], 2]
        gx, gy, gz = points[faces[f, 2], 0], points[faces[f, 2], 1], points[faces[f, 2], 2]
        if max(az, bz, gz) <= NEAR or not np.isfinite(ax + ay + az + bx + by + bz + gx + gy + gz):
            continue
        left, right, top, bottom = np.inf, -np.inf, np.inf, -np.inf
        for e in range(3):  # the picture of the face, cut where it comes too near
            if e == 0:
                px, py, pz, qx, qy, qz = ax, ay, az, bx, by, bz
            elif e == 1:
                px, py, pz, qx, qy, qz = bx, by, bz, gx, gy, gz
            else:
                px, py, pz, qx, qy, qz = gx, gy, gz, ax, ay, az
            if pz >= NEAR:
                u, v = fx * px / pz + cx, fy * py / pz + cy
                left, right, top, bottom = min(left, u), max(right, u), min(top, v), max(bottom, v)
            if (pz >= NEAR) != (qz >= NEAR):
                t = (NEAR - pz) / (qz - pz)
                u = fx * (px + t * (qx - px)) / NEAR + cx
                v = fy * (py + t * (qy - py)) / NEAR + cy
                left, right, top, bottom = min(left, u), max(right, u), min(top, v), max(bottom, v)
        x0, x1 = max(np.floor(left - 0.5), 0.0), min(np.ceil(right - 0.5), width - 1.0)
        y0, y1 = max(np.floor(top - 0.5), 0.0), min(np.ceil(bottom - 0.5), height - 1.0)
        if not (x0 <= x1 and y0 <= y1):
            continue
        # Cross products of two corners: how far a ray (x, y, 1) passes beside their edge.
        nax, nay, naz = by * gz - bz * gy, bz * gx - bx * gz, bx * gy - by * gx
        nbx, nby, nbz = gy * az - gz * ay, gz * ax - gx * az, gx * ay - gy * ax
        ncx, ncy, ncz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        volume = ax * nax + ay * nay + az * naz
        if volume == 0:
            continue
        sign = 1.0 if volume > 0 else -1.0
        for row in range(int(y0), int(y1) + 1):
            y = (row + 0.5 - cy) / fy
            for column in range(int(x0), int(x1) + 1):
                x = (column + 0.5 - cx) / fx
                wa = sign * (x * nax + y * nay + naz)
                wb = sign * (x * nbx + y * nby + nbz)
                wc = sign * (x * ncx + y * ncy + ncz)
                if wa < 0 or wb < 0 or wc < 0:
                    continue
                total = wa + wb + wc
                if total <= 0:
                    continue
                z = sign * volume / total
                if z >= NEAR and z < depth[row, column]:
                    depth[row, column] = z
