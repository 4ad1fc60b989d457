"""What is under the mouse: a vertex or a cell."""

from __future__ import annotations

import numpy as np

from ..core.scenes import Grid, Image, Mesh, Pick, Scene, Volume
from ..geometry.faces import cell_faces, hit
from .looks import Style

_REACH = 7.0  # pixels of a plain screen


def pick(
    scene: Scene,
    style: Style,
    matrix: np.ndarray,
    size: tuple[float, float],
    at: tuple[float, float],
) -> Pick | None:
    """Return what of the scene's first layer is seen at a place: a vertex, or a cell of a grid.

    Parameters
    ----------
    scene : Scene
    style : {"points", "mesh"}
        How it is drawn: of a surface, the nearest corner of the frontmost face is
        taken; of points, the frontmost within reach.
    matrix : (4, 4) float
        From the scene to the cube from -1 to 1, depth growing away from the eye.
    size : (width, height)
        Of the view in pixels.
    at : (x, y)
        Place in the view in pixels from its upper left.

    Returns
    -------
    Pick or None
        None where nothing is, and for layers without vertices of their own.
    """
    layer = scene.main
    if isinstance(layer, Grid):
        return _cell(layer, matrix, size, at)
    if isinstance(layer, Volume | Image) or not len(layer.points):
        return None
    seen, depth = _on_screen(layer.points, matrix, size)
    away = seen - at
    if isinstance(layer, Mesh) and style == "mesh" and len(layer.faces):
        face = _frontmost(away, depth, layer.faces)
        if face is None:
            return None
        corners = layer.faces[face]
        return Pick(int(corners[np.argmin(np.linalg.norm(away[corners], axis=1))]))
    distance = np.linalg.norm(away, axis=1)
    near = np.flatnonzero((distance <= _REACH) & np.isfinite(depth))
    if not len(near):
        return None
    # A step towards the eye outweighs a pixel or two, so that what is in front wins.
    cost = distance[near] / _REACH + 2 * (depth[near] - depth[near].min()) / _span(depth)
    return Pick(int(near[np.argmin(cost)]))


def _cell(
    grid: Grid, matrix: np.ndarray, size: tuple[float, float], at: tuple[float, float]
) -> Pick | None:
    """Follow the line of sight to the first face that is drawn."""
    x, y = 2 * at[0] / size[0] - 1, 1 - 2 * at[1] / size[1]
    ends = np.linalg.solve(matrix, np.array([(x, y, -1, 1), (x, y, 1, 1)], dtype=float).T).T
    start, end = ends[:, :3] / ends[:, 3:]
    faces = cell_faces(grid)
    found = hit(faces, start, end)
    return None if found is None else Pick(int(faces.cells[found]), "cell")


def _on_screen(
    points: np.ndarray, matrix: np.ndarray, size: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    places = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    ahead = places[:, 3] > 0
    cube = places[:, :3] / np.where(ahead, places[:, 3], np.nan)[:, None]
    x = (cube[:, 0] + 1) / 2 * size[0]
    y = (1 - cube[:, 1]) / 2 * size[1]
    return np.column_stack([x, y]), cube[:, 2]


def _frontmost(away: np.ndarray, depth: np.ndarray, faces: np.ndarray) -> int | None:
    """Return the face around the origin of `away` that is nearest to the eye."""
    a, b, c = (away[faces[:, corner]] for corner in range(3))
    weights = np.stack([_cross(b, c), _cross(c, a), _cross(a, b)], axis=1)
    area = weights.sum(axis=1)
    inside = (weights * np.sign(area)[:, None] >= 0).all(axis=1) & (area != 0)
    hits = np.flatnonzero(inside & np.isfinite(area))
    if not len(hits):
        return None
    # Depth after the perspective division is linear on the screen, so this is exact.
    depths = (weights[hits] * depth[faces[hits]]).sum(axis=1) / area[hits]
    return int(hits[np.argmin(depths)])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _span(depth: np.ndarray) -> float:
    return max(float(np.nanmax(depth) - np.nanmin(depth)), 1e-9)
