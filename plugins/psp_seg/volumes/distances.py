"""Signed distances of surfaces to the border of what they are compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, map_coordinates

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.labels import held_part
from prune3d_gui.core.scene.scenes import Arrays, Scene

from ..scoring import body_of
from .blocks import is_long
from .segmented import Part, from_voxel

SIGNED = "signed"
"""Array of the distances of a surface's vertices in mm, inside negative."""
FIELD_BYTES = 64 << 20
"""Distances to the bodies of references."""
MOST = 16 << 20
"""Voxels that distances are worked out for, at most about: of larger parts one in two or three."""


@dataclass(frozen=True, eq=False)
class _Field:
    """Distances to the border of a body, on a part of its grid.

    `values` are those of one voxel in `step` along each axis of the part.
    """

    values: np.ndarray
    part: Part
    step: int

    def placed(self, affine: np.ndarray) -> np.ndarray:
        """The affine of `values`, from that of the grid."""
        x, y, z = (along.start for along in self.part)
        return from_voxel(affine, (x, y, z)) @ np.diag([*[self.step] * 3, 1])

    def at(self, affine: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Distance of places (N, 3) in mm: (N,) float32."""
        return sampled(self.values, self.placed(affine), places)

    def reaches(self, first: np.ndarray, last: np.ndarray) -> bool:
        """Whether it holds all voxels from `first` to `last`."""
        ends = zip(first, last, self.part, strict=True)
        return all(along.start <= a and b < along.stop for a, b, along in ends)


class Distances:
    """How far the surfaces of a result lie from a reference, and those of a reference from it.

    Parameters
    ----------
    classes : tuple of str
        The background first; each other one names a layer of a scene.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        self._fields: Newest[tuple[np.ndarray, _Field]] = Newest(
            FIELD_BYTES, lambda kept: kept[1].values.nbytes
        )

    def of_result(
        self,
        scene: Scene,
        sample: str,
        wanted: np.ndarray,
        affine: np.ndarray,
        cancel: CancelToken = NEVER,
    ) -> dict[str, Arrays]:
        """Distance of the vertices of each class of a result to the border of its reference.

        Parameters
        ----------
        scene : Scene
        sample : str
            Whose reference it is; distances around it are kept.
        wanted : (X, Y, Z) uint8
        affine : (4, 4) float

        Returns
        -------
        mapping of layer name to arrays
        """
        found: dict[str, Arrays] = {}
        for number, name, points in self._surfaces(scene):
            cancel.check()
            field = self._field(sample, number, wanted, affine, points)
            found[name] = {SIGNED: field.at(affine, points)}
        return found

    def of_reference(
        self, scene: Scene, found: np.ndarray, affine: np.ndarray, cancel: CancelToken = NEVER
    ) -> dict[str, Arrays]:
        """Distance of the vertices of each class of a reference to the border in a label map."""
        told: dict[str, Arrays] = {}
        for number, name, points in self._surfaces(scene):
            cancel.check()
            body = np.isin(found, body_of(number, self._classes))
            told[name] = {SIGNED: distances_at(body, affine, points)}
        return told

    def clear(self) -> None:
        """Keep nothing."""
        self._fields.clear()

    def _surfaces(self, scene: Scene) -> list[tuple[int, str, np.ndarray]]:
        """Number, name and vertices of the classes that a scene has surfaces of."""
        there = {layer.name: layer.data for layer in scene.layers}
        named = ((n, name) for n, name in enumerate(self._classes) if n and name in there)
        return [(n, name, p) for n, name in named if len(p := there[name].points)]

    def _field(
        self, sample: str, number: int, wanted: np.ndarray, affine: np.ndarray, points: np.ndarray
    ) -> _Field:
        """Distances to a body of a reference, which changes seldom."""
        whole = np.zeros(3, int), np.array(wanted.shape) - 1
        asked = _round(points, affine, wanted.shape) if is_long(wanted.shape) else whole
        kept = self._fields.get((sample, number))
        if kept is None or kept[0] is not wanted or not kept[1].reaches(*asked):
            body = np.isin(wanted, body_of(number, self._classes))
            kept = wanted, _measured(body, affine, *asked)
            self._fields.put((sample, number), kept)
        return kept[1]


def _round(
    points: np.ndarray, affine: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """First and last voxel of what lies round places (N, 3) in mm."""
    there = _voxels(affine, points)
    end = np.array(shape) - 1
    first = np.clip(np.floor(there.min(axis=0)).astype(int) - 1, 0, end)
    return first, np.clip(np.ceil(there.max(axis=0)).astype(int) + 1, 0, end)


def _measured(body: np.ndarray, affine: np.ndarray, first: np.ndarray, last: np.ndarray) -> _Field:
    """Distances to a body, on the part of its grid that holds it and two voxels."""
    part = _joined(first, last, held_part(body), body.shape)
    step = max(math.ceil((body[part].size / MOST) ** (1 / 3)), 1)
    scaled = affine @ np.diag([step, step, step, 1])
    return _Field(signed_distance(body[part][::step, ::step, ::step], scaled), part, step)


def _joined(first: np.ndarray, last: np.ndarray, held: Part | None, shape: tuple[int, ...]) -> Part:
    """The part of a grid that has voxels from `first` to `last`, a body and what is round it."""
    if held is not None:
        first = np.minimum(first, [max(along.start - 1, 0) for along in held])
        last = np.maximum(
            last, [min(along.stop, n - 1) for along, n in zip(held, shape, strict=True)]
        )
    x, y, z = (slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    return x, y, z


def signed_distance(body: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Distance of every voxel to the border of a body in mm, inside negative.

    Beyond the lattice nothing is of the body.

    Parameters
    ----------
    body : (X, Y, Z) bool
    affine : (4, 4) float

    Returns
    -------
    (X, Y, Z) float32
        Infinite where there is no body.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if not body.any():
        return np.full(body.shape, np.inf, np.float32)
    # Half a voxel lies between the middle of the last voxel inside and the border.
    half = float(spacing.mean()) / 2
    outside = distance_transform_edt(~body, sampling=spacing)
    inside = distance_transform_edt(np.pad(body, 1), sampling=spacing)[1:-1, 1:-1, 1:-1]
    return np.where(body, half - inside, outside - half).astype(np.float32)


def sampled(field: np.ndarray, affine: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values of a field on voxels at places (N, 3) in mm: (N,) float32, linear between voxels."""
    if np.isinf(field.flat[0]):  # there is no body, whose distance cannot be weighted
        return np.full(len(places), np.inf, np.float32)
    found: np.ndarray = map_coordinates(field, _voxels(affine, places).T, order=1, mode="nearest")
    return found.astype(np.float32)


def distances_at(body: np.ndarray, affine: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Signed distance of places (N, 3) in mm to the border of a body: (N,) float32.

    The same as `sampled` of its `signed_distance`, of no more voxels than hold both.
    """
    if not len(places):
        return np.zeros(0, np.float32)
    return _measured(body, affine, *_round(places, affine, body.shape)).at(affine, places)


def _voxels(affine: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Places (N, 3) in mm as numbers of voxels."""
    back = np.linalg.inv(affine)
    found: np.ndarray = places @ back[:3, :3].T + back[:3, 3]
    return found
