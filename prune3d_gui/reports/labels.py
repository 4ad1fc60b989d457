"""Names beside lines and points, pushed apart so that each can be read."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .canvas import PLAIN, SMALL, Ink
from .rows.levels import Level
from .rows.values import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

End = tuple[str, str, float | None, float]
"""Text, colour, x and y of what is named; x is None for a line all the way across."""
Box = tuple[float, float, float, float]


def name_ends(axes: Axes, ends: Sequence[End], size: float = PLAIN) -> None:
    """Name lines at the right of a chart, pushed apart; a thin line leads to each end.

    Parameters
    ----------
    ends : sequence of (text, colour, x, y)
        `x` is None for a line that goes all the way across.
    """
    if not ends:
        return
    axes.autoscale_view()
    right = axes.set_xlim(axes.get_xlim())[1]
    axes.set_ylim(axes.get_ylim())
    to_axes = axes.transScale + axes.transLimits
    at = [(right if x is None else x, y) for _, _, x, y in ends]
    heights = [float(to_axes.transform(place)[1]) for place in at]
    gap = size * 1.28 / 72 / (axes.figure.get_figheight() * 0.68)
    places = spread_out(heights, gap, 0.0, 1.0)
    for (label, colour, _, _), place, height in zip(ends, at, places, strict=True):
        axes.annotate(
            label,
            place,
            xytext=(1.025, height),
            textcoords="axes fraction",
            fontsize=size,
            color=colour,
            va="center",
            ha="left",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-", "color": colour, "lw": 0.6, "alpha": 0.6,
                "shrinkA": 1, "shrinkB": 3,
            },
        )  # fmt: skip


def near_ends(axes: Axes, ends: Sequence[End], points: Sequence[tuple[float, float]]) -> list[End]:
    """Write a name beside the end of its curve where there is room; returns the others."""
    axes.autoscale_view()
    wide, tall = (72 * side for side in axes.figure.get_size_inches() * (0.82, 0.72))
    to_axes = axes.transScale + axes.transLimits
    taken = [(x * wide - 4, y * tall - 4, x * wide + 4, y * tall + 4)
             for x, y in (to_axes.transform(points) if points else ())]  # fmt: skip
    left = []
    for text, colour, x, y in ends:
        if x is None:
            left.append((text, colour, x, y))
            continue
        a, b = to_axes.transform((x, y)) * (wide, tall)
        room, height = len(text) * SMALL * 0.66, SMALL * 1.2
        for across, up, side in ((0, 12, "center"), (7, 4, "left"), (-7, 4, "right")):
            start = a + across - {"center": room / 2, "left": 0, "right": room}[side]
            box = (start, b + up - height / 2, start + room, b + up + height / 2)
            if _inside(box, wide, tall) and not any(_meet(box, other) for other in taken):
                taken.append(box)
                axes.annotate(
                    text, (x, y), xytext=(across, up), textcoords="offset points", ha=side,
                    va="center", fontsize=SMALL, color=colour, fontweight="bold", zorder=6,
                )  # fmt: skip
                break
        else:
            left.append((text, colour, x, y))
    return left


def spread_out(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, in the same order, at least `gap` apart.

    Parameters
    ----------
    wanted : sequence of float
        Where labels would like to be.
    gap : float
        Height of a label, in the same unit.
    low, high : float
        Ends that no label passes, as far as all have room.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    groups: list[list[float]] = []  # [sum of (wanted - own offset), count]
    for i in order:
        groups.append([wanted[i], 1])
        while len(groups) > 1:
            (a, n), (b, m) = groups[-2:]
            if a / n + n * gap <= b / m:
                break
            groups[-2:] = [[a + b - m * n * gap, n + m]]
    places, at = [0.0] * len(wanted), 0
    for total, count in groups:
        count = int(count)
        start = min(max(total / count, low), high - (count - 1) * gap)
        for step in range(count):
            places[order[at + step]] = start + step * gap
        at += count
    for before, after in itertools.pairwise(order):
        places[after] = max(places[after], places[before] + gap)
    return places


def draw_levels(axes: Axes, levels: Iterable[Level], colours: Ink) -> list[End]:
    """Draw lines across; returns what to call them."""
    styles = {
        "threshold": (colours.limit, "--", 1.3),
        "unpruned": (colours.faint, "-", 0.9),
        "floor": (colours.faint, ":", 1.2),
    }
    named: list[End] = []
    for level in levels:
        colour, line, width = styles[level.name]
        axes.axhline(level.value, color=colour, ls=line, lw=width, zorder=1.5)
        named.append((f"{level.name} {short(level.value)}", colour, None, level.value))
    return named


def _inside(box: Box, wide: float, tall: float) -> bool:
    return box[0] > 0 and box[1] > 0 and box[2] < wide and box[3] < tall


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
