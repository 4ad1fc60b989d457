"""Drawing a box: its twelve edges."""

from __future__ import annotations

import pyvista

from ..core.scenes import Box
from .looks import Look


class BoxDrawer:
    """One box in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._actor = pyvista.Actor(mapper=pyvista.DataSetMapper())
        self._actor.prop.lighting = False
        plotter.add_actor(self._actor, name=name, reset_camera=False, render=False, pickable=False)
        self._layer: Box | None = None

    def update(self, layer: Box, look: Look) -> None:
        """Show `layer` as `look` says."""
        if layer is not self._layer:
            self._layer = layer
            grid = pyvista.ImageData(dimensions=(2, 2, 2), spacing=layer.size, origin=layer.origin)
            self._actor.mapper.SetInputData(grid.outline())
        self._actor.prop.color = look.theme.line

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
