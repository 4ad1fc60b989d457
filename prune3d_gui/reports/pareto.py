"""The Pareto chart: a metric against what the network costs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.jobs import Row
from ..core.score.scores import Metric
from .canvas import (
    MARKERS,
    PLAIN,
    SMALL,
    Ink,
    Sheet,
    Target,
    log_axes,
    split,
)
from .labels import draw_levels, name_ends
from .rows.captions import interval_note
from .rows.costs import Cost, cost_of
from .rows.front import front
from .rows.levels import levels_of
from .rows.values import value_of, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_pareto(
    path: Target,
    rows: Sequence[Row],
    *,
    cost: str,
    metric: Metric,
    sizes: Mapping[str, str] | None = None,
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
        Column, such as ``bytes``; ``ms`` is drawn with its spread (middle half of the runs).
    sizes : mapping of column to str, optional
        What the model says of its columns of bytes.
    point : str
        Column whose values stand beside some of the points, such as ``rate``.
    gain : bool
        Whether more of `cost` is better: it is what was taken away.
    joined : bool
        Whether the points of a series are one curve; without, there is no front.
    names : mapping of series value to label, optional
    """
    value = metric.id
    about = cost_of(rows, cost, sizes or {})
    sheet = Sheet(rows, 4.4, dark)
    axes, colours = sheet.axes, sheet.colours
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(word(row.get(series, "")) if series else "", []).append(row)
    log_axes(axes, rows, cost, value, False, metric.log)
    every: list[tuple[float, float]] = []
    ends = []
    points: list[tuple[Any, tuple[float, float]]] = []
    for (key, mine), colour, marker in zip(
        groups.items(), itertools.cycle(colours.series), itertools.cycle(MARKERS), strict=False
    ):
        known = [r for r in mine if not math.isnan(about.read(r) + value_of(r, value))]
        at = [(about.read(row), value_of(row, value)) for row in known]
        every += at
        _bars(axes, known, at, about, value, colour)
        for seed in dict.fromkeys(row.get("seed") for row in known if joined):
            own = [p for row, p in zip(known, at, strict=True) if row.get("seed") == seed]
            axes.plot(*split(own), "-", color=colour, lw=0.8, alpha=0.5, zorder=2)
        axes.plot(*split(at), marker, color=colour, ms=6, mec=colours.ground, mew=0.7, zorder=4)
        points += [(row.get(point), place) for row, place in zip(known, at, strict=True)]
        if at:
            ends.append(((names or {}).get(key, key), colour, marker))
    best = [every[number] for number in front(every, metric.better, gain)] if joined else []
    if best:
        where = "pre" if gain else "post"
        axes.step(*split(best), where=where, color=colours.text, lw=1.2, alpha=0.55, zorder=1)
    _legend(axes, ends if series else [], bool(best), colours)
    sheet.name_axes(x_title or about.title, metric.title)
    axes.margins(x=0.07)
    if every and min(a for a, _ in every) > 0:
        widest = max(a for a, _ in every)
        narrow = min(a for a, _ in every)
        axes.set_xlim(0 if narrow < 0.5 * widest else None, None)
    name_ends(axes, draw_levels(axes, levels_of((), value, threshold, baseline), colours))
    _label_points(axes, points if point else [], colours)
    more = [interval_note(rows, value)]
    more += ["Across: the middle half of the timed runs." if cost == "ms" else ""]
    more += [f"Beside points: {point}." if point else "", caption]
    sheet.finish(path, title, metric, words, more)


def _bars(
    axes: Axes, rows: Sequence[Row], at: Sequence[tuple[float, float]], cost: Cost, value: str,
    colour: str,
) -> None:  # fmt: skip
    for row, (a, b) in zip(rows, at, strict=True):
        low, high = value_of(row, f"{value}_low"), value_of(row, f"{value}_high")
        if math.isfinite(low + high):
            axes.plot([a, a], [low, high], "-", color=colour, lw=1.4, alpha=0.4, zorder=3)
        spread = value_of(row, f"{cost.column}_spread") / cost.scale / 2
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
