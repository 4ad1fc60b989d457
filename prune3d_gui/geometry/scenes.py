"""What can be made out of a scene, whatever its layers are: extent, picks, surface, points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.errors import Prune3DError
from ..core.scene.cameras import Cameras
from ..core.scene.gaussians import KeptGaussians
from ..core.scene.labels import Labels
from ..core.scene.scenes import Box, Grid, Image, Layer, Mesh, Pick, Points, Scene, Volume
from . import boxes, cameras, gaussians, grids, images, labels, meshes, points, volumes
from .sight import Hit, Sight


def _something(layer: Layer) -> str:
    return ""


@dataclass(frozen=True)
class Geometry:
    """What a type of data has to say; None stands for what it does not have.

    Parameters
    ----------
    extent : callable
        ``extent(data)``: points in the world that hold it between them, (K, 3) float64.
    hit : callable or None
        ``hit(layer, sight)``: the `Hit` seen at a place, or None.
    surface : callable or None
        ``surface(data)``: a `Mesh` in the world; may take a while.
    nothing : callable or None
        ``nothing(layer)``: why none of it can be seen, in a sentence; empty where something can,
        as by default. None for outlines and cameras, which alone show no result.
    points : callable or None
        ``points(data)``: its own `Points` in the world, which are not those of its surface.
    """

    extent: Callable[[Any], np.ndarray]
    hit: Callable[[Layer, Sight], Hit | None] | None = None
    surface: Callable[[Any], Mesh] | None = None
    points: Callable[[Any], Points] | None = None
    nothing: Callable[[Layer], str] | None = _something


GEOMETRY: dict[type, Geometry] = {
    Points: Geometry(points.extent, points.hit, points=points.points, nothing=points.nothing),
    Mesh: Geometry(meshes.extent, meshes.hit, meshes.surface, nothing=meshes.nothing),
    Volume: Geometry(volumes.extent, volumes.hit, volumes.surface, nothing=volumes.nothing),
    Labels: Geometry(labels.extent, labels.hit, labels.surface, nothing=labels.nothing),
    Image: Geometry(images.extent, images.hit, nothing=images.nothing),
    Grid: Geometry(grids.extent, grids.hit, points=grids.points, nothing=grids.nothing),
    Box: Geometry(boxes.extent, nothing=None),
    Cameras: Geometry(cameras.extent, cameras.hit, nothing=None),
    KeptGaussians: Geometry(
        gaussians.extent, gaussians.hit, points=gaussians.points, nothing=gaussians.nothing
    ),
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


def nothing_seen(scene: Scene) -> str:
    """Why nothing of the drawn layers can be seen but outlines; empty where something can."""
    known = [(layer, geometry_of(layer.data).nothing) for layer in scene.layers]
    told = [layer.absent or why(layer) for layer, why in known if why is not None]
    if not told:
        return "There is nothing in it to show."
    return "" if "" in told else " ".join(dict.fromkeys(told))


def unit_of(scene: Scene) -> str:
    """The unit of length of a scene, or of the first of its layers that has one; empty if none."""
    units = (getattr(layer.data, "unit", "") for layer in (*scene.layers, *scene.carried))
    return scene.unit or next(filter(None, units), "")


def pick(scene: Scene, sight: Sight) -> Pick | None:
    """Return what of the drawn layers is seen first at a place; None where nothing is."""
    seen = []
    for layer in scene.layers:
        look = geometry_of(layer.data).hit
        found = look(layer, sight) if look is not None else None
        if found is not None:
            seen.append((found.depth, Pick(layer.name, found.index, found.of)))
    return min(seen, key=lambda each: each[0], default=(0.0, None))[1]


def with_surfaces(scene: Scene) -> Scene:
    """Return a scene whose drawn layers carry their surfaces; to be called on a worker.

    Those shown in slices are cut instead.
    """
    made = (layer if layer.view == "slice" else _surfaced(layer) for layer in scene.layers)
    return replace(scene, layers=tuple(made))


def has_surface(scene: Scene) -> bool:
    """Whether a surface can be made of a result; none is made."""
    every = (*scene.layers, *scene.carried)
    return any(geometry_of(layer.data).surface is not None for layer in every)


def surface_of(scene: Scene) -> Mesh | None:
    """The surface of a result: its mesh, else what can be made of the first layer that has one.

    The drawn layers come before the carried ones. Several meshes that are drawn, such as those of
    organs, are one; see `meshes.joined`.
    """
    drawn = [layer.data for layer in scene.layers if isinstance(layer.data, Mesh)]
    mesh = meshes.joined(drawn) if drawn else scene.first(Mesh)
    if mesh is not None:
        return mesh
    every = (_surfaced(layer).surface for layer in (*scene.layers, *scene.carried))
    return next((made for made in every if made is not None), None)


def points_of(scene: Scene) -> Points | None:
    """The points of a result: of the first layer that has its own, else the corners of its surface.

    The drawn layers come before the carried ones.
    """
    every = ((geometry_of(layer.data), layer) for layer in (*scene.layers, *scene.carried))
    own = next((known.points(layer.data) for known, layer in every if known.points), None)
    made = surface_of(scene) if own is None else None
    return own if made is None else Points(made.points, made.arrays)


def _surfaced(layer: Layer) -> Layer:
    make = geometry_of(layer.data).surface
    if layer.surface is not None or make is None:
        return layer
    return replace(layer, surface=make(layer.data))
