"""A line of sight through a view, and what of points and faces is seen there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REACH = 7.0
"""Pixels of a plain screen within which a point is hit."""
BESIDE = 4.0
"""Pixels of a plain screen within which a line is."""
BEHIND = 1.0
"""Depth of what is hit only where nothing else is."""


@dataclass(frozen=True, eq=False)
class Sight:
    """A place in a view.

    Parameters
    ----------
    matrix : (4, 4) float
        From the scene to the cube from -1 to 1, depth growing away from the eye.
    size : (width, height)
        Of the view in pixels.
    at : (x, y)
        Place in the view in pixels from its upper left.
    surfaces : bool
        Whether meshes are drawn as their surface, else as their vertices.
    """

    matrix: np.ndarray
    size: tuple[float, float]
    at: tuple[float, float]
    surfaces: bool = True

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the line enters and leaves what is seen: two (3,) float64."""
        x, y = 2 * self.at[0] / self.size[0] - 1, 1 - 2 * self.at[1] / self.size[1]
        ends = np.array([(x, y, -1, 1), (x, y, 1, 1)], dtype=float)
        ends = np.linalg.solve(self.matrix, ends.T).T
        return tuple(ends[:, :3] / ends[:, 3:])

    def away(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points, (N, 3), are seen: pixels from the place, (N, 2), and depth, (N,).

        NaN behind the eye.
        """
        places = np.column_stack([points, np.ones(len(points))]) @ self.matrix.T
        ahead = places[:, 3] > 0
        cube = places[:, :3] / np.where(ahead, places[:, 3], np.nan)[:, None]
        x = (cube[:, 0] + 1) / 2 * self.size[0]
        y = (1 - cube[:, 1]) / 2 * self.size[1]
        return np.column_stack([x, y]) - self.at, cube[:, 2]


@dataclass(frozen=True, slots=True)
class Hit:
    """What of a layer is seen at a place, by number, and how far from the eye: -1 to 1."""

    index: int
    of: str
    depth: float


def point_hit(points: np.ndarray, sight: Sight, of: str = "vertex") -> Hit | None:
    """Return the frontmost of points, (N, 3), within reach."""
    away, depth = sight.away(points)
    distance = np.linalg.norm(away, axis=1)
    near = np.flatnonzero((distance <= REACH) & np.isfinite(depth))
    if not len(near):
        return None
    # A step towards the eye outweighs a pixel or two, so that what is in front wins.
    span = max(float(np.nanmax(depth) - np.nanmin(depth)), 1e-9)
    cost = distance[near] / REACH + 2 * (depth[near] - depth[near].min()) / span
    found = int(near[np.argmin(cost)])
    return Hit(found, of, float(depth[found]))


def line_hit(points: np.ndarray, lines: np.ndarray, sight: Sight) -> tuple[int, float] | None:
    """The frontmost line, (L, 2), within reach of the place, and its depth where it is nearest."""
    away, depth = sight.away(points)
    first, last = (away[lines[:, end]] for end in range(2))
    along = last - first
    length = np.square(along).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(-(first * along).sum(axis=1) / length, 0, 1)
    part = np.where(length > 0, part, 0)
    beside = np.linalg.norm(first + part[:, None] * along, axis=1)
    near = np.flatnonzero(beside <= BESIDE)
    if not len(near):
        return None
    # Depth after the perspective division is linear on the screen, so this is exact.
    depths = (1 - part[near]) * depth[lines[near, 0]] + part[near] * depth[lines[near, 1]]
    found = int(np.argmin(depths))
    return int(near[found]), float(depths[found])


def face_hit(
    points: np.ndarray, faces: np.ndarray, sight: Sight, one_sided: bool = False
) -> tuple[int, int, float] | None:
    """Return the frontmost face, (F, 3), at the place, its nearest corner, and its depth.

    `one_sided` leaves out those whose corners turn clockwise as they are seen.
    """
    away, depth = sight.away(points)
    a, b, c = (away[faces[:, corner]] for corner in range(3))
    weights = np.stack([_cross(b, c), _cross(c, a), _cross(a, b)], axis=1)
    area = weights.sum(axis=1)
    inside = (weights * np.sign(area)[:, None] >= 0).all(axis=1) & (area != 0)
    if one_sided:
        inside &= area < 0  # y of a view grows downwards
    hits = np.flatnonzero(inside & np.isfinite(area))
    if not len(hits):
        return None
    # Depth after the perspective division is linear on the screen, so this is exact.
    depths = (weights[hits] * depth[faces[hits]]).sum(axis=1) / area[hits]
    first = int(np.argmin(depths))
    corners = faces[hits[first]]
    nearest = corners[np.argmin(np.linalg.norm(away[corners], axis=1))]
    return int(hits[first]), int(nearest), float(depths[first])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
