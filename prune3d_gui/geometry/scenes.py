"""What can be made out of a scene, whatever its layers are: extent, picks, surface, points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ..core.cameras import Cameras
from ..core.errors import Prune3DError
from ..core.gaussians import Gaussians
from ..core.labels import Labels
from ..core.scenes import Box, Grid, Image, Layer, Mesh, Pick, Points, Scene, Volume
from . import boxes, cameras, gaussians, grids, images, labels, meshes, points, volumes
from .sight import Hit, Sight


class Geometry(Protocol):
    """What a type of data has to say: a module of functions."""

    def extent(self, data: Any) -> np.ndarray:
        """Points in the world that hold it between them: (K, 3) float64."""

    def hit(self, layer: Layer, sight: Sight) -> Hit | None:
        """What of it is seen at a place."""

    def surface(self, data: Any) -> Mesh | None:
        """Its surface in the world, if it has one; may take a while."""

    def points(self, data: Any) -> Points | None:
        """Its own points in the world, if it has some that are not those of its surface."""


GEOMETRY: dict[type, Geometry] = {
    Points: points,
    Mesh: meshes,
    Volume: volumes,
    Labels: labels,
    Image: images,
    Grid: grids,
    Box: boxes,
    Cameras: cameras,
    Gaussians: gaussians,
}
"""The geometry of each type of data. A new type adds its own here, and its drawer."""


def geometry_of(data: Any) -> Geometry:
    """Return what knows the shape of `data`.

    Raises
    ------
    Prune3DError
        When no geometry is known for its type.
    """
    try:
        return GEOMETRY[type(data)]
    except KeyError:
        known = ", ".join(sorted(kind.__name__ for kind in GEOMETRY))
        raise Prune3DError(
            f"A layer of type '{type(data).__name__}' has no known shape; give one of {known}, "
            "or register a geometry for it."
        ) from None


def extent(scene: Scene) -> np.ndarray:
    """Points that hold the drawn layers between them: (K, 3) float64, all finite."""
    parts = [geometry_of(layer.data).extent(layer.data) for layer in scene.layers]
    finite = [part[np.isfinite(part).all(axis=1)] for part in parts]
    return np.concatenate([np.empty((0, 3)), *finite])


def pick(scene: Scene, sight: Sight) -> Pick | None:
    """Return what of the drawn layers is seen first at a place; None where nothing is."""
    hits = [(geometry_of(layer.data).hit(layer, sight), layer.name) for layer in scene.layers]
    there = [(hit.depth, name, hit) for hit, name in hits if hit is not None]
    if not there:
        return None
    _, name, found = min(there, key=lambda each: each[0])
    return Pick(name, found.index, found.of)


def with_surfaces(scene: Scene) -> Scene:
    """Return a scene whose drawn layers carry their surfaces; to be called on a worker."""
    return replace(scene, layers=tuple(_surfaced(layer) for layer in scene.layers))


def surface_of(scene: Scene) -> Mesh | None:
    """The surface of a result: its mesh, else what can be made of the first layer that has one.

    The drawn layers come before the carried ones.
    """
    mesh = scene.first(Mesh)
    if mesh is not None:
        return mesh
    every = (_surfaced(layer).surface for layer in (*scene.layers, *scene.carried))
    return next((made for made in every if made is not None), None)


def points_of(scene: Scene) -> Points | None:
    """The points of a result: of the first layer that has its own, else the corners of its surface.

    The drawn layers come before the carried ones.
    """
    every = (
        geometry_of(layer.data).points(layer.data) for layer in (*scene.layers, *scene.carried)
    )
    own = next((found for found in every if found is not None), None)
    made = surface_of(scene) if own is None else None
    return own if made is None else Points(made.points, made.arrays)


def _surfaced(layer: Layer) -> Layer:
    if layer.surface is not None:
        return layer
    made = geometry_of(layer.data).surface(layer.data)
    return layer if made is None else replace(layer, surface=made)
