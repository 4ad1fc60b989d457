"""Colours of vertices as they are on screen, for files that keep them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.scene.scenes import Mesh, Points, Scene
from ..core.score.scores import ColourScale, scale_of
from .palette import coloured, theme


def vertex_colours(
    scene: Scene, shape: Points | Mesh, scales: Sequence[ColourScale], dark: bool = False
) -> tuple[np.ndarray, ColourScale] | None:
    """Colour a surface or the points of a scene by the scale that the scene is drawn with.

    Parameters
    ----------
    scene : Scene
    shape : Points or Mesh
        Made of one of its layers; it has the values that are looked up.
    scales : sequence of ColourScale
        Empty where nothing is coloured.
    dark : bool
        Which theme's colour stands for values that are no numbers.

    Returns
    -------
    colours : (N, 3) uint8
        sRGB.
    scale : ColourScale
        What they mean; None instead of both where the shape has no such values.
    """
    for layer in (*scene.layers, *scene.carried):
        scale = scale_of(scales, layer)
        values = shape.arrays.get(scale.array) if scale is not None else None
        if values is not None and np.shape(values) == (len(shape.points),):
            return coloured(values, scale, theme(dark)), scale
    return None
