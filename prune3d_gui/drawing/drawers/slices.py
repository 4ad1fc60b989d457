"""Drawing where a plane cuts a volume or a label map: voxels as a picture, or outlines."""

from __future__ import annotations

import numpy as np
import pyvista

from ...core.scene.labels import Labels
from ...core.scene.scenes import Layer, Scene, Volume
from ...core.score.scores import ColourScale, scale_of
from ...geometry.outlines import outlines
from ...geometry.slices import Cut, Plane, bounds, cut, lattice
from ..looks import Look
from ..palette import DARK, coloured
from .marks import line_actor, line_data
from .sheets import Sheet

_LIFT = 0.01  # pixels towards the eye by which what lies on something else is drawn


class SliceDrawer:
    """One volume or label map in a plotter, cut by the plane of the look.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter, self._name = plotter, name
        self._shown: Sheet | _Lines | None = None
        self._plane: Plane | None = None
        self._data: Volume | Labels | None = None
        self._cut: Cut | None = None
        self._painted: tuple = ()

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` where `look` cuts it; nothing where the plane passes by."""
        data = layer.data
        if data is not self._data or look.plane != self._plane:
            self._data, self._plane = data, look.plane
            self._cut = cut(data.values.shape, data.affine, look.plane)
            self._painted = ()
        wanted = _Lines if layer.outline and isinstance(data, Labels) else Sheet
        if not isinstance(self._shown, wanted):
            self.remove()
            self._shown, self._painted = wanted(self._plotter, self._name), ()
        found = self._cut
        if found is None:
            self._shown.show(False)
            return
        wide = float(np.linalg.norm(found.right)) / found.voxels.shape[1]
        lift = look.lift * _LIFT * wide * look.plane.normal
        how = (scale_of(look.scales, layer), look.window, look.theme)
        if how != self._painted:
            self._painted = how
            if isinstance(self._shown, _Lines):
                self._shown.put(data, found, lift)
            else:
                self._shown.paint(np.flipud(_pixels(layer, found.voxels, look)))
                self._shown.put(found.corner + lift, found.right, found.up)
        self._shown.show(True, layer.opacity, smooth=look.zoom * wide <= 1)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        if self._shown is not None:
            self._shown.remove()
        self._shown = None


class _Lines:
    """The outlines of a label map in a plotter, each in the colour of its class."""

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._actor = line_actor(-4)
        self._actor.mapper.SetInputData(pyvista.PolyData())
        self._actor.prop.line_width = 2.0
        plotter.add_actor(self._actor, name=name, reset_camera=False, render=False, pickable=False)

    def put(self, labels: Labels, found: Cut, lift: np.ndarray) -> None:
        """Outline what is cut, moved by `lift`."""
        made = outlines(labels, found)
        data = line_data(made.points + lift, made.lines)
        known, place = np.unique(made.classes, return_inverse=True)
        colours = [labels.table[int(number)].colour for number in known]
        rgb = np.array(colours, np.uint8).reshape(-1, 3)[place]
        data.cell_data["rgb"] = rgb
        data.GetCellData().SetActiveScalars("rgb")
        self._actor.mapper.SetInputData(data)

    def show(self, visible: bool, opacity: float = 1.0, smooth: bool = True) -> None:
        """Say whether it is seen, and how much of what is behind."""
        self._actor.SetVisibility(visible)
        self._actor.prop.opacity = opacity

    def remove(self) -> None:
        """Take it out of the plotter."""
        self._plotter.remove_actor(self._actor, reset_camera=False, render=False)


class CrosshairDrawer:
    """Two lines through the point of a plane, as far as can be seen.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    """

    def __init__(self, plotter: pyvista.BasePlotter) -> None:
        self._actor = line_actor(-6)
        self._actor.mapper.SetInputData(pyvista.PolyData())
        self._actor.prop.line_width = 1.0
        self._actor.prop.color = DARK.accent  # what it crosses is dark in either theme
        plotter.add_actor(
            self._actor, name="crosshair", reset_camera=False, render=False, pickable=False
        )

    def update(self, look: Look, scene: Scene | None) -> None:
        """Cross at the point of the plane, beyond all of `scene`; nothing without one."""
        found = None if scene is None else lattice(scene)
        self._actor.SetVisibility(found is not None)
        if found is None:
            return
        reach = 2 * np.linalg.norm(np.subtract(*bounds(*found)))
        point = np.array(look.plane.point) + look.lift * _LIFT * look.plane.normal
        sides = [reach * np.eye(3)[a] for a in range(3) if a != look.plane.axis]
        ends = [point + sign * side for side in sides for sign in (-1, 1)]
        self._actor.mapper.SetInputData(line_data(np.array(ends), np.array(((0, 1), (2, 3)))))


def _pixels(layer: Layer, voxels: np.ndarray, look: Look) -> np.ndarray:
    if isinstance(layer.data, Labels):
        return _of_labels(layer.data, voxels)
    return _of_values(layer, voxels, look)


def _of_labels(labels: Labels, voxels: np.ndarray) -> np.ndarray:
    """Each class in its colour, and nothing where there is none."""
    known = np.array(sorted(number for number in labels.table if number), dtype=np.int64)
    colours = np.zeros((len(known) + 1, 4), np.uint8)
    for place, number in enumerate(known, 1):
        colours[place] = (*labels.table[int(number)].colour, 255)
    numbers = np.where(voxels < 0, 0, labels.values.reshape(-1)[voxels])
    return colours[np.where(numbers > 0, np.searchsorted(known, numbers) + 1, 0)]


def _of_values(layer: Layer, voxels: np.ndarray, look: Look) -> np.ndarray:
    """By the scale of the layer; the field itself in grey where it holds no such values."""
    scale = scale_of(look.scales, layer)
    values = None if scale is None else layer.values(scale.array)
    if values is None or np.size(values) != layer.data.values.size:
        low, high = look.window or (0.0, 1.0)
        values, scale = layer.data.values, ColourScale("", "", low, high, "grey")
    pixels = coloured(np.reshape(values, -1)[voxels], scale, look.theme)
    pixels[voxels < 0] = look.theme.background
    return pixels
