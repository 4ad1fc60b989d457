"""The chart of a comparison: one metric against another, a line for each way of working.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont

from ...core.frames import Frame
from ...core.score.scores import Comparison, Curve, Metric
from ..dress.numbers import number
from ..dress.theme import LIGHT, Theme
from ..state.visited import Visit
from .chart import REACH
from .frame import ChartFrame, title_text
from .scale import Scale

SIGNS = (("o", "●"), ("s", "■"), ("t1", "▲"), ("d", "◆"), ("t", "▼"))
"""Marks of the lines in the chart and in its legend, so that colour is not all."""
LEGEND = 160
LOG = Scale(log=True)
Point = tuple[float, float]


class ComparisonChart:
    """Lines of the model, the points visited, and the present one, on logarithmic axes."""

    def __init__(self, comparison: Comparison, metrics: Iterable[Metric]) -> None:
        named = {metric.id: metric for metric in metrics}
        self.x, self.y = named[comparison.x], named[comparison.y]
        self.page, self.frame = pg.GraphicsLayout(), ChartFrame()
        self.legend = pg.LabelItem(justify="left")
        self.page.addItem(self.frame, row=0, col=0)
        self.page.addItem(self.legend, row=0, col=1)
        self.page.layout.setContentsMargins(0, 0, 0, 0)
        self.page.layout.setColumnFixedWidth(1, LEGEND)
        self.frame.setToolTip(comparison.definition)
        for axis in (self.frame.left, self.frame.bottom):
            axis.setLogMode(True)
        self.curves: tuple[Curve, ...] = ()
        self.visits: tuple[Visit, ...] = ()
        self.marker: tuple[Point, bool] | None = None
        """Where the present frame is, and whether it is hollow."""
        self._theme = LIGHT
        self._named: list[str] = []
        self._waits = False  # for the full result: the preview gives no point
        self._lines: list[pg.PlotDataItem] = []
        self._dots, self._dot = pg.ScatterPlotItem(size=7), pg.ScatterPlotItem(size=12)
        for item in (self._dots, self._dot):
            item.setZValue(1)
            self.frame.box.addItem(item)

    @property
    def points(self) -> tuple[Point, ...]:
        """The visited points drawn, in the metrics' own units."""
        found = (self._point(visit.score) for visit in self.visits)
        return tuple(point for point in found if point is not None)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw the lines of the model."""
        if self.curves != tuple(curves):
            self.curves = tuple(curves)
            self._redraw()

    def show_visits(self, visits: Sequence[Visit]) -> None:
        """Draw the points visited."""
        self.visits = tuple(visits)
        self._dots.setData(pos=[_log(point) for point in self.points])
        self._range()

    def show_frame(self, frame: Frame | None) -> None:
        """Put the marker on a pruned frame; hollow for a preview."""
        scores = frame.scores.values if frame is not None and frame.scores else {}
        point = self._point(scores.get)
        hollow = frame is not None and frame.quality == "preview"
        self.marker = None if point is None else (point, hollow)
        if self._waits is not (hollow and point is None):
            self._waits = not self._waits
            self._tell()
        self._mark()
        self._range()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for axis in (self.frame.left, self.frame.bottom):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(theme.muted)
            axis.setGrid(30)
        self.frame.title.setText(
            title_text(theme, self.y.title, self.y.unit, self.y.better, log=True), justify="left"
        )
        unit = f" ({self.x.unit})" if self.x.unit else ""
        self.frame.bottom.setLabel(self.x.title + unit, color=theme.muted)
        self._dots.setBrush(theme.text)
        self._dots.setPen(pg.mkPen(theme.panel, width=1))
        self._dot.setPen(pg.mkPen(theme.text, width=2))
        self._mark()
        self._redraw()

    def set_font(self, font: QFont) -> None:
        """Use a font for the ticks and the title of the lower axis."""
        for axis in (self.frame.left, self.frame.bottom):
            axis.setTickFont(font)
        self.frame.bottom.label.setFont(font)

    def place_of(self, visit: Visit) -> QPointF | None:
        """Where a visit is drawn, in pixels of the scene."""
        point = self._point(visit.score)
        return None if point is None else self._place(point)

    def visit_at(self, place: QPointF) -> Visit | None:
        """Visit drawn within reach of a place of the scene."""
        found = [(self.place_of(visit), visit) for visit in self.visits]
        return _nearest(place, found)

    def words_at(self, place: QPointF) -> str:
        """What is drawn within reach of a place of the scene, in a line; empty for nothing."""
        visit = self.visit_at(place)
        if visit is not None:
            return self._words("Visited", self._point(visit.score))
        found = [
            (self._place(point), (curve.title, point))
            for curve in self.curves
            for point in _drawable(curve.points)
        ]
        near = _nearest(place, found)
        return self._words(*near) if near else ""

    def _words(self, title: str, point: Point) -> str:
        x, y = number(point[0]), number(point[1])
        return f"{title}: {self.x.title} {x}, {self.y.title} {y}"

    def _point(self, read) -> Point | None:
        x, y = read(self.x.id), read(self.y.id)
        return (x, y) if _drawable([(x, y)]) else None

    def _place(self, point: Point) -> QPointF:
        return self.frame.box.mapViewToScene(QPointF(*_log(point)))

    def _mark(self) -> None:
        hollow = self.marker is not None and self.marker[1]
        at = [_log(self.marker[0])] if self.marker else []
        brush = pg.mkBrush(self._theme.panel if hollow else self._theme.text)
        self._dot.setData(pos=at, brush=brush)

    def _redraw(self) -> None:
        for line in self._lines:
            self.frame.box.removeItem(line)
        self._lines.clear()
        text = []
        for index, curve in enumerate(self.curves):
            colour = self._theme.series[index % len(self._theme.series)]
            symbol, sign = SIGNS[index % len(SIGNS)]
            dash = Qt.PenStyle.SolidLine if index < len(SIGNS) else Qt.PenStyle.DashLine
            points = np.array([_log(p) for p in _drawable(curve.points)]).reshape(-1, 2)
            line = pg.PlotDataItem(
                points[:, 0], points[:, 1], pen=pg.mkPen(colour, width=1.8, style=dash),
                symbol=symbol, symbolSize=6, symbolBrush=colour,
                symbolPen=pg.mkPen(self._theme.panel, width=1),
            )  # fmt: skip
            self.frame.box.addItem(line)
            self._lines.append(line)
            text.append(f"<span style='color:{colour}'>{sign}</span> {html.escape(curve.title)}")
        self._named = text
        self._tell()
        self._range()

    def _tell(self) -> None:
        """Write the legend."""
        end = ", once it is full" if self._waits else ""
        text = [*self._named, "● Visited", f"⬤ The result on screen{end}"]
        style = f"color:{self._theme.text}; font-size:8pt"
        self.legend.setText(f"<span style='{style}'>{'<br>'.join(text)}</span>", justify="left")

    def _range(self) -> None:
        points = [p for curve in self.curves for p in _drawable(curve.points)]
        points += [*self.points, *([self.marker[0]] if self.marker else [])]
        across, up = (LOG.span([_log(point)[way] for point in points]) for way in (0, 1))
        self.frame.box.show_range(across, up)


def _drawable(points: Iterable[Sequence[float | None]]) -> list[Point]:
    return [
        (x, y)
        for x, y in points
        if x is not None and y is not None and 0 < x < math.inf and 0 < y < math.inf
    ]


def _log(point: Point) -> Point:
    return math.log10(point[0]), math.log10(point[1])


def _nearest(place: QPointF, found: Sequence[tuple[QPointF | None, object]]):
    near = [((at - place).manhattanLength(), thing) for at, thing in found if at is not None]
    distance, thing = min(near, key=lambda pair: pair[0], default=(math.inf, None))
    return thing if distance <= REACH else None
