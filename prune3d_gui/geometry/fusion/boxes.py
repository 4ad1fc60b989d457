"""The box of a volume that holds what depth maps see."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...core.cancel import NEVER, CancelToken
from ...core.errors import BadInput
from .frames import checked_frames
from .tsdf import CUT, TRUNCATION, VOXEL

_STEP = 4  # pixels between those that are looked at


def seen_box(
    depths: Iterable[np.ndarray],
    intrinsics: np.ndarray,
    poses: np.ndarray,
    voxel: float = VOXEL,
    truncation: float = TRUNCATION,
    cut: float = CUT,
    cancel: CancelToken = NEVER,
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Return where a volume begins and how many voxels it has, to hold all that is seen.

    Parameters
    ----------
    depths, intrinsics, poses, voxel, truncation, cut, cancel
        As `tsdf.fuse` takes them.

    Returns
    -------
    origin : (3,) float64
        Middle of the first voxel: a whole number of voxels from the world's origin.
    dims : (X, Y, Z)

    Raises
    ------
    BadInput
        If no depth map has anything nearer than `cut`.
    """
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for depth, matrix, pose in checked_frames(depths, intrinsics, poses):
        cancel.check()
        points = unprojected(depth, matrix, pose, _STEP, cut)
        if len(points):
            low, high = np.minimum(low, points.min(0)), np.maximum(high, points.max(0))
    if not np.isfinite(low).all():
        raise BadInput(
            f"No depth map shows anything nearer than {cut:g} m; its unit may be wrong, or give a "
            "larger cut."
        )
    return box_of(low, high, voxel, truncation * voxel)


def box_of(
    low: np.ndarray, high: np.ndarray, voxel: float, border: float
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Return the origin and numbers of voxels that hold a box with a border around it."""
    first = np.floor((np.asarray(low) - border) / voxel)
    last = np.ceil((np.asarray(high) + border) / voxel)
    x, y, z = (int(count) for count in last - first + 1)
    return first * voxel, (x, y, z)


def unprojected(
    depth: np.ndarray, matrix: np.ndarray, pose: np.ndarray, step: int = 1, cut: float = np.inf
) -> np.ndarray:
    """World places of the pixels of a depth map that have a depth up to `cut`: (M, 3) float64.

    Every `step`-th pixel each way is looked at.
    """
    rows, columns = np.mgrid[step // 2 : depth.shape[0] : step, step // 2 : depth.shape[1] : step]
    z = depth[rows, columns].astype(np.float64)
    good = (z > 0) & (z <= cut)
    z = z[good]
    x = (columns[good] + 0.5 - matrix[0, 2]) / matrix[0, 0] * z
    y = (rows[good] + 0.5 - matrix[1, 2]) / matrix[1, 1] * z
    return np.column_stack([x, y, z]) @ pose[:3, :3].T + pose[:3, 3]
