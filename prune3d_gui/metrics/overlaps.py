"""How well label maps agree, voxel by voxel: Dice and volumes, of all classes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SOME = 8 << 20
"""Voxels that are counted at a time."""
DICE = "2 |A∩B| / (|A| + |B|)"


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Voxels by class in two label maps.

    Parameters
    ----------
    pairs : (K, K) int64
        Voxels that are of one class (row) in the reference and of another (column) in the result.
    voxel_ml : float
        Volume of a voxel in ml.
    """

    pairs: np.ndarray
    voxel_ml: float

    @property
    def dice(self) -> np.ndarray:
        """Dice of each class, (K,); NaN for one that the reference lacks.

        An absent class has no Dice, whatever was found of it: that is told as a volume, and as
        false lesions.
        """
        there = self.pairs.sum(axis=1)
        sizes = there + self.pairs.sum(axis=0)
        return np.where(there > 0, 2 * np.diag(self.pairs) / np.maximum(sizes, 1), np.nan)

    @property
    def mean_dice(self) -> float:
        """Mean Dice over the classes but the background that the reference has; NaN for none."""
        known = self.dice[1:][self.pairs.sum(axis=1)[1:] > 0]
        return float(known.mean()) if known.size else float("nan")

    @property
    def wanted_ml(self) -> np.ndarray:
        """Volume of each class in the reference in ml, (K,)."""
        return np.asarray(self.pairs.sum(axis=1) * self.voxel_ml)

    @property
    def found_ml(self) -> np.ndarray:
        """Volume of each class in the result in ml, (K,)."""
        return np.asarray(self.pairs.sum(axis=0) * self.voxel_ml)


def overlaps(wanted: np.ndarray, found: np.ndarray, classes: int, affine: np.ndarray) -> Overlaps:
    """Count voxels by the classes of a reference and a result on the same grid.

    Parameters
    ----------
    wanted, found : (X, Y, Z) integers below `classes`
    classes : int
        K, the background included.
    affine : (4, 4) float
        From numbers of voxels to mm.
    """
    pairs = np.zeros(classes**2, np.int64)
    step = max(_SOME * len(wanted) // max(wanted.size, 1), 1)
    for start in range(0, len(wanted), step):
        part = slice(start, start + step)
        at = wanted[part].astype(np.intp).ravel() * classes + found[part].ravel()
        pairs += np.bincount(at, minlength=classes**2)
    return Overlaps(
        pairs.reshape(classes, classes), abs(float(np.linalg.det(affine[:3, :3]))) / 1000
    )
