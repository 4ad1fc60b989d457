"""Lesions one by one: which of them are found, which missed, and what is found where none is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import center_of_mass, label

from ..core.scene.labels import held_part

LEAST = 0.1
"""Share of a lesion's voxels that must be found for it to count as found."""
RULE = f"found where at least {LEAST:.0%} of its voxels are of its class in the result"
_AROUND = np.ones((3, 3, 3), int)

State = Literal["found", "missed", "false"]


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion of the reference, or one of the result where the reference has none.

    Parameters
    ----------
    number : int
        From 1, the largest first; false ones are numbered by themselves.
    state : {"found", "missed", "false"}
    ml : float
        Its volume in ml.
    share : float
        Of its voxels that are of its class in the other map.
    place : (x, y, z)
        Its middle in mm.
    """

    number: int
    state: State
    ml: float
    share: float
    place: tuple[float, float, float]


def lesions(wanted: np.ndarray, found: np.ndarray, affine: np.ndarray) -> tuple[Lesion, ...]:
    """List the lesions of a reference, then the false ones of a result.

    Lesions are bodies of voxels that touch by a side, an edge or a corner. A body of the result is
    false where no voxel of it lies in a lesion of the reference.

    Parameters
    ----------
    wanted, found : (X, Y, Z) bool
        Voxels of the class in the reference and in the result.
    affine : (4, 4) float
        From numbers of voxels to mm.
    """
    part = held_part(wanted | found)
    if part is None:
        return ()
    wanted, found, affine = wanted[part], found[part], _moved(affine, part)
    own = [
        Lesion(number, "found" if share >= LEAST else "missed", ml, share, place)
        for number, (ml, share, place) in enumerate(_bodies(wanted, found, affine), 1)
    ]
    false = [one for one in _bodies(found, wanted, affine) if one[1] == 0]
    return (
        *own,
        *(Lesion(n, "false", ml, share, place) for n, (ml, share, place) in enumerate(false, 1)),
    )


def _moved(affine: np.ndarray, part: tuple[slice, ...]) -> np.ndarray:
    """The affine of a part of a grid."""
    own = np.array(affine, float)
    own[:3, 3] += own[:3, :3] @ [along.start for along in part]
    return own


Body = tuple[float, float, tuple[float, float, float]]


def _bodies(body: np.ndarray, other: np.ndarray, affine: np.ndarray) -> list[Body]:
    """Volume, share inside the other and middle of each connected body, the largest first."""
    numbers, count = label(body, _AROUND)
    if not count:
        return []
    voxel = abs(float(np.linalg.det(affine[:3, :3]))) / 1000
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    shared = np.bincount(numbers[other], minlength=count + 1)[1:]
    middles = np.array(center_of_mass(body, numbers, range(1, count + 1)))
    places = middles @ affine[:3, :3].T + affine[:3, 3]
    order = np.lexsort((np.arange(count), -sizes))
    return [
        (
            float(sizes[at] * voxel),
            float(shared[at] / sizes[at]),
            (float(places[at, 0]), float(places[at, 1]), float(places[at, 2])),
        )
        for at in order
    ]
