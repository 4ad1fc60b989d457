"""Drawing a scalar field: the surface at its iso value, inside an outline of the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyvista

from ..core.scenes import Box, Mesh, Volume
from ..geometry.contours import contour_volume
from .boxes import BoxDrawer
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
        self._surface = VertexDrawer(plotter, name)
        self._outline = BoxDrawer(plotter, f"{name}/outline")
        self._layer: Volume | None = None
        self._mesh: Mesh | None = None
        self._box: Box | None = None

    def update(self, layer: Volume, look: Look) -> None:
        """Show `layer` as `look` says; it is contoured again only when it is another one."""
        if layer is not self._layer:
            self._layer, self._mesh = (
                layer,
                contour_volume(layer.values, layer.spacing, layer.origin, layer.iso, layer.arrays),
            )
            steps = np.array(layer.values.shape) - 1
            self._box = Box(layer.origin, tuple(steps * np.array(layer.spacing)))
        self._surface.update(self._mesh, replace(look, style="mesh", picked=None))
        self._outline.update(self._box, look)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._surface.remove()
        self._outline.remove()
