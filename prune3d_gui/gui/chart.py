"""One curve of a metric against the primary knob, drawn with pyqtgraph.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont

from ..core.knobs import Knob
from .numbers import number
from .theme import Theme
from .visited import Visit

pg.setConfigOptions(antialias=True)

REACH = 14
"""Pixels around a point within which a click means it."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a chart shows: a title with its unit, and how to read it from a visit."""

    id: str
    title: str
    tip: str
    log: bool
    read: Callable[[Visit], float | None]


class QuietAxis(pg.AxisItem):
    """An axis whose logarithmic ticks read 1, 10, 100 instead of powers."""

    def logTickStrings(self, values, scale, spacing):  # noqa: N802 D102
        return [f"{10**value:.3g}" for value in values]


class Chart:
    """Curve, full model's level, sampling floor and marker in one plot item."""

    def __init__(self, plot: pg.PlotItem, quantity: Quantity, knob: Knob) -> None:
        self.plot, self.quantity, self.knob = plot, quantity, knob
        self.visits: tuple[Visit, ...] = ()
        self._level: float | None = None
        self._floor: float | None = None
        self._at: tuple[float, float | None, bool] | None = None
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.setLogMode(x=knob.kind == "log", y=quantity.log)
        plot.setToolTip(quantity.tip)
        dashed, dotted = Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
        self._level_line = pg.InfiniteLine(angle=0, pen=pg.mkPen("k", style=dashed))
        self._floor_line = pg.InfiniteLine(angle=0, pen=pg.mkPen("k", style=dotted))
        self._now_line = pg.InfiniteLine(angle=90)
        self._curve = pg.PlotDataItem(symbol="o", symbolSize=6)
        self._dot = pg.PlotDataItem(symbol="o", symbolSize=10, pen=None)
        for item in (self._level_line, self._floor_line, self._now_line):
            item.setVisible(False)
            plot.addItem(item, ignoreBounds=True)
        plot.addItem(self._curve)
        plot.addItem(self._dot)
        low, high = self._x(knob.minimum), self._x(knob.maximum)
        plot.setXRange(low, high, padding=0.04)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The visited points drawn, in the knob's and the metric's own units."""
        return tuple((v.value, y) for v in self.visits if self._fits(y := self.quantity.read(v)))

    @property
    def marker(self) -> tuple[float, float | None, bool] | None:
        """Where the marker is: value of the knob, of the metric, and whether it is hollow."""
        return self._at

    @property
    def level(self) -> float | None:
        """The full model's level."""
        return self._level

    @property
    def floor(self) -> float | None:
        """The sampling floor."""
        return self._floor

    def show_visits(self, visits: Sequence[Visit]) -> None:
        """Draw the points visited, in order."""
        self.visits = tuple(visits)
        xs, ys = zip(*self.points, strict=True) if self.points else ((), ())
        self._curve.setData(list(xs), list(ys))
        self._range()

    def show_levels(self, level: float | None, floor: float | None) -> None:
        """Draw the full model's level and the sampling floor."""
        self._level, self._floor = level, floor
        for line, value in ((self._level_line, level), (self._floor_line, floor)):
            line.setVisible(self._fits(value))
            if self._fits(value):
                line.setValue(self._y(value))
        self._range()

    def show_marker(self, value: float, score: float | None, hollow: bool) -> None:
        """Put the marker at a value of the knob, and on its score where there is one."""
        self._at = (value, score, hollow)
        self._now_line.setVisible(True)
        self._now_line.setValue(self._x(value))
        shown = self._fits(score)
        self._dot.setData([value] if shown else [], [score] if shown else [])
        self._dot.setSymbolBrush(pg.mkBrush(self._paper if hollow else self._colour))
        self._range()

    def set_theme(self, theme: Theme, colour: str) -> None:
        """Take the colours of a theme."""
        self._paper, self._colour = theme.panel, colour
        axis = pg.mkPen(theme.border)
        for name in ("left", "bottom"):
            item = self.plot.getAxis(name)
            item.setPen(axis)
            item.setTextPen(theme.muted)
        self.plot.showGrid(x=False, y=True, alpha=0.12 if theme.dark else 0.10)
        self.plot.setTitle(self.quantity.title, color=theme.text, size="9pt")
        unit = f" ({self.knob.unit or '%'})" if self.knob.kind == "rate" or self.knob.unit else ""
        self.plot.setLabel("bottom", self.knob.title + unit, color=theme.muted)
        self._curve.setPen(pg.mkPen(colour, width=1.8))
        self._curve.setSymbolBrush(colour)
        self._curve.setSymbolPen(pg.mkPen(theme.panel, width=1))
        self._dot.setSymbolPen(pg.mkPen(colour, width=2))
        self._level_line.setPen(pg.mkPen(theme.muted, width=1.2, style=Qt.PenStyle.DashLine))
        self._floor_line.setPen(pg.mkPen(theme.faint, width=1.4, style=Qt.PenStyle.DotLine))
        self._now_line.setPen(pg.mkPen(theme.faint, width=1))
        if self._at is not None:
            self.show_marker(*self._at)

    def set_font(self, font: QFont) -> None:
        """Use a font for the ticks and the title of the lower axis."""
        for name in ("left", "bottom"):
            self.plot.getAxis(name).setTickFont(font)
        self.plot.getAxis("bottom").label.setFont(font)

    def place_of(self, visit: Visit) -> QPointF | None:
        """Where a visit is drawn, in pixels of the scene."""
        score = self.quantity.read(visit)
        if not self._fits(score):
            return None
        point = QPointF(self._x(visit.value), self._y(score))
        return self.plot.vb.mapViewToScene(point)

    def visit_at(self, place: QPointF) -> Visit | None:
        """Visit drawn within reach of a place of the scene."""
        if not self.plot.vb.sceneBoundingRect().contains(place):
            return None
        found = [(self.place_of(visit), visit) for visit in self.visits]
        near = [((at - place).manhattanLength(), visit) for at, visit in found if at is not None]
        if not near:
            return None
        distance, visit = min(near, key=lambda pair: pair[0])
        return visit if distance <= REACH else None

    def describe(self, visit: Visit) -> str:
        """One line about a point."""
        score = self.quantity.read(visit)
        return f"{self.knob.title} {number(visit.value)}: {self.quantity.title} {number(score)}"

    def _range(self) -> None:
        values = [y for _, y in self.points]
        values += [self._level, self._floor, self._at[1] if self._at else None]
        values = [self._y(value) for value in values if self._fits(value)]
        if not values:
            self.plot.setYRange(0, 1, padding=0.05)
            return
        low, high = min(values), max(values)
        if not self.quantity.log:
            low = min(low, 0.0)
        gap = max(high - low, 0.2 if self.quantity.log else 1e-9)
        self.plot.setYRange(low - (0.08 * gap if self.quantity.log else 0), high + 0.1 * gap, 0)

    def _fits(self, value: float | None) -> bool:
        return value is not None and math.isfinite(value) and not (self.quantity.log and value <= 0)

    def _x(self, value: float) -> float:
        return math.log10(value) if self.knob.kind == "log" else value

    def _y(self, value: float) -> float:
        return math.log10(value) if self.quantity.log else value
