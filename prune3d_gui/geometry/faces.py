"""The flat faces by which an adaptive grid is seen: its leaves, a cut through them, its outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.scene.scenes import Grid
from .lattices import TURN, face_corners, plane_axes


@dataclass(frozen=True, eq=False)
class CellFaces:
    """Rectangles along the axes of the grid's box, each of one leaf; they meet without gaps.

    Parameters
    ----------
    cells : (Q,) int
        Leaf of each rectangle.
    axes : (Q,) int
        Axis it stands on.
    points : (Q, 4, 3) float64
        Its corners, counter-clockwise as seen from the upper side of the axis.
    low, high : (Q, 4) int
        Corners of the grid between which each corner lies.
    part : (Q, 1) float64
        How far it is from the one to the other.
    """

    cells: np.ndarray
    axes: np.ndarray
    points: np.ndarray
    low: np.ndarray
    high: np.ndarray
    part: np.ndarray

    def values(self, grid: Grid, array: str) -> np.ndarray | None:
        """Return an array of the leaves or of the corners, (Q, 4), at the corners of the faces.

        None when the grid has no such array; leaves go before corners.
        """
        if array in grid.cell_arrays:
            return np.repeat(np.asarray(grid.cell_arrays[array])[self.cells, None], 4, axis=1)
        if array not in grid.arrays:
            return None
        corners = np.asarray(grid.arrays[array])
        low, high = corners[self.low], corners[self.high]
        return low + self.part * (high - low)


def cell_faces(grid: Grid) -> CellFaces:
    """Return what is seen of a grid: its leaves in 2D, in 3D its cut, without one its outside."""
    if grid.cells.shape[1] == 4:
        corners = grid.cells[:, TURN[:, 0] + 2 * TURN[:, 1]]
        return _flat(grid, np.arange(len(grid.cells)), corners, 2)
    if grid.cut is not None:
        return cut_faces(grid, *grid.cut)
    sides = np.int64(1 << grid.depth) >> grid.levels
    found = []
    for axis in range(3):
        for high in (0, 1):
            edge = grid.anchors[:, axis] + high * sides
            cells = np.flatnonzero(edge == high << grid.depth)
            corners = grid.cells[cells][:, face_corners(axis, high)]
            found.append(_flat(grid, cells, corners, axis))
    return CellFaces(
        *(
            np.concatenate([getattr(faces, name) for faces in found])
            for name in ("cells", "axes", "points", "low", "high", "part")
        )
    )


def cut_faces(grid: Grid, axis: int, position: float) -> CellFaces:
    """Return the cross-sections of the leaves that a plane cuts.

    Parameters
    ----------
    grid : Grid
        In 3D.
    axis : int
    position : float
        Place of the plane along `axis` of the grid's box, in its unit, held within the box.
    """
    steps = 1 << grid.depth
    share = (position - grid.origin[axis]) / grid.size[axis]
    place = float(np.clip(share, 0.0, 1.0)) * steps
    start = grid.anchors[:, axis]
    side = np.int64(steps) >> grid.levels
    above = start + side
    cells = np.flatnonzero(
        (start <= place) & ((place < above) | (place == steps) & (above == steps))
    )
    part = ((place - start[cells]) / side[cells])[:, None]
    low, high = (grid.cells[cells][:, face_corners(axis, upper)] for upper in (0, 1))
    points = grid.points[low].astype(float)
    points[:, :, axis] = grid.origin[axis] + place / steps * grid.size[axis]
    return CellFaces(cells, np.full(len(cells), axis), points, low, high, part)


def fans(faces: CellFaces) -> tuple[np.ndarray, np.ndarray]:
    """Cut every face into four triangles around its middle.

    Returns
    -------
    points : (5 * Q, 3) float32
        The four corners of each face, then all middles; no face shares them.
    triangles : (4 * Q, 3) int32
    """
    count = len(faces.cells)
    corners = np.arange(4 * count, dtype=np.int32).reshape(count, 4)
    middles = np.repeat(np.arange(4 * count, 5 * count, dtype=np.int32), 4)
    after = np.roll(corners, -1, axis=1)
    triangles = np.column_stack([middles, corners.ravel(), after.ravel()])
    return with_middles(faces.points).astype(np.float32), triangles


def with_middles(corners: np.ndarray) -> np.ndarray:
    """Lay out values of the corners of faces, (Q, 4, ...), for the points of `fans`."""
    corners = np.asarray(corners, dtype=float)
    return np.concatenate([corners.reshape(-1, *corners.shape[2:]), corners.mean(axis=1)])


def first_face(faces: CellFaces, start: np.ndarray, end: np.ndarray) -> tuple[int, float] | None:
    """Return the first face that a line meets on its way, and after what part of it.

    Parameters
    ----------
    faces : CellFaces
    start, end : (3,) float
        Along the axes of the faces.

    Returns
    -------
    (int, float) or None
        Number of the face, and 0 to 1; None when the line meets none.
    """
    if not len(faces.cells):
        return None
    way = np.asarray(end, dtype=float) - start
    low, high = faces.points[:, 0], faces.points[:, 2]
    rows = np.arange(len(low))
    with np.errstate(divide="ignore", invalid="ignore"):  # along a face there is no one place
        part = (low[rows, faces.axes] - np.asarray(start)[faces.axes]) / way[faces.axes]
        at = start + part[:, None] * way
    inside = np.isfinite(part) & (part >= 0) & (part <= 1)
    for turn in (0, 1):
        across = np.array([plane_axes(axis)[turn] for axis in range(3)])[faces.axes]
        place = at[rows, across]
        inside &= (place >= low[rows, across]) & (place <= high[rows, across])
    hits = np.flatnonzero(inside)
    if not len(hits):
        return None
    first = hits[np.argmin(part[hits])]
    return int(first), float(part[first])


def _flat(grid: Grid, cells: np.ndarray, corners: np.ndarray, axis: int) -> CellFaces:
    points = grid.points[corners].astype(float)
    part = np.zeros((len(cells), 1))
    return CellFaces(cells, np.full(len(cells), axis), points, corners, corners, part)
