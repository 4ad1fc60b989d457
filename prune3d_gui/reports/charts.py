"""Charts of flat study rows: curves here, and the door to the heat map, scatter and Pareto."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.jobs import Row
from ..core.score.scores import Metric
from ..studies.ask.answers import RowFound
from .canvas import (
    MARKERS,
    SMALL,
    Ink,
    Sheet,
    Target,
    log_axes,
)
from .heat import draw_heat
from .labels import End, draw_levels, name_ends
from .pareto import draw_pareto
from .rows.captions import interval_note
from .rows.levels import levels_of
from .rows.lines import Line, lines_of
from .rows.marks import Mark
from .rows.values import short
from .scatter import draw_scatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_curves", "draw_heat", "draw_pareto", "draw_scatter"]


def draw_curves(
    path: Target,
    rows: Sequence[Row],
    *,
    x: str,
    metric: Metric,
    series: str = "",
    title: str = "",
    threshold: float | None = None,
    baseline: float | None = None,
    paper: Sequence[Row] | None = None,
    x_title: str = "",
    log_x: bool = False,
    log_y: bool | None = None,
    knees: bool = True,
    marks: Sequence[Mark] = (),
    names: Mapping[str, str] | None = None,
    words: str = "",
    caption: str = "",
    dark: bool = False,
) -> None:
    """Draw a metric against a knob, a line for each value of `series`.

    Parameters
    ----------
    path : path ending in ``.png`` or ``.svg``, or a stream, which takes SVG
    rows : sequence of flat rows
        With columns `x`, the metric's and `series`; ``<metric>_low`` and ``<metric>_high`` are
        drawn as bars, ``<metric>_floor`` as a dotted line. A NaN breaks the line and is
        marked on the axis. Of a line that was repeated with several seeds the range and the
        median are drawn.
    metric : Metric
    threshold, baseline : float, optional
        Level lines: what may not be passed, and the unpruned network.
    paper : sequence of rows, optional
        Printed points, in column ``paper_<metric>``; drawn hollow, in the colour of the line
        with the same `series`.
    log_x, log_y : bool
        Logarithmic axes; `log_y` is the metric's own by default.
    knees : bool
        Mark where each curve bends; see `studies.ask.statistics.knee`.
    marks : sequence of Mark
        What artifacts found along the axis, as upright lines with their labels.
    names : mapping of series value to label, optional
    words : str
        How the samples were named, such as ``val:64``.
    caption : str
        What else to say below.
    """
    y = metric.id
    log_y = metric.log if log_y is None else log_y
    sheet, told = Sheet(rows, 4.4, dark), (series,) if series else ()
    axes, colours = sheet.axes, sheet.colours
    every = lines_of(map(RowFound, rows), x, y, told)
    lines, bands = ([line for line in every if (line.seeds > 1) == many] for many in (False, True))
    log_axes(axes, rows, x, y, log_x, log_y)
    if lines and bands:  # what the caption says is of the lines
        sheet.rows = rows = [point.found.row for line in lines for point in line.points]
    ends: list[End] = []
    for line in bands:
        ends += _draw_band(axes, line, _name(line, names), colours)
    styles = {
        line.key: (colours.series[i % len(colours.series)], MARKERS[i % len(MARKERS)])
        for i, line in enumerate(lines)
    }
    nans = kneed = False
    for line in lines:
        colour, marker = styles[line.key]
        nans |= len(line.known) < len(line.points)
        _line(axes, line, colour, marker)
        if line.known:
            ends.append((_name(line, names), colour, line.known[-1].x, line.known[-1].y))
        kneed |= knees and _mark_knee(axes, line, metric, colour)
    for line in lines_of(map(RowFound, paper or ()), x, f"paper_{y}", told):
        _draw_paper(axes, line, *styles.get(line.key, (colours.faint, "o")))
    ends += draw_levels(axes, levels_of(rows, y, threshold, baseline), colours)
    _mark(axes, marks, colours, metric.better == "lower")
    name_ends(axes, [end for end in ends if end[0]])
    sheet.name_axes(x_title or x, metric.title)
    seeds = max((line.seeds for line in bands), default=0)
    more = [interval_note(rows, y)]
    more += ["Ring: the knee of a curve." if kneed else ""]
    more += ["Hollow: as printed in the paper, on its own weights and data." if paper else ""]
    more += [f"Shaded: lowest to highest of {seeds} seeds." if seeds else ""]
    more += ["Crosses on the axis: NaN." if nans else "", caption]
    sheet.finish(path, title, metric, words, more)


def _mark(axes: Axes, marks: Sequence[Mark], colours: Ink, head: bool) -> None:
    """Draw what was learned as upright lines, named at the head, or the foot, of each."""
    for number, mark in enumerate(marks):
        axes.axvline(mark.x, color=colours.text, lw=1.1, ls="-.", zorder=2)
        axes.annotate(
            mark.label, (mark.x, 0.97 - 0.07 * number if head else 0.03 + 0.07 * number),
            xycoords=("data", "axes fraction"), xytext=(4, 0), textcoords="offset points",
            va="top" if head else "bottom", fontsize=SMALL,
            color=colours.text,
        )  # fmt: skip


def _name(line: Line, names: Mapping[str, str] | None) -> str:
    name = line.key[0] if line.key else ""
    return (names or {}).get(name, name)


def _line(axes: Axes, line: Line, colour: str, marker: str) -> None:
    for point in line.known:
        if point.low <= point.high:
            ends = [point.low, point.high]
            axes.plot([point.x] * 2, ends, "-", color=colour, lw=1.6, alpha=0.45, zorder=3)
    axes.plot(
        [point.x for point in line.points], [point.y for point in line.points], "-", color=colour,
        marker=marker, ms=5 if len(line.points) <= 40 else 2, mec=axes.get_facecolor(), mew=0.6,
        lw=1.7, zorder=4,
    )  # fmt: skip
    lost = [point.x for point in line.points if math.isnan(point.y)]
    if lost:
        axes.plot(
            lost, [0.0] * len(lost), "x", color=colour, ms=7, mew=1.6,
            transform=axes.get_xaxis_transform(), clip_on=False, zorder=6,
        )  # fmt: skip


def _draw_band(axes: Axes, line: Line, label: str, colours: Ink) -> list[End]:
    """Shade the range over the seeds, and dash the middle."""
    at, middle = [p.x for p in line.known], [p.y for p in line.known]
    if not at:
        return []
    low, high = [p.least for p in line.known], [p.most for p in line.known]
    axes.fill_between(at, low, high, color=colours.faint, alpha=0.25, lw=0, zorder=1)
    axes.plot(at, middle, "--", color=colours.faint, lw=1.2, zorder=2)
    return [(label, colours.faint, at[-1], middle[-1])]


def _draw_paper(axes: Axes, line: Line, colour: str, marker: str) -> None:
    axes.plot(
        [point.x for point in line.known], [point.y for point in line.known], marker, ls=":",
        lw=0.9, color=colour, mfc="none", ms=6, mew=1.2, zorder=5, label="paper",
    )  # fmt: skip


def _mark_knee(axes: Axes, line: Line, metric: Metric, colour: str) -> bool:
    """Ring the knee of a curve."""
    at = line.knee(metric, axes.get_xscale() == "log", axes.get_yscale() == "log")
    if at is None:
        return False
    axes.plot(at.x, at.y, "o", ms=13, mfc="none", mec=colour, mew=1.5, zorder=6)
    side = (-8, "right") if metric.better == "lower" else (8, "left")
    axes.annotate(
        short(at.x), (at.x, at.y), xytext=(side[0], 7), textcoords="offset points",
        ha=side[1], va="bottom", fontsize=SMALL, color=colour, fontweight="bold",
    )  # fmt: skip
    return True
