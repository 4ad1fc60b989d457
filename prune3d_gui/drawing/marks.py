"""Marks on what was picked: a ball at a vertex, bold lines around a cell."""

from __future__ import annotations

import math

import numpy as np
import pyvista

from ..geometry.volumes import voxel_place
from .looks import Look, point_size


class Mark:
    """One mark in a plotter, hidden until something is picked.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the layer; that of the actor follows from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._name = f"{name}/picked"
        self._actor: pyvista.Actor | None = None

    def show_point(self, point: np.ndarray, look: Look) -> None:
        """Put a ball of constant size on the screen at `point`, (3,)."""
        self._show(pyvista.PolyData(np.array(point[None], dtype=np.float32)), look)
        self._actor.prop.point_size = 2.2 * point_size(10_000, look.pixels)
        self._actor.prop.render_points_as_spheres = True

    def show_lines(self, points: np.ndarray, lines: np.ndarray, look: Look) -> None:
        """Draw bold lines, (L, 2), between `points`, (N, 3)."""
        self._show(line_data(points, lines), look)
        self._actor.prop.line_width = max(2.5, look.pixels / 150)

    def show_voxel(self, look: Look, shape: tuple[int, int, int], affine: np.ndarray) -> None:
        """Put a ball at the voxel that `look` marks in a volume; nothing where it marks none."""
        picked = look.picked
        if picked is not None and picked.of == "voxel" and picked.index < math.prod(shape):
            self.show_point(voxel_place(picked.index, shape, affine), look)
        else:
            self.hide()

    def hide(self) -> None:
        """Mark nothing."""
        if self._actor is not None:
            self._actor.SetVisibility(False)

    def remove(self) -> None:
        """Take the mark out of the plotter."""
        if self._actor is not None:
            self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
            self._actor = None

    def _show(self, data: pyvista.PolyData, look: Look) -> None:
        if self._actor is None:
            self._actor = line_actor(-6)
            self._plotter.add_actor(
                self._actor, name=self._name, reset_camera=False, render=False, pickable=False
            )
        self._actor.mapper.SetInputData(data)
        self._actor.prop.color = look.theme.accent
        self._actor.SetVisibility(True)


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
