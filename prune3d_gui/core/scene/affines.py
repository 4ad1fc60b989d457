"""Affines: how numbers of voxels, or the axes of a box, come to places in the world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import BadInput

IDENTITY = np.eye(4)
IDENTITY.setflags(write=False)
_FLAT = 1e-6  # volume of the unit axes below which they lie in a plane


def along_axes(spacing: Sequence[float], origin: Sequence[float] = (0, 0, 0)) -> np.ndarray:
    """Return the affine of a lattice along the axes of the world.

    Parameters
    ----------
    spacing, origin : three float
        Step of the lattice and place of its first point.

    Returns
    -------
    (4, 4) float64
    """
    affine = np.diag([*map(float, spacing), 1.0])
    affine[:3, 3] = origin
    return affine


def check_affine(affine: np.ndarray, what: str) -> None:
    """Refuse what places nothing in space.

    Parameters
    ----------
    affine : (4, 4) float
    what : str
        Whose it is, such as ``a volume``.

    Raises
    ------
    BadInput
        If it has another shape or last row, is not finite, or its axes lie in a plane.
    """
    affine = np.asarray(affine, dtype=float)
    if affine.shape != (4, 4) or not np.array_equal(affine[3], (0, 0, 0, 1)):
        raise BadInput(
            f"The affine of {what} has the shape {affine.shape} or a last row that is not 0 0 0 1; "
            "give 4 x 4 numbers."
        )
    rows = "; ".join(", ".join(f"{number:g}" for number in row) for row in affine[:3])
    if not np.isfinite(affine).all():
        raise BadInput(f"The affine of {what} is not finite ({rows}); give finite numbers.")
    steps = np.linalg.norm(affine[:3, :3], axis=0)
    if not steps.all() or abs(np.linalg.det(affine[:3, :3] / steps)) < _FLAT:
        raise BadInput(
            f"The affine of {what} is singular ({rows}); give three axes that span space."
        )


def straight(affine: np.ndarray) -> bool:
    """Whether the axes of an affine run up those of the world, so that it only scales and moves."""
    scales = np.diag(affine)[:3]
    return bool((scales > 0).all()) and np.array_equal(affine[:3, :3], np.diag(scales))


def placed(points: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Return points, (..., 3), where an affine puts them, in their own type of number."""
    if np.array_equal(affine, IDENTITY):
        return points
    moved = np.asarray(points, dtype=float) @ affine[:3, :3].T + affine[:3, 3]
    return moved.astype(points.dtype) if points.dtype.kind == "f" else moved
