"""Writing the shapes of a scene: its surface, its points, its adaptive mesh, coloured as seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from ..core.errors import BadInput
from ..core.moment import Moment, paired
from ..core.scene.scenes import Grid, Mesh, Points, Scene
from ..core.score.scores import ColourScale
from ..files.grids import write_grid
from ..files.meshes import SUFFIXES as MESHES
from ..files.meshes import write_mesh
from ..files.points import write_points
from ..files.stamps import texts
from ..geometry.scenes import points_of, surface_of
from .vertex_colours import vertex_colours


def write_surface(
    path: str | Path,
    scene: Scene,
    moment: Moment,
    scales: Sequence[ColourScale] = (),
    dark: bool = False,
) -> None:
    """Write the surface of a scene.

    Parameters
    ----------
    path : path
        Ends in one of `files.meshes.SUFFIXES`.
    scene : Scene
    moment : Moment
        Goes into the file, with the scale of its colours under ``about``.
    scales : sequence of ColourScale
        What vertices are coloured by, as on screen; empty for no colours.
    dark : bool
        Whether they are those of the dark theme.

    Raises
    ------
    BadInput
        If there is no surface, or the file cannot be written.
    """
    mesh = surface_of(scene)
    if mesh is None:
        said = _whose(moment)
        raise BadInput(f"The {said} has no surface; export its points instead.")
    moment, colours = _painted(scene, mesh, moment, scales, dark)
    write_mesh(path, mesh, moment, colours)


def write_cloud(
    path: str | Path,
    scene: Scene,
    moment: Moment,
    scales: Sequence[ColourScale] = (),
    dark: bool = False,
) -> None:
    """Write the points of a scene; as `write_surface`, by `files.points.SUFFIXES`."""
    points = points_of(scene)
    if points is None:
        raise BadInput(f"The {_whose(moment)} has no points to export.")
    moment, colours = _painted(scene, points, moment, scales, dark)
    write_points(path, points, moment, colours)


def write_cells(path: str | Path, scene: Scene, moment: Moment) -> None:
    """Write the adaptive mesh of a scene, by `files.grids.GRID_SUFFIXES`.

    Raises
    ------
    BadInput
        If there is none, or the file cannot be written.
    """
    grid = scene.first(Grid)
    if grid is None:
        raise BadInput(
            f"The {_whose(moment)} has no adaptive mesh; export its surface as one of "
            f"{', '.join(MESHES)}."
        )
    write_grid(path, grid, texts(moment))


def _whose(moment: Moment) -> str:
    return f"{moment.role or 'pruned'} result"


def _painted(
    scene: Scene, shape: Points | Mesh, moment: Moment, scales: Sequence[ColourScale], dark: bool
) -> tuple[Moment, np.ndarray | None]:
    """The colours of a shape, and the moment that says what they mean."""
    found = vertex_colours(scene, shape, scales, dark)
    if found is None:
        return moment, None
    colours, scale = found
    about = dict(moment.about) | {"colours": paired(asdict(scale))}
    return replace(moment, about=paired(about)), colours
