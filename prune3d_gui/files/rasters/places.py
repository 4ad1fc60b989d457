"""Where a grid lies: every format's axes come to those of the world in this one step."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.errors import BadInput

PATIENT = ("LR", "PA", "IS")
"""Letters of the ways down and up along each axis of a patient's right-anterior-superior world."""
OWN = (("-x", "+x"), ("-y", "+y"), ("-z", "+z"))
"""The same for a world that is nobody's body."""
Numbers = Sequence[float] | np.ndarray
_SPACES = {
    "right-anterior-superior": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1),
}


@dataclass(frozen=True, eq=False)
class Place:
    """How the axes of a file are turned to the closest axes of the world.

    Parameters
    ----------
    affine : (4, 4) float64
        From numbers of values along the file's axes to the world.
    order : three int
        The file's axis that runs along each axis of the world.
    flips : three bool
        Whether each axis of the file runs down.
    oriented : bool
        Whether the file says where its axes lie in the world.
    notices : tuple of str
    """

    affine: np.ndarray
    order: tuple[int, ...] = (0, 1, 2)
    flips: tuple[bool, ...] = (False, False, False)
    oriented: bool = False
    notices: tuple[str, ...] = ()

    def in_file_order(self, values: np.ndarray) -> np.ndarray:
        """Return a view of turned (X, Y, Z, T) values along the axes of the file."""
        view = values.transpose([*np.argsort(self.order), 3])
        return view[tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)]

    def turned_affine(self, sizes: Sequence[int], stride: int) -> np.ndarray:
        """Return the affine of turned values, of which a file's axes have `sizes` with `stride`."""
        affine = self.affine.copy()
        for axis, flip in enumerate(self.flips):
            affine[:3, axis] *= stride
            if flip:
                affine[:3, 3] += (sizes[axis] - 1) * affine[:3, axis]
                affine[:3, axis] *= -1
        return affine[:, [*self.order, 3]]


def upright(path: Path, spacing: Numbers, origin: Numbers = ()) -> Place:
    """Place a grid whose file has no directions: its axes are those of the world.

    Parameters
    ----------
    spacing, origin : sequence of up to three float
        Missing ones are 1 and 0.

    Raises
    ------
    BadInput
        If a spacing is not positive.
    """
    steps = [*map(float, spacing[:3]), *[1.0] * (3 - len(spacing))]
    if not all(np.isfinite(step) and step > 0 for step in steps):
        given = ", ".join(f"{s:g}" for s in spacing)
        raise BadInput(f"'{path}' has the spacing {given}; write positive numbers in the file.")
    affine = np.diag([*steps, 1.0])
    affine[: len(origin[:3]), 3] = origin[:3]
    if not np.isfinite(affine).all():
        given = ", ".join(f"{o:g}" for o in origin)
        raise BadInput(f"'{path}' has the origin {given}; write finite numbers in the file.")
    return Place(affine)


def turned(
    path: Path,
    affine: np.ndarray,
    sizes: Sequence[int],
    unit: str = "",
    ways: Sequence[Sequence[str]] = PATIENT,
) -> Place:
    """Turn a grid to the closest axes of its world.

    Parameters
    ----------
    affine : (4, 4)
        From numbers of values to the world: right-anterior-superior for a patient's.
    sizes : (X, Y, Z)
        Values along each axis of the file.
    unit : str
        Of length, for what is said.
    ways : three pairs of str
        What the ways down and up along the world's axes are called: `PATIENT` or `OWN`.

    Raises
    ------
    BadInput
        If the affine is not finite or flat, or what is left of a grid with a single slice lies
        so oblique that a picture along the world's axes would be off by more than a pixel.
    """
    from nibabel.orientations import io_orientation

    given, affine = affine, spanning(affine, sizes)
    if affine is None:
        rows = "; ".join(", ".join(f"{n:g}" for n in row) for row in given[:3])
        raise BadInput(
            f"'{path}' has axes that do not span space or are not finite ({rows}); write its "
            "place anew."
        )
    ends = io_orientation(affine)  # for each axis of the file, that of the world and its sign
    order = tuple(int(axis) for axis in np.argsort(ends[:, 0]))
    place = Place(affine, order, tuple(bool(sign < 0) for sign in ends[:, 1]), True)
    notices = []
    if order != (0, 1, 2) or any(place.flips):
        runs = [ways[int(axis)][int(sign > 0)] for axis, sign in ends]
        joint = "" if ways is PATIENT else ", "
        notices.append(
            f"The file's axes run {joint.join(runs)}; the values were turned to "
            f"{joint.join(up for _, up in ways)}."
        )
    notices += _leaning(path, place, sizes, unit)
    return Place(place.affine, place.order, place.flips, True, tuple(notices))


