"""How far surfaces of a result lie from the borders of the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.labels import held_part
from prune3d_gui.core.scene.scenes import Scene

from ..scoring import sampled, signed_distance
from ..showing import body_of
from .blocks import is_long
from .segmented import Part, from_voxel

FIELD_BYTES = 64 << 20
"""Distances to the bodies of references."""


@dataclass(frozen=True, eq=False)
class _Field:
    """Distances to the border of a body of a reference, on the part of its grid from `low` on."""

    wanted: np.ndarray
    values: np.ndarray
    low: tuple[int, int, int]

    def reaches(self, first: np.ndarray, last: np.ndarray) -> bool:
        """Whether it holds all voxels from `first` to `last`."""
        ends = np.add(self.low, self.values.shape)
        return bool((first >= self.low).all() and (last < ends).all())


class Distances:
    """Signed distances, which are kept: bodies of references change seldom."""

    def __init__(self) -> None:
        self._fields: Newest[_Field] = Newest(FIELD_BYTES, lambda one: one.values.nbytes)

    def of(
        self,
        scene: Scene,
        sample: str,
        wanted: np.ndarray,
        classes: tuple[str, ...],
        affine: np.ndarray,
        cancel: CancelToken,
    ) -> dict[str, dict[str, np.ndarray]]:
        """Signed distance in mm of the vertices of each class, by the names of their layers.

        Parameters
        ----------
        scene : Scene
            A result.
        sample : str
        wanted : (X, Y, Z) uint8
            What it is compared with.
        classes : tuple of str
        affine : (4, 4) float
            Of `wanted`.
        """
        found = {}
        names = {layer.name for layer in scene.layers}
        for number, name in enumerate(classes):
            if not number or name not in names:
                continue
            cancel.check()
            points = scene.layer(name).data.points
            if len(points):
                field = self._field(sample, number, wanted, classes, affine, points)
                own = from_voxel(affine, field.low)
                found[name] = {"signed": sampled(field.values, own, points)}
        return found

    def forget(self) -> None:
        """Keep nothing."""
        self._fields.clear()

    def _field(
        self,
        sample: str,
        number: int,
        wanted: np.ndarray,
        classes: tuple[str, ...],
        affine: np.ndarray,
        points: np.ndarray,
    ) -> _Field:
        first, last = np.zeros(3, int), np.array(wanted.shape) - 1
        if is_long(wanted.shape):  # round the points alone: the whole would take gigabytes
            back = np.linalg.inv(affine)
            there = points @ back[:3, :3].T + back[:3, 3]
            first = np.maximum(np.floor(there.min(axis=0)).astype(int) - 1, first)
            last = np.minimum(np.ceil(there.max(axis=0)).astype(int) + 1, last)
        kept = self._fields.get((sample, number))
        if kept is None or kept.wanted is not wanted or not kept.reaches(first, last):
            body = np.isin(wanted, body_of(number, classes))
            part = _joined(first, last, held_part(body), body.shape)
            x, y, z = (along.start for along in part)
            kept = _Field(wanted, signed_distance(body[part], affine), (x, y, z))
            self._fields.put((sample, number), kept)
        return kept


def _joined(first: np.ndarray, last: np.ndarray, held: Part | None, shape: tuple[int, ...]) -> Part:
    """The part of a grid that has voxels from `first` to `last`, a body and what is round it."""
    if held is not None:
        first = np.minimum(first, [max(along.start - 1, 0) for along in held])
        last = np.maximum(
            last, [min(along.stop, n - 1) for along, n in zip(held, shape, strict=True)]
        )
    x, y, z = (slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    return x, y, z
