"""Drawing a scalar field: the surface at its iso value, inside an outline of the grid."""

from __future__ import annotations

from dataclasses import replace

import pyvista

from ..core.scenes import Mesh, Volume
from ..geometry.contours import contour_volume
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
            self._layer, self._mesh = (
                layer,
                contour_volume(layer.values, layer.spacing, layer.origin, layer.iso, layer.arrays),
            )
            grid = pyvista.ImageData(
                dimensions=layer.values.shape, spacing=layer.spacing, origin=layer.origin
            )
            self._outline.mapper.SetInputData(grid.outline())
        self._surface.update(self._mesh, replace(look, style="mesh", picked=None))
        self._outline.prop.color = look.theme.line

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._surface.remove()
        self._plotter.remove_actor(self._outline, reset_camera=False, render=False)