def patient_axes(space: str) -> np.ndarray | None:
    """Return the (4, 4) signs from a named patient space to right-anterior-superior, or None."""
    signs = _SPACES.get(space)
    return None if signs is None else np.diag([*map(float, signs), 1.0])


def spanning(affine: np.ndarray, sizes: Sequence[int]) -> np.ndarray | None:
    """Return an affine as float64, or None where it is not finite or its axes lie in a plane.

    Axes of a single value need no direction; they are given one across the others.
    """
    affine = np.array(affine, np.float64)
    if not np.isfinite(affine).all():
        return None
    steps = np.linalg.norm(affine[:3, :3], axis=0)
    missing = [axis for axis in range(3) if not steps[axis] and sizes[axis] == 1]
    if missing:
        there = [axis for axis in range(3) if axis not in missing]
        across = np.linalg.svd(affine[:3, there].T)[2][len(there) :]
        affine[:3, missing] = across.T
        if np.linalg.det(affine[:3, :3]) < 0:
            affine[:3, missing[-1]] *= -1
        steps = np.linalg.norm(affine[:3, :3], axis=0)
    flat = not steps.all() or abs(np.linalg.det(affine[:3, :3] / steps)) < 1e-3
    return None if flat else affine


def oblique(affine: np.ndarray, sizes: Sequence[int]) -> tuple[float, float] | None:
    """Measure how far a lattice is from one along the axes of the world.

    Parameters
    ----------
    affine : (4, 4) float
        Its axes run up the closest ones of the world.
    sizes : (X, Y, Z)

    Returns
    -------
    (degrees, off) or None
        Largest angle between the axes, and how far a corner would be off if the lattice were
        placed along the world's axes; None where that is no more than a hundredth of a step.
    """
    axes = np.asarray(affine, dtype=float)[:3, :3]
    steps = np.linalg.norm(axes, axis=0)
    last = np.asarray(sizes) - 1
    corners = np.array(list(itertools.product((0, 1), repeat=3))) * last
    off = float(np.linalg.norm(corners @ (axes - np.diag(steps)).T, axis=1).max())
    if off <= 0.01 * steps[last > 0].min(initial=np.inf):
        return None
    lean = np.degrees(np.arccos(np.clip(np.diag(axes) / steps, -1, 1))).max()
    return float(lean), off


def _leaning(path: Path, place: Place, sizes: Sequence[int], unit: str) -> list[str]:
    """Say that a volume is oblique; a picture lies along two axes of the world, or is refused."""
    affine, turned_sizes = place.turned_affine(sizes, 1), [sizes[axis] for axis in place.order]
    found = oblique(affine, turned_sizes)
    if found is None:
        return []
    lean, off = found
    if min(turned_sizes) > 1:
        return [
            f"The volume's axes are oblique to the world's, by up to {lean:.1f} degrees; it lies "
            "where the file says, and is cut along its own axes."
        ]
    far = f"{off:.3g} {unit}".strip()
    steps = np.linalg.norm(affine[:3, :3], axis=0)
    if off > steps[np.array(turned_sizes) > 1].max():
        raise BadInput(
            f"'{path}' is one slice that lies oblique to the world's axes, by up to {lean:.1f} "
            f"degrees: a picture along them would be off by up to {far}; resample it to straight "
            "axes first."
        )
    return [
        f"The slice's axes are oblique to the world's, by up to {lean:.1f} degrees; the values "
        f"are placed along the world's axes, up to {far} from their true place."
    ]
