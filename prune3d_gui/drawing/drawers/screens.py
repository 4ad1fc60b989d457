"""A picture that fills a view, in which every pixel is as far away as what it shows.

It is drawn after all that is opaque, as if it were: VTK blends what is translucent elsewhere,
where of every pixel only one sample is left, and lines would have a rim of the background.
"""

from __future__ import annotations

import numpy as np
import pyvista
from vtkmodules.vtkRenderingCore import vtkTexture

_PLACE = "gl_Position = vec4(2.0 * tcoord - 1.0, 0.0, 1.0);\n"
_COLOUR = "gl_FragData[0] = texelFetch(colours, ivec2(gl_FragCoord.xy), 0);\n"
_DEPTH = "gl_FragDepth = texelFetch(depths, ivec2(gl_FragCoord.xy), 0).r;\n"


class Screen:
    """One picture, before some and behind other things that a plotter shows, blended with them.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._data = pyvista.PolyData()
        self._data.points = np.zeros((4, 3), np.float32)
        self._data.faces = np.array((4, 0, 1, 2, 3))
        corners = np.array(((0, 0), (1, 0), (1, 1), (0, 1)), np.float32)
        self._data.active_texture_coordinates = corners
        self._actor = pyvista.Actor(mapper=pyvista.DataSetMapper())
        self._actor.mapper.SetInputData(self._data)
        self._actor.prop.lighting = False
        self._actor.ForceOpaqueOn()
        self._actor.UseBoundsOff()
        self._actor.SetVisibility(False)
        shader = self._actor.GetShaderProperty()
        shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _PLACE, False)
        shader.AddFragmentShaderReplacement("//VTK::TCoord::Impl", True, _COLOUR, False)
        shader.AddFragmentShaderReplacement("//VTK::Depth::Impl", True, _DEPTH, False)
        self._images: dict[str, pyvista.ImageData] = {}
        self._textures: dict[str, vtkTexture] = {}
        plotter.add_actor(self._actor, name=name, reset_camera=False, render=False, pickable=False)

    def paint(self, pixels: np.ndarray, depths: np.ndarray) -> None:
        """Show copies of pixels and depths, the first row at the top.

        Parameters
        ----------
        pixels : (H, W, 4) uint8
            Of the view's own size; the last is how much they hide of what is behind.
        depths : (H, W) float32
            As a depth buffer has them.
        """
        self._upload("colours", pixels.reshape(*pixels.shape[:2], 4))
        self._upload("depths", depths[..., None])

    def around(self, low: np.ndarray, high: np.ndarray) -> None:
        """Say in which box lies what it shows; out of sight, it is not drawn."""
        self._data.points[...] = np.array((low, high, high, low))
        self._data.GetPoints().Modified()

    @property
    def visible(self) -> bool:
        """Whether it is seen."""
        return bool(self._actor.GetVisibility())

    @visible.setter
    def visible(self, seen: bool) -> None:
        self._actor.SetVisibility(seen)
        renderer = self._plotter.renderer
        if seen and renderer.GetViewProps().GetLastProp() is not self._actor:
            renderer.RemoveViewProp(self._actor)
            renderer.AddViewProp(self._actor)

    def remove(self) -> None:
        """Take it out of the plotter."""
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)

    def _upload(self, name: str, rows: np.ndarray) -> None:
        tall, wide, depth = rows.shape
        image = self._images.get(name)
        if image is not None and image.dimensions == (wide, tall, 1):
            image.active_scalars[...] = rows[::-1].reshape(image.active_scalars.shape)
            image.Modified()
            return
        image = self._images[name] = pyvista.ImageData(dimensions=(wide, tall, 1))
        image.point_data.set_scalars(rows[::-1].reshape(-1, depth).copy(), name)
        if name not in self._textures:
            self._textures[name] = texture = vtkTexture()
            texture.SetColorModeToDirectScalars()
            texture.InterpolateOff()
            self._actor.prop.SetTexture(name, texture)
        self._textures[name].SetInputData(image)
