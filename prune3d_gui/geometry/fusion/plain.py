"""The references of the compiled loops beside them: nothing but NumPy, voxel by voxel."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .frames import checked_frames
from .tsdf import CUT, TRUNCATION, VOXEL, Tsdf


def fuse(
    depths: Iterable[np.ndarray],
    intrinsics: np.ndarray,
    poses: np.ndarray,
    origin: Iterable[float],
    dims: tuple[int, int, int],
    voxel: float = VOXEL,
    truncation: float = TRUNCATION,
    cut: float = CUT,
) -> Tsdf:
    """Fuse depth maps as `tsdf.fuse` does, slowly; its parameters are the same."""
    start = np.asarray(tuple(origin), np.float64)
    places = start + voxel * np.indices(dims).reshape(3, -1).T
    values, counts = np.zeros(len(places)), np.zeros(len(places), np.uint16)
    for depth, matrix, pose in checked_frames(depths, intrinsics, poses):
        view = np.linalg.inv(pose)
        x, y, z = view[:3, :3] @ places.T + view[:3, 3:]
        with np.errstate(divide="ignore", invalid="ignore"):
            u = np.floor(matrix[0, 0] * x / z + matrix[0, 2])
            v = np.floor(matrix[1, 1] * y / z + matrix[1, 2])
        inside = (z > 0) & (u >= 0) & (v >= 0) & (u < depth.shape[1]) & (v < depth.shape[0])
        at = np.flatnonzero(inside)
        seen = depth[v[at].astype(int), u[at].astype(int)].astype(float)
        behind = z[at] - seen
        good = (seen > 0) & (seen <= cut) & (behind <= truncation * voxel)
        at, new = at[good], np.maximum(behind[good] / (truncation * voxel), -1)
        counts[at] += 1
        values[at] += (new - values[at]) / counts[at]
    values[counts == 0] = 1
    shape = tuple(dims)
    return Tsdf(values.astype(np.float32).reshape(shape), counts.reshape(shape), start, voxel)
