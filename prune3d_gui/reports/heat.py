"""The heat map: which layers can go, layer by value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.jobs import Row
from ..core.score.scores import Metric
from ..studies.ask.answers import RowFound
from .canvas import (
    SMALL,
    Ink,
    Sheet,
    Target,
    plain_log,
    ramp,
)
from .rows.cells import cells_of, outline
from .rows.curves import in_order
from .rows.lines import lines_of
from .rows.values import short, value_of, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap


def draw_heat(
    path: Target,
    rows: Sequence[Row],
    *,
    x: str,
    metric: Metric,
    y: str = "unit",
    parts: Mapping[str, str] | None = None,
    title: str = "",
    threshold: float | None = None,
    x_title: str = "",
    words: str = "",
    caption: str = "",
    dark: bool = False,
) -> None:
    """Draw a map of layers by values: the colour of a cell is the metric.

    Parameters
    ----------
    path : path ending in ``.png`` or ``.svg``, or a stream, which takes SVG
    rows : sequence of flat rows
        One for each cell, with columns `x`, `y` and the metric; NaN is hatched, and a cell
        without a row stays empty.
    metric : Metric
        Its logarithm is coloured where it asks for that.
    parts : mapping of unit id to part, optional
        Order of the layers from the first to the last, and the part each belongs to.
    threshold : float, optional
        Cells beyond it are outlined.
    """
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.patches import Rectangle

    units = in_order((word(row.get(y)) for row in rows), parts or ())
    lines = lines_of(map(RowFound, rows), x, metric.id, (y,), [(unit,) for unit in units])
    cells = cells_of(lines, metric, [value_of(row, x) for row in rows])
    at, (low, high) = cells.values, cells.span or (1.0, 2.0)
    scale = LogNorm(low, high, clip=True) if metric.log else Normalize(low, high, clip=True)
    colourmap = ramp(metric)
    sheet = Sheet(rows, 1.7 + 0.2 * max(len(units), 4), dark)
    axes, colours = sheet.axes, sheet.colours
    axes.grid(False)
    for line, column in cells.places:
        found, box = cells.at((line, column)), (column - 0.5, line - 0.5)
        if (line, column) in cells.lost:
            axes.add_patch(
                Rectangle(box, 1, 1, fc=colours.ground, ec=colours.missing, hatch="////", lw=0)
            )
            continue
        tint = colourmap(scale(found))
        axes.add_patch(Rectangle(box, 1, 1, fc=tint, ec=colours.ground, lw=0.6))
        bright = 0.299 * tint[0] + 0.587 * tint[1] + 0.114 * tint[2] > 0.62
        axes.text(
            column, line, _fitting(found, len(at)), ha="center", va="center", fontsize=7,
            color="#1b2028" if bright else "#ffffff", zorder=3,
        )  # fmt: skip
    outlined = cells.failing(threshold) - cells.lost
    for ends in outline(outlined):
        axes.plot(
            [column - 0.5 for column, _ in ends], [line - 0.5 for _, line in ends], "-",
            color=colours.text, lw=1.8, zorder=5, clip_on=False, solid_capstyle="projecting",
        )  # fmt: skip
    axes.set_xlim(-0.5, len(at) - 0.5)
    axes.set_ylim(len(units) - 0.5, -0.5)
    stride = max(1, math.ceil(len(at) / 20))
    axes.set_xticks(range(0, len(at), stride), [short(v) for v in at[::stride]])
    axes.set_yticks(range(len(units)), units, fontsize=SMALL)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    _parts(axes, units, parts, colours)
    _colour_bar(sheet, scale, colourmap, metric, threshold, (low, high))
    sheet.name_axes(x_title or x)
    more = ["Each unit alone, all others whole."]
    more += [f"Outlined: beyond the threshold {short(threshold)}." if outlined else ""]
    more += ["Hatched: NaN." if cells.lost else "", caption]
    sheet.finish(path, title, metric, words, more)


def _fitting(value: float, columns: int) -> str:
    """Text of a cell: three digits, or two where cells are narrow; nothing where too narrow."""
    if columns > 24:
        return ""
    if abs(value) >= 99.95 or not value or abs(value) < 1e-3:
        return short(value)
    return f"{value:#.{3 if columns <= 12 else 2}g}".rstrip(".")


def _parts(axes: Axes, units: Sequence[str], parts: Mapping[str, str] | None, colours: Ink) -> None:
    """Name the parts at the left, and leave a gap line between them."""
    runs: list[list] = []
    for line, name in enumerate(units):
        part = (parts or {}).get(name, "")
        if runs and runs[-1][0] == part:
            runs[-1][2] = line
        else:
            runs.append([part, line, line])
    if len(runs) < 2:
        return
    aside = -SMALL * 0.62 * max(map(len, units)) - 14
    for part, first, last in runs:
        axes.annotate(
            part, (0, (first + last) / 2), xycoords=("axes fraction", "data"), rotation=90,
            xytext=(aside, 0), textcoords="offset points", fontsize=SMALL, color=colours.faint,
            ha="center", va="center", annotation_clip=False,
        )  # fmt: skip
        if first:
            axes.axhline(first - 0.5, color=colours.ground, lw=3.5, zorder=4)


def _colour_bar(
    sheet: Sheet, scale: Any, colourmap: Colormap, metric: Metric, threshold: float | None,
    ends: tuple[float, float],
) -> None:  # fmt: skip
    from matplotlib.cm import ScalarMappable

    colours = sheet.colours
    bar = sheet.figure.colorbar(
        ScalarMappable(scale, colourmap), ax=sheet.axes, pad=0.015, aspect=35, fraction=0.05
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, labelcolor=colours.text, color=colours.faint, which="both")
    bar.set_label(metric.title, fontsize=SMALL, color=colours.text)
    if metric.log:
        plain_log(bar.ax.yaxis, *ends)
    if threshold is not None and ends[0] <= threshold <= ends[1]:
        bar.ax.axhline(threshold, color=colours.text, lw=1.8)
