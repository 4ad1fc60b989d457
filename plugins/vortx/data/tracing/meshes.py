"""Exact meshes of rooms: of every face the part that cameras see, and nothing inside of solids."""

from __future__ import annotations

import numpy as np

from prune3d_gui.core.scene.scenes import Mesh

from .casting import Tree, blocked, within
from .charts import Charts, cell_middles, charts_of, surface_points
from .solids import BOX, ELLIPSOID

CELL = 0.05
"""Metres: the parts of a face of which is said whether they are seen."""
OFF = 0.001


def seen_mesh(
    tree: Tree,
    intrinsics: np.ndarray,
    size: tuple[int, int],
    poses: np.ndarray,
    cut: float,
    cell: float = CELL,
) -> Mesh:
    """Return the surfaces that cameras see from nearer than `cut`, facing outwards.

    Flat faces are exact; round ones are off by no more than `charts.SAG`. What touches another
    solid, or is inside of one, is left out, and so is what no camera sees, in steps of `cell`.

    Parameters
    ----------
    tree : Tree
    intrinsics : (3, 3) float
    size : (width, height)
        Of pictures, in pixels.
    poses : (N, 4, 4) float
        World from camera, by OpenCV's axes.
    cut : float
        Depth in metres.
    cell : float
        In metres.
    """
    solids = tree.solids
    charts = charts_of(solids, cell)
    solid, face, u, v = cell_middles(solids, charts)
    places, normals = surface_points(solids, solid, face, u, v)
    places += OFF * normals
    seen = np.zeros(charts.total, bool)
    left = np.flatnonzero(~within(tree, places))
    for pose in poses:
        local = (places[left] - pose[:3, 3]) @ pose[:3, :3]
        z = np.maximum(local[:, 2], 1e-9)
        x = intrinsics[0, 0] * local[:, 0] / z + intrinsics[0, 2]
        y = intrinsics[1, 1] * local[:, 1] / z + intrinsics[1, 2]
        good = (local[:, 2] > 0.05) & (local[:, 2] < cut)
        good &= (x >= 0) & (y >= 0) & (x < size[0]) & (y < size[1])
        good &= ((pose[:3, 3] - places[left]) * normals[left]).sum(axis=1) > 0
        tried = np.flatnonzero(good)
        toward = places[left[tried]] - pose[:3, 3]
        free = ~blocked(tree, np.ascontiguousarray(pose[None, :3, 3]), toward)
        seen[left[tried[free]]] = True
        left = left[~seen[left]]
    return _mesh(tree, charts, seen)


def whole_mesh(tree: Tree, cell: float = CELL) -> Mesh:
    """Return all faces of all solids, hidden ones and insides included."""
    charts = charts_of(tree.solids, cell)
    return _mesh(tree, charts, np.ones(charts.total, bool))


def _mesh(tree: Tree, charts: Charts, kept: np.ndarray) -> Mesh:
    """The kept cells, merged into as few flat rectangles as runs of them give."""
    solids = tree.solids
    rows: list[tuple[int, int, float, float, float, float]] = []
    for solid in range(len(solids)):
        for face in range(6):
            first, nu, nv = (
                charts.first[solid, face],
                charts.across[solid, face],
                charts.up[solid, face],
            )
            if first < 0:
                continue
            mask = kept[first : first + nu * nv].reshape(nv, nu)
            if mask.any():
                kind = solids.kind[solid]
                flat = kind == BOX or (kind != ELLIPSOID and face > 0)
                for a, b, c, d in _rectangles(mask, kind != ELLIPSOID, kind == BOX and flat):
                    rows.append((solid, face, a / nu, b / nu, c / nv, d / nv))
    if not rows:
        return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    table = np.array(rows)
    solid, face = table[:, 0].astype(int), table[:, 1].astype(int)
    corners = [
        surface_points(solids, solid, face, table[:, i], table[:, j])[0]
        for i, j in ((2, 4), (3, 4), (3, 5), (2, 5))
    ]
    u, v = table[:, 2:4].mean(axis=1), table[:, 4:6].mean(axis=1)
    _, normals = surface_points(solids, solid, face, u, v)
    points = np.stack(corners, axis=1)
    turned = (np.cross(points[:, 2] - points[:, 0], points[:, 3] - points[:, 1]) * normals).sum(
        1
    ) < 0
    points[turned] = points[turned, ::-1]
    numbers = 4 * np.arange(len(table))[:, None]
    faces = np.concatenate([numbers + np.array(corner) for corner in ((0, 1, 2), (0, 2, 3))])
    points = points.reshape(-1, 3)
    a, b, c = (points[faces[:, k]] for k in range(3))
    faces = faces[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-9]
    return Mesh(points.astype(np.float32), faces.astype(np.int32))


def _rectangles(mask: np.ndarray, along: bool, across: bool) -> list[tuple[int, int, int, int]]:
    """Cover a mask (V, U) with rectangles (u0, u1, v0, v1): of runs along v, then along u."""
    found: list[tuple[int, int, int, int]] = []
    growing: dict[tuple[int, int], int] = {}
    for column in range(mask.shape[1]):
        if along:
            edges = np.flatnonzero(np.diff(np.concatenate([[0], mask[:, column], [0]])))
            runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        else:
            runs = [(int(a), int(a) + 1) for a in np.flatnonzero(mask[:, column])]
        if not across:
            found.extend((column, column + 1, a, b) for a, b in runs)
            continue
        for run in [run for run in growing if run not in runs]:
            found.append((growing.pop(run), column, *run))
        for run in runs:
            growing.setdefault(run, column)
    found.extend((start, mask.shape[1], *run) for run, start in growing.items())
    return found
