"""The geometry of triangle meshes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.scene.scenes import Layer, Mesh
from .sight import Hit, Sight, face_hit, point_hit

PART = "part"
"""Array of a surface that tells which of several each vertex is of."""


def extent(mesh: Mesh) -> np.ndarray:
    """Points that hold the mesh between them: (K, 3) float64."""
    return np.asarray(mesh.points, dtype=float)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if len(layer.data.points) else "The surface has no faces and no points."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The nearest corner of the frontmost face; of vertices, the frontmost within reach."""
    mesh = layer.data
    if not (sight.surfaces and len(mesh.faces)):
        return point_hit(mesh.points, sight)
    found = face_hit(mesh.points, mesh.faces, sight, layer.one_sided)
    return found and Hit(found[1], "vertex", found[2])


def surface(mesh: Mesh) -> Mesh:
    """The mesh itself."""
    return mesh


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one, with the arrays that all have: the mesh itself where it is alone.

    Those without a face are left out. The array `PART` tells which of them each vertex is of,
    from 1.
    """
    held = [(number, mesh) for number, mesh in enumerate(meshes, 1) if len(mesh.faces)]
    if len(meshes) == 1 or not held:
        return meshes[0]
    ends = np.cumsum([0, *(len(mesh.points) for _, mesh in held)])
    names = set.intersection(*(set(mesh.arrays) for _, mesh in held))
    arrays = {n: np.concatenate([mesh.arrays[n] for _, mesh in held]) for n in sorted(names)}
    parts = [np.full(len(mesh.points), number, np.float32) for number, mesh in held]
    return Mesh(
        np.concatenate([mesh.points for _, mesh in held]),
        np.concatenate(
            [mesh.faces + np.int32(first) for (_, mesh), first in zip(held, ends[:-1], strict=True)]
        ),
        {**arrays, PART: np.concatenate(parts)},
    )
