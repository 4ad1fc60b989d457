"""Drawing cameras: the pyramids that they see."""

from __future__ import annotations

import numpy as np
import pyvista

from ...core.scene.cameras import Cameras
from ...core.scene.scenes import Layer
from ...geometry.cameras import EDGES, pyramids
from ..looks import Look
from .marks import Mark, line_actor, line_data


class CamerasDrawer:
    """Some cameras in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the pyramids' actor; those of the marks follow from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._cameras: Cameras | None = None
        self._corners = np.empty((0, 5, 3))
        self._actor = line_actor(-2)
        self._mark, self._chosen = Mark(plotter, name), Mark(plotter, f"{name}/chosen")
        plotter.add_actor(self._actor, name=name, reset_camera=False, render=False, pickable=False)

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` as `look` says."""
        self._mark.hide()
        if layer.data is not self._cameras:
            self._cameras, self._corners = layer.data, pyramids(layer.data)
            starts = np.arange(0, 5 * len(self._corners), 5)[:, None, None]
            self._actor.mapper.SetInputData(line_data(self._corners.reshape(-1, 3), starts + EDGES))
        self._actor.SetVisibility(len(self._corners) > 0)
        self._actor.prop.color = look.theme.faint
        self._actor.prop.opacity = layer.opacity
        if layer.data.chosen:
            number = layer.data.names.index(layer.data.chosen)
            self._chosen.show_lines(self._corners[number], EDGES, look)
        else:
            self._chosen.hide()
        picked = look.picked
        if picked is not None and picked.of == "camera" and picked.index < len(self._corners):
            self._mark.show_lines(self._corners[picked.index], EDGES, look)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._mark.remove()
        self._chosen.remove()
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
