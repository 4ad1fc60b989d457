"""How far surfaces of a result lie from the borders of the reference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.labels import held_part
from prune3d_gui.core.scene.scenes import Scene

from ..scoring import body_of, sampled, signed_distance
from .blocks import is_long
from .segmented import Part, from_voxel

FIELD_BYTES = 64 << 20
"""Distances to the bodies of references."""
MOST = 16 << 20
"""Voxels that distances are worked out for, at most about: of larger parts one in two or three."""


@dataclass(frozen=True, eq=False)
class _Field:
    """Distances to the border of a body of a reference, on a part of its grid.

    `values` are those of one voxel in `step` along each axis of the part.
    """

    wanted: np.ndarray
    values: np.ndarray
    part: Part
    step: int

    def placed(self, affine: np.ndarray) -> np.ndarray:
        """The affine of `values`, from that of the grid."""
        x, y, z = (along.start for along in self.part)
        return from_voxel(affine, (x, y, z)) @ np.diag([*[self.step] * 3, 1])

    def reaches(self, first: np.ndarray, last: np.ndarray) -> bool:
        """Whether it holds all voxels from `first` to `last`."""
        ends = zip(first, last, self.part, strict=True)
        return all(along.start <= a and b < along.stop for a, b, along in ends)


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
                found[name] = {"signed": sampled(field.values, field.placed(affine), points)}
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
            step = max(math.ceil((body[part].size / MOST) ** (1 / 3)), 1)
            scaled = affine @ np.diag([step, step, step, 1])
            values = signed_distance(body[part][::step, ::step, ::step], scaled)
            kept = _Field(wanted, values, part, step)
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
