"""Colours for many lines, as far apart as their number allows."""

from __future__ import annotations

import math

from ..dress.theme import Theme


def colours_for(count: int, theme: Theme) -> list[str]:
    """Colours that can be told apart: the theme's own, or hues around the circle."""
    if count <= len(theme.series):
        return list(theme.series[:count])
    return [_hue(number / count, number % 2, theme.dark) for number in range(count)]


def _hue(turn: float, odd: int, dark: bool) -> str:
    """An OKLCH colour of even lightness as ``#rrggbb``."""
    light = (0.78, 0.66)[odd] if dark else (0.58, 0.48)[odd]
    chroma, angle = 0.125, 2 * math.pi * turn + 0.5
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    parts = [min(max(part, 0.0), 1.0) for part in linear]
    coded = [12.92 * p if p <= 0.0031308 else 1.055 * p ** (1 / 2.4) - 0.055 for p in parts]
    return "#" + "".join(f"{round(255 * part):02x}" for part in coded)
