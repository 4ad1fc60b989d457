"""Curves of a study: means with their interval, seeds with their band, knee and threshold.

Importing this module imports pyqtgraph, so it waits until the area is first shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from ...core.plan.artifacts import Artifact
from ...reports.rows.levels import levels_of
from ...reports.rows.lines import Line, Point
from ...reports.rows.marks import Mark, marks_of
from ...reports.rows.values import value_of
from ..charts.marks import dress_marks, marked
from ..charts.scale import Scale
from ..charts.series_colours import colours_for
from .canvas import SYMBOLS, Legend, StudyCanvas
from .lines import lines_of

BANDS = 4
"""With more lines than this, intervals are told on hover and not drawn."""


class StudyCurves(StudyCanvas):
    """A metric against a number knob, a line for each layer, scope or baseline."""

    name = "studyCurves"

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()
        self.knees: dict[str, float] = {}
        """Where each line bends, by its label."""
        self.marks: tuple[Mark, ...] = ()
        """What artifacts of the model found along the axis."""
        self._artifacts: tuple[Artifact, ...] = ()
        self.across = Scale()
        self._drawn: list = []
        self._level, self._floor = pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=0)
        for line in (self._level, self._floor):
            line.setVisible(False)
            self.frame.box.addItem(line, ignoreBounds=True)
        self._ring = pg.ScatterPlotItem(size=13)
        self._ring.setZValue(4)
        self.frame.box.addItem(self._ring)
        self.legend = Legend(justify="left")
        self.canvas.addItem(self.legend, row=0, col=1)

    def set_artifacts(self, artifacts: Sequence[Artifact]) -> None:
        """Mark what artifacts found, on curves of the model that they were made from."""
        if tuple(artifacts) != self._artifacts:
            self._artifacts = tuple(artifacts)
            self.redraw()

    def redraw(self) -> None:  # noqa: D102
        for item in self._drawn:
            self.frame.box.removeItem(item)
        self._drawn.clear()
        self.places, self.knees, self.lines, self.marks = [], {}, (), ()
        self.title()
        if self.record is None or self.metric is None:
            self.legend.show((), self._theme)
            return
        record, metric = self.record, self.metric
        self.lines = lines_of(record, metric.id, self.others)
        self._name_axes()
        colours = colours_for(len(self.lines), self._theme)
        entries = []
        for number, (line, colour) in enumerate(zip(self.lines, colours, strict=True)):
            symbol, sign = SYMBOLS[number % len(SYMBOLS)]
            self._draw(line, colour, symbol, len(self.lines) <= BANDS)
            text = f"{line.label} ({line.seeds} seeds)" if line.seeds > 1 else line.label
            entries.append((colour, sign, text))
        self._levels()
        self._events()
        self._marks()
        if len(self.lines) > 1 or (self.lines and self.lines[0].seeds > 1):
            self.legend.show(entries, self._theme)
        else:
            self.legend.show((), self._theme)
        ys = [y for _, y, _ in self.places]
        ys += [line.value() for line in (self._level, self._floor) if line.isVisible()]
        self.fit([x for x, _, _ in self.places], ys)
        self.place_threshold()
        self.mark_present()

    def mark_present(self) -> None:  # noqa: D102
        at = [(x, y) for x, y, found in self.places if found.is_of(self._present)]
        self._ring.setData(pos=at, brush=None, pen=pg.mkPen(self._theme.text, width=2))

    def _name_axes(self) -> None:
        knob = self.record.knob
        self.across = Scale(knob is not None and knob.kind == "log")
        self.frame.bottom.setLogMode(self.across.log)
        self.frame.left.setLogMode(self.up.log)
        self.frame.left.setGrid(30)
        self.frame.bottom.setLabel(self.record.axis_title, color=self._theme.muted)

    def _draw(self, line: Line, colour: str, symbol: str, bands: bool) -> None:
        points = [p for p in line.points if self.across.fits(p.x)]
        xs = np.array([self.across.place(p.x) for p in points])
        ys = np.array([self.up.place(p.y) if self.up.fits(p.y) else np.nan for p in points])
        if bands or line.seeds > 1:
            self._band(xs, [(p.least, p.most) for p in points], colour, 46)
            self._band(xs, [(p.low, p.high) for p in points], colour, 30)
        joined = self.record.kind != "budget" or "curve" in line.key
        curve = pg.PlotDataItem(
            xs, ys, connect="finite", pen=pg.mkPen(colour, width=1.6) if joined else None,
            symbol=symbol,
            symbolSize=6, symbolBrush=colour, symbolPen=pg.mkPen(self._theme.panel, width=0.8),
        )  # fmt: skip
        self._add(curve)
        for x, y, point in zip(xs, ys, points, strict=True):
            if y == y:
                self.places.append((float(x), float(y), point.found))
        lost = [float(x) for x, p in zip(xs, points, strict=True) if p.y != p.y]
        if lost:
            self._nan(lost, points)
        self._knee(line, colour)

    def _band(self, xs: np.ndarray, ends: list[tuple[float, float]], colour: str, ink: int) -> None:
        known = [i for i, (a, b) in enumerate(ends) if self.up.fits(a) and self.up.fits(b)]
        if len(known) < 2:
            return
        low = pg.PlotCurveItem(xs[known], np.array([self.up.place(ends[i][0]) for i in known]))
        high = pg.PlotCurveItem(xs[known], np.array([self.up.place(ends[i][1]) for i in known]))
        tint = QColor(colour)
        tint.setAlpha(ink)
        for item in (low, high):
            item.setPen(pg.mkPen(None))
            self._add(item)
        fill = pg.FillBetweenItem(low, high, brush=tint)
        fill.setZValue(-5)
        self._add(fill)

    def _nan(self, xs: list[float], points: Sequence[Point]) -> None:
        """Mark results that are not numbers at the head of the chart."""
        finite = [self.up.place(p.y) for p in points if self.up.fits(p.y)]
        y = max(finite, default=0.0)
        cross = pg.ScatterPlotItem(size=9, symbol="x", brush=self._theme.error, pen=None)
        cross.setData(pos=[(x, y) for x in xs])
        self._add(cross)
        for x in xs:
            found = next(p.found for p in points if self.across.place(p.x) == x)
            self.places.append((x, y, found))

    def _knee(self, line: Line, colour: str) -> None:
        if len(self.lines) > BANDS or self.record.knob is None:  # a training has none
            return
        at = line.knee(self.metric, self.across.log, self.up.log)
        if at is None:
            return
        self.knees[line.label] = at.x
        pen = pg.mkPen(colour, width=1.2, style=Qt.PenStyle.DashDotLine)
        mark = pg.InfiniteLine(
            self.across.place(at.x), angle=90, pen=pen,
            label="knee", labelOpts={"position": 0.93, "color": self._theme.muted},
        )  # fmt: skip
        self._add(mark, ignoreBounds=True)

    def _levels(self) -> None:
        """Put the unpruned network's level and the sampling floor where they are."""
        metric = self.metric.id
        levels = levels_of(self.record.rows, metric, None, self.record.baseline(metric))
        known = {level.name: level.value for level in levels}
        for line, name, colour, style in (
            (self._level, "unpruned", self._theme.muted, Qt.PenStyle.DashLine),
            (self._floor, "floor", self._theme.faint, Qt.PenStyle.DotLine),
        ):
            value = known.get(name)
            line.setVisible(self.up.fits(value))
            line.setPen(pg.mkPen(colour, width=1.3, style=style))
            if self.up.fits(value):
                line.setValue(self.up.place(value))

    def _events(self) -> None:
        """Mark where something happened that rows tell."""
        pen = pg.mkPen(self._theme.faint, width=1.2, style=Qt.PenStyle.DotLine)
        for found in self.record.events:
            x = value_of(found.row, self.record.column)
            if self.across.fits(x):
                self._add(
                    pg.InfiniteLine(self.across.place(x), angle=90, pen=pen), ignoreBounds=True
                )

    def _marks(self) -> None:
        """Mark what artifacts of the model found by themselves."""
        knob, digest = self.record.knob, self.record.card.weights_hash
        if knob is None:
            return
        own = (a for a in self._artifacts if a.made_from.weights_hash == digest)
        self.marks = tuple(mark for mark in marks_of(own, knob) if self.across.fits(mark.x))
        lines = marked(self.frame.box, self.marks, self.across, self.metric.better)
        dress_marks(lines, self._theme)
        self._drawn += lines

    def _add(self, item, **options) -> None:
        self.frame.box.addItem(item, **options)
        self._drawn.append(item)
