"""Drawing a picture: a textured plane one unit tall, upright, facing +Z."""

from __future__ import annotations

import numpy as np
import pyvista

from ...core.scene.scenes import Image, Layer
from ...geometry.images import middle
from ..looks import Look
from .marks import Mark
from .sheets import Sheet


class ImageDrawer:
    """One picture in a plotter; its pixels are squares when it is magnified.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._sheet = Sheet(plotter, name)
        self._mark = Mark(plotter, name)
        self._image: Image | None = None

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer`; a picture has its own colours, whatever `look` says."""
        image = layer.data
        tall, wide = image.pixels.shape[:2]
        if image is not self._image:
            self._image = image
            self._sheet.paint(image.pixels)
            right, up = np.array((wide / tall, 0.0, 0.0)), np.array((0.0, 1.0, 0.0))
            self._sheet.put(-(right + up) / 2, right, up)
        self._sheet.show(True, layer.opacity, smooth=look.zoom <= tall)
        picked = look.picked
        if picked is not None and picked.of == "pixel" and picked.index < tall * wide:
            self._mark.show_point(middle(image, picked.index), look)
        else:
            self._mark.hide()

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._sheet.remove()
        self._mark.remove()
