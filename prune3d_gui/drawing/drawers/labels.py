"""Drawing a label volume: the surface of each class in its colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyvista

from ...core.scene.labels import Labels
from ...core.scene.scenes import Layer, Mesh
from ...geometry.labels import LABEL, surface
from ..looks import Look
from .marks import Mark
from .vertices import VertexDrawer


class LabelsDrawer:
    """One label volume in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the surfaces' actor; that of the mark follows from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._surface = VertexDrawer(plotter, name)
        self._mark = Mark(plotter, name)
        self._labels: Labels | None = None
        self._mesh: Mesh | None = None
        self._colours = np.empty((0, 3), np.uint8)

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer`; each class has its own colour, whatever the scales of `look` are."""
        labels = layer.data
        if labels is not self._labels or layer.surface not in (None, self._mesh):
            self._labels = labels
            self._mesh = surface(labels) if layer.surface is None else layer.surface
            numbers, place = np.unique(self._mesh.arrays[LABEL], return_inverse=True)
            table = [labels.table[int(number)].colour for number in numbers]
            self._colours = np.array(table, np.uint8).reshape(-1, 3)[place]
        plain = replace(look, style="mesh", picked=None)
        self._surface.show(self._mesh, self._colours, plain, layer.opacity)
        self._mark.show_voxel(look, labels.values.shape, labels.affine)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._surface.remove()
        self._mark.remove()
