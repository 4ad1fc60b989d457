"""Drawing a scalar field: the surface at its iso value, inside an outline of the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyvista

from ..core.scenes import Mesh, Volume
from .looks import Look
from .vertices import VertexDrawer


class VolumeDrawer:
    """One volume in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the surface's actor; that of the outline follows from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._surface = VertexDrawer(plotter, name)
        self._outline = pyvista.Actor(mapper=pyvista.DataSetMapper())
        self._outline.prop.lighting = False
        plotter.add_actor(
            self._outline,
            name=f"{name}/outline",
            reset_camera=False,
            render=False,
            pickable=False,
        )
        self._layer: Volume | None = None
        self._mesh: Mesh | None = None

    def update(self, layer: Volume, look: Look) -> None:
        """Show `layer` as `look` says; it is contoured again only when it is another one."""
        if layer is not self._layer:
            grid = _grid(layer)
            self._layer, self._mesh = layer, _contour(grid, layer.iso)
            self._outline.mapper.SetInputData(grid.outline())
        self._surface.update(self._mesh, replace(look, style="mesh"))
        self._outline.prop.color = look.theme.line

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._surface.remove()
        self._plotter.remove_actor(self._outline, reset_camera=False, render=False)


def _grid(layer: Volume) -> pyvista.ImageData:
    grid = pyvista.ImageData(
        dimensions=layer.values.shape, spacing=layer.spacing, origin=layer.origin
    )
    grid.point_data["value"] = np.array(layer.values, dtype=np.float32).ravel(order="F")
    for name, values in layer.arrays.items():
        if np.size(values) == layer.values.size:  # one per grid point, in the order of the field
            own = np.array(values, dtype=np.float32).reshape(layer.values.shape)
            grid.point_data[f"array/{name}"] = own.ravel(order="F")
    return grid


def _contour(grid: pyvista.ImageData, iso: float) -> Mesh:
    if min(grid.dimensions) < 2:
        return Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    surface = grid.contour([iso], scalars="value", method="contour")
    arrays = {
        name.removeprefix("array/"): np.asarray(surface.point_data[name])
        for name in surface.point_data
        if name.startswith("array/")
    }
    faces = surface.regular_faces if surface.n_cells else np.empty((0, 3))
    return Mesh(np.asarray(surface.points, np.float32), faces.astype(np.int32), arrays)
