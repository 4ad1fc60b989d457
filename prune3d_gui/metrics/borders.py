"""How well the borders of two bodies of voxels agree: surface Dice and Hausdorff distance.

Both are those of Nikolov et al., "Deep learning to achieve clinically applicable segmentation of
head and neck anatomy for radiotherapy", 2018 (arXiv 1809.04430): the border passes through every
cube of eight voxels that are not alike, where it has the area of its marching-cubes triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from ..core.errors import BadInput
from ..core.scene.labels import held_part
from ..geometry.corners import CORNERS, cube_normals

NSD = "NSD of Nikolov et al. 2018: share of both borders within the tolerance"
HD95 = "95th percentile Hausdorff distance by area, the larger of both directions"
DENSE = 16 << 20
"""Cubes up to which distances are worked out for all of them: that takes 50 bytes a cube."""


@dataclass(frozen=True, eq=False)
class Borders:
    """Two borders, and how far each piece of one lies from the other.

    Parameters
    ----------
    wanted, found : (N,) and (M,) float64
        Distance of each piece of the reference's border to that of the result in mm, and back;
        infinite where the other has none. Nearest first.
    wanted_areas, found_areas : same shapes
        Areas of the pieces in mm^2.
    spacing : (sx, sy, sz)
        Sides of the voxels in mm.
    """

    wanted: np.ndarray
    found: np.ndarray
    wanted_areas: np.ndarray
    found_areas: np.ndarray
    spacing: tuple[float, float, float]

    def nsd(self, tolerance: float) -> float:
        """Surface Dice at a tolerance in mm; NaN where neither has a border.

        Raises
        ------
        BadInput
            If the tolerance is smaller than the longest side of a voxel: borders can be told no
            better.
        """
        if tolerance < max(self.spacing) * (1 - 1e-6):
            raise BadInput(
                f"A tolerance of {tolerance:g} mm is finer than the voxels, "
                f"{' x '.join(f'{side:g}' for side in self.spacing)} mm; give at least "
                f"{max(self.spacing):g} mm."
            )
        whole = self.wanted_areas.sum() + self.found_areas.sum()
        if not whole:
            return float("nan")
        near = self.wanted_areas[self.wanted <= tolerance].sum()
        near += self.found_areas[self.found <= tolerance].sum()
        return float(near / whole)

    def hausdorff(self, percent: float = 95.0) -> float:
        """Distance within which `percent` of each border lies; in mm.

        Infinite where only one has a border, NaN where neither has.
        """
        if not len(self.wanted) and not len(self.found):
            return float("nan")
        if not len(self.wanted) or not len(self.found):
            return float("inf")
        return max(
            _percentile(self.wanted, self.wanted_areas, percent),
            _percentile(self.found, self.found_areas, percent),
        )


def borders(wanted: np.ndarray, found: np.ndarray, spacing: tuple[float, float, float]) -> Borders:
    """Compare the borders of two bodies.

    Parameters
    ----------
    wanted, found : (X, Y, Z) bool
    spacing : three float
        Sides of the voxels in mm.
    """
    part = held_part(wanted | found)
    if part is None:
        empty = np.empty(0)
        return Borders(empty, empty, empty, empty, spacing)
    areas = _areas(spacing)
    cases = [_cases(body[part]) for body in (wanted, found)]
    on = [(case != 0) & (case != 255) for case in cases]
    sides: list[tuple[np.ndarray, np.ndarray]] = []
    for own, case, other in ((on[0], cases[0], on[1]), (on[1], cases[1], on[0])):
        if other.any() and other.size > DENSE:
            away, _ = cKDTree(np.argwhere(other) * spacing).query(np.argwhere(own) * spacing)
        elif other.any():
            away = distance_transform_edt(~other, sampling=spacing)[own]
        else:
            away = np.full(int(own.sum()), np.inf)
        order = np.argsort(away, kind="stable")
        sides.append((away[order], areas[case[own]][order]))
    return Borders(sides[0][0], sides[1][0], sides[0][1], sides[1][1], spacing)


def _cases(body: np.ndarray) -> np.ndarray:
    """Number of the case of every cube of eight voxels, one around the body included."""
    held = np.pad(body, 1).astype(np.uint8)
    found = np.zeros(tuple(side - 1 for side in held.shape), np.uint8)
    for at in np.ndindex(2, 2, 2):
        x, y, z = (slice(a, a + side) for a, side in zip(at, found.shape, strict=True))
        found += held[x, y, z] * np.uint8(CORNERS[at])
    return found


@lru_cache(maxsize=16)
def _areas(spacing: tuple[float, float, float]) -> np.ndarray:
    """Area in mm^2 of the border in a cube of each case, (256,)."""
    sx, sy, sz = spacing
    scale = np.array((sy * sz, sx * sz, sx * sy))
    return np.array([np.linalg.norm(one * scale, axis=1).sum() for one in cube_normals()])


def _percentile(distances: np.ndarray, areas: np.ndarray, percent: float) -> float:
    """The distance at which so much of the area is reached; distances are in order."""
    share = np.cumsum(areas) / areas.sum()
    at = int(np.searchsorted(share, percent / 100))
    return float(distances[min(at, len(distances) - 1)])
