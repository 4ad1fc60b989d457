"""Drawing a box: its twelve edges."""

from __future__ import annotations

import numpy as np
import pyvista

from ...core.scene.scenes import Box, Layer
from ...geometry.boxes import extent
from ..looks import Look
from .marks import line_data

EDGES = np.array(
    ((0, 1), (2, 3), (0, 2), (1, 3), (4, 5), (6, 7), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7))
)
"""(12, 2) int: which corners of a box, x fastest, its edges join; a flat one has the first four."""


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
        self._box: Box | None = None

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` as `look` says."""
        if layer.data is not self._box:
            self._box = layer.data
            self._actor.mapper.SetInputData(line_data(extent(self._box), EDGES))
        self._actor.prop.color = look.theme.line
        self._actor.prop.opacity = layer.opacity

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
