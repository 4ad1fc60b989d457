"""A picture on a parallelogram: what images and slices of volumes are drawn as."""

from __future__ import annotations

import numpy as np
import pyvista


class Sheet:
    """One picture in a plotter, in its own colours whatever the light.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._shape: tuple[int, ...] = ()
        self._texture: pyvista.Texture | None = None
        self._data = pyvista.PolyData()
        self._data.points = np.zeros((4, 3), np.float32)
        self._data.faces = np.array((4, 0, 1, 2, 3))
        corners = np.array(((0, 0), (1, 0), (1, 1), (0, 1)), np.float32)
        self._data.active_texture_coordinates = corners
        self._actor = pyvista.Actor(mapper=pyvista.DataSetMapper())
        self._actor.mapper.SetInputData(self._data)
        self._actor.prop.lighting = False
        self._actor.prop.color = "white"
        plotter.add_actor(self._actor, name=name, reset_camera=False, render=False, pickable=False)

    def paint(self, pixels: np.ndarray) -> None:
        """Show a copy of `pixels`, (H, W, 3 or 4) uint8, the first row at the top."""
        if pixels.shape != self._shape:
            self._texture = pyvista.Texture(np.array(pixels, dtype=np.uint8))
            self._actor.texture = self._texture
            self._shape = pixels.shape
            return
        data = self._texture.GetInput()
        pyvista.wrap(data).active_scalars[...] = np.flipud(pixels).reshape(-1, pixels.shape[2])
        data.Modified()

    def put(self, corner: np.ndarray, right: np.ndarray, up: np.ndarray) -> None:
        """Have the lower left at `corner`, and the sides `right` and `up` from there."""
        corners = np.array((corner, corner + right, corner + right + up, corner + up))
        self._data.points[...] = corners
        self._data.GetPoints().Modified()

    def show(self, visible: bool, opacity: float = 1.0, smooth: bool = True) -> None:
        """Say whether it is seen, how much of what is behind, and if its pixels melt together."""
        self._actor.SetVisibility(visible)
        self._actor.prop.opacity = opacity
        if self._texture is None:
            return
        if self._texture.GetInterpolate() and not smooth:  # VTK never goes back to hard pixels
            self._texture = pyvista.Texture(pyvista.wrap(self._texture.GetInput()))
            self._actor.texture = self._texture
        self._texture.SetInterpolate(smooth)
        self._texture.SetMipmap(smooth)

    def remove(self) -> None:
        """Take it out of the plotter."""
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
