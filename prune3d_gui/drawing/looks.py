"""How scenes are drawn: style, colours and size of points, as plain values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..core.scene.scenes import Pick
from ..core.score.scores import ColourScale
from ..geometry.slices import Plane
from .palette import LIGHT, Theme

Style = Literal["points", "mesh"]


@dataclass(frozen=True, slots=True)
class Look:
    """How scenes are drawn.

    Parameters
    ----------
    style : {"points", "mesh"}
        Whether a mesh is drawn as its vertices or as its surface.
    scales : tuple of ColourScale
        What to colour by: each layer by the one it names, else by the first; layers without that
        array, and all when there is none, stay neutral.
    theme : Theme
    pixels : int
        Shorter side of a view in device pixels, which sizes the points.
    zoom : float
        Pixels that one unit of the scene takes at what is looked at; 0 where it is not known.
    plane : Plane or None
        Where volumes and label maps are cut; nothing else is drawn then.
    window : (black, white) or None
        Values at the ends of grey, for volumes without a scale that are cut.
    lift : int
        How many layers lie under this one in a plane that both are in.
    picked : Pick or None
        What is marked.
    """

    style: Style = "points"
    scales: tuple[ColourScale, ...] = ()
    theme: Theme = LIGHT
    pixels: int = 450
    zoom: float = 0.0
    plane: Plane | None = None
    window: tuple[float, float] | None = None
    lift: int = 0
    picked: Pick | None = None


def point_size(count: int, pixels: int) -> float:
    """Return a diameter in pixels at which `count` points read as a shape in such a view."""
    wanted = 0.7 * pixels / math.sqrt(max(count, 1))
    return min(max(wanted, pixels / 200), pixels / 50)
