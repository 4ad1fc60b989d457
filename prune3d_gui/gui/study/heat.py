"""The heat map of a study: layers down, values of a knob across.

Importing this module imports pyqtgraph, so it waits until the area is first shown.
"""

from __future__ import annotations

import html
import math

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...drawing.palette import DARK as DARK_VIEW
from ...drawing.palette import LIGHT as LIGHT_VIEW
from ...drawing.palette import RAMP
from ...reports.rows.cells import Cells, cells_of, outline
from ...reports.rows.values import shown
from ...studies.ask.answers import RowFound
from ..charts.axis import QuietAxis
from ..charts.painted import NamesAxis, Painted, crisp_pen
from .canvas import StudyCanvas
from .lines import lines_of

BAR_WIDTH, BAR, HANDLE = 78, 12, 14
STEPS = 64
GRID_FROM = 9
"""Pixels a row needs for lines between the cells."""
TOP, FOOT = 22, 18
"""Height of the title above the map and of the values below it."""


class StudyHeat(StudyCanvas):
    """Cells coloured by the metric on the app's ramp; failing ones lie inside an outline."""

    name = "studyHeat"

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.results: Cells | None = None
        """By layer and value of the knob."""
        self.failing: frozenset[tuple[int, int]] = frozenset()
        """Cells that break the threshold, as (layer, value)."""
        self.present: tuple[int, int] | None = None
        """The cell that the 3D views show."""
        self._range = (0.0, 1.0)
        self._cells, self._outline, self._mark = Painted(), Painted(), Painted()
        for number, item in enumerate((self._cells, self._outline, self._mark)):
            item.setZValue(number)
            self.frame.box.addItem(item)
        self.frame.box.invertY(True)
        self._swap_axes()
        self._add_bar()

    # -- what is shown -----------------------------------------------------------------

    def redraw(self) -> None:  # noqa: D102
        self.results, self.failing, self.present = None, frozenset(), None
        self.title()
        if self.record is not None and self.metric is not None:
            self._arrange()
        self._paint_cells()
        self._paint_bar()
        self.place_threshold()
        self.mark_present()

    @property
    def cells(self) -> tuple[tuple[RowFound | None, ...], ...]:
        """Rows by layer and value of the knob; None where no row is yet."""
        return self.results.found if self.results is not None else ()

    def place_threshold(self) -> None:  # noqa: D102
        drawable = self.up.fits(self.threshold) and self._known
        self.bar_line.setVisible(drawable)
        if drawable:
            self.bar_line.setValue(self.up.place(self.threshold))
        self.failing = self.results.failing(self.threshold) if self.results else frozenset()
        self._paint_outline()

    def mark_present(self) -> None:  # noqa: D102
        self.present = self._where(self._present)

        def paint(painter: QPainter) -> None:
            if self.present is None:
                return
            row, column = self.present
            for colour, width in ((self._theme.panel, 6.0), (self._theme.accent, 3.0)):
                painter.setPen(crisp_pen(colour, width))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(column, row, 1, 1))

        self._mark.paint_anew(self._whole().adjusted(-1, -1, 1, 1), paint)

    def place_of(self, found: RowFound) -> QPoint | None:  # noqa: D102
        where = self._where(found)
        return None if where is None else self.place_of_cell(*where)

    def place_of_cell(self, row: int, column: int) -> QPoint:
        """Middle of a cell, in pixels of the canvas' viewport."""
        middle = QPointF(column + 0.5, row + 0.5)
        return self.canvas.mapFromScene(self.frame.box.mapViewToScene(middle))

    def found_at(self, place: QPointF) -> RowFound | None:  # noqa: D102
        if not self.cells or not self.frame.box.sceneBoundingRect().contains(place):
            return None
        at = self.frame.box.mapSceneToView(place)
        row, column = math.floor(at.y()), math.floor(at.x())
        if 0 <= row < len(self.cells) and 0 <= column < len(self.cells[row]):
            return self.cells[row][column]
        return None

    def title(self) -> None:  # noqa: D102
        metric = self.metric
        if metric is None:
            self.frame.title.setText("")
            return
        self.frame.title.setText(
            f"<span style='color:{self._theme.text}; font-size:9pt'>{html.escape(metric.headed)}"
            f"</span> <span style='color:{self._theme.muted}; font-size:7pt'>"
            f"{html.escape(metric.unit)}</span>",
            justify="left",
        )

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._paint_cells()

    def set_theme(self, theme) -> None:  # noqa: D102
        self._theme = theme
        for axis in (self.names, self.values, self.bar_axis):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(theme.muted)
        self.dress_threshold(self.bar_line)
        super().set_theme(theme)

    # -- inside ------------------------------------------------------------------------

    def _swap_axes(self) -> None:
        frame = self.frame
        grid = frame.layout()
        self.names, self.values = NamesAxis("left"), NamesAxis("bottom")
        for old, new, row, column in (
            (frame.left, self.names, 1, 0),
            (frame.bottom, self.values, 2, 1),
        ):
            grid.removeItem(old)
            old.scene().removeItem(old)
            new.setTickFont(old.style["tickFont"])
            new.label.setFont(old.label.font())
            grid.addItem(new, row, column)
            new.linkToView(frame.box)
        self.names.setWidth(48)
        self.values.setHeight(FOOT)
        grid.setRowFixedHeight(0, TOP)
        self.axis_name = pg.LabelItem("", justify="right")
        grid.addItem(self.axis_name, 2, 0)

    def _add_bar(self) -> None:
        holder = pg.GraphicsLayout()
        holder.layout.setContentsMargins(0, 0, 0, 0)
        holder.layout.setSpacing(0)
        self.bar = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.bar.disableAutoRange()
        self.bar.setXRange(-HANDLE / BAR, 1, 0)
        self.bar_axis = QuietAxis("right")
        self.bar_axis.setWidth(BAR_WIDTH - BAR - HANDLE - 6)
        self.bar_axis.setTickFont(self.names.style["tickFont"])
        self.bar_axis.setStyle(tickLength=4, maxTickLevel=0, hideOverlappingLabels=False)
        self.bar_axis.linkToView(self.bar)
        holder.addItem(pg.LabelItem(" "), row=0, col=0)
        holder.addItem(self.bar, row=1, col=0)
        holder.addItem(self.bar_axis, row=1, col=1)
        holder.layout.setRowFixedHeight(0, TOP)
        holder.layout.setRowFixedHeight(2, FOOT)
        holder.layout.setColumnFixedWidth(0, BAR + HANDLE)
        self.canvas.addItem(holder, row=0, col=1)
        self.canvas.ci.layout.setColumnFixedWidth(1, BAR_WIDTH)
        self._ramp = Painted()
        self.bar.addItem(self._ramp)
        self.bar_line = self.make_threshold_line(self.bar)
        self.bar_line.addMarker("|>", 0.15, 10)

    def _arrange(self) -> None:
        record, metric = self.record, self.metric
        lines = lines_of(record, metric.id)
        cases = (dict(case.values) for case in record.cases)
        asked = [float(case[record.column]) for case in cases if record.column in case]
        self.results = cells_of(lines, metric, asked)
        xs = self.results.values
        self.names.names = tuple(line.label for line in lines)
        self.values.names = tuple(f"{x:.3g}" for x in xs)
        widest = max((len(name) for name in self.names.names), default=4)
        self.names.setWidth(min(14 + 6.2 * widest, 150))
        text = html.escape(record.axis_title)
        self.axis_name.setText(
            f"<span style='color:{self._theme.muted}; font-size:7pt'>{text}</span>"
        )
        span = self.results.span
        self._range = tuple(map(self.up.place, span)) if span else (0.0, 1.0)
        self.frame.box.setXRange(0, max(len(xs), 1), 0)
        self.frame.box.setYRange(0, max(len(lines), 1), 0)

    @property
    def _known(self) -> bool:
        """Whether there is a result to be coloured."""
        return self.results is not None and self.results.span is not None

    def _colour(self, value: float) -> QColor:
        if not self.up.fits(value):
            view = DARK_VIEW if self._theme.dark else LIGHT_VIEW
            return QColor(*view.missing)
        return QColor(*(int(part) for part in RAMP[self._index(self.up.place(value))]))

    def _index(self, y: float) -> int:
        low, high = self._range
        part = min(max((y - low) / (high - low), 0.0), 1.0)
        part = part if self.metric.better == "lower" else 1 - part
        return round(part * 255)

    def _whole(self) -> QRectF:
        return QRectF(
            0, 0, max(len(self.cells[0]), 1) if self.cells else 1, max(len(self.cells), 1)
        )

    def _where(self, found: object) -> tuple[int, int] | None:
        for row, line in enumerate(self.cells):
            for column, other in enumerate(line):
                if found is not None and other is found:
                    return row, column
        return None

    def _paint_cells(self) -> None:
        def paint(painter: QPainter) -> None:
            for row, line in enumerate(self.cells):
                for column, found in enumerate(line):
                    box = QRectF(column, row, 1, 1)
                    if found is None:
                        painter.fillRect(box, QColor(self._theme.sunken))
                        continue
                    value = self.results.at((row, column))
                    painter.fillRect(box, self._colour(value))
                    if value != value:
                        self._cross(painter, box)
            if self.frame.box.height() < GRID_FROM * len(self.cells):
                return
            painter.setPen(crisp_pen(self._theme.panel, 1.0))
            for row in range(len(self.cells) + 1):
                painter.drawLine(QPointF(0, row), QPointF(self._whole().width(), row))
            for column in range(int(self._whole().width()) + 1):
                painter.drawLine(QPointF(column, 0), QPointF(column, len(self.cells)))

        self._cells.paint_anew(self._whole(), paint)

    def _cross(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(crisp_pen(self._theme.panel, 1.5))
        inner = box.adjusted(0.25, 0.25, -0.25, -0.25)
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())

    def _paint_outline(self) -> None:
        """Draw the border between what passes and what does not."""
        edges = [(QPointF(*a), QPointF(*b)) for a, b in outline(self.failing)]

        def paint(painter: QPainter) -> None:
            for colour, width in ((self._theme.panel, 4.0), (self._theme.text, 2.0)):
                painter.setPen(crisp_pen(colour, width))
                for a, b in edges:
                    painter.drawLine(a, b)

        self._outline.paint_anew(self._whole().adjusted(-1, -1, 1, 1), paint)

    def _paint_bar(self) -> None:
        low, high = self._range
        self.bar.setYRange(low, high, 0)
        self.bar_axis.setLogMode(self.metric is not None and self.metric.log)
        step = (high - low) / STEPS

        def paint(painter: QPainter) -> None:
            if not self._known:
                return
            for number in range(STEPS):
                colour = RAMP[self._index(low + (number + 0.5) * step)]
                painter.fillRect(
                    QRectF(0, low + number * step, 1, step * 1.02),
                    QColor(*(int(part) for part in colour)),
                )

        self._ramp.paint_anew(QRectF(0, low, 1, high - low), paint)
        self.bar_axis.setVisible(self._known)

    def words_of(self, found: RowFound) -> str:  # noqa: D102
        text = super().words_of(found)
        if self._where(found) in self.failing:
            text += f"\nBreaks the threshold {shown(self.threshold)}"
        return text
