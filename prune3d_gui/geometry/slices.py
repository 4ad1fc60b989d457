"""Planes across the axes of the world, and what of a lattice of voxels lies in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..core.scene.labels import Labels
from ..core.scene.scenes import Scene, Volume
from .boxes import corners

ACROSS = ((1, 2), (0, 2), (0, 1))
"""The axes to the right and up in a plane across each axis: x and y in one across z."""
ALL = "All values"
"""The window from the least to the largest value of a volume."""
_MOST = 1024  # samples along a side of a plane that cuts a lattice askew


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane across an axis of the world.

    Parameters
    ----------
    axis : {0, 1, 2}
    point : tuple of float
        One it goes through, in the unit of the scene.
    mirrored : bool
        Whether it is seen from its other side, so that its first axis runs to the left.
    """

    axis: int
    point: tuple[float, float, float]
    mirrored: bool = False

    @property
    def normal(self) -> np.ndarray:
        """Direction towards the eye, which has the plane's axes to the right and up: (3,)."""
        right, up = np.eye(3)[list(ACROSS[self.axis])]
        return np.cross(up, right) if self.mirrored else np.cross(right, up)


@dataclass(frozen=True, eq=False)
class Cut:
    """Where a plane cuts a lattice: pixels, each the number of the nearest voxel.

    Parameters
    ----------
    voxels : (V, U) int64
        Into the flat values of the lattice, last axis fastest; the first row is lowest. -1 where
        the lattice does not reach.
    corner, right, up : (3,) float64
        Lower left of the pixels in the world, and their sides from there.
    """

    voxels: np.ndarray
    corner: np.ndarray
    right: np.ndarray
    up: np.ndarray


Lattice = tuple[tuple[int, ...], np.ndarray]
"""Shape of a lattice of voxels, and the (4, 4) affine from their numbers to the world."""


def lattice(scene: Scene) -> Lattice | None:
    """The lattice of the first volume or label map that is drawn of a scene."""
    known = (layer.data for layer in scene.layers if isinstance(layer.data, Volume | Labels))
    return next(((data.values.shape, np.asarray(data.affine)) for data in known), None)


