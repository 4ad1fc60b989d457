"""The surface of a network: where its own values are the iso value.

A regular grid over the whole box finds where the surface is; from there on, only the cells that
it may pass are halved, so that most of the finest grid is never evaluated. What lies between the
points that were evaluated is their mean, which stays on their side of the iso value.
"""

from __future__ import annotations

import numpy as np

from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.contours import contour_volume

from .network.domain import Domain, Evaluate
from .views import lattice

COARSE = 64
"""Cells per side of the grid that is evaluated as a whole."""
HALVINGS = 2
"""How often cells that the surface may pass are halved at most."""
NEAR_ENOUGH = 1 / 1024
"""Half of the surface should be so near to where it would be in the limit, in sides of the box."""
MARGIN = 0.25
"""Times the second differences around a cell: how far values in it may go beyond its corners."""


def network_surface(
    evaluate: Evaluate, domain: Domain, iso: float, coarse: np.ndarray | None = None
) -> Mesh:
    """Contour a field in a narrow band round the iso value.

    The band is halved once, and again unless half of the surface is `NEAR_ENOUGH`.

    Parameters
    ----------
    evaluate : callable
        Values of the field at points of the unit box, which may be stopped within.
    domain : Domain
        In 3D.
    iso : float
    coarse : (n + 1, n + 1, n + 1) float32 or None
        Values on a grid of n cells per side, if they are known; `COARSE` by default.

    Returns
    -------
    Mesh
        In the world; that of `dense_surface` for as many steps, but for what the coarse grid
        does not see.
    """
    values = lattice(evaluate, domain, COARSE + 1)[0] if coarse is None else coarse
    band = np.ones(np.subtract(values.shape, 1), bool)
    for _ in range(HALVINGS):
        band &= _may_pass(values, iso)
        if not band.any():
            break
        values = _halved(values)
        places = np.flatnonzero(_fresh_corners(band))
        flat = values.reshape(-1)
        filled, flat[places] = flat[places], evaluate(_unit(places, values.shape))
        if _distance(values, places, filled, iso) <= NEAR_ENOUGH:
            break
        band = band.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)
    return contour_volume(values, domain.affine(values.shape), iso)


def dense_surface(evaluate: Evaluate, domain: Domain, iso: float, steps: int) -> Mesh:
    """Contour a grid of `steps` cells per side that is evaluated whole: the plain reference."""
    values, affine = lattice(evaluate, domain, steps + 1)
    return contour_volume(values, affine, iso)


def _unit(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Points of the unit box by their numbers in a grid: (n, 3) float32."""
    found = np.unravel_index(places, shape)
    return np.stack([at / (n - 1) for at, n in zip(found, shape, strict=True)], 1, dtype=np.float32)


def _may_pass(values: np.ndarray, iso: float) -> np.ndarray:
    """Cells whose corners, with a margin for what is between them, have the value among them."""
    margin = np.zeros_like(values)
    for axis in range(3):
        along, bend = np.moveaxis(values, axis, 0), np.moveaxis(margin, axis, 0)
        bend[1:-1] += np.abs(along[2:] - 2 * along[1:-1] + along[:-2])
    margin = MARGIN * _of_corners(margin, np.maximum)
    low, high = _of_corners(values, np.minimum), _of_corners(values, np.maximum)
    return (low - margin < iso) & (iso <= high + margin)


def _of_corners(values: np.ndarray, pick: np.ufunc) -> np.ndarray:
    for axis in range(3):
        along = np.moveaxis(values, axis, 0)
        values = np.moveaxis(pick(along[:-1], along[1:]), 0, axis)
    return values


def _halved(values: np.ndarray) -> np.ndarray:
    """Fill a grid of twice as many cells per side with the means of what is beside."""
    for axis in range(3):
        along = np.moveaxis(values, axis, 0)
        fine = np.empty((2 * len(along) - 1, *along.shape[1:]), np.float32)
        fine[::2], fine[1::2] = along, (along[:-1] + along[1:]) / 2
        values = np.moveaxis(fine, 0, axis)
    return np.ascontiguousarray(values)


def _fresh_corners(band: np.ndarray) -> np.ndarray:
    """Corners that the halves of cells have and the cells have not, in the grid of the halves."""
    wanted = np.zeros([2 * n + 1 for n in band.shape], bool)
    for offset in np.ndindex(3, 3, 3):
        part = tuple(slice(o, o + 2 * n, 2) for o, n in zip(offset, band.shape, strict=True))
        wanted[part] |= band
    wanted[::2, ::2, ::2] = False
    return wanted


def _distance(values: np.ndarray, places: np.ndarray, filled: np.ndarray, iso: float) -> float:
    """Estimate the median distance to the surface in the limit, in sides of the box.

    Where values bend evenly, their means are off by four times what is between the halves.

    Parameters
    ----------
    values : (X, Y, Z) float32
    places : (n,) int
        Numbers of the points that were evaluated in it.
    filled : (n,) float32
        The means that were there before.
    """
    flat, slope = values.reshape(-1), 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        for step, n, at in zip(
            np.cumprod([1, *values.shape[:0:-1]])[::-1],
            values.shape,
            np.unravel_index(places, values.shape),
            strict=True,
        ):
            up, down = places + step * (at < n - 1), places - step * (at > 0)
            slope = slope + ((flat[up] - flat[down]) * (n - 1) / 2) ** 2
        slope = np.sqrt(slope)
        near = np.abs(flat[places] - iso) <= slope / (len(values) - 1)
        off = np.abs(flat[places] - filled)[near] / slope[near] / 4
    return float(np.nanmedian(off)) if np.isfinite(off).any() else 0.0
