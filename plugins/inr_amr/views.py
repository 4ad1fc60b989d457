"""Scenes of a field: isosurface, slices, image, height or the cells of its adaptive mesh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from prune3d_gui.core.plan.plans import Query
from prune3d_gui.core.scene.scenes import Box, Grid, Layer, Mesh, Scene
from prune3d_gui.geometry.contours import contour_grid
from prune3d_gui.geometry.triangles import raised, slice_grid, triangulate_grid
from prune3d_gui.geometry.volumes import no_surface

from .network.controls import AXIS, CELLS_BY, POSITION, SOURCE, view_knob
from .network.domain import Domain, Evaluate

Lattice = tuple[np.ndarray, np.ndarray]
"""Values on regular points of the whole box, with the affine from their numbers to the world."""

HEIGHT = 0.35
"""Height of the value range, as a share of the box, where values are shown as height."""


@dataclass(frozen=True)
class View:
    """What a query asks to see.

    Parameters
    ----------
    kind : str
        ``surface``, ``slices``, ``image``, ``height`` or ``cells``.
    iso : float
    axis : int
        Axis that the cut stands on.
    position : float
        Place of the cut along it, 0 to 1.
    cells_by : str
        Cell array that colours the cells.
    source : str
        ``network`` or ``mesh``: whose values are shown.
    """

    kind: str
    iso: float
    axis: int
    position: float
    cells_by: str
    source: str

    @classmethod
    def of(cls, query: Query, domain: Domain, iso: float) -> View:
        """Read a query; `iso` is the value where it names none."""
        return cls(
            kind=str(query.value(view_knob(domain))),
            iso=float(dict(query.values).get("iso", iso)),
            axis="xyz".index(str(query.value(AXIS))),
            position=float(query.value(POSITION)) / 100,
            cells_by=str(query.value(CELLS_BY)),
            source=str(query.value(SOURCE)),
        )

    @property
    def of_network(self) -> bool:
        """Whether the network's own values are shown, and not a mesh of them."""
        return self.source == "network" and self.kind != "cells"

    @property
    def planes(self) -> list[tuple[int, float]]:
        """Axis and place of each plane of the slices: the chosen one, the others central."""
        return [(axis, self.position if axis == self.axis else 0.5) for axis in range(3)]


def cut_of(view: View, domain: Domain) -> tuple[int, float] | None:
    """The plane through the cells, along the axes of the box; None in 2D."""
    if domain.dimension == 2:
        return None
    return view.axis, domain.origin[view.axis] + view.position * domain.size[view.axis]


def mesh_scene(grid: Grid, domain: Domain, view: View) -> Scene:
    """Show an adaptive mesh; the mesh itself is always in the scene, drawn or carried."""
    if view.kind == "cells":
        return Scene((Layer("cells", grid, view.cells_by),), up=_up(domain), unit=domain.unit)
    layers = (_drawn(grid, domain, view), *_box(domain))
    return Scene(layers, (Layer("cells", grid),), _up(domain), domain.unit)


def _drawn(grid: Grid, domain: Domain, view: View) -> Layer:
    if view.kind == "surface":
        mesh = contour_grid(grid, view.iso)
        return _surface(mesh, grid.arrays["value"], domain, view)
    if view.kind == "slices":
        planes = [(a, domain.origin[a] + place * domain.size[a]) for a, place in view.planes]
        return Layer("slices", joined(slice_grid(grid, *plane) for plane in planes), "value")
    return Layer(view.kind, _raised(triangulate_grid(grid), domain, view), "value")


def surface_scene(surface: Mesh, values: np.ndarray, domain: Domain, view: View) -> Scene:
    """Show an isosurface of a field in 3D, without a mesh of the field.

    `values` are some of the field, for the sentence where none of it is there.
    """
    layers = (_surface(surface, values, domain, view), *_box(domain))
    return Scene(layers, up="z", unit=domain.unit)


