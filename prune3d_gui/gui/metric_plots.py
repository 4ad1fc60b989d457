"""The live plots: every metric and the nonzero parameters against the primary knob."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from ..core.frames import Frame
from ..core.knobs import knob_named
from ..studies.events import ModelCard
from .theme import GAP, LIGHT, Theme
from .visited import Visit

NONZERO = "nonzero"


class MetricPlots(QWidget):
    """Charts side by side, and a line below that says what they mean.

    `start` brings in pyqtgraph; before it the widget is empty.
    """

    chosen = Signal(object)
    """A visit that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("metricPlots")
        self.charts: dict[str, object] = {}
        self._theme = LIGHT
        self._canvas = None
        self._caption = QLabel()
        self._caption.setObjectName("plotCaption")
        self._caption.setProperty("role", "muted")
        self._caption.setTextFormat(Qt.TextFormat.RichText)
        self._caption.setWordWrap(True)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        font = self._caption.font()
        font.setPointSizeF(font.pointSizeF() * 0.82)
        self._caption.setFont(font)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(2 * GAP, GAP, GAP, GAP)
        self._layout.setSpacing(GAP)
        self._layout.addStretch(1)
        self._caption.setText("The curves appear here, one point for each setting you rest on.")
        self._layout.addWidget(self._caption)
        self.setMinimumSize(360, 150)

    def start(self) -> None:
        """Bring in pyqtgraph and make room for charts."""
        if self._canvas is not None:
            return
        import pyqtgraph as pg

        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.setObjectName("plotCanvas")
        self._canvas.ci.layout.setContentsMargins(0, 0, 3 * GAP, 0)
        self._canvas.ci.layout.setHorizontalSpacing(3 * GAP)
        self._canvas.setFrameShape(pg.GraphicsLayoutWidget.Shape.NoFrame)
        self._layout.takeAt(0)
        self._layout.insertWidget(0, self._canvas, 1)
        scene = self._canvas.scene()
        scene.sigMouseClicked.connect(self._clicked)
        scene.sigMouseMoved.connect(self._hovered)
        self.set_theme(self._theme)

    def set_card(self, card: ModelCard) -> None:
        """Make the charts for another model."""
        self.start()
        from .chart import Chart, Quantity

        self._canvas.clear()
        self.charts = {}
        knob = knob_named(card.knobs, card.primary)
        total = max(sum(unit.count for unit in card.units), 1)
        scale, letter = (1e6, "M") if total >= 1e6 else (1e3, "k") if total >= 1e4 else (1, "")
        quantities = [
            Quantity(
                metric.id,
                metric.title,
                metric.unit,
                metric.better,
                metric.definition,
                metric.log,
                lambda visit, name=metric.id: visit.score(name),
            )
            for metric in card.metrics
            if metric.plot
        ]
        quantities.append(
            Quantity(
                NONZERO,
                "Nonzero parameters",
                {"M": "millions", "k": "thousands", "": ""}[letter],
                "",
                "Parameters of the network that are neither zeroed nor removed.",
                False,
                lambda visit: _nonzero(visit.footprint) / scale,
            )
        )
        for column, quantity in enumerate(quantities):
            chart = Chart(quantity, knob)
            self._canvas.addItem(chart.frame, row=0, col=column)
            chart.set_font(self._caption.font())
            self.charts[quantity.id] = chart
        self._scale = scale
        self._share_out()
        self._definitions = [(m.title, m.definition) for m in card.metrics if m.plot]
        self.set_theme(self._theme)
        self.show_caption("", "")

    def show_curve(self, visits: Sequence[Visit]) -> None:
        """Draw the points visited on the present curve."""
        for chart in self.charts.values():
            chart.show_visits(visits)

    def show_full(self, frame: Frame | None) -> None:
        """Draw the full model's level and the sampling floors."""
        for name, chart in self.charts.items():
            level = self._read(name, frame) if frame else None
            scores = frame.scores if frame else None
            chart.show_levels(level, scores.floors.get(name) if scores else None)

    def show_frame(self, value: float, frame: Frame) -> None:
        """Put the markers on a pruned frame at its value of the knob; hollow for a preview."""
        hollow = frame.quality == "preview"
        for name, chart in self.charts.items():
            chart.show_marker(value, self._read(name, frame), hollow)

    def follow(self, value: float) -> None:
        """Let the upright lines follow the knob, ahead of its frame."""
        for chart in self.charts.values():
            chart.show_now(value)

    def show_caption(self, sample: str, against: str) -> None:
        """Say what was measured, on what."""
        parts = [f"<b>{title}</b>: {text}" for title, text in self._definitions]
        about = f"One sample, {sample}" if sample else "One sample"
        if against:
            about += f", compared with the {against}"
        key = "Dots: visited, click to return; dashed: full model; dotted: sampling floor"
        self._caption.setText(f"{key}. {about}. {' '.join(parts)}")

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        if self._canvas is None:
            return
        self._canvas.setBackground(theme.panel)
        for number, chart in enumerate(self.charts.values()):
            chart.set_theme(theme, theme.series[number % len(theme.series)])

    def place_of(self, chart: str, visit: Visit) -> QPoint:
        """Where a visit is drawn, in pixels of the canvas' viewport."""
        return self._canvas.mapFromScene(self.charts[chart].place_of(visit))

    @property
    def canvas(self) -> QWidget:
        """Viewport of the canvas: what takes the mouse."""
        return self._canvas.viewport()

    def picture(self, scale: float = 2.0) -> QImage:
        """Return all charts as an image."""
        size = self._canvas.size() * scale
        image = QImage(size, QImage.Format.Format_ARGB32)
        image.fill(self._theme.panel)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._canvas.render(painter, image.rect(), self._canvas.rect())
        painter.end()
        return image

    def write_svg(self, path: str) -> None:
        """Write all charts as vectors."""
        from PySide6.QtSvg import QSvgGenerator

        rect = self._canvas.rect()
        generator = QSvgGenerator()
        generator.setFileName(path)
        generator.setSize(rect.size())
        generator.setViewBox(rect)
        generator.setTitle("Prune3D curves")
        painter = QPainter(generator)
        self._canvas.render(painter, rect, rect)
        painter.end()

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        """Give every chart the same width, whatever its title needs."""
        if self.charts:
            margins = self._layout.contentsMargins()
            room = self.width() - margins.left() - margins.right() - 3 * GAP
            width = max(room / len(self.charts) - 3 * GAP, 60)
            for column in range(len(self.charts)):
                self._canvas.ci.layout.setColumnFixedWidth(column, width)

    def _read(self, name: str, frame: Frame) -> float | None:
        if name == NONZERO:
            return _nonzero(frame.footprint) / self._scale
        return frame.scores.values.get(name) if frame.scores else None

    def _clicked(self, event) -> None:
        visit = self._visit_at(event.scenePos())
        if visit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(visit[1])

    def _hovered(self, place: QPointF) -> None:
        found = self._visit_at(place)
        shape = Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
        self._canvas.viewport().setCursor(shape)
        if found:
            at = self._canvas.viewport().mapToGlobal(self._canvas.mapFromScene(place))
            QToolTip.showText(at, found[0].describe(found[1]), self._canvas)

    def _visit_at(self, place: QPointF):
        for chart in self.charts.values():
            visit = chart.visit_at(place)
            if visit is not None:
                return chart, visit
        return None


def _nonzero(footprint) -> int:
    return footprint.total - footprint.zeroed - footprint.removed
