"""Colours: the two themes, the ramp that shows how large something is, and grey for densities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.score.scores import ColourScale

Rgb = tuple[int, int, int]

# Stops at equal distances in OKLab, lightness rising steadily from 0.50 to 0.86: small errors
# stay calm, large ones glow, and both ends stand out from a dark and from a light background.
_STOPS = (
    (68, 93, 173),
    (98, 95, 188),
    (128, 95, 199),
    (158, 94, 201),
    (186, 94, 191),
    (213, 94, 176),
    (235, 97, 156),
    (250, 107, 133),
    (255, 122, 109),
    (255, 139, 85),
    (255, 159, 67),
    (255, 180, 58),
    (251, 202, 67),
)
# The middle is a quiet grey that both backgrounds let be seen; the ends are as light as each other.
_SIDES = (
    (38, 82, 196),
    (74, 124, 222),
    (120, 160, 226),
    (168, 178, 190),
    (226, 158, 104),
    (232, 122, 48),
    (206, 78, 10),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a view, as 8-bit RGB.

    Parameters
    ----------
    background : Rgb
        Behind the scene.
    ink, faint : Rgb
        Titles, and what is said beside them.
    line : Rgb
        Gaps between views, outlines, ticks.
    neutral : Rgb
        What is not coloured by a scale.
    missing : Rgb
        Where a value is not a number; neither ramp has it.
    edge : Rgb
        Edges of cells.
    accent : Rgb
        Marks, such as the picked vertex.
    """

    background: Rgb
    ink: Rgb
    faint: Rgb
    line: Rgb
    neutral: Rgb
    missing: Rgb
    edge: Rgb
    accent: Rgb


LIGHT = Theme(
    background=(246, 247, 249),
    ink=(27, 32, 40),
    faint=(91, 100, 114),
    line=(213, 217, 224),
    neutral=(129, 144, 163),
    missing=(94, 150, 84),
    edge=(16, 20, 28),
    accent=(37, 99, 201),
)
DARK = Theme(
    background=(27, 30, 35),
    ink=(230, 233, 238),
    faint=(154, 163, 176),
    line=(52, 57, 65),
    neutral=(164, 177, 193),
    missing=(110, 165, 98),
    edge=(10, 12, 16),
    accent=(106, 165, 248),
)


def theme(dark: bool) -> Theme:
    """Return the dark theme or the light one."""
    return DARK if dark else LIGHT


def _ramp(colours: Sequence[Rgb]) -> np.ndarray:
    stops = np.array(colours, dtype=float)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), channel) for channel in stops.T]
    table = np.stack(channels, axis=1).round().astype(np.uint8)
    table.setflags(write=False)
    return table


RAMP = _ramp(_STOPS)
"""(256, 3) uint8: the sequential ramp, from the least to the largest value of a scale."""
SIDES = _ramp(_SIDES)
"""(256, 3) uint8: the diverging ramp, blue below the middle of a scale and orange above."""


def colours_of(scale: ColourScale, theme: Theme) -> np.ndarray:
    """Return the 256 colours of a scale, (256, 3) uint8, from its minimum to its maximum.

    What colours a scene and what draws its colour bar both take them from here. Grey rises
    linearly, and both its ends stay clear of the background.
    """
    if scale.palette == "grey":
        return _GREYS[theme is DARK]
    if scale.palette == "diverging":
        return SIDES
    return RAMP


def _greys(low: int, high: int) -> np.ndarray:
    table = np.repeat(np.linspace(low, high, 256).round().astype(np.uint8)[:, None], 3, axis=1)
    table.setflags(write=False)
    return table


_GREYS = (_greys(12, 226), _greys(52, 246))


def coloured(values: np.ndarray, scale: ColourScale, theme: Theme) -> np.ndarray:
    """Look up the colour of every value.

    Parameters
    ----------
    values : (N,) float
    scale : ColourScale
        Values beyond its ends take the colour of that end.
    theme : Theme
        Its `missing` is the colour where the value is not a number.

    Returns
    -------
    (N, 3) uint8
    """
    span = max(scale.maximum - scale.minimum, np.finfo(np.float32).tiny)
    part = (np.asarray(values, dtype=np.float32) - scale.minimum) / span
    known = ~np.isnan(part)
    index = (np.clip(np.where(known, part, 0), 0, 1) * 255 + 0.5).astype(np.uint8)
    colours = colours_of(scale, theme)[index]
    if not known.all():
        colours[~known] = theme.missing
    return colours


def ticks(scale: ColourScale, count: int = 5) -> list[tuple[float, str]]:
    """Return values at round steps along `scale`, with their text.

    Parameters
    ----------
    scale : ColourScale
    count : int
        About how many to aim for.

    Returns
    -------
    list of (value, text)
        In rising order, never beyond the ends of the scale.
    """
    span = scale.maximum - scale.minimum
    if not span > 0:
        return [(scale.minimum, f"{scale.minimum:g}")]
    rough = span / max(count - 1, 1)
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min((1, 2, 2.5, 5, 10), key=lambda part: abs(part * power - rough))
    first = int(np.ceil(scale.minimum / step - 1e-6))
    last = int(np.floor(scale.maximum / step + 1e-6))
    values = [round(index * step, 12) for index in range(first, last + 1)]
    return [(value, f"{value:g}") for value in values]
