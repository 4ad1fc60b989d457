"""Triangles out of adaptive grids: of a quadtree, and of a cut through an octree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.scene.affines import placed
from ..core.scene.scenes import Grid, Mesh
from .faces import cut_faces, fans, with_middles
from .lattices import TURN, Lattice


def triangulate_grid(grid: Grid) -> Mesh:
    """Return a quadtree as conforming triangles, without cracks where nodes hang.

    Each leaf is a fan from its centre, which has the mean of its corners, over all corners
    that lie on its edges.

    Parameters
    ----------
    grid : Grid
        In 2D.

    Returns
    -------
    Mesh
        The corners of the grid, then the centres of its leaves; with all arrays of the
        corners.
    """
    lattice = Lattice(grid)
    around = grid.cells[:, TURN[:, 0] + 2 * TURN[:, 1]].astype(np.int64)
    edge, a, b = lattice.divided(
        around.ravel(), np.roll(around, -1, axis=1).ravel(), np.repeat(lattice.sides, 4)
    )
    faces = np.column_stack([len(grid.points) + edge // 4, a, b]).astype(np.int32)
    arrays = {n: _centred(grid, v) for n, v in grid.arrays.items() if np.ndim(v) == 1}
    return Mesh(placed(_centred(grid, grid.points), grid.affine), faces, arrays)


def raised(mesh: Mesh, height: float, span: tuple[float, float], array: str = "value") -> Mesh:
    """Return a flat mesh with its values as height along z.

    Parameters
    ----------
    mesh : Mesh
    height : float
        Of the largest value of `span`; the lowest stays at 0, and so does NaN.
    span : tuple of float
        Lowest and highest value.
    array : str
        Values to raise it by.
    """
    low, high = span
    points = mesh.points.copy()
    points[:, 2] += np.nan_to_num(height * (mesh.arrays[array] - low) / ((high - low) or 1.0))
    return Mesh(points, mesh.faces, mesh.arrays)


def slice_grid(grid: Grid, axis: int, position: float, cell_arrays: Sequence[str] = ()) -> Mesh:
    """Return the cut of a plane through an octree, with the trilinear values of each leaf.

    Parameters
    ----------
    grid : Grid
        In 3D.
    axis : int
        Axis that the plane stands on.
    position : float
        Its place along the axis of the grid's box, in its unit, held within the box.
    cell_arrays : sequence of str
        Arrays of the leaves to be copied to the vertices.

    Returns
    -------
    Mesh
        Four triangles for each leaf that is cut, with vertices of their own; with all arrays
        of the corners and those of the leaves that were asked for.
    """
    faces = cut_faces(grid, axis, position)
    points, triangles = fans(faces)
    names = [name for name, values in grid.arrays.items() if np.ndim(values) == 1]
    arrays = {
        name: with_middles(values).astype(np.float32)
        for name in dict.fromkeys((*names, *cell_arrays))
        if (values := faces.values(grid, name)) is not None
    }
    return Mesh(placed(points, grid.affine), triangles, arrays)


def _centred(grid: Grid, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float32)
    return np.concatenate([values, values[grid.cells].mean(axis=1)])
