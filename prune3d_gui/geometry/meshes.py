"""The geometry of triangle meshes."""

from __future__ import annotations

import numpy as np

from ..core.scene.scenes import Layer, Mesh
from .sight import Hit, Sight, face_hit, point_hit


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
    found = face_hit(mesh.points, mesh.faces, sight)
    return found and Hit(found[1], "vertex", found[2])


def surface(mesh: Mesh) -> Mesh:
    """The mesh itself."""
    return mesh
