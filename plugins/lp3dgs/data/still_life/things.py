"""Objects, each as bodies round the origin that stand on z = 0; and the room they need."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..tracing.bodies import Body, Paint
from .textures import Colour, ink


@dataclass(frozen=True, eq=False)
class Thing:
    """An object.

    Parameters
    ----------
    name : str
    bodies : list of Body
    room : float
        Radius of the circle on the table that it has for itself.
    reach : float
        Radius of the circle that has to be on the table, where that is more.
    """

    name: str
    bodies: list[Body]
    room: float
    reach: float = 0.0


def plain(colour: Colour) -> Paint:
    """One colour everywhere."""
    return lambda points, piece: ink(points, colour).expand_as(points)


def rotation(axis: int, angle: float) -> np.ndarray:
    """Rows are the axes of a frame that is turned about one of the world's: (3, 3)."""
    cos, sin = math.cos(angle), math.sin(angle)
    found = np.eye(3)
    one, other = (axis + 1) % 3, (axis + 2) % 3
    found[one, one] = found[other, other] = cos
    found[one, other], found[other, one] = sin, -sin
    return found
