"""Label volumes: which organ, which class each voxel belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..errors import BadInput
from .affines import IDENTITY, check_affine


@dataclass(frozen=True, slots=True)
class Label:
    """What a number in a label volume stands for.

    Parameters
    ----------
    name : str
    colour : three int
        8-bit RGB.
    """

    name: str
    colour: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Labels:
    """Numbers of classes on a regular grid, drawn as the surface of each class.

    Parameters
    ----------
    values : (X, Y, Z) int
        0 is background.
    table : mapping of number to Label
        All numbers that occur, but for the background.
    affine : (4, 4) float
        From numbers of voxels to the world, in `unit`.
    unit : str
        Unit of length.

    Raises
    ------
    BadInput
        If the values are no whole numbers from 0 on, one is not in the table, or the affine is
        singular.
    """

    values: np.ndarray
    table: Mapping[int, Label]
    affine: np.ndarray = field(default_factory=lambda: IDENTITY)
    unit: str = ""

    def __post_init__(self) -> None:
        check_affine(self.affine, "a label volume")
        kind, shape = self.values.dtype, self.values.shape
        if kind.kind not in "iub" or len(shape) != 3:
            raise BadInput(
                f"A label volume has values of type {kind} and the shape {shape}; give whole "
                "numbers of classes on three axes."
            )
        low, high = int(self.values.min(initial=0)), int(self.values.max(initial=0))
        unknown = {low} if low < 0 else set(range(1, high + 1)).difference(self.table)
        if unknown and low >= 0:  # not every number below the highest has to occur
            unknown.intersection_update(np.unique(self.values).tolist())
        if unknown:
            raise BadInput(
                f"A label volume holds the number {min(unknown)}, which its table lacks; name "
                f"every class in the table ({', '.join(map(str, self.table)) or 'empty'})."
            )

    @cached_property
    def held(self) -> tuple[slice, slice, slice] | None:
        """The part of the lattice that holds every labelled voxel; None where none is labelled."""
        return held_part(self.values != 0)


def held_part(body: np.ndarray) -> tuple[slice, slice, slice] | None:
    """The part of a lattice that holds every voxel of a body; None where it has none.

    Parameters
    ----------
    body : (X, Y, Z) bool
    """
    part = body
    found: list[slice] = []
    for axis in range(3):
        across = tuple(other for other in range(3) if other != axis)
        there = np.flatnonzero(part.any(axis=across))
        if not len(there):
            return None
        found.append(slice(int(there[0]), int(there[-1]) + 1))
        part = part[(slice(None),) * axis + (found[-1],)]
    x, y, z = found
    return x, y, z
