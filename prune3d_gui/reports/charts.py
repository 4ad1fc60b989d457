"""Charts of flat study rows: curves here, and the door to the heat map, scatter and Pareto."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.jobs import Row
from ..core.score.scores import Metric
from ..studies.ask.statistics import knee
from .canvas import (
    MARKERS,
    PLAIN,
    SMALL,
    Ink,
    Target,
    caption_of,
    check_rows,
    finish,
    groups_of,
    ink,
    interval_note,
    log_axes,
    new_figure,
    number,
    save,
    short,
    split,
)
from .heat import draw_heat
from .labels import End, draw_levels, name_ends
from .pareto import COSTS, draw_pareto
from .scatter import draw_scatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COSTS", "draw_curves", "draw_heat", "draw_pareto", "draw_scatter"]


def draw_curves(
    path: Target,
    rows: Sequence[Row],
    *,
    x: str,
    metric: Metric,
    y: str = "",
    series: str = "",
    title: str = "",
    threshold: float | None = None,
    band: Mapping[str, Sequence[Row]] | None = None,
    baseline: float | None = None,
    paper: Sequence[Row] | None = None,
    x_title: str = "",
    log_x: bool = False,
    log_y: bool | None = None,
    knees: bool = True,
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
        With columns `x`, `y`, `series`; where there are ``<y>_low`` and ``<y>_high`` they
        are drawn as bars, ``<y>_floor`` as a dotted line. A NaN breaks the line and is
        marked on the axis.
    metric : Metric
        What `y` is; its id is the column by default.
    threshold, baseline : float, optional
        Level lines: what may not be passed, and the unpruned network.
    band : mapping of label to rows, optional
        Rows that repeat each `x` (random seeds, say); their range and median are drawn.
    paper : sequence of rows, optional
        Printed points, in column ``paper_<y>``; drawn hollow, in the colour of the line
        with the same `series`.
    log_x, log_y : bool
        Logarithmic axes; `log_y` is the metric's own by default.
    knees : bool
        Mark where each curve bends; see `studies.statistics.knee`.
    names : mapping of series value to label, optional
    words : str
        How the samples were named, such as ``val:64``.
    caption : str
        What else to say below.
    """
    check_rows(rows)
    y = y or metric.id
    log_y = metric.log if log_y is None else log_y
    colours, groups = ink(dark), groups_of(rows, series)
    figure, axes = new_figure(4.4, colours)
    log_axes(axes, rows, x, y, log_x, log_y)
    ends: list[End] = []
    for label, mine in (band or {}).items():
        ends += _draw_band(axes, mine, x, y, label, colours)
    nans = kneed = False
    styles = _styles(groups, colours)
    for value, mine in groups.items():
        colour, marker = styles[value]
        label = (names or {}).get(value, value)
        points = sorted(mine, key=lambda row: number(row, x))
        at = [(number(row, x), number(row, y)) for row in points]
        nans |= any(math.isnan(b) for _, b in at)
        _line(axes, points, x, y, colour, marker)
        known = [point for point in at if not math.isnan(point[1])]
        if known:
            ends.append((label, colour, *known[-1]))
        kneed |= knees and _mark_knee(axes, known, metric, colour)
    if paper:
        _draw_paper(axes, paper, x, y, series, styles, colours)
    ends += draw_levels(axes, rows, y, threshold, baseline, colours)
    name_ends(axes, [end for end in ends if end[0]])
    axes.set_xlabel(x_title or x, fontsize=PLAIN, color=colours.text)
    axes.set_ylabel(metric.title, fontsize=PLAIN, color=colours.text)
    more = [interval_note(rows, y)]
    more += ["Ring: the knee of a curve." if kneed else ""]
    more += ["Hollow: as printed in the paper, on its own weights and data." if paper else ""]
    more += [f"Shaded: lowest to highest of {_repeats(band, x)} seeds." if band else ""]
    more += ["Crosses on the axis: NaN." if nans else "", caption]
    finish(figure, axes, colours, title, caption_of(rows, [metric], words, more))
    save(figure, path)


