"""What every chart of a study shares: a canvas, the threshold line, clicks and hover.

Importing this module imports pyqtgraph, so it waits until the area is first shown.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from ...core.score.scores import Metric
from ...studies.ask.answers import RowFound
from ..charts.canvas_pictures import picture_of, write_svg
from ..charts.chart import REACH
from ..charts.frame import ChartFrame, title_text
from ..charts.scale import Scale
from ..dress.theme import GAP, LIGHT, Theme
from .record import Record
from .words import words_of

SYMBOLS = (("o", "●"), ("s", "■"), ("t1", "▲"), ("d", "◆"), ("t", "▼"))
LEGEND_ROWS, LONGEST = 12, 30


class StudyCanvas(QWidget):
    """A chart of a study's rows.

    A subclass fills `places` with what is drawn, so that hover and clicks find it.
    """

    chosen = Signal(object)
    """A `RowFound` that was clicked."""
    threshold_moved = Signal(float)
    """The threshold line was dragged to a value of the metric."""
    name = "study"
    across = Scale()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record: Record | None = None
        self.metric: Metric | None = None
        self.others: tuple[Record, ...] = ()
        """Studies that are drawn together with this one."""
        self.threshold: float | None = None
        self.places: list[tuple[float, float, RowFound]] = []
        """What can be clicked: x and y in the box's own units, and its row."""
        self._theme = LIGHT
        self._present: object = None
        self.canvas = pg.GraphicsLayoutWidget()
        self.canvas.setObjectName(f"{self.name}Canvas")
        self.canvas.setFrameShape(pg.GraphicsLayoutWidget.Shape.NoFrame)
        self.canvas.ci.layout.setContentsMargins(0, 0, 2 * GAP, 0)
        self.canvas.ci.layout.setHorizontalSpacing(2 * GAP)
        self.frame = ChartFrame()
        self.canvas.addItem(self.frame, row=0, col=0)
        self.canvas.ci.layout.setColumnStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.line = self.make_threshold_line(self.frame.box)
        scene = self.canvas.scene()
        scene.sigMouseClicked.connect(self._clicked)
        scene.sigMouseMoved.connect(self._hovered)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.82)
        for axis in (self.frame.left, self.frame.bottom):
            axis.setTickFont(font)
            axis.label.setFont(font)

    # -- what is shown -----------------------------------------------------------------

    def show_record(self, record: Record | None, metric: Metric | None) -> None:
        """Draw the rows of a study for a metric."""
        self.record, self.metric = record, metric
        self.redraw()

    def show_threshold(self, value: float | None) -> None:
        """Put the threshold line at a value of the metric, or take it away."""
        self.threshold = value
        self.place_threshold()

    def show_present(self, found: RowFound | None) -> None:
        """Mark the row whose plan is in the 3D views."""
        self._present = found
        self.mark_present()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.canvas.setBackground(theme.panel)
        for axis in (self.frame.left, self.frame.bottom):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(theme.muted)
        self.dress_threshold(self.line)
        self.redraw()

    # -- for subclasses ----------------------------------------------------------------

    def redraw(self) -> None:
        """Draw everything again."""
        raise NotImplementedError

    def mark_present(self) -> None:
        """Draw the mark of the present plan."""

    def words_of(self, found: RowFound) -> str:
        """What is known of a row, in lines."""
        return words_of(self.record, self.metric, found)

    def place_threshold(self) -> None:
        """Put the line where the threshold is."""
        drawable = self.up.fits(self.threshold)
        self.line.setVisible(drawable and self.record is not None)
        if drawable:
            self.line.setValue(self.up.place(self.threshold))

    @property
    def up(self) -> Scale:
        """The scale of the metric."""
        return Scale(self.metric is not None and self.metric.log)

    def make_threshold_line(self, box: pg.ViewBox, angle: int = 0) -> pg.InfiniteLine:
        """Make a line that a hand can drag."""
        line = pg.InfiniteLine(angle=angle, movable=True)
        line.setZValue(5)
        line.setCursor(Qt.CursorShape.SizeVerCursor if angle == 0 else Qt.CursorShape.SizeHorCursor)
        line.setVisible(False)
        line.sigDragged.connect(self._dragged)
        box.addItem(line, ignoreBounds=True)
        return line

    def dress_threshold(self, line: pg.InfiniteLine) -> None:
        """Give the line the theme's colours."""
        line.setPen(pg.mkPen(self._theme.warn, width=1.8))
        line.setHoverPen(pg.mkPen(self._theme.warn, width=3.2))

    def title(self) -> None:
        """Write the metric above the vertical axis."""
        metric = self.metric
        text = "" if metric is None else title_text(
            self._theme, html.escape(metric.title), html.escape(metric.unit), metric.better,
            metric.log,
        )  # fmt: skip
        self.frame.title.setText(text, justify="left")

    def fit(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Show the range of what is drawn, the threshold included."""
        ys = [*ys, *([self.up.place(self.threshold)] if self.up.fits(self.threshold) else [])]
        self.frame.box.show_range(self.across.span(xs), self.up.span(ys))

    # -- pictures ----------------------------------------------------------------------

    def picture(self, scale: float = 2.0) -> QImage:
        """The chart as an image."""
        return picture_of(self.canvas, self._theme.panel, scale)

    def write_svg(self, path: str) -> None:
        """Write the chart as vectors."""
        write_svg(self.canvas, path, self.record.title if self.record else "Prune3D study")

    # -- hand --------------------------------------------------------------------------

    def place_of(self, found: RowFound) -> QPoint | None:
        """Where a row is drawn, in pixels of the canvas' viewport."""
        for x, y, other in self.places:
            if other is found:
                return self.canvas.mapFromScene(self.frame.box.mapViewToScene(QPointF(x, y)))
        return None

    def found_at(self, place: QPointF) -> RowFound | None:
        """The row drawn within reach of a place of the scene."""
        if not self.places or not self.frame.box.sceneBoundingRect().contains(place):
            return None
        corner = self.frame.box.mapViewToScene(QPointF(0, 0))
        unit = self.frame.box.mapViewToScene(QPointF(1, 1)) - corner
        at = np.array([(x, y) for x, y, _ in self.places])
        pixels = at * (unit.x(), unit.y()) + (corner.x(), corner.y())
        away = np.abs(pixels - (place.x(), place.y())).sum(1)
        nearest = int(np.nanargmin(away)) if np.isfinite(away).any() else -1
        if nearest < 0 or away[nearest] > REACH:
            return None
        return self.places[nearest][2]

    def _clicked(self, event) -> None:
        found = self.found_at(event.scenePos())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(found)

    def _hovered(self, place: QPointF) -> None:
        found = self.found_at(place)
        port = self.canvas.viewport()
        if found is None:
            port.unsetCursor()
            QToolTip.hideText()
            return
        port.setCursor(Qt.CursorShape.PointingHandCursor)
        at = port.mapToGlobal(self.canvas.mapFromScene(place))
        QToolTip.showText(at, self.words_of(found), self.canvas)

    def _dragged(self, line: pg.InfiniteLine) -> None:
        self.threshold_moved.emit(self.up.value(float(line.value())))


class Legend(pg.LabelItem):
    """Marks and names of lines, in as many columns as they need; it makes no chart higher."""

    def updateMin(self) -> None:  # noqa: D102 - pyqtgraph's name
        super().updateMin()
        self.setMinimumHeight(0)
        self._sizeHint[Qt.SizeHint.MinimumSize] = (self.minimumWidth(), 0)

    def show(self, entries: Sequence[tuple[str, str, str]], theme: Theme) -> None:
        """Show (colour, sign, text) entries."""
        count = max(1, min(len(entries), LEGEND_ROWS))
        rows = [entries[start::count] for start in range(count)]
        body = "".join(
            "<tr>"
            + "".join(
                f"<td style='padding-right:8px'><span style='color:{colour}'>{sign}</span>"
                f" {html.escape(_short(text))}</td>"
                for colour, sign, text in row
            )
            + "</tr>"
            for row in rows
        )
        style = f"color:{theme.text}; font-size:7.5pt"
        self.setText(f"<table style='{style}'>{body}</table>" if entries else "", justify="left")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
