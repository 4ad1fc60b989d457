"""Marks on what was picked: a ringed disc at a vertex, bold lines around a cell."""

from __future__ import annotations

import math

import numpy as np
import pyvista
from vtkmodules.vtkRenderingCore import vtkActor2D, vtkPolyDataMapper2D

from ...geometry.volumes import voxel_place
from ..looks import Look

_RADII = (4.5, 7.0, 8.5)
"""Of the disc in the accent, a light ring and a dark one around it, in pixels of a plain view."""
_LIGHT = (255, 255, 255)
_AROUND = 32  # corners of a ring
_PLAIN = 450  # pixels of a view in which a pixel of a mark is one


class Mark:
    """One mark in a plotter, hidden until something is picked.

    A light rim beside the accent, and a dark one beside that, keep it apart from any colour.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the layer; those of the actors follow from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._name = f"{name}/picked"
        self._disc: vtkActor2D | None = None
        self._bold: pyvista.Actor | None = None
        self._rim: pyvista.Actor | None = None
        self._painted: tuple = ()

    def show_point(self, point: np.ndarray, look: Look) -> None:
        """Put a disc of constant size on the screen at `point`, (3,), before all else."""
        self.hide()
        if self._disc is None:
            self._disc = vtkActor2D()
            mapper = vtkPolyDataMapper2D()
            mapper.SetScalarModeToUseCellData()
            self._disc.SetMapper(mapper)
            self._disc.GetPositionCoordinate().SetCoordinateSystemToWorld()
            self._add(self._disc, "")
        size = min(max(look.pixels / _PLAIN, 1.0), 4.0)
        if (size, look.theme) != self._painted:
            self._painted = size, look.theme
            colours = (look.theme.accent, _LIGHT, look.theme.edge)
            self._disc.GetMapper().SetInputData(_rings(size * np.array(_RADII), colours))
        self._disc.GetPositionCoordinate().SetValue(*(float(part) for part in point))
        self._disc.SetVisibility(True)

    def show_lines(self, points: np.ndarray, lines: np.ndarray, look: Look) -> None:
        """Draw bold lines, (L, 2), between `points`, (N, 3)."""
        self.hide()
        if self._bold is None:
            self._rim, self._bold = line_actor(-5), line_actor(-7)
            self._add(self._rim, "/rim")
            self._add(self._bold, "")
        wide = max(3.0, look.pixels / 150)
        data = line_data(points, lines)
        for actor, colour, width in (
            (self._rim, _LIGHT, 2 * wide),
            (self._bold, look.theme.accent, wide),
        ):
            actor.mapper.SetInputData(data)
            actor.prop.color = colour
            actor.prop.line_width = width
            actor.SetVisibility(True)

    def show_voxel(self, look: Look, shape: tuple[int, int, int], affine: np.ndarray) -> None:
        """Put a disc at the voxel that `look` marks in a volume; nothing where it marks none."""
        picked = look.picked
        if picked is not None and picked.of == "voxel" and picked.index < math.prod(shape):
            self.show_point(voxel_place(picked.index, shape, affine), look)
        else:
            self.hide()

    def hide(self) -> None:
        """Mark nothing."""
        for actor in self._actors():
            actor.SetVisibility(False)

    def remove(self) -> None:
        """Take the mark out of the plotter."""
        for actor in self._actors():
            self._plotter.remove_actor(actor, reset_camera=False, render=False)
        self._disc = self._bold = self._rim = None
        self._painted = ()

    def _actors(self) -> list:
        return [actor for actor in (self._disc, self._rim, self._bold) if actor is not None]

    def _add(self, actor: vtkActor2D | pyvista.Actor, part: str) -> None:
        name = self._name + part
        self._plotter.add_actor(actor, name=name, reset_camera=False, render=False, pickable=False)


def _rings(radii: np.ndarray, colours: tuple[tuple[int, int, int], ...]) -> pyvista.PolyData:
    """Return a disc and rings around it, in pixels, each in its colour."""
    turn = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn), np.zeros(_AROUND)], axis=1)
    points = np.concatenate([radius * circle for radius in (0.0, *radii)])
    here = np.arange(_AROUND)
    after = (here + 1) % _AROUND
    quads = [
        np.stack([inner + here, inner + after, inner + _AROUND + after, inner + _AROUND + here], 1)
        for inner in _AROUND * np.arange(len(radii))
    ]
    data = pyvista.PolyData.from_regular_faces(points.astype(np.float32), np.concatenate(quads))
    data.cell_data["rgb"] = np.repeat(np.array(colours, np.uint8), _AROUND, axis=0)
    data.GetCellData().SetActiveScalars("rgb")
    return data


def line_data(points: np.ndarray, lines: np.ndarray) -> pyvista.PolyData:
    """Return lines, (L, 2), between copies of `points`, (N, 3)."""
    data = pyvista.PolyData()
    data.points = np.array(points, dtype=np.float32)
    ends = np.asarray(lines, dtype=np.int64).reshape(-1, 2)
    data.lines = np.column_stack([np.full(len(ends), 2), ends]).ravel()
    return data


def line_actor(nearer: float) -> pyvista.Actor:
    """Return an actor for lines that lie in faces, drawn a little nearer than these.

    Parameters
    ----------
    nearer : float
        In units of the depth buffer; negative is towards the eye.
    """
    mapper = pyvista.DataSetMapper()
    mapper.SetResolveCoincidentTopologyToPolygonOffset()
    mapper.SetRelativeCoincidentTopologyLineOffsetParameters(nearer / 4, nearer)
    actor = pyvista.Actor(mapper=mapper)
    actor.prop.lighting = False
    return actor
