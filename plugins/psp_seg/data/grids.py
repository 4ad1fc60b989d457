"""Grids of voxels: a volume on others, in bounded memory, and whether two grids are one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from scipy.ndimage import affine_transform, gaussian_filter1d

SLAB = 8 << 20
"""Voxels that are worked on at a time."""
_SAME = 0.1
"""Share of a voxel by which corners of one grid may differ."""
_SOFT = 0.4
"""Standard deviation of what is taken away before voxels are left out, in new voxels."""


def slabs(shape: tuple[int, ...], axis: int) -> Iterator[slice]:
    """Parts along an axis of a grid that have about `SLAB` voxels each."""
    others = int(np.prod(shape)) // max(shape[axis], 1)
    step = max(SLAB // max(others, 1), 1)
    for start in range(0, shape[axis], step):
        yield slice(start, min(start + step, shape[axis]))


def resampled(
    values: np.ndarray, affine: np.ndarray, ratio: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Values on voxels of other sides along the same axes, and their affine.

    Axis by axis, the one that loses most first: what is finer than the new voxels is blurred
    away, then values are taken linearly. The outer faces of both grids are the same.

    Parameters
    ----------
    values : (X, Y, Z) float32
    affine : (4, 4) float
    ratio : (3,) float
        New sides over old ones.
    shape : three int
        Of the new grid.
    """
    first = (ratio - 1) / 2
    own = affine.copy()
    own[:3, :3] = affine[:3, :3] * ratio
    own[:3, 3] = affine[:3, :3] @ first + affine[:3, 3]
    for axis in np.argsort(-ratio):
        places = first[axis] + ratio[axis] * np.arange(shape[axis])
        values = _along(values, int(axis), places, _SOFT * float(ratio[axis]))
    return values, own


def _along(values: np.ndarray, axis: int, places: np.ndarray, blur: float) -> np.ndarray:
    """Values at places along one axis, blurred before where these lie apart."""
    last = values.shape[axis] - 1
    places = np.clip(places, 0, last)
    low = np.minimum(places.astype(int), max(last - 1, 0))
    shape = [1, 1, 1]
    shape[axis] = len(places)
    share = (places - low).astype(np.float32).reshape(shape)
    sides = list(values.shape)
    sides[axis] = len(places)
    found = np.empty(sides, np.float32)
    across = 1 if axis == 0 else 0
    for part in slabs(values.shape, across):
        at = tuple(part if a == across else slice(None) for a in range(3))
        held = values[at]
        if blur > _SOFT:
            held = gaussian_filter1d(held, blur, axis)
        below, above = held.take(low, axis), held.take(np.minimum(low + 1, last), axis)
        found[at] = below + share * (above - below)
    return found


def same_grid(
    shape: tuple[int, ...], affine: np.ndarray, other: tuple[int, ...], other_affine: np.ndarray
) -> bool:
    """Whether two grids have their voxels in the same places, in whatever order of axes."""
    back = np.linalg.inv(affine) @ other_affine
    corners = np.array(list(itertools.product(*((0, side - 1) for side in other))))
    there = corners @ back[:3, :3].T + back[:3, 3]
    near = np.rint(there)
    wanted = set(itertools.product(*((0, side - 1) for side in shape)))
    return bool(np.abs(there - near).max() < _SAME) and set(map(tuple, near.astype(int))) == wanted


def is_identity(back: np.ndarray) -> bool:
    """Whether an affine between numbers of voxels leaves them as they are."""
    return np.allclose(back[:3, :3], np.eye(3), atol=1e-4) and np.allclose(
        back[:3, 3], 0, atol=_SAME
    )


def taken(
    values: np.ndarray, back: np.ndarray, shape: tuple[int, ...], part: slice, linear: bool
) -> np.ndarray:
    """Values at voxels of another grid, of a part along its last axis.

    Parameters
    ----------
    values : (X, Y, Z)
    back : (4, 4) float
        From numbers of the other grid's voxels to those of `values`.
    shape : three int
        Of the other grid.
    part : slice
        Along its last axis.
    linear : bool
        Between voxels; else those of the nearest one.

    Returns
    -------
    (X, Y, part) float32 where it is linear, else of the type of `values`
        Beyond `values` they go on as at the border.
    """
    sides = *shape[:2], part.stop - part.start
    first = back[:3, 3] + back[:3, 2] * part.start
    kind = np.float32 if linear else values.dtype
    found: np.ndarray = affine_transform(
        values, back[:3, :3], first, sides, kind, order=int(linear), mode="nearest"
    )
    return found