def windows_of(scenes: Iterable[Scene]) -> dict[str, tuple[float, float]]:
    """Return the ends of grey that the first volume is offered with: its own, then all its values.

    The last, `ALL`, goes from the least to the largest finite value.
    """
    found = next((v for s in scenes if (v := s.first(Volume)) is not None), None)
    if found is None:
        return {}
    low, high = float(found.values.min()), float(found.values.max())
    if not np.isfinite(low + high):
        known = found.values[np.isfinite(found.values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return {**found.windows, ALL: (low, high)}


def bounds(shape: tuple[int, ...], affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest place of a lattice's voxels, their sides included."""
    ends = corners(np.full(3, -0.5), np.array(shape, dtype=float))
    held = ends @ affine[:3, :3].T + affine[:3, 3]
    return held.min(axis=0), held.max(axis=0)


def steps(shape: tuple[int, ...], affine: np.ndarray, axis: int) -> tuple[float, float, int]:
    """Return where slices of a lattice lie along an axis: the first, the step, how many."""
    low, high = bounds(shape, affine)
    own = _along(affine)
    step = abs(affine[axis, own[axis]]) if own is not None else _finest(affine)
    count = max(round((high[axis] - low[axis]) / step), 1)
    step = (high[axis] - low[axis]) / count
    return float(low[axis] + step / 2), float(step), count


def nearest(at: float, along: tuple[float, float, int]) -> float:
    """Return the place nearest to `at` of those that `steps` gave."""
    first, step, count = along
    return first + step * float(np.clip(round((at - first) / step), 0, count - 1))


def worst(
    one: np.ndarray, other: np.ndarray, affine: np.ndarray
) -> tuple[float, float, float] | None:
    """Return the place whose slices along each axis of a lattice hold most voxels that differ.

    Parameters
    ----------
    one, other : (X, Y, Z)
        Compared voxel by voxel, such as numbers of classes.
    affine : (4, 4) float
        From numbers of voxels to the world.

    Returns
    -------
    (x, y, z) or None
        In the world; None where no voxel differs. The first of slices that are as bad.
    """
    away = one != other
    if not away.any():
        return None
    rest = ((1, 2), (0, 2), (0, 1))
    found = [int(away.sum(axis=others, dtype=np.int64).argmax()) for others in rest]
    x, y, z = affine[:3, :3] @ found + affine[:3, 3]
    return float(x), float(y), float(z)


def cut(shape: tuple[int, ...], affine: np.ndarray, plane: Plane) -> Cut | None:
    """Return where `plane` cuts a lattice; None where it passes by.

    Each voxel that is cut is one pixel where the axes of the lattice are those of the world, in
    whatever order and direction; askew, pixels are squares of its finest step.

    Parameters
    ----------
    shape : three int
    affine : (4, 4) float
        From numbers of voxels to the world.
    plane : Plane
    """
    low, high = bounds(shape, affine)
    at = plane.point[plane.axis]
    if not low[plane.axis] <= at <= high[plane.axis]:
        return None
    right, up = ACROSS[plane.axis]
    corner = np.where(np.arange(3) == plane.axis, at, low)
    sides = np.diag(high - low)
    own = _along(affine)
    voxels = _straight(shape, affine, plane, own) if own is not None else None
    if voxels is None:
        voxels = _askew(shape, affine, corner, sides[right], sides[up])
    return Cut(voxels, corner, sides[right], sides[up])


def _along(affine: np.ndarray) -> np.ndarray | None:
    """The lattice's axis along each of the world; None where one lies along none."""
    there = np.abs(affine[:3, :3]) > 1e-9 * np.abs(affine[:3, :3]).max()
    return there.argmax(axis=1) if (there.sum(axis=0) == 1).all() else None


def _finest(affine: np.ndarray) -> float:
    return float(np.linalg.norm(affine[:3, :3], axis=0).min())


def _straight(
    shape: tuple[int, ...], affine: np.ndarray, plane: Plane, own: np.ndarray
) -> np.ndarray:
    """Numbers of voxels by counting alone."""
    axis = own[plane.axis]
    number = (plane.point[plane.axis] - affine[plane.axis, 3]) / affine[plane.axis, axis]
    strides = np.array((shape[1] * shape[2], shape[2], 1))
    first = np.clip(np.floor(number + 0.5), 0, shape[axis] - 1).astype(int) * strides[axis]
    lines = []
    for world in ACROSS[plane.axis]:
        line = np.arange(shape[own[world]]) * strides[own[world]]
        lines.append(line if affine[world, own[world]] > 0 else line[::-1])
    return first + lines[0][None, :] + lines[1][:, None]


def _askew(
    shape: tuple[int, ...],
    affine: np.ndarray,
    corner: np.ndarray,
    right: np.ndarray,
    up: np.ndarray,
) -> np.ndarray:
    """Numbers of voxels by asking for the middle of every pixel, whatever the axes."""
    fine = _finest(affine)
    counts = [int(np.clip(round(np.linalg.norm(side) / fine), 1, _MOST)) for side in (right, up)]
    u, v = ((np.arange(count) + 0.5) / count for count in counts)
    places = corner + u[None, :, None] * right + v[:, None, None] * up
    back = np.linalg.inv(affine)
    numbers = np.floor(places @ back[:3, :3].T + back[:3, 3] + 0.5).astype(np.int64)
    inside = ((numbers >= 0) & (numbers < shape)).all(axis=2)
    flat = np.ravel_multi_index(np.moveaxis(np.where(inside[..., None], numbers, 0), 2, 0), shape)
    return np.where(inside, flat, -1)