def _styles(groups: Mapping[str, Any], colours: Ink) -> dict[str, tuple[str, str]]:
    return {
        key: (colours.series[i % len(colours.series)], MARKERS[i % len(MARKERS)])
        for i, key in enumerate(groups)
    }


def _line(axes: Axes, rows: Sequence[Row], x: str, y: str, colour: str, marker: str) -> None:
    at = [number(row, x) for row in rows]
    values = [number(row, y) for row in rows]
    small = 5 if len(rows) <= 40 else 2
    ground = axes.get_facecolor()
    for a, b, row in zip(at, values, rows, strict=True):
        low, high = number(row, f"{y}_low"), number(row, f"{y}_high")
        if math.isfinite(low + high + b):
            axes.plot([a, a], [low, high], "-", color=colour, lw=1.6, alpha=0.45, zorder=3)
    axes.plot(
        at,
        values,
        "-",
        color=colour,
        marker=marker,
        ms=small,
        mec=ground,
        mew=0.6,
        lw=1.7,
        zorder=4,
    )
    lost = [a for a, b in zip(at, values, strict=True) if math.isnan(b)]
    if lost:
        across = axes.get_xaxis_transform()
        axes.plot(
            lost, [0.0] * len(lost), "x", color=colour, ms=7, mew=1.6, transform=across,
            clip_on=False, zorder=6,
        )  # fmt: skip


def _draw_band(
    axes: Axes, rows: Sequence[Row], x: str, y: str, label: str, colours: Ink
) -> list[End]:
    found: dict[float, list[float]] = {}
    for row in rows:
        if math.isfinite(value := number(row, y)):
            found.setdefault(number(row, x), []).append(value)
    if not found:
        return []
    at = sorted(found)
    low, high = [min(found[a]) for a in at], [max(found[a]) for a in at]
    middle = [sorted(found[a])[len(found[a]) // 2] for a in at]
    axes.fill_between(at, low, high, color=colours.faint, alpha=0.25, lw=0, zorder=1)
    axes.plot(at, middle, "--", color=colours.faint, lw=1.2, zorder=2)
    return [(label, colours.faint, at[-1], middle[-1])]


def _repeats(band: Mapping[str, Sequence[Row]], x: str) -> int:
    return max((len({row.get("seed", 0) for row in rows}) for rows in band.values()), default=0)


def _draw_paper(
    axes: Axes, paper: Sequence[Row], x: str, y: str, series: str,
    styles: Mapping[str, tuple[str, str]], colours: Ink,
) -> None:  # fmt: skip
    for value, mine in groups_of(paper, series).items():
        colour, marker = styles.get(value, (colours.faint, "o"))
        at = [(number(row, x), number(row, f"paper_{y}")) for row in mine]
        axes.plot(
            *split(sorted(p for p in at if not math.isnan(p[1]))), marker, ls=":", lw=0.9,
            color=colour, mfc="none", ms=6, mew=1.2, zorder=5, label="paper",
        )  # fmt: skip


def _mark_knee(
    axes: Axes, known: Sequence[tuple[float, float]], metric: Metric, colour: str
) -> bool:
    """Ring the knee of a curve as it is drawn, logarithms on logarithmic axes."""
    across, up = (np.array(values) for values in split(known))
    across = np.log(across) if axes.get_xscale() == "log" else across
    up = np.log(up) if axes.get_yscale() == "log" else up
    at = knee(across, up, metric.better)
    if at is None:
        return False
    axes.plot(*known[at], "o", ms=13, mfc="none", mec=colour, mew=1.5, zorder=6)
    side = (-8, "right") if metric.better == "lower" else (8, "left")
    axes.annotate(
        short(known[at][0]), known[at], xytext=(side[0], 7), textcoords="offset points",
        ha=side[1], va="bottom", fontsize=SMALL, color=colour, fontweight="bold",
    )  # fmt: skip
    return True
