"""Drawing Gaussian splats: the centres of those that are kept, as points."""

from __future__ import annotations

import numpy as np
import pyvista

from ...core.scene.gaussians import KeptGaussians
from ...core.scene.scenes import Layer
from ...core.score.scores import scale_of
from ...geometry.gaussians import points
from ..looks import Look
from ..palette import coloured
from .marks import Mark
from .vertices import VertexDrawer

_BAND_0 = 0.28209479177387814  # the constant spherical harmonic


class GaussiansDrawer:
    """One scene of Gaussians in a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the points' actor; that of the mark follows from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._points = VertexDrawer(plotter, name)
        self._mark = Mark(plotter, name)

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` by the values of its scale, else in the Gaussians' own colours."""
        gaussians, scale = layer.data, scale_of(look.scales, layer)
        values = None if scale is None else gaussians.arrays.get(scale.array)
        if values is None:
            colours = _own_colours(gaussians)
        else:
            colours = coloured(np.asarray(values)[gaussians.kept], scale, look.theme)
        self._points.show(points(gaussians), colours, look, layer.opacity)
        picked = look.picked
        if picked is not None and picked.of == "gaussian" and picked.index < len(gaussians.kept):
            self._mark.show_point(gaussians.base.means[picked.index], look)
        else:
            self._mark.hide()

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._points.remove()
        self._mark.remove()


def _own_colours(gaussians: KeptGaussians) -> np.ndarray:
    """Colours without what depends on where they are seen from: (K, 3) uint8."""
    shade = 0.5 + _BAND_0 * gaussians.base.harmonics[gaussians.kept, 0]
    return (255 * np.clip(shade, 0, 1) + 0.5).astype(np.uint8)
