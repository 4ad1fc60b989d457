"""Lines across a chart where artifacts found a value of its knob by themselves.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt

from ...reports.rows.marks import Mark
from ..dress.theme import Theme
from .scale import Scale

HEAD, FOOT, STEP = 0.93, 0.09, 0.1
"""How high the first label is, as a share of the chart, and how far apart further ones are."""


def marked(
    box: pg.ViewBox, marks: Sequence[Mark], across: Scale, better: str
) -> list[pg.InfiniteLine]:
    """Draw a labelled upright line for each mark that the axis has a place for.

    Labels are at the head where lower is `better`, else at the foot: away from the full model.
    """
    lines = []
    for number, mark in enumerate(mark for mark in marks if across.fits(mark.x)):
        away = STEP * (number % 8)
        high = HEAD - away if better == "lower" else FOOT + away
        place = {"position": high, "anchors": [(0, 0.5), (1, 0.5)]}
        line = pg.InfiniteLine(across.place(mark.x), angle=90, label=mark.label, labelOpts=place)
        box.addItem(line, ignoreBounds=True)
        lines.append(line)
    return lines


def dress_marks(lines: Iterable[pg.InfiniteLine], theme: Theme) -> None:
    """Give the lines the theme's colours."""
    for line in lines:
        line.setPen(pg.mkPen(theme.muted, width=1.2, style=Qt.PenStyle.DashDotLine))
        line.label.setColor(theme.muted)
