"""Drawing Gaussian splats: as splats where the camera rests, as points while it moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyvista

from ...core.cancel import CancelToken
from ...core.scene.gaussians import KeptGaussians
from ...core.scene.scenes import Layer
from ...core.score.scores import ColourScale, scale_of
from ...geometry.gaussians import points
from ..looks import Look
from ..painting import Later, at_once
from ..palette import Theme, coloured
from ..pinholes import Pinhole, pinhole
from .marks import Mark
from .screens import Screen
from .vertices import VertexDrawer

_BAND_0 = 0.28209479177387814  # the constant spherical harmonic


@dataclass(frozen=True)
class _Shown:
    """All that colours depend on, but the camera."""

    gaussians: KeptGaussians
    scale: ColourScale | None
    theme: Theme
    opacity: float

    @property
    def values(self) -> np.ndarray | None:
        return None if self.scale is None else self.gaussians.arrays.get(self.scale.array)

    def colours(self) -> np.ndarray | None:
        """Colours by the values of the scale, (N, 3) uint8; None for the Gaussians' own."""
        values = self.values
        return None if values is None else coloured(values, self.scale, self.theme)


@dataclass(frozen=True, eq=False)
class _Picture:
    """What a camera sees of them: (H, W, 4) uint8, and a depth buffer, (H, W) float32."""

    of: _Shown
    key: bytes
    pixels: np.ndarray
    depths: np.ndarray


class GaussiansDrawer:
    """One scene of Gaussians in a plotter.

    Just before the plotter renders, it looks at the camera. Where that is where a picture of the
    splats was made for, this is shown, if need be until a newer one of other Gaussians is there;
    else their centres are, and a picture is asked for.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the points' actor; those of the splats and the mark follow from it.

    Attributes
    ----------
    later : Later
        Has pictures made.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self.later: Later = at_once
        self._plotter, self._name = plotter, name
        self._points = VertexDrawer(plotter, name)
        self._screen = Screen(plotter, f"{name}/splats")
        self._mark = Mark(plotter, name)
        self._shown: _Shown | None = None
        self._look, self._layer = Look(), None
        self._pointed: tuple[_Shown, int] | None = None  # what the points are up to date with
        self._painted: _Picture | None = None
        self._asked: tuple[_Shown, bytes] | None = None
        self._key = b""  # where it is seen from
        renderer = plotter.renderer
        self._renderer, self._observer = renderer, renderer.AddObserver("StartEvent", self._begin)

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` by the values of its scale, else in the Gaussians' own colours."""
        gaussians = layer.data
        self._layer, self._look = layer, look
        shown = _Shown(gaussians, scale_of(look.scales, layer), look.theme, layer.opacity)
        if shown != self._shown:
            self._shown = shown
            if len(gaussians.kept):
                means = gaussians.base.means
                self._screen.around(means.min(axis=0), means.max(axis=0))
        if gaussians.splatter is None:
            self._stand_in(True)
        picked = look.picked
        if picked is not None and picked.of == "gaussian" and picked.index < len(gaussians.kept):
            self._mark.show_point(gaussians.base.means[picked.index], look)
        else:
            self._mark.hide()

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._renderer.RemoveObserver(self._observer)
        self._shown = None
        self._points.remove()
        self._screen.remove()
        self._mark.remove()

    def _begin(self, renderer: pyvista.Renderer, event: str) -> None:
        """The plotter is about to render: show what fits its camera."""
        shown = self._shown
        if shown is None or shown.gaussians.splatter is None:
            return
        eye = pinhole(renderer.GetActiveCamera(), *renderer.GetSize())
        self._key = key = eye.key
        painted = self._painted
        if painted is not None and (painted.of, painted.key) == (shown, key):
            self._asked = None
        elif self._asked != (shown, key):
            self._asked = shown, key
            moving = painted is not None and painted.key != key
            self.later(self._name, _painting(shown, eye), self._take, moving)
        there = self._painted is not None and self._painted.key == key
        self._screen.visible = there
        self._stand_in(not there)

    def _take(self, picture: _Picture) -> None:
        """A picture was made; the camera may have gone elsewhere since."""
        if picture.key == self._key:
            self._painted = picture
            self._screen.paint(picture.pixels, picture.depths)

    def _stand_in(self, seen: bool) -> None:
        """Show the centres, or hide them."""
        shown = self._shown
        if not seen or shown is None:
            self._points.visible = False
            return
        if self._pointed != (shown, self._look.pixels):
            self._pointed = shown, self._look.pixels
            kept, colours = shown.gaussians.kept, shown.colours()
            own = _own_colours(shown.gaussians) if colours is None else colours[kept]
            self._points.show(points(shown.gaussians), own, self._look, shown.opacity)
        self._points.visible = bool(shown.gaussians.kept.any())


def _painting(shown: _Shown, eye: Pinhole) -> Callable[[CancelToken], _Picture]:
    """What makes the picture of Gaussians; any thread may."""

    def paint(cancel: CancelToken) -> _Picture:
        colours = shown.colours()
        own = None if colours is None else colours.astype(np.float32) / np.float32(255)
        made = shown.gaussians.splatter(shown.gaussians, eye.camera, own, cancel)
        there = 1 - made.left
        pixels = np.empty((*there.shape, 4), np.uint8)
        with np.errstate(divide="ignore", invalid="ignore"):
            straight = np.where(there[..., None] > 0, made.colours / there[..., None], 0)
        pixels[..., :3] = np.clip(straight, 0, 1) * 255 + 0.5
        pixels[..., 3] = np.clip(there * shown.opacity, 0, 1) * 255 + 0.5
        return _Picture(shown, eye.key, pixels, eye.buffered(made.depths))

    return paint


def _own_colours(gaussians: KeptGaussians) -> np.ndarray:
    """Colours without what depends on where they are seen from: (K, 3) uint8."""
    shade = 0.5 + _BAND_0 * gaussians.base.harmonics[gaussians.kept, 0]
    return (255 * np.clip(shade, 0, 1) + 0.5).astype(np.uint8)
