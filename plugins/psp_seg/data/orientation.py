"""Whether a patient lies as its file says: told by what is where, never turned silently."""

from __future__ import annotations

import numpy as np

BODY, BONE = -300.0, 250.0
"""Hounsfield units above which voxels are of the body, and of bone."""
LEAST = 50
"""Voxels of which there must be as many for their middle to tell anything."""
LOOKED = 1 << 22
"""Voxels that are looked at, at most about."""
CLEAR = 0.06
"""Share of the body's extent by which a middle lies on the wrong side when it is said."""


def doubts(
    volume: np.ndarray, labels: np.ndarray | None, classes: tuple[str, ...]
) -> tuple[str, ...]:
    """Sentences on axes that probably run the other way than the file says.

    The spine lies behind the middle of the body; a liver to its right, and above the kidneys.

    Parameters
    ----------
    volume : (X, Y, Z) float32
        Hounsfield units; axes to right, anterior, superior as the file says.
    labels : (X, Y, Z) uint8 or None
        Classes of a reference on the same grid.
    classes : tuple of str
    """
    step = max(round((volume.size / LOOKED) ** (1 / 3)), 1)
    volume = volume[::step, ::step, ::step]
    labels = None if labels is None else labels[::step, ::step, ::step]
    body = volume > BODY
    middle, bone = _middle(body), _middle(volume > BONE)
    if middle is None:
        return ()
    extent = np.array([np.ptp(np.flatnonzero(_along(body, axis))) + 1 for axis in range(3)])
    found = []
    if bone is not None and (bone - middle)[1] > CLEAR * extent[1]:
        found.append(
            "Most bone lies in front of the middle of the body, where the spine should be behind "
            "it: front and back are probably the wrong way round in the file's affine. Nothing "
            "was turned."
        )
    if labels is None:
        return tuple(found)
    liver, kidney = (_organ(labels, classes, name) for name in ("liver", "kidney"))
    if liver is not None and (middle - liver)[0] > CLEAR * extent[0]:
        found.append(
            "The liver of the reference lies on the left: left and right are probably the wrong "
            "way round in the file's affine. Nothing was turned."
        )
    if liver is not None and kidney is not None and (kidney - liver)[2] > CLEAR * extent[2]:
        found.append(
            "The liver of the reference lies below the kidneys: up and down are probably the "
            "wrong way round in the file's affine. Nothing was turned."
        )
    return tuple(found)


def _organ(labels: np.ndarray, classes: tuple[str, ...], name: str) -> np.ndarray | None:
    return _middle(labels == classes.index(name)) if name in classes else None


def _middle(part: np.ndarray) -> np.ndarray | None:
    """Mean place of the voxels of a part, in voxels; None where there are too few."""
    count = int(np.count_nonzero(part))
    if count < LEAST:
        return None
    sums = (_along(part, axis) @ np.arange(part.shape[axis]) for axis in range(3))
    return np.array([float(total) / count for total in sums])


def _along(part: np.ndarray, axis: int) -> np.ndarray:
    """How many voxels of a part there are at each place along an axis."""
    other = tuple(a for a in range(3) if a != axis)
    found: np.ndarray = part.sum(axis=other)
    return found
