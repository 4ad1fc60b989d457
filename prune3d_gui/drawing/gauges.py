"""What is measured in the corners of a view: its axes, and a bar of known length."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .cameras import CameraState, axes_of
from .palette import DARK, Theme

LEAST, ROOMY = 130, 260
"""Pixels of a view below which nothing is put into its corners, and below which less is."""
INSET = 8
"""Pixels between the scale and the edges of a view."""
ENDS = tuple((axis, sign) for axis in range(3) for sign in (1, -1))
"""Ends of the axes: which one, and towards which side."""
LARGE, SMALL = 68, 52
"""Sides of the square that the axes take, where there is room and where there is little."""
BALL, END = 7.5, 4.0
"""Radii of the ends with a letter, and of those without."""
_ARM = 24.0
_WIDEST, _WORDY = 110, 240
_COLOURS = {
    False: ((198, 50, 62), (43, 130, 62), (45, 98, 200)),
    True: ((240, 106, 112), (108, 190, 118), (112, 162, 248)),
}


AXES, PATIENT = "XYZ", "RAS"
"""Letters at the ends of the axes: of a scene, and of a patient: right, anterior, superior."""
_OTHER = "LPI"
LETTER = 18
"""Side of the square that a letter at an edge of a slice takes, in pixels of a plain screen."""
EDGES = ("left", "right", "top", "bottom")


def edge_letters(state: CameraState) -> dict[str, str]:
    """Return which side of a patient lies beyond each of `EDGES` of a slice: R, L, A, P, S or I."""
    _, across, above = axes_of(state)
    found = {}
    for edge, way in zip(EDGES, (-across, across, above, -above), strict=True):
        axis = int(np.abs(way).argmax())
        found[edge] = (PATIENT if way[axis] > 0 else _OTHER)[axis]
    return found


def axis_colours(theme: Theme) -> tuple[tuple[int, int, int], ...]:
    """Return the colours of x, y and z."""
    return _COLOURS[theme is DARK]


def side_for(least: float) -> int:
    """Return the side of the square of the axes in a view whose shorter side is `least`."""
    return LARGE if least >= ROOMY else SMALL


@dataclass(frozen=True, eq=False)
class SeenAxes:
    """The axes of a scene as a camera sees them.

    Parameters
    ----------
    matrix : (3, 3) float
        Rows: to the right, upwards, towards the eye; a column for each axis.
    """

    matrix: np.ndarray

    @classmethod
    def of(cls, state: CameraState) -> SeenAxes:
        """The axes as a camera sees them."""
        forward, across, above = axes_of(state)
        return cls(np.stack([across, above, -forward]))

    def place(self, axis: int, sign: int, side: float) -> tuple[float, float]:
        """Return where an end is in a square of that side, from its top left."""
        right, above, _ = sign * _ARM * side / LARGE * self.matrix[:, axis]
        return side / 2 + right, side / 2 - above

    @property
    def ends(self) -> list[tuple[int, int]]:
        """The ends from the farthest to the nearest."""
        return sorted(ENDS, key=lambda end: end[1] * self.matrix[2, end[0]])


@dataclass(frozen=True, slots=True)
class Length:
    """A round length that fits into a view.

    Parameters
    ----------
    pixels : float
        How long it is there.
    value : float
        How long it is, in the unit of the scene.
    text : str
    """

    pixels: float = 0.0
    value: float = 0.0
    text: str = ""

    @classmethod
    def of(cls, state: CameraState, zoom: float, unit: str, room: float) -> Length:
        """A round length that fits.

        Parameters
        ----------
        state : CameraState
            In a perspective the length is right at the distance of what is looked at, and says
            so.
        zoom : float
            Pixels that one unit of the scene takes there.
        unit : str
            Empty where it is not known.
        room : float
            Width of the view in pixels.
        """
        value = _round(min(_WIDEST, 0.3 * room) / zoom)
        text = f"{value:g} {unit or 'units'}"
        if not state.parallel:
            text = f"{text} at the focus" if room >= _WORDY else f"≈ {text}"
        return cls(value * zoom, value, text)


def _round(length: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is no longer."""
    power = 10.0 ** math.floor(math.log10(length))
    step = max(part for part in (1, 2, 5) if part * power <= length * (1 + 1e-9))
    return float(f"{step * power:.3g}")
