"""Drawing a picture: a textured plane one unit tall, upright, facing +Z."""

from __future__ import annotations

import numpy as np
import pyvista

from ..core.scenes import Image, Layer
from .looks import Look


class ImageDrawer:
    """One picture in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._name = name
        self._texture: pyvista.Texture | None = None
        self._shape: tuple[int, ...] = ()
        self._image: Image | None = None
        self._actor = pyvista.Actor(mapper=pyvista.DataSetMapper())
        self._actor.prop.lighting = False
        self._actor.prop.color = "white"
        plotter.add_actor(self._actor, name=name, reset_camera=False, render=False, pickable=False)

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer`; a picture has its own colours, whatever `look` says."""
        self._actor.prop.opacity = layer.opacity
        if layer.data is self._image:
            return
        pixels = np.array(layer.data.pixels, dtype=np.uint8)
        if pixels.shape != self._shape:
            self._texture = pyvista.Texture(pixels)
            self._actor.texture = self._texture
            self._actor.mapper.SetInputData(
                pyvista.Plane(
                    direction=(0, 0, 1),
                    i_size=pixels.shape[1] / pixels.shape[0],
                    j_size=1.0,
                    i_resolution=1,
                    j_resolution=1,
                )
            )
            self._shape = pixels.shape
        else:
            data = self._texture.GetInput()
            pyvista.wrap(data).active_scalars[...] = np.flipud(pixels).reshape(-1, pixels.shape[2])
            data.Modified()
        self._image = layer.data

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
