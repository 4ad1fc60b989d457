"""A view: the layers of one scene in one plotter, on or off screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import pyvista

from ..core.errors import Prune3DError
from ..core.scene.cameras import Cameras
from ..core.scene.gaussians import KeptGaussians
from ..core.scene.labels import Labels
from ..core.scene.scenes import Box, Grid, Image, Layer, Mesh, Points, Scene, Volume
from .drawers.boxes import BoxDrawer
from .drawers.frusta import CamerasDrawer
from .drawers.gaussians import GaussiansDrawer
from .drawers.grids import GridDrawer
from .drawers.images import ImageDrawer
from .drawers.labels import LabelsDrawer
from .drawers.slices import CrosshairDrawer, SliceDrawer
from .drawers.vertices import VertexDrawer
from .drawers.volumes import VolumeDrawer
from .looks import Look
from .painting import Later, at_once


class Drawer(Protocol):
    """One layer in a plotter: made with the plotter and a name."""

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None: ...

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` as `look` says."""

    def remove(self) -> None:
        """Take the layer out of the plotter."""


DRAWERS: dict[type, type[Drawer]] = {
    Points: VertexDrawer,
    Mesh: VertexDrawer,
    Volume: VolumeDrawer,
    Labels: LabelsDrawer,
    Image: ImageDrawer,
    Grid: GridDrawer,
    Box: BoxDrawer,
    Cameras: CamerasDrawer,
    KeptGaussians: GaussiansDrawer,
}
"""What draws which type of data. A new type adds its drawer here, and its geometry."""


SLICERS: dict[type, type[Drawer]] = {Volume: SliceDrawer, Labels: SliceDrawer}
"""What draws where a plane cuts such data; other types are left out of a slice."""


def drawer_of(layer: Layer) -> type[Drawer]:
    """Return what draws `layer`.

    Raises
    ------
    Prune3DError
        When no drawer is known for its type.
    """
    try:
        return DRAWERS[type(layer.data)]
    except KeyError:
        known = ", ".join(sorted(kind.__name__ for kind in DRAWERS))
        raise Prune3DError(
            f"A layer of type '{type(layer.data).__name__}' cannot be drawn; give one of {known}, "
            "or register a drawer for it."
        ) from None


class SceneView:
    """Shows one scene at a time in a plotter that belongs to somebody else.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
        Only to be used on the thread that owns it. Rendering is left to the caller.
    later : Later
        Has made what takes long; by default it is made while the plotter renders.
    """

    def __init__(self, plotter: pyvista.BasePlotter, later: Later = at_once) -> None:
        self._plotter, self._later = plotter, later
        self._drawers: dict[str, Drawer] = {}
        self._cross: CrosshairDrawer | None = None
        # Two lights that move with the eye: from above on the left, and a weaker one ahead.
        plotter.remove_all_lights()
        for position, intensity in (((-0.6, 0.9, 1.0), 0.72), ((0.4, -0.1, 1.0), 0.38)):
            light = pyvista.Light(position=position, light_type="camera light")
            light.intensity = intensity
            plotter.add_light(light)

    def show(self, scene: Scene | None, look: Look) -> None:
        """Draw `scene` in place of what was there; None empties the view."""
        layers = () if scene is None else scene.layers
        if look.plane is None:
            kinds = {layer.name: drawer_of(layer) for layer in layers}
        else:
            layers = [layer for layer in layers if type(layer.data) in SLICERS]
            kinds = {layer.name: SLICERS[type(layer.data)] for layer in layers}
        for name in [n for n, d in self._drawers.items() if kinds.get(n) is not type(d)]:
            self._drawers.pop(name).remove()
        for lift, layer in enumerate(layers):
            name = layer.name
            if name not in self._drawers:
                self._drawers[name] = made = kinds[name](self._plotter, name)
                if isinstance(made, GaussiansDrawer):
                    made.later = self._later
            marked = look.picked is not None and look.picked.layer == name
            picked = look.picked if marked else None
            self._drawers[name].update(layer, replace(look, picked=picked, lift=lift))
        if look.plane is not None:
            self._cross = self._cross or CrosshairDrawer(self._plotter)
            self._cross.update(replace(look, lift=len(layers)), scene)
        self._plotter.set_background([part / 255 for part in look.theme.background])
