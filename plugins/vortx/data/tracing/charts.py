"""Charts of solids: every face as a lattice of cells, for light and for meshes.

A box has a rectangle for each face. The side of a frustum is unrolled, its discs are polar, an
ellipsoid has longitude and latitude; along u these close upon themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .solids import BOX, ELLIPSOID, FRUSTUM, Solids

SAG = 0.001
"""Metres that a cell of a round solid may be off its surface."""


@dataclass(frozen=True, eq=False)
class Charts:
    """Where the cells of each face lie among all cells.

    Parameters
    ----------
    first : (P, 6) int64
        Number of each face's first cell; faces that a solid lacks are -1.
    across, up : (P, 6) int64
        Cells along u and along v; u runs fastest.
    total : int
    """

    first: np.ndarray
    across: np.ndarray
    up: np.ndarray
    total: int


def charts_of(solids: Solids, cell: float) -> Charts:
    """Cut all faces into cells that are `cell` metres wide at most."""
    count = len(solids)
    across, up = np.zeros((count, 6), np.int64), np.zeros((count, 6), np.int64)
    half = solids.half

    def cells(length: np.ndarray) -> np.ndarray:
        return np.maximum(1, np.ceil(length / cell - 1e-9)).astype(np.int64)

    boxes = solids.kind == BOX
    sides = cells(2 * half)
    for face in range(6):
        a, b = face_axes(face)
        across[boxes, face], up[boxes, face] = sides[boxes, a], sides[boxes, b]
    frusta = solids.kind == FRUSTUM
    radius = np.maximum(half[:, 0], half[:, 1])
    around = _around(radius, cell)
    for face, length in enumerate((2 * half[:, 2], half[:, 0], half[:, 1])):
        across[frusta, face], up[frusta, face] = around[frusta], cells(length)[frusta]
    balls = solids.kind == ELLIPSOID
    around = _around(half.max(axis=1), cell)
    across[balls, 0], up[balls, 0] = around[balls], np.maximum(6, around // 2)[balls]
    sizes = (across * up).ravel()
    first = np.cumsum(sizes) - sizes
    first = np.where(sizes > 0, first, -1).reshape(count, 6)
    return Charts(first, across, up, int(sizes.sum()))


def _around(radius: np.ndarray, cell: float) -> np.ndarray:
    fine = np.pi / np.arccos(np.maximum(1 - SAG / radius, 0.0))
    return np.maximum(8, np.ceil(np.maximum(2 * np.pi * radius / cell, fine))).astype(np.int64)


def face_axes(face: int) -> tuple[int, int]:
    """The axes along which u and v of a box's face run."""
    return ((1, 2), (0, 2), (0, 1))[face // 2]


def surface_points(
    solids: Solids, solid: np.ndarray, face: np.ndarray, u: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Places on charts and the outward normals there, in the world.

    Parameters
    ----------
    solids : Solids
    solid, face : (N,) int
    u, v : (N,) float
        0 to 1.

    Returns
    -------
    places, normals : (N, 3) float64
    """
    half, kind = solids.half[solid], solids.kind[solid]
    local, normal = np.zeros((len(solid), 3)), np.zeros((len(solid), 3))
    for number in range(6):
        rows = np.flatnonzero((kind == BOX) & (face == number))
        a, b = face_axes(number)
        sign = 1.0 if number % 2 else -1.0
        local[rows, number // 2] = sign * half[rows, number // 2]
        local[rows, a] = (2 * u[rows] - 1) * half[rows, a]
        local[rows, b] = (2 * v[rows] - 1) * half[rows, b]
        normal[rows, number // 2] = sign
    c, s = np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)
    rows = np.flatnonzero((kind == FRUSTUM) & (face == 0))
    low, high, tall = half[rows].T
    radius = low + (high - low) * v[rows]
    local[rows] = np.stack([radius * c[rows], radius * s[rows], (2 * v[rows] - 1) * tall], axis=1)
    slope = (high - low) / (2 * tall)
    normal[rows] = np.stack([c[rows], s[rows], -slope], axis=1) / np.hypot(1, slope)[:, None]
    for number, sign in ((1, -1.0), (2, 1.0)):
        rows = np.flatnonzero((kind == FRUSTUM) & (face == number))
        radius = v[rows] * half[rows, number - 1]
        ends = np.broadcast_to(sign * half[rows, 2], len(rows))
        local[rows] = np.stack([radius * c[rows], radius * s[rows], ends], axis=1)
        normal[rows, 2] = sign
    rows = np.flatnonzero(kind == ELLIPSOID)
    height = np.pi * (v[rows] - 0.5)
    unit = np.stack([np.cos(height) * c[rows], np.cos(height) * s[rows], np.sin(height)], axis=1)
    local[rows] = unit * half[rows]
    gradient = unit / half[rows]
    normal[rows] = gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
    turn = solids.turn[solid]
    places = np.einsum("nij,nj->ni", turn, local) + solids.centre[solid]
    return places, np.einsum("nij,nj->ni", turn, normal)


def cell_middles(
    solids: Solids, charts: Charts
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Solid, face, and the middle (u, v) of every cell, in the order of the cells."""
    sizes = (charts.across * charts.up).ravel()
    chart = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(charts.total) - charts.first.ravel()[chart]
    across = charts.across.ravel()[chart]
    u = (within % across + 0.5) / across
    v = (within // across + 0.5) / charts.up.ravel()[chart]
    return chart // 6, chart % 6, u, v
