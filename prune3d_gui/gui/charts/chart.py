"""One curve of a metric against a number knob, drawn with pyqtgraph.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont

from ...core.plan.knobs import Knob
from ...reports.rows.marks import Mark
from ..dress.numbers import number
from ..dress.theme import Theme
from ..state.visited import Visit
from .frame import ChartFrame, title_text
from .marks import dress_marks, marked
from .part_lines import PartLines
from .quantities import Quantity
from .scale import Scale

pg.setConfigOptions(antialias=True)

AWAITED = "shown when full"
WHY = (
    "The preview tells this to no better than 10 %, so its marker is shown once the result is full."
)
REACH = 14
"""Pixels around a point within which a click means it."""


class Chart:
    """Curve, full model's level, sampling floor and marker in one plot item."""

    def __init__(self, quantity: Quantity, knob: Knob) -> None:
        self.frame = ChartFrame()
        self.quantity = quantity
        self.up = Scale(quantity.log)
        self.visits: tuple[Visit, ...] = ()
        self.marks: tuple[Mark, ...] = ()
        """What is marked along the axis: see `show_marks`."""
        self._mark_lines: list[pg.InfiniteLine] = []
        self._level: float | None = None
        self._floor: float | None = None
        self._now: float | None = None
        self._dot_at: tuple[float, float | None, bool] | None = None
        self.frame.setToolTip(quantity.tip)
        self.frame.left.setLogMode(quantity.log)
        self._level_line, self._floor_line = pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=0)
        self._now_line = pg.InfiniteLine(angle=90)
        self._awaited = pg.InfLineLabel(
            self._now_line, AWAITED, position=0.1, anchors=[(0, 0.5), (1, 0.5)]
        )
        self._awaited.hide()
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
        self.frame.box.show_range(across=(low, high))
        self._now, self._dot_at = None, None
        self._now_line.setVisible(False)
        self._dot.setData(pos=[])
        self._awaited.hide()
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
    def awaits(self) -> bool:
        """Whether it says that there is no marker until the result is full."""
        return self._awaited.isVisible()

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

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Draw upright lines where artifacts found a value of the knob; their theme comes after."""
        for line in self._mark_lines:
            self.frame.box.removeItem(line)
        self.marks = tuple(mark for mark in marks if self.across.fits(mark.x))
        self._mark_lines = marked(self.frame.box, self.marks, self.across, self.quantity.better)

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
        waits = hollow and not fits
        if waits is not self.awaits:
            self._awaited.setVisible(waits)
            self.frame.setToolTip(f"{WHY}\n\n{self.quantity.tip}" if waits else self.quantity.tip)
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
        text = title_text(theme, told.title, told.unit, told.better, told.log)
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
        self._awaited.setColor(theme.muted)
        dress_marks(self._mark_lines, theme)
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
            told, said = self.quantity, self.quantity.said(visit)
            value = f"{number(score)} {told.unit} ({said})" if said else number(score)
            return f"{self.knob.label} {number(visit.value)}: {told.title} {value}"
        part = self.parts.nearest(place, REACH)
        if part is None:
            return self._mark_at(place)
        name, x, y = part
        return f"{self.knob.label} {number(x)}: {self.quantity.title} of {name} {number(y)}"

    def _mark_at(self, place: QPointF) -> str:
        """What found the mark within reach of a place of the scene; empty for none."""
        box = self.frame.box
        if not box.sceneBoundingRect().contains(place):
            return ""
        known = [(self._across_of(mark), mark) for mark in self.marks]
        away, mark = min(
            ((abs(x - place.x()), mark) for x, mark in known),
            key=itemgetter(0),
            default=(REACH, None),
        )
        return "" if mark is None or away > REACH / 2 else f"{mark.label}\n{mark.title}"

    def _across_of(self, mark: Mark) -> float:
        point = QPointF(self.across.place(mark.x), 0.0)
        return self.frame.box.mapViewToScene(point).x()

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
        if values and not self.quantity.log:
            values.append(0.0)
        self.frame.box.show_range(up=self.up.span(values))
