"""The surfaces AtlasNet deforms: the unit sphere and the unit square."""

from __future__ import annotations

from functools import cache
from math import isqrt

import numpy as np
import torch
from torch import Tensor

SPHERE_ORDER = 4


@cache
def icosphere(order: int = SPHERE_ORDER) -> tuple[np.ndarray, np.ndarray]:
    """Subdivide an icosahedron on the unit sphere.

    Each refinement appends the edges' midpoints, so that the first vertices of an order are
    exactly those of the order below.

    Parameters
    ----------
    order : int
        Number of refinements; order 4 is AtlasNet's evaluation template.

    Returns
    -------
    vertices : (10 * 4**order + 2, 3) float32
        On the unit sphere; read-only.
    faces : (20 * 4**order, 3) int64
        Counter-clockwise seen from outside; read-only.
    """
    if order == 0:
        vertices, faces = _icosahedron()
    else:
        coarse, coarse_faces = icosphere(order - 1)
        edges = np.sort(coarse_faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        edges, which = np.unique(edges, axis=0, return_inverse=True)
        middle = coarse[edges].astype(np.float64).sum(1)
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        vertices = np.concatenate([coarse, middle.astype(np.float32)])
        ab, bc, ca = (which.reshape(-1, 3) + len(coarse)).T
        a, b, c = coarse_faces.T
        parts = [[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]]
        faces = np.concatenate([np.stack(p, axis=1) for p in parts])
    vertices.setflags(write=False)
    faces.setflags(write=False)
    return vertices, faces


def _icosahedron() -> tuple[np.ndarray, np.ndarray]:
    golden = (1 + 5**0.5) / 2
    vertices = np.array(
        [
            [-1, golden, 0],
            [1, golden, 0],
            [-1, -golden, 0],
            [1, -golden, 0],
            [0, -1, golden],
            [0, 1, golden],
            [0, -1, -golden],
            [0, 1, -golden],
            [golden, 0, -1],
            [golden, 0, 1],
            [-golden, 0, -1],
            [-golden, 0, 1],
        ]
    )
    vertices /= np.linalg.norm(vertices, axis=1, keepdims=True)
    faces = np.array(
        [
            [0, 11, 5],
            [0, 5, 1],
            [0, 1, 7],
            [0, 7, 10],
            [0, 10, 11],
            [1, 5, 9],
            [5, 11, 4],
            [11, 10, 2],
            [10, 7, 6],
            [7, 1, 8],
            [3, 9, 4],
            [3, 4, 2],
            [3, 2, 6],
            [3, 6, 8],
            [3, 8, 9],
            [4, 9, 5],
            [2, 4, 11],
            [6, 2, 10],
            [8, 6, 7],
            [9, 8, 1],
        ]
    )
    return vertices.astype(np.float32), faces


@cache
def square_grid(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay a regular grid on the unit square.

    Parameters
    ----------
    points : int
        Points wanted; the grid has ``isqrt(points)`` rows and columns, two at least.

    Returns
    -------
    vertices : (side**2, 2) float32, 0..1
        Row by row; read-only.
    faces : (2 * (side - 1)**2, 3) int64
        Two triangles per cell; read-only.
    """
    side = max(isqrt(points), 2)
    along = np.linspace(0, 1, side, dtype=np.float32)
    vertices = np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)
    index = np.arange(side * side).reshape(side, side)
    a, b, c, d = (
        x.ravel() for x in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
    )
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    vertices.setflags(write=False)
    faces.setflags(write=False)
    return vertices, faces


def evaluation_template(
    template: str, primitives: int, points: int = 2500, order: int = SPHERE_ORDER
) -> tuple[np.ndarray, np.ndarray]:
    """Give the fixed template of evaluation and its triangles.

    Parameters
    ----------
    template : {'SPHERE', 'SQUARE'}
        As in `AtlasNet`.
    primitives : int
        Number of primitives; all share the template points.
    points : int
        Points over all square primitives; the sphere takes its order's count instead.
    order : int
        Refinement of the sphere.

    Returns
    -------
    vertices : (n, 3) or (n, 2) float32
        Template points of one primitive.
    faces : (primitives * f, 3) int64
        Triangles over the points of all primitives, primitive after primitive.
    """
    if template == "SPHERE":
        vertices, faces = icosphere(order)
    else:
        vertices, faces = square_grid(max(points // primitives, 1))
    offsets = np.arange(primitives)[:, None, None] * len(vertices)
    return vertices, (faces[None] + offsets).reshape(-1, 3)


def random_template(template: str, points: int, generator: torch.Generator) -> Tensor:
    """Draw a training template.

    Parameters
    ----------
    template : {'SPHERE', 'SQUARE'}
        As in `AtlasNet`.
    points : int
        Points to draw.
    generator : torch.Generator
        On the CPU.

    Returns
    -------
    Tensor, (points, 3) uniform on the unit sphere, or (points, 2) uniform on the unit square
    """
    if template == "SPHERE":
        directions = torch.randn(points, 3, generator=generator)
        return torch.nn.functional.normalize(directions, dim=1)
    return torch.rand(points, 2, generator=generator)