def field_scene(evaluate: Evaluate, domain: Domain, view: View, steps: int) -> Scene:
    """Show planes through a field without a mesh: its image, height, slices, or the cut of cells.

    Parameters
    ----------
    steps : int
        In 2D there are four times as many regular points per side, in 3D twice as many.
    """
    if domain.dimension == 2:
        plane = _raised(_plane(evaluate, domain, None, 0.0, 4 * steps), domain, view)
        kind = "height" if view.kind == "height" else "image"
        return Scene((Layer(kind, plane, "value"),), unit=domain.unit)
    planes = view.planes if view.kind == "slices" else [(view.axis, view.position)]
    mesh = joined(_plane(evaluate, domain, axis, at, 2 * steps) for axis, at in planes)
    return Scene((Layer("slices", mesh, "value"), *_box(domain)), up="z", unit=domain.unit)


def _surface(mesh: Mesh, values: np.ndarray, domain: Domain, view: View) -> Layer:
    """An isosurface of values; where there is none, with the sentence that says why."""
    unit = "" if domain.value == "value" else domain.value
    absent = "" if len(mesh.faces) else no_surface(view.iso, values, unit)
    return Layer("surface", mesh, "error", absent=absent)


def lattice(evaluate: Evaluate, domain: Domain, steps: int) -> Lattice:
    """Values (steps, steps, steps) float32 over the whole box, with their affine."""
    axis = np.linspace(0.0, 1.0, steps)
    unit = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    values = evaluate(unit).reshape(steps, steps, steps)
    return values, domain.affine(values.shape)


def joined(meshes: Iterable[Mesh]) -> Mesh:
    """Several surfaces as one; they carry the same arrays."""
    meshes = tuple(meshes)
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.points for mesh in meshes]),
        np.concatenate([m.faces + s for m, s in zip(meshes, starts, strict=True)]).astype(np.int32),
        {name: np.concatenate([m.arrays[name] for m in meshes]) for name in meshes[0].arrays},
    )


def thumbnail(evaluate: Evaluate, domain: Domain, pixels: int = 137) -> np.ndarray:
    """A grey picture of the field, of its middle in 3D: (pixels, pixels, 4) uint8."""
    steps = (np.arange(pixels) + 0.5) / pixels
    across, up = np.meshgrid(steps, steps[::-1])
    unit = np.full((pixels * pixels, domain.dimension), 0.5)
    unit[:, 0], unit[:, 1] = across.ravel(), up.ravel()
    share = (evaluate(unit) - domain.low) / (domain.high - domain.low)
    grey = np.clip(255 * np.nan_to_num(share), 0, 255).astype(np.uint8).reshape(pixels, pixels)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def _raised(mesh: Mesh, domain: Domain, view: View) -> Mesh:
    if view.kind != "height":
        return mesh
    return raised(mesh, HEIGHT * max(domain.size), (domain.low, domain.high))


def _box(domain: Domain) -> tuple[Layer, ...]:
    """Outline of the domain, in 3D."""
    if domain.dimension != 3:
        return ()
    (x, y, z), (width, depth, height) = domain.origin, domain.size
    return (Layer("box", Box((x, y, z), (width, depth, height), domain.world)),)


def _up(domain: Domain) -> Literal["y", "z"]:
    return "z" if domain.dimension == 3 else "y"


def _plane(
    evaluate: Evaluate, domain: Domain, axis: int | None, position: float, steps: int
) -> Mesh:
    """Values on a plane across `axis` (None in 2D): (steps, steps) points, as triangles."""
    line = np.linspace(0.0, 1.0, steps)
    first, second = np.meshgrid(line, line, indexing="ij")
    unit = np.full((steps * steps, domain.dimension), position)
    free = [a for a in range(domain.dimension) if a != axis]
    unit[:, free[0]], unit[:, free[1]] = first.ravel(), second.ravel()
    number = np.arange(steps * steps).reshape(steps, steps)
    a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
    faces = np.concatenate(
        [np.stack(corners, axis=-1).reshape(-1, 3) for corners in ((a, b, c), (a, c, d))]
    )
    points = domain.to_world(unit).astype(np.float32)
    return Mesh(points, faces.astype(np.int32), {"value": evaluate(unit)})
