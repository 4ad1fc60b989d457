"""The scatter: what is taken from a layer against the metric, one colour for each layer."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.jobs import Row
from ..core.score.scores import Metric
from .canvas import (
    MARKERS,
    SMALL,
    Ink,
    Sheet,
    Target,
    plain_log,
    split,
)
from .labels import draw_levels, name_ends, near_ends
from .rows.costs import taken, taken_words
from .rows.curves import in_order
from .rows.levels import levels_of
from .rows.values import value_of, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_scatter(
    path: Target,
    rows: Sequence[Row],
    *,
    metric: Metric,
    unit: str = "unit",
    parts: Mapping[str, str] | None = None,
    title: str = "",
    threshold: float | None = None,
    baseline: float | None = None,
    x_title: str = "",
    words: str = "",
    caption: str = "",
    dark: bool = False,
) -> None:
    """Draw what is taken from a layer against the metric, one colour for each layer.

    The hue goes with the depth, the marker with the part, and each layer is named at the
    end of its curve.

    Parameters
    ----------
    path : path ending in ``.png`` or ``.svg``, or a stream, which takes SVG
    rows : sequence of flat rows
        With columns ``zeroed`` or ``removed``, the metric's and `unit`. Rows with nothing taken
        away are left out: they are the unpruned network.
    parts : mapping of unit id to part, optional
        Order of the layers from the first to the last, and the part each belongs to.
    """
    value, sheet = metric.id, Sheet(rows, 5.2, dark)
    axes, colours = sheet.axes, sheet.colours
    units = in_order((word(row.get(unit)) for row in rows), parts or ())
    marks = dict(zip(dict.fromkeys((parts or {}).values()), MARKERS * 9, strict=False))
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in units}
    for row in rows:
        if taken(row) > 0 and math.isfinite(at := value_of(row, value)):
            found[word(row.get(unit))].append((taken(row), at))
    every = [point for points in found.values() for point in points]
    _scales(axes, every, metric)
    ends = []
    for index, name in enumerate(units):
        colour = _hue(index, len(units), dark)
        marker = marks.get((parts or {}).get(name, ""), "o")
        points = sorted(found[name])
        axes.plot(*split(points), "-", color=colour, lw=1.0, alpha=0.75, zorder=3)
        axes.plot(*split(points), marker, color=colour, ms=5, mec=colours.ground, mew=0.5, zorder=4)
        if points:
            ends.append((name, colour, *points[-1]))
    ends += draw_levels(axes, levels_of((), value, threshold, baseline), colours)
    name_ends(axes, near_ends(axes, ends, every), SMALL)
    _part_keys(axes, marks, colours)
    sheet.name_axes(x_title or f"{taken_words(rows)} elements", metric.title)
    lost = sum(math.isnan(value_of(row, value)) for row in rows)
    more = ["Each unit alone, all others whole; colour from the first to the last."]
    more += [f"{lost} points are NaN and not drawn." if lost else "", caption]
    sheet.finish(path, title, metric, words, more)


def _scales(axes: Axes, points: Sequence[tuple[float, float]], metric: Metric) -> None:
    across, up = [a for a, _ in points], [b for _, b in points]
    if across and max(across) > 30 * min(across):
        axes.set_xscale("log")
        plain_log(axes.xaxis, min(across), max(across))
    if up and metric.log and min(up) > 0:
        axes.set_yscale("log")
        plain_log(axes.yaxis, min(up), max(up))


def _hue(index: int, count: int, dark: bool) -> str:
    """Hue by depth, from violet to red; neighbours differ in lightness, all stand out."""
    from matplotlib.colors import to_hex

    hue = 0.72 - 0.74 * index / max(count - 1, 1)
    wanted = ((0.26, 0.40, 0.16), (0.52, 0.68, 0.38))[dark][index % 3]
    low, high = 0.0, 1.0
    for _ in range(20):  # the lightness whose luminance is the wanted one
        light = (low + high) / 2
        red, green, blue = colorsys.hls_to_rgb(hue % 1.0, light, 0.75)
        dim = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < wanted**1.4
        low, high = (light, high) if dim else (low, light)
    return to_hex((red, green, blue))


def _part_keys(axes: Axes, marks: Mapping[str, str], colours: Ink) -> None:
    from matplotlib.lines import Line2D

    if len(marks) < 2:
        return
    keys = [
        Line2D([], [], color=colours.faint, marker=mark, ls="", ms=5, label=part)
        for part, mark in marks.items()
    ]
    axes.legend(handles=keys, fontsize=SMALL, frameon=False, labelcolor=colours.text, ncols=2)
