"""Scatter of a study: what is taken away against the metric; and what is gained, with its front.

Importing this module imports pyqtgraph, so it waits until the area is first shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from ...core.jobs import Row
from ...reports.rows.answers import found_by
from ...reports.rows.costs import Cost, costs_of, elements_of, taken, taken_words
from ...reports.rows.front import front
from ...reports.rows.values import value_of
from ...studies.ask.answers import RowFound
from ..charts.scale import Scale
from ..charts.series_colours import colours_for
from .canvas import SYMBOLS, Legend, StudyCanvas
from .lines import lines_of

MASKED, GONE, WHOLE = "Zeroed in place", "Removed", "Unpruned"


@dataclass(frozen=True, eq=False)
class Group:
    """Points of one colour and one mark."""

    label: str
    symbol: str
    sign: str
    points: tuple[tuple[float, float, RowFound], ...]


class PointsChart(StudyCanvas):
    """Points of a study, a colour or a mark for each group."""

    across = Scale()

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self._drawn: list = []
        self._ring = pg.ScatterPlotItem(size=15)
        self._ring.setZValue(4)
        self.frame.box.addItem(self._ring)
        self.legend = Legend(justify="left")
        self.canvas.addItem(self.legend, row=0, col=1)

    def groups(self) -> list[Group]:
        """What is drawn."""
        raise NotImplementedError

    def x_title(self) -> str:
        """Title of the lower axis."""
        raise NotImplementedError

    def redraw(self) -> None:  # noqa: D102
        for item in self._drawn:
            self.frame.box.removeItem(item)
        self._drawn.clear()
        self.places = []
        self.title()
        if self.record is None or self.metric is None:
            self.legend.show((), self._theme)
            return
        groups = self.groups()
        colours = colours_for(len(groups), self._theme)
        self.frame.bottom.setLogMode(self.across.log)
        self.frame.left.setLogMode(self.metric.log)
        for axis in (self.frame.left, self.frame.bottom):
            axis.setGrid(30)
        self.frame.bottom.setLabel(self.x_title(), color=self._theme.muted)
        for group, colour in zip(groups, colours, strict=True):
            self._draw(group, colour)
        entries = [(c, g.sign, g.label) for g, c in zip(groups, colours, strict=True) if g.points]
        self.legend.show(entries + self.more(), self._theme)
        self.fit([x for x, _, _ in self.places], [y for _, y, _ in self.places])
        self.place_threshold()
        self.mark_present()

    def more(self) -> list[tuple[str, str, str]]:
        """Draw what is no point; returns its entries of the legend."""
        return []

    def mark_present(self) -> None:  # noqa: D102
        at = [(x, y) for x, y, found in self.places if found is self._present]
        self._ring.setData(pos=at, brush=None, pen=pg.mkPen(self._theme.text, width=2))

    def add(self, item) -> None:
        """Draw an item until the next redraw."""
        self.frame.box.addItem(item)
        self._drawn.append(item)

    def _draw(self, group: Group, colour: str) -> None:
        places = [
            (self.across.place(x), self.up.place(y), found)
            for x, y, found in group.points
            if self.across.fits(x) and self.up.fits(y)
        ]
        self.places += places
        dots = pg.ScatterPlotItem(
            size=7.5, symbol=group.symbol, brush=colour, pen=pg.mkPen(self._theme.panel, width=0.8)
        )
        dots.setData(pos=[(x, y) for x, y, _ in places])
        self.add(dots)


class StudyScatter(PointsChart):
    """What is zeroed or removed against the metric, one colour per layer."""

    name = "studyScatter"
    across = Scale(log=True)

    def groups(self) -> list[Group]:  # noqa: D102
        found = []
        for number, line in enumerate(lines_of(self.record, self.metric.id, self.others)):
            symbol, sign = SYMBOLS[number % len(SYMBOLS)]
            points = tuple((taken(p.found.row), p.y, p.found) for p in line.points)
            found.append(Group(line.label, symbol, sign, points))
        return found

    def x_title(self) -> str:  # noqa: D102
        rows = self.record.rows
        return f"{taken_words(rows)} {elements_of(rows, self.record.card.units)}"


class StudyTradeOff(PointsChart):
    """The metric against bytes, MACs or milliseconds; no point beats those on the front."""

    name = "studyTradeOff"

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.cost: Cost | None = None
        self.on_front: tuple[RowFound, ...] = ()
        self.named: dict[str, RowFound] = {}
        """What is marked by name."""

    def groups(self) -> list[Group]:  # noqa: D102
        costs = costs_of(self.record.rows, self.record.card.sizes, self.record.card.units)
        if self.cost not in costs:
            self.cost = costs[0] if costs else None
        kinds: dict[str, list] = {MASKED: [], GONE: [], WHOLE: []}
        every = [found for one in (self.record, *self.others) for found in one.found]
        for found in every if self.cost else ():
            x = self.cost.read(found.row)
            kinds[_kind(found.row)].append((x, value_of(found.row, self.metric.id), found))
        marks = {MASKED: SYMBOLS[0], GONE: SYMBOLS[1], WHOLE: SYMBOLS[3]}
        return [Group(kind, *marks[kind], tuple(points)) for kind, points in kinds.items()]

    def x_title(self) -> str:  # noqa: D102
        return self.cost.title if self.cost else ""

    def more(self) -> list[tuple[str, str, str]]:  # noqa: D102
        self._name_answer()
        found = front([(x, y) for x, y, _ in self.places], self.metric.better)
        self.on_front = tuple(self.places[number][2] for number in found)
        if not found:
            return []
        at = np.array([self.places[number][:2] for number in found])
        pen = pg.mkPen(self._theme.text, width=1.4, style=Qt.PenStyle.DashLine)
        line = pg.PlotCurveItem(at[:, 0], at[:, 1], pen=pen)
        line.setZValue(-1)
        self.add(line)
        return [(self._theme.text, "╌", "Front")]

    def _name_answer(self) -> None:
        """Mark what a search found, and the uniform plan beside it, by name."""
        self.named = {}
        answer = found_by(self.record.found)
        if answer is None:
            return
        across = [x for x, _, _ in self.places]
        named = [("Best plan", answer.best, "star", 20), ("Uniform", answer.uniform, "o", 13)]
        for words, wanted, symbol, size in named if answer.better else named[:1]:
            at = next(((x, y) for x, y, found in self.places if found is wanted), None)
            if at is None:
                continue
            mark = pg.ScatterPlotItem(
                size=size, symbol=symbol, brush=self._theme.accent,
                pen=pg.mkPen(self._theme.panel, width=1.5),
            )  # fmt: skip
            mark.setData(pos=[at])
            mark.setZValue(6)
            side = 1.15 if at[0] > (min(across) + max(across)) / 2 else -0.15  # where room is
            above = 1.05 if wanted is answer.best else -0.05  # the two are near each other
            text = pg.TextItem(
                words, color=self._theme.text, anchor=(side, above), fill=self._theme.panel
            )
            text.setPos(*at)
            text.setZValue(6)
            self.add(mark)
            self.add(text)
            self.named[words] = wanted


def _kind(row: Row) -> str:
    if row.get("removed"):
        return GONE
    return MASKED if row.get("zeroed") else WHOLE
