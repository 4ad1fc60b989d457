"""The geometry of Gaussian splats: where they are, and which of them a line of sight meets."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from weakref import WeakKeyDictionary

import numpy as np

from ..core.scene.gaussians import Gaussians, KeptGaussians
from ..core.scene.scenes import Layer, Points
from .sight import Hit, Sight, point_hit

_REACH = 3.0  # standard deviations at which a splat ends
_LOW_PASS = 0.3**0.5  # pixels that it has at least of one
_SEEN = 0.05  # least share of what is seen that can be clicked: behind it may be more
_OUTLINES: WeakKeyDictionary[Gaussians, np.ndarray] = WeakKeyDictionary()
_WAYS = np.array([way for way in product((-1, 0, 1), repeat=3) if any(way)], float)
_WAYS /= np.linalg.norm(_WAYS, axis=1, keepdims=True)


def extent(gaussians: KeptGaussians) -> np.ndarray:
    """Points that hold all centres between them, kept or not: (K, 3) float64.

    What is looked at stays as large while more and more are pruned. They are worked out once for
    a scene: those that are furthest along some directions, from the middle, and from its axes.
    """
    base = gaussians.base
    if not gaussians.kept.any():
        return np.empty((0, 3))
    if base not in _OUTLINES:
        _OUTLINES[base] = _outline(base.means)
    return _OUTLINES[base]


def _outline(means: np.ndarray) -> np.ndarray:
    points = means[np.isfinite(means).all(axis=1)].astype(float)
    if not len(points):
        return points
    away = points - (points.min(axis=0) + points.max(axis=0)) / 2
    flat = [np.delete(away, axis, axis=1) for axis in range(3)]
    far = [np.square(part).sum(axis=1).argmax() for part in (away, *flat)]
    return points[np.unique([*far, *(points @ _WAYS.T).argmax(axis=0)])]


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if layer.data.kept.any() else "No Gaussian is kept."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The kept Gaussian that is seen most at the place, by its number in the whole scene.

    Where they are drawn as points, it is the frontmost centre within reach.
    """
    kept = np.flatnonzero(layer.data.kept)
    if layer.data.splatter is None:
        found = point_hit(layer.data.base.means[kept], sight, "gaussian")
        return found and Hit(int(kept[found.index]), found.of, found.depth)
    return _splat_hit(layer.data.base, kept, sight)


def _splat_hit(base: Gaussians, kept: np.ndarray, sight: Sight) -> Hit | None:
    """Which of some Gaussians has the largest share of what is seen along a line of sight."""
    eye, end = sight.line()
    beside, beyond = replace(sight, at=(sight.at[0] + 1, sight.at[1])).line()
    length = float(np.linalg.norm(end - eye))
    ahead = (end - eye) / length
    away = base.means[kept] - eye
    along = away @ ahead
    pixel = _widths(along / length, beside - eye, beyond - end)
    apart = np.sqrt(np.maximum(np.square(away).sum(axis=1) - along**2, 0))
    reach = _REACH * np.hypot(base.scales[kept].max(axis=1), _LOW_PASS * pixel)
    near = np.flatnonzero((apart <= reach) & (along >= 0) & (along <= length))
    ids = kept[near]
    alpha = _alphas(base, ids, away[near], ahead, _LOW_PASS * pixel[near])
    depths = sight.away(base.means[ids])[1]
    order = np.argsort(depths, kind="stable")
    before = np.cumprod(np.concatenate([[1.0], 1 - alpha[order]]))[:-1]
    shares = alpha[order] * before
    if not len(shares) or not shares.max() >= _SEEN:
        return None
    found = order[shares.argmax()]
    return Hit(int(ids[found]), "gaussian", float(depths[found]))


def _alphas(
    base: Gaussians, ids: np.ndarray, away: np.ndarray, ahead: np.ndarray, blur: np.ndarray
) -> np.ndarray:
    """How much some Gaussians, (K,), hide on a line, each where it is most, a little blurred.

    Parameters
    ----------
    away : (K, 3) float
        Their centres from a point of the line.
    ahead : (3,) float
        Along the line.
    blur : (K,) float
        Deviations by which they are larger.
    """
    sizes = np.hypot(base.scales[ids], blur[:, None])
    turns = _rotations(base.quaternions[ids])
    place = np.einsum("nij,ni->nj", turns, away) / sizes
    way = np.einsum("nij,i->nj", turns, ahead) / sizes
    along = (place * way).sum(axis=1) / np.square(way).sum(axis=1)
    nearest = np.square(place - along[:, None] * way).sum(axis=1)
    alpha = np.minimum(base.opacities[ids] * np.exp(-nearest / 2), 0.99)
    return np.where(nearest <= _REACH**2, alpha, 0)


def _widths(part: np.ndarray, near: np.ndarray, far: np.ndarray) -> np.ndarray:
    """How wide a pixel is, at some parts of the way from where it enters to where it leaves."""
    return np.linalg.norm(near + part[:, None] * (far - near), axis=1)


def _rotations(quaternions: np.ndarray) -> np.ndarray:
    """Rotations of quaternions, w first: (N, 3, 3) float64, whose columns are their axes."""
    unit = quaternions.astype(float)
    w, x, y, z = (unit / np.linalg.norm(unit, axis=1, keepdims=True)).T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.moveaxis(np.array(rows), 2, 0)


def points(gaussians: KeptGaussians) -> Points:
    """The kept centres, with their values."""
    kept = gaussians.kept
    arrays = {name: np.asarray(values)[kept] for name, values in gaussians.arrays.items()}
    return Points(gaussians.base.means[kept], arrays)
