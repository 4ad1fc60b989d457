"""The geometry of adaptive meshes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.scene.affines import placed
from ..core.scene.scenes import Grid, Layer, Points
from .boxes import corners
from .faces import cell_faces, first_face
from .sight import Hit, Sight


def extent(grid: Grid) -> np.ndarray:
    """Points that hold the grid's box between them: (8, 3) float64."""
    return corners(grid.origin, grid.size, grid.affine)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if len(layer.data.cells) else "The mesh has no cells."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The cell of the first face that is drawn."""
    grid = layer.data
    own = replace(sight, matrix=sight.matrix @ grid.affine)
    start, end = own.line()
    faces = cell_faces(grid)
    found = first_face(faces, start, end)
    if found is None:
        return None
    number, part = found
    _, depth = own.away((start + part * (end - start))[None])
    return Hit(int(faces.cells[number]), "cell", float(depth[0]))


def points(grid: Grid) -> Points:
    """The corners of its cells, in the world."""
    return Points(placed(grid.points, grid.affine), grid.arrays)
