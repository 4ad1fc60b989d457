"""The Pareto chart: a metric against what the network costs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.jobs import Row
from ..core.score.scores import Metric
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
    split,
)
from .labels import draw_levels, name_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COSTS = {
    "ms": ("Milliseconds for one result, measured", 1.0),
    "bytes": ("MB on disk, dense fp32", 1e6),
    "bytes_fp16": ("MB on disk, fp16", 1e6),
    "bytes_sparse": ("MB on disk, compact sparse file", 1e6),
    "macs": ("Multiply-accumulates, millions", 1e6),
    "zeroed": ("Zeroed elements", 1.0),
    "removed": ("Removed elements", 1.0),
}
"""Columns that say what a network costs: title of the axis, and what one unit of it is."""


def draw_pareto(
    path: Target,
    rows: Sequence[Row],
    *,
    cost: str,
    metric: Metric,
    value: str = "",
    series: str = "",
    title: str = "",
    point: str = "",
    x_title: str = "",
    gain: bool = False,
    joined: bool = True,
    threshold: float | None = None,
    baseline: float | None = None,
    names: Mapping[str, str] | None = None,
    words: str = "",
    caption: str = "",
    dark: bool = False,
) -> None:
    """Draw a metric against what the network costs, and the front that nothing beats.

    Parameters
    ----------
    path : path ending in ``.png`` or ``.svg``, or a stream, which takes SVG
    rows : sequence of flat rows
        Masks and channels together, told apart by `series`.
    cost : str
        Column of `COSTS`; ``ms`` is drawn with its spread (middle half of the runs).
    value : str
        Column of the metric; its id by default.
    point : str
        Column whose values stand beside some of the points, such as ``rate``.
    gain : bool
        Whether more of `cost` is better: it is what was taken away.
    joined : bool
        Whether the points of a series are one curve; without, there is no front.
    names : mapping of series value to label, optional
    """
    check_rows(rows)
    value = value or metric.id
    about, unit = cost_axis(rows, cost)
    colours, groups = ink(dark), groups_of(rows, series)
    figure, axes = new_figure(4.4, colours)
    log_axes(axes, rows, cost, value, False, metric.log)
    every: list[tuple[float, float]] = []
    ends = []
    points: list[tuple[Any, tuple[float, float]]] = []
    for (key, mine), colour, marker in zip(
        groups.items(), itertools.cycle(colours.series), itertools.cycle(MARKERS), strict=False
    ):
        known = [r for r in mine if not math.isnan(number(r, cost) + number(r, value))]
        at = [(number(row, cost) / unit, number(row, value)) for row in known]
        every += at
        _bars(axes, known, at, cost, value, unit, colour)
        for seed in dict.fromkeys(row.get("seed") for row in known if joined):
            own = [p for row, p in zip(known, at, strict=True) if row.get("seed") == seed]
            axes.plot(*split(own), "-", color=colour, lw=0.8, alpha=0.5, zorder=2)
        axes.plot(*split(at), marker, color=colour, ms=6, mec=colours.ground, mew=0.7, zorder=4)
        points += [(row.get(point), place) for row, place in zip(known, at, strict=True)]
        if at:
            ends.append(((names or {}).get(key, key), colour, marker))
    best = front(every, metric, gain) if joined else []
    if best:
        where = "pre" if gain else "post"
        axes.step(*split(best), where=where, color=colours.text, lw=1.2, alpha=0.55, zorder=1)
    _legend(axes, ends if series else [], bool(best), colours)
    axes.set_xlabel(x_title or about, fontsize=PLAIN, color=colours.text)
    axes.set_ylabel(metric.title, fontsize=PLAIN, color=colours.text)
    axes.margins(x=0.07)
    if every and min(a for a, _ in every) > 0:
        widest = max(a for a, _ in every)
        narrow = min(a for a, _ in every)
        axes.set_xlim(0 if narrow < 0.5 * widest else None, None)
    name_ends(axes, draw_levels(axes, (), value, threshold, baseline, colours))
    _label_points(axes, points if point else [], colours)
    more = [interval_note(rows, value)]
    more += ["Across: the middle half of the timed runs." if cost == "ms" else ""]
    more += [f"Beside points: {point}." if point else "", caption]
    finish(figure, axes, colours, title, caption_of(rows, [metric], words, more))
    save(figure, path)


def cost_axis(rows: Sequence[Row], cost: str) -> tuple[str, float]:
    """Title of the axis of a cost, and what one step of it stands for."""
    about, unit = COSTS.get(cost, (cost, 1.0))
    most = max((v for row in rows if math.isfinite(v := number(row, cost))), default=0.0)
    if unit > 1 and most < unit:
        return about.replace("MB", "kB").replace("millions", "thousands"), 1e3
    return about, unit


def front(
    points: Iterable[tuple[float, float]], metric: Metric, gain: bool = False
) -> list[tuple[float, float]]:
    """Points (cost, value) that no other beats in both, by rising cost.

    With `gain` the first number is what is won, and more of it is better.
    """
    sign, way = (1.0 if metric.better == "lower" else -1.0), (-1.0 if gain else 1.0)
    best: list[tuple[float, float]] = []
    for cost, value in sorted(points, key=lambda p: (way * p[0], sign * p[1])):
        if not best or sign * value < sign * best[-1][1]:
            best.append((cost, value))
    return best[::-1] if gain else best


def _bars(
    axes: Axes, rows: Sequence[Row], at: Sequence[tuple[float, float]], cost: str, value: str,
    unit: float, colour: str,
) -> None:  # fmt: skip
    for row, (a, b) in zip(rows, at, strict=True):
        low, high = number(row, f"{value}_low"), number(row, f"{value}_high")
        if math.isfinite(low + high):
            axes.plot([a, a], [low, high], "-", color=colour, lw=1.4, alpha=0.4, zorder=3)
        spread = number(row, f"{cost}_spread") / unit / 2
        if math.isfinite(spread):
            axes.plot([a - spread, a + spread], [b, b], "-", color=colour, lw=1.4, alpha=0.4)


def _label_points(
    axes: Axes, points: Sequence[tuple[Any, tuple[float, float]]], colours: Ink
) -> None:
    """Write a value beside each point, as long as no other stands there."""
    axes.autoscale_view()
    wide, tall = 72 * axes.figure.get_size_inches() * (0.8, 0.68)
    to_axes, taken = axes.transScale + axes.transLimits, []
    for value, place in points:
        x, y = to_axes.transform(place) * (wide, tall)
        if any(abs(x - a) < 24 and abs(y - b) < 12 for a, b in taken):
            continue
        taken.append((x, y))
        axes.annotate(
            f"{value:.3g}" if isinstance(value, float) else str(value), place, xytext=(6, 5),
            textcoords="offset points", fontsize=SMALL, color=colours.faint, zorder=5,
        )  # fmt: skip


def _legend(axes: Axes, ends: Sequence[tuple[str, str, str]], fronted: bool, colours: Ink) -> None:
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], color=c, marker=m, ls="", ms=6, label=name) for name, c, m in ends]
    if fronted:
        keys.append(Line2D([], [], color=colours.text, lw=1.2, alpha=0.55, label="Pareto front"))
    axes.legend(handles=keys, fontsize=PLAIN, frameon=False, labelcolor=colours.text)
