"""Drawing a scalar field: the surface at its iso value, inside an outline of the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyvista

from ...core.scene.scenes import Box, Layer, Mesh, Volume
from ...geometry.volumes import surface
from ..looks import Look
from .boxes import BoxDrawer
from .marks import Mark
from .vertices import VertexDrawer


class VolumeDrawer:
    """One volume in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the surface's actor; those of the outline and the mark follow from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._surface = VertexDrawer(plotter, name)
        self._outline = BoxDrawer(plotter, f"{name}/outline")
        self._mark = Mark(plotter, name)
        self._volume: Volume | None = None
        self._mesh: Mesh | None = None
        self._box: Box | None = None

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` as `look` says, by the surface it carries or, where none is, a made one."""
        volume = layer.data
        if volume is not self._volume or layer.surface not in (None, self._mesh):
            self._volume = volume
            self._mesh = surface(volume) if layer.surface is None else layer.surface
            self._box = Box((0, 0, 0), tuple(np.subtract(volume.values.shape, 1)), volume.affine)
        plain = replace(look, style="mesh", picked=None)
        self._surface.update(replace(layer, data=self._mesh), plain)
        self._outline.update(replace(layer, data=self._box), look)
        self._mark.show_voxel(look, volume.values.shape, volume.affine)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._surface.remove()
        self._outline.remove()
        self._mark.remove()
