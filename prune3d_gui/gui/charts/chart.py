"""One curve of a metric against a number knob, drawn with pyqtgraph.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsGridLayout

from ...core.plan.knobs import Knob
from ..dress.numbers import number, short_count
from ..dress.theme import Theme
from ..state.visited import Visit
from .part_lines import PartLines
from .quantities import Quantity
from .scale import Scale

pg.setConfigOptions(antialias=True)

TITLE = 34
REACH = 14
"""Pixels around a point within which a click means it."""


class QuietAxis(pg.AxisItem):
    """An axis whose logarithmic ticks read 1, 2, 5, 10, as many as have room.

    Far apart, whole decades are left out; close together, ticks are at even steps.
    """

    def tickValues(self, minVal, maxVal, size):  # noqa: D102
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        room = 36.0 if self.orientation == "bottom" else 24.0  # pixels a label needs
        least = room * (maxVal - minVal) / max(size, 1)
        first, last = math.floor(minVal), math.ceil(maxVal) + 1
        stride = max(math.ceil(least), 1)
        found = [d for d in range(first, last) if d % stride == 0 and minVal <= d <= maxVal]
        for digits in ((1, 3), (1, 2, 5), range(1, 10)):
            marks = [d + math.log10(digit) for d in range(first, last) for digit in digits]
            marks = [mark for mark in marks if minVal <= mark <= maxVal]
            if any(b - a < least for a, b in itertools.pairwise(marks)):
                break
            found = marks
        if len(found) < 2:
            steps = super().tickValues(10**minVal, 10**maxVal, size)[0][1]
            found = [math.log10(value) for value in steps if value > 0] or found
        return [(1.0, found)]

    def tickStrings(self, values, scale, spacing):  # noqa: D102
        if not self.logMode and any(abs(value) >= 1e4 for value in values):
            return [tick_text(value) for value in values]
        return super().tickStrings(values, scale, spacing)

    def logTickStrings(self, values, scale, spacing):  # noqa: D102
        return [tick_text(10**value) for value in values]


def tick_text(value: float) -> str:
    """Three digits, with a letter from a thousand on."""
    return short_count(value).replace(" ", "") if value >= 999.5 else f"{value:.3g}"


def title_text(theme: Theme, title: str, unit: str, better: str) -> str:
    """The title of a chart with which way is better, its unit below."""
    arrow = {"lower": " ↓", "higher": " ↑"}.get(better, "")
    above = f"<span style='color:{theme.text}; font-size:9pt'>{title}{arrow}</span>"
    return f"{above}<br><span style='color:{theme.muted}; font-size:7pt'>{unit or ' '}</span>"


class ChartFrame(pg.GraphicsWidget):
    """A title over a box with a left and a lower axis; the mouse moves nothing in it.

    pyqtgraph's own plot item brings a hidden form of some fifty widgets and menus.
    """

    def __init__(self) -> None:
        super().__init__()
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.box.disableAutoRange()
        self.title = pg.LabelItem(justify="left")
        self.left, self.bottom = QuietAxis("left"), QuietAxis("bottom")
        self.left.setWidth(40)
        self.bottom.setHeight(34)
        grid = QGraphicsGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addItem(self.title, 0, 0, 1, 2)
        grid.addItem(self.left, 1, 0)
        grid.addItem(self.box, 1, 1)
        grid.addItem(self.bottom, 2, 1)
        grid.setRowFixedHeight(0, TITLE)
        for axis in (self.left, self.bottom):
            axis.setStyle(tickLength=4, maxTickLevel=0, hideOverlappingLabels=False)
            axis.enableAutoSIPrefix(False)
            axis.linkToView(self.box)


class Chart:
    """Curve, full model's level, sampling floor and marker in one plot item."""

    def __init__(self, quantity: Quantity, knob: Knob) -> None:
        self.frame = ChartFrame()
        self.quantity = quantity
        self.up = Scale(quantity.log)
        self.visits: tuple[Visit, ...] = ()
        self._level: float | None = None
        self._floor: float | None = None
        self._now: float | None = None
        self._dot_at: tuple[float, float | None, bool] | None = None
        self.frame.setToolTip(quantity.tip)
        self.frame.left.setLogMode(quantity.log)
        self._level_line, self._floor_line = pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=0)
        self._now_line = pg.InfiniteLine(angle=90)
        self._curve = pg.PlotCurveItem()
        self._dots, self._dot = pg.ScatterPlotItem(size=6), pg.ScatterPlotItem(size=11)
        for item in (self._level_line, self._floor_line, self._now_line):
            item.setVisible(False)
            self.frame.box.addItem(item, ignoreBounds=True)
        for item in (self._curve, self._dots, self._dot):
            self.frame.box.addItem(item)
        self.parts = PartLines(self.frame.box)
        self.set_axis(knob)

    def set_axis(self, knob: Knob) -> None:
        """Run along another knob; points and marker must be shown anew, and the theme set."""
        self.knob = knob
        self.across = Scale(knob.kind == "log")
        self.frame.bottom.setLogMode(self.across.log)
        low, high = self.across.place(knob.minimum), self.across.place(knob.maximum)
        self.frame.box.setXRange(low, high, padding=0.03)
        self._now, self._dot_at = None, None
        self._now_line.setVisible(False)
        self._dot.setData(pos=[])
        self.show_visits(())

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The visited points drawn, in the knob's and the metric's own units."""
        return tuple((v.value, y) for v in self.visits if self.up.fits(y := self.quantity.read(v)))

    @property
    def now(self) -> float | None:
        """Value of the knob at which the upright line stands."""
        return self._now

    @property
    def marker(self) -> tuple[float, float | None, bool] | None:
        """Where the last frame's marker is: knob, metric, and whether it is hollow."""
        return self._dot_at

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
        if self.visits == tuple(visits):
            return
        self.visits = tuple(visits)
        xs = np.array([self.across.place(x) for x, _ in self.points])
        ys = np.array([self.up.place(y) for _, y in self.points])
        self._curve.setData(xs, ys)
        self._dots.setData(xs, ys)
        self.parts.show(self._part_points(), lambda x, y: (self.across.place(x), self.up.place(y)))
        self._range()

    def show_levels(self, level: float | None, floor: float | None) -> None:
        """Draw the full model's level and the sampling floor."""
        self._level, self._floor = level, floor
        for line, value in ((self._level_line, level), (self._floor_line, floor)):
            line.setVisible(self.up.fits(value))
            if self.up.fits(value):
                line.setValue(self.up.place(value))
        self._range()

    def show_now(self, value: float) -> None:
        """Put the upright line at a value of the knob."""
        self._now = value
        self._now_line.setVisible(self.across.fits(value))
        if self.across.fits(value):
            self._now_line.setValue(self.across.place(value))

    def show_marker(self, value: float, score: float | None, hollow: bool) -> None:
        """Put the marker on a frame's score; hollow for a preview."""
        self._dot_at = (value, score, hollow)
        fits = self.across.fits(value) and self.up.fits(score)
        at = [(self.across.place(value), self.up.place(score))] if fits else []
        self._dot.setData(pos=at, brush=pg.mkBrush(self._paper if hollow else self._colour))
        self._range()

    def set_theme(self, theme: Theme, colour: str) -> None:
        """Take the colours of a theme."""
        self._paper, self._colour = theme.panel, colour
        frame = self.frame
        for axis in (frame.left, frame.bottom):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(theme.muted)
        frame.left.setGrid(30)
        told = self.quantity
        text = title_text(theme, told.title, told.unit, told.better)
        frame.title.setText(text, justify="left")
        frame.bottom.setLabel(self.knob.axis_title, color=theme.muted)
        self._curve.setPen(pg.mkPen(colour, width=1.8))
        self.parts.dress(colour)
        self._dots.setBrush(colour)
        self._dots.setPen(pg.mkPen(theme.panel, width=1))
        self._dot.setPen(pg.mkPen(colour, width=2))
        self._level_line.setPen(pg.mkPen(theme.muted, width=1.2, style=Qt.PenStyle.DashLine))
        self._floor_line.setPen(pg.mkPen(theme.faint, width=1.4, style=Qt.PenStyle.DotLine))
        self._now_line.setPen(pg.mkPen(theme.faint, width=1))
        if self._dot_at is not None:
            self.show_marker(*self._dot_at)

    def set_font(self, font: QFont) -> None:
        """Use a font for the ticks and the title of the lower axis."""
        for axis in (self.frame.left, self.frame.bottom):
            axis.setTickFont(font)
        self.frame.bottom.label.setFont(font)

    def place_of(self, visit: Visit) -> QPointF | None:
        """Where a visit is drawn, in pixels of the scene."""
        score = self.quantity.read(visit)
        if not self.up.fits(score):
            return None
        point = QPointF(self.across.place(visit.value), self.up.place(score))
        return self.frame.box.mapViewToScene(point)

    def visit_at(self, place: QPointF) -> Visit | None:
        """Visit drawn within reach of a place of the scene."""
        if not self.frame.box.sceneBoundingRect().contains(place):
            return None
        found = [(self.place_of(visit), visit) for visit in self.visits]
        near = [((at - place).manhattanLength(), visit) for at, visit in found if at is not None]
        if not near:
            return None
        distance, visit = min(near, key=lambda pair: pair[0])
        return visit if distance <= REACH else None

    def words_at(self, place: QPointF) -> str:
        """One line about the point within reach of a place of the scene; empty for none."""
        visit = self.visit_at(place)
        if visit is not None:
            score = self.quantity.read(visit)
            return f"{self.knob.label} {number(visit.value)}: {self.quantity.title} {number(score)}"
        part = self.parts.nearest(place, REACH)
        if part is None:
            return ""
        name, x, y = part
        return f"{self.knob.label} {number(x)}: {self.quantity.title} of {name} {number(y)}"

    def _part_points(self) -> dict[str, tuple[tuple[float, float], ...]]:
        found: dict[str, list[tuple[float, float]]] = {}
        for visit in self.visits:
            for name, y in self.quantity.parts(visit).items():
                if self.up.fits(y):
                    found.setdefault(name, []).append((visit.value, y))
        return {name: tuple(points) for name, points in found.items()}

    def _range(self) -> None:
        values = [y for _, y in self.points]
        values += [y for points in self.parts.points.values() for _, y in points]
        values += [self._level, self._floor, self._dot_at[1] if self._dot_at else None]
        values = [self.up.place(value) for value in values if self.up.fits(value)]
        if not values:
            self.frame.box.setYRange(0, 1, padding=0.05)
            return
        low, high = min(values), max(values)
        if not self.quantity.log:
            low = min(low, 0.0)
        gap = max(high - low, 0.2 if self.quantity.log else 1e-9)
        self.frame.box.setYRange(
            low - (0.08 * gap if self.quantity.log else 0), high + 0.1 * gap, 0
        )
