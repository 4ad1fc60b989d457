"""Depth maps fused into truncated signed distances, and the surface of these.

Curless & Levoy, "A volumetric method for building complex models from range images" (1996), with
the numbers that networks of rooms learn: -1 where free space was observed, negative in front,
0 on it, positive behind it, and 1 where nothing was observed. Every observation weighs the same.
Distances are along the camera's axis, in truncations; a voxel further behind a surface than the
truncation is not observed. `plain.fuse` is the reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...core.cancel import NEVER, CancelToken
from ...core.errors import BadInput
from ...core.scene.affines import along_axes
from ...core.scene.scenes import Mesh
from ..compiling import exact, shared, threads
from ..contours import contour_volume
from .frames import checked_frames

VOXEL, TRUNCATION, CUT = 0.04, 3.0, 3.0
"""Of the references that networks of rooms learn: metres, voxels, metres."""
LARGEST = 512 << 20
"""Voxels of a volume, 6 bytes each."""


@dataclass(frozen=True, eq=False)
class Tsdf:
    """Truncated signed distances on a regular grid.

    Parameters
    ----------
    values : (X, Y, Z) float32
        -1 to 1: -1 free, 0 on a surface, 1 not observed (or a whole truncation behind).
    counts : (X, Y, Z) uint16
        How often each was observed; 0 for never.
    origin : (3,) float64
        World place of the middle of the first voxel, in metres.
    voxel : float
        Side, in metres.
    """

    values: np.ndarray
    counts: np.ndarray
    origin: np.ndarray
    voxel: float

    @property
    def affine(self) -> np.ndarray:
        """From numbers of voxels to the world: (4, 4) float64."""
        return along_axes((self.voxel,) * 3, tuple(self.origin))

    def surface(self) -> Mesh:
        """Where the values pass 0 between observed voxels; faces look to the free side."""
        return tsdf_surface(self.values, self.origin, self.voxel, self.counts > 0)


def tsdf_surface(
    values: np.ndarray, origin: np.ndarray, voxel: float, observed: np.ndarray | None = None
) -> Mesh:
    """Return the surface of truncated signed distances.

    Parameters
    ----------
    values : (X, Y, Z) float32
        Negative in front.
    origin : (3,)
        World place of the middle of the first voxel.
    voxel : float
    observed : (X, Y, Z) bool, optional
        Where there are values; None for wherever they are below 1.

    Returns
    -------
    Mesh
        No face touches what was not observed.
    """
    known = values < 1 if observed is None else observed
    held = np.where(known, values, np.float32(np.nan))
    return contour_volume(held, along_axes((voxel,) * 3, tuple(origin)), 0.0)


def fuse(
    depths: Iterable[np.ndarray],
    intrinsics: np.ndarray,
    poses: np.ndarray,
    origin: Iterable[float],
    dims: tuple[int, int, int],
    voxel: float = VOXEL,
    truncation: float = TRUNCATION,
    cut: float = CUT,
    cancel: CancelToken = NEVER,
) -> Tsdf:
    """Fuse depth maps, which are taken one at a time.

    Parameters
    ----------
    depths : iterable of (H, W) float
        Metres along the camera's axis; 0, negative or not finite for nothing.
    intrinsics : (3, 3) or (N, 3, 3)
        As a `Camera` has them: the corner of a picture is (0, 0).
    poses : (N, 4, 4)
        World from camera, whose axes are OpenCV's.
    origin : three float
        World place of the middle of the first voxel.
    dims : (X, Y, Z)
        Numbers of voxels.
    voxel : float
        Side, in metres.
    truncation : float
        In voxels.
    cut : float
        Depth beyond which nothing is taken, in metres.
    cancel : CancelToken

    Raises
    ------
    BadInput
        If there are more depth maps than poses or fewer, one has another number of axes, or the
        volume is too large.
    Cancelled
    """
    return fuse_levels(
        depths, intrinsics, poses, origin, dims, (voxel,), truncation, cut, cancel=cancel
    )[0]


def fuse_levels(
    depths: Iterable[np.ndarray],
    intrinsics: np.ndarray,
    poses: np.ndarray,
    origin: Iterable[float],
    dims: tuple[int, int, int],
    voxels: tuple[float, ...] = (VOXEL, 2 * VOXEL, 4 * VOXEL),
    truncation: float = TRUNCATION,
    cut: float = CUT,
    cancel: CancelToken = NEVER,
) -> tuple[Tsdf, ...]:
    """Fuse depth maps into volumes of several sizes of voxels, as `fuse` does into each.

    All begin at `origin`, and reach as far as `dims` of the first one's voxels.
    """
    start = np.asarray(tuple(origin), np.float64)
    volumes = [_empty(start, tuple(dims), voxels[0], side) for side in voxels]
    for depth, matrix, pose in checked_frames(depths, intrinsics, poses):
        cancel.check()
        view = np.linalg.inv(pose)[:3]
        numbers = np.array((matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]))
        for volume in volumes:
            _add(volume, depth, view, numbers, truncation * volume.voxel, cut)
    for volume in volumes:
        volume.values[volume.counts == 0] = 1
    return tuple(volumes)


def _empty(start: np.ndarray, dims: tuple[int, ...], first: float, voxel: float) -> Tsdf:
    shape = tuple(max(1, int(np.ceil(count * first / voxel - 1e-9))) for count in dims)
    voxels = float(np.prod(shape, dtype=float))
    if not voxels <= LARGEST or min(dims) < 1:
        finer = voxel * (voxels / LARGEST) ** (1 / 3)
        raise BadInput(
            f"A volume of {' x '.join(str(side) for side in shape)} voxels of {voxel:g} m is too "
            f"large; take voxels of {finer:.2g} m or more, or a part of the scene."
        )
    return Tsdf(np.zeros(shape, np.float32), np.zeros(shape, np.uint16), start, voxel)


def _add(
    volume: Tsdf,
    depth: np.ndarray,
    view: np.ndarray,
    numbers: np.ndarray,
    truncation: float,
    cut: float,
) -> None:
    """Average one depth map into the volume, slabs shared among threads."""
    cuts = np.linspace(0, volume.values.shape[0], 4 * threads() + 1).astype(np.int64)

    def work(_: int, first: int, last: int) -> None:
        _integrate(
            first, last, volume.values, volume.counts, volume.origin, volume.voxel,
            depth, view, numbers, truncation, cut,
        )  # fmt: skip

    shared(work, cuts)


@exact
def _integrate(
    first, last, values, counts, origin, voxel, depth, view, numbers, truncation, cut
):  # fmt: skip
    """Average a depth map into slabs `first` to `last`; along z, only what the camera sees."""
    height, width = depth.shape
    fx, fy, cx, cy = numbers[0], numbers[1], numbers[2], numbers[3]
    sides = np.empty((6, 2))
    for i in range(first, last):
        wx = origin[0] + i * voxel
        for j in range(values.shape[1]):
            wy = origin[1] + j * voxel
            x0 = view[0, 0] * wx + view[0, 1] * wy + view[0, 2] * origin[2] + view[0, 3]
            y0 = view[1, 0] * wx + view[1, 1] * wy + view[1, 2] * origin[2] + view[1, 3]
            z0 = view[2, 0] * wx + view[2, 1] * wy + view[2, 2] * origin[2] + view[2, 3]
            dx, dy, dz = view[0, 2] * voxel, view[1, 2] * voxel, view[2, 2] * voxel
            # What is seen is where six linear functions of k are positive.
            sides[0] = z0, dz
            sides[1] = cut + truncation - z0, -dz
            sides[2] = fx * x0 + cx * z0, fx * dx + cx * dz
            sides[3] = (width - cx) * z0 - fx * x0, (width - cx) * dz - fx * dx
            sides[4] = fy * y0 + cy * z0, fy * dy + cy * dz
            sides[5] = (height - cy) * z0 - fy * y0, (height - cy) * dz - fy * dy
            low, high = 0.0, values.shape[2] - 1.0
            for s in range(6):
                at, step = sides[s, 0], sides[s, 1]
                if step > 0:
                    low = max(low, -at / step)
                elif step < 0:
                    high = min(high, -at / step)
                elif at < 0:
                    high = -1.0
            if not low <= high:
                continue
            for k in range(max(int(low) - 1, 0), min(int(high) + 2, values.shape[2])):
                z = z0 + k * dz
                if not z > 0:
                    continue
                u = np.floor(fx * (x0 + k * dx) / z + cx)
                v = np.floor(fy * (y0 + k * dy) / z + cy)
                if not (u >= 0 and v >= 0 and u < width and v < height):
                    continue
                seen = depth[int(v), int(u)]
                if not (seen > 0 and seen <= cut):
                    continue
                behind = z - seen
                if behind > truncation:
                    continue
                old = counts[i, j, k]
                if old < 65535:
                    new = max(behind / truncation, -1.0)
                    values[i, j, k] += np.float32((new - values[i, j, k]) / (old + 1.0))
                    counts[i, j, k] = old + 1
