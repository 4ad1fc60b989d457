"""The live plots: metrics and sizes against a number knob, and the model's comparison."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QPointF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QTabBar,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from ...core.frames import Frame
from ...core.plan.artifacts import Artifact
from ...core.plan.axes import axes_of
from ...core.plan.knobs import Knob, knob_named
from ...core.score.scores import Curve
from ...reports.rows.marks import marks_of
from ...studies.live.events import ModelCard
from ..dress.theme import GAP, LIGHT, Theme
from ..state.visited import Visit
from .canvas_pictures import picture_of, write_svg
from .caption import Caption
from .quantities import (
    BYTES,
    NONZERO,
    TIME,
    Quantity,
    measured,
    network_bytes,
    nonzero,
    plotted,
)

NARROWEST, LOWEST, UNBOUND = 150, 144, 10_000
"""Pixels that a chart needs, and no bound."""
KEY, FLOOR = "Dots: visited, click to return; dashed: full model", "; dotted: sampling floor"
MARKED = "; upright: what was learned"


COMPARED = {
    "reference": ", compared with the reference",
    "itself": (
        ", without a reference: what is pruned is compared with the full result, which has no "
        "score itself"
    ),
}
"""What the score of the full result says of all others, by what it was compared with."""


class MetricPlots(QWidget):
    """Charts side by side, and a line below that says what they mean.

    Charts that have no room there are on pages of their own, chosen by a switch above, as is the
    chart of the model's comparison, where it has one. Where it has several number knobs that
    prune, a box chooses the one that the curves run along.

    `start` brings in pyqtgraph; before it the widget is empty.
    """

    chosen = Signal(object)
    """A visit that was clicked."""
    axis_chosen = Signal(object)
    """A `Knob` that the curves shall run along."""
    comparing = Signal(bool)
    """Whether the comparison is looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("metricPlots")
        self.charts: dict[str, object] = {}
        self.comparison = None
        """The chart of the comparison; None for a model without one."""
        self._theme = LIGHT
        self._canvas = None
        self._card: ModelCard | None = None
        self._axis: Knob | None = None
        self._found: tuple[Artifact, ...] = ()
        self._full: Frame | None = None
        self._about = ""
        self.switch = QTabBar()
        self.switch.setObjectName("plotSwitch")
        self.switch.setDrawBase(False)
        self.switch.setExpanding(False)
        self.switch.setElideMode(Qt.TextElideMode.ElideRight)
        self.switch.setUsesScrollButtons(False)
        self.switch.hide()
        self.switch.currentChanged.connect(self._turn)
        self.axis_box = QComboBox()
        self.axis_box.setObjectName("plotAxis")
        self.axis_box.setAccessibleName("Knob that the curves run along")
        self.axis_box.setToolTip("The knob that the curves run along: the one turned last")
        self.axis_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.axis_box.setMinimumContentsLength(12)
        self.axis_box.hide()
        self.axis_box.activated.connect(
            lambda row: self.axis_chosen.emit(self.axis_box.itemData(row))
        )
        self._pages: list[list[str]] = [[]]
        self._caption = Caption("plotCaption")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(2 * GAP, GAP, GAP, GAP)
        self._layout.setSpacing(GAP)
        above = QHBoxLayout()
        above.addWidget(self.switch)
        above.addStretch(1)
        above.addWidget(self.axis_box)
        self._layout.addLayout(above)
        self._caption.setText("The curves appear here, one point for each setting you rest on.")
        self._layout.addWidget(self._caption)
        self.setMinimumSize(300, 150)

    def start(self) -> None:
        """Bring in pyqtgraph and make room for charts."""
        if self._canvas is not None:
            return
        import pyqtgraph as pg

        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.setObjectName("plotCanvas")
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing in it listens to keys
        self._canvas.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas.ci.layout.setContentsMargins(0, 0, 3 * GAP, 0)
        self._canvas.ci.layout.setHorizontalSpacing(3 * GAP)
        self._canvas.ci.layout.setVerticalSpacing(0)
        self._canvas.setFrameShape(pg.GraphicsLayoutWidget.Shape.NoFrame)
        self._layout.insertWidget(1, self._canvas, 1)
        scene = self._canvas.scene()
        scene.sigMouseClicked.connect(self._clicked)
        scene.sigMouseMoved.connect(self._hovered)
        self.set_theme(self._theme)

    def set_card(self, card: ModelCard) -> None:
        """Make the charts for another model."""
        self.start()
        from .chart import Chart
        from .comparison_chart import ComparisonChart

        self._canvas.clear()
        self._card, self._full, self._found = card, None, ()
        self._axis = knob_named(card.knobs, card.primary)
        self.charts = {}
        for quantity in plotted(card.metrics):
            self._add(Chart(quantity, self._axis))
        self.comparison = None
        if card.comparison is not None:
            self.comparison = ComparisonChart(card.comparison, card.metrics)
            self.comparison.set_font(self._caption.font())
            self._canvas.addItem(self.comparison.page, row=1, col=0)
        with QSignalBlocker(self.switch):
            while self.switch.count():
                self.switch.removeTab(0)
        self._pages = []
        self._fill_axes()
        self.set_theme(self._theme)
        self.show_caption("", "")
        self._turn()

    def set_axis(self, knob: Knob) -> None:
        """Let the curves run along another knob; points and marker come after."""
        self._axis = knob
        for chart in self.charts.values():
            chart.set_axis(knob)
            chart.show_marks(marks_of(self._found, knob))
        self._name_pages()
        self._fill_axes()
        self.set_theme(self._theme)

    def show_curve(self, visits: Sequence[Visit]) -> None:
        """Draw the points visited on the present curve."""
        for chart in self.charts.values():
            chart.show_visits(visits)

    def set_artifacts(self, artifacts: Iterable[Artifact]) -> None:
        """Mark what artifacts of the model found by themselves along the knob of the curves."""
        self._found = tuple(artifacts)
        if self._axis is None:
            return
        for chart in self.charts.values():
            chart.show_marks(marks_of(self._found, self._axis))
        self.set_theme(self._theme)
        self._tell()

    def show_compared(self, visits: Sequence[Visit], curves: Sequence[Curve]) -> None:
        """Draw the comparison: all points visited of the sample, and the model's curves."""
        if self.comparison is not None:
            self.comparison.show_visits(visits)
            self.comparison.show_curves(curves)
            self._tell()

    def show_full(self, frame: Frame | None) -> None:
        """Draw the full model's level and the sampling floors."""
        self._full = frame
        if frame is not None and NONZERO not in self.charts:
            self._join(nonzero(frame.footprint, self._card.units))
        if frame is not None and frame.timings.modules and TIME not in self.charts:
            self._join(measured(frame.timings))
        for name, chart in self.charts.items():
            level = chart.quantity.read(frame) if frame else None
            scores = frame.scores if frame else None
            chart.show_levels(level, scores.floors.get(name) if scores else None)
        if frame is None and self.comparison is not None:
            self.comparison.show_frame(None)
        self._tell()

    def show_frame(self, value: float, frame: Frame) -> None:
        """Put the markers on a pruned frame at its value of the knob; hollow for a preview."""
        full = self._full
        if BYTES not in self.charts and full and full.footprint.bytes != frame.footprint.bytes:
            self._join(network_bytes(full.footprint))
        hollow = frame.quality == "preview"
        for chart in self.charts.values():
            chart.show_marker(value, chart.quantity.read(frame), hollow)
        if self.comparison is not None:
            self.comparison.show_frame(frame)

    def follow(self, value: float) -> None:
        """Let the upright lines follow the knob, ahead of its frame."""
        for chart in self.charts.values():
            chart.show_now(value)

    def show_caption(self, sample: str, against: str) -> None:
        """Say what was measured, on what."""
        about = f"One sample, {sample}" if sample else "One sample"
        self._about = about + COMPARED.get(against, "")
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        if self._canvas is None:
            return
        self._canvas.setBackground(theme.panel)
        if self.comparison is not None:
            self.comparison.set_theme(theme)
        for number, chart in enumerate(self.charts.values()):
            chart.set_theme(theme, theme.series[number % len(theme.series)])

    def place_of(self, chart: str, visit: Visit) -> QPoint:
        """Where a visit is drawn, in pixels of the canvas' viewport."""
        made = self.charts.get(chart, self.comparison)
        return self._canvas.mapFromScene(made.place_of(visit))

    @property
    def canvas(self) -> QWidget:
        """Viewport of the canvas: what takes the mouse."""
        return self._canvas.viewport()

    def picture(self, scale: float = 2.0) -> QImage:
        """Return all charts as an image."""
        return picture_of(self._canvas, self._theme.panel, scale)

    def write_svg(self, path: str) -> None:
        """Write all charts as vectors."""
        write_svg(self._canvas, path, "Prune3D curves")

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._turn()

    def showEvent(self, event) -> None:  # noqa: D102
        super().showEvent(event)
        self.comparing.emit(self._compares)

    def hideEvent(self, event) -> None:  # noqa: D102
        super().hideEvent(event)
        self.comparing.emit(False)

    @property
    def _compares(self) -> bool:
        return self.comparison is not None and self.switch.currentIndex() == len(self._pages)

    def _add(self, chart) -> None:
        self._canvas.addItem(chart.frame, row=0, col=len(self.charts))
        chart.set_font(self._caption.font())
        self.charts[chart.quantity.id] = chart

    def _turn(self) -> None:
        """Show the page that is chosen."""
        if self._card is None:
            return
        self._page_charts()
        here = () if self._compares else self._pages[max(self.switch.currentIndex(), 0)]
        for name, chart in self.charts.items():
            _fold(chart.frame, name not in here)
        if self.comparison is not None:
            _fold(self.comparison.page, not self._compares)
        self.axis_box.setVisible(self.axis_box.count() > 1 and not self._compares)
        self.comparing.emit(self._compares and self.isVisible())
        above = [w.sizeHint().height() for w in (self.switch, self.axis_box) if not w.isHidden()]
        self._caption.set_room(self.height() - max(above, default=0) - LOWEST - 4 * GAP)
        self._share_out(here)
        self._tell()

    def _page_charts(self) -> None:
        """Deal the charts out to as few pages as have room for them, evenly."""
        most = max(int((self._room + 3 * GAP) // (NARROWEST + 3 * GAP)), 1)
        names, count = list(self.charts), max(math.ceil(len(self.charts) / most), 1)
        ends = [round(len(names) * page / count) for page in range(count + 1)]
        pages = [names[a:b] for a, b in itertools.pairwise(ends)]
        if pages != self._pages:
            compares, before = self._compares and bool(self._pages), self._pages
            self._pages = pages
            self._name_pages()
            shown = before[max(self.switch.currentIndex(), 0)] if before and not compares else ()
            at = next((i for i, page in enumerate(pages) if shown and shown[0] in page), 0)
            with QSignalBlocker(self.switch):
                self.switch.setCurrentIndex(len(pages) if compares else at)

    def _name_pages(self) -> None:
        """Name the pages by their charts, or by the knob where there is one."""
        texts = [" · ".join(self.charts[n].quantity.title for n in page) for page in self._pages]
        if len(texts) == 1:
            texts = [f"Against {self._axis.words}"]
        if self.comparison is not None:
            texts.append(self._card.comparison.title)
        with QSignalBlocker(self.switch):
            while self.switch.count() > len(texts):
                self.switch.removeTab(self.switch.count() - 1)
            for tab, text in enumerate(texts):
                if tab == self.switch.count():
                    self.switch.addTab(text)
                self.switch.setTabText(tab, text)
                self.switch.setTabToolTip(tab, text)
        self.switch.setVisible(len(texts) > 1)

    def _on_page(self) -> list:
        if self._compares:
            return [self.comparison]
        return [self.charts[name] for name in self._pages[max(self.switch.currentIndex(), 0)]]

    @property
    def _room(self) -> int:
        margins = self._layout.contentsMargins()
        return self.width() - margins.left() - margins.right() - 3 * GAP

    def _share_out(self, here: Sequence[str]) -> None:
        """Give every chart that is shown the same width, whatever its title needs."""
        grid = self._canvas.ci.layout
        each = (self._room - 3 * GAP * (len(here) - 1)) / max(len(here), 1)
        for column, name in enumerate(self.charts):
            grid.setColumnFixedWidth(column, each if name in here else 0)
            grid.setColumnSpacing(column, 3 * GAP if name in here[:-1] else 0)
        if self._compares:
            grid.setColumnFixedWidth(0, self._room)

    def _fill_axes(self) -> None:
        """Offer the knobs that curves can run along, where there are several."""
        axes = axes_of(self._card.knobs)
        with QSignalBlocker(self.axis_box):
            self.axis_box.clear()
            for knob in axes:
                self.axis_box.addItem(f"Against {knob.words}", knob)
            self.axis_box.setCurrentIndex(axes.index(self._axis) if self._axis in axes else -1)
        self.axis_box.setVisible(len(axes) > 1 and not self._compares)

    def _join(self, quantity: Quantity) -> None:
        """Add a chart of a size, once there is a result of which it is known."""
        from .chart import Chart

        chart = Chart(quantity, self._axis)
        known = next(iter(self.charts.values()), None)
        if known is not None:
            chart.show_visits(known.visits)
        chart.show_marks(marks_of(self._found, self._axis))
        chart.show_levels(quantity.read(self._full), None)
        if known is not None and known.now is not None:
            chart.show_now(known.now)
        self._add(chart)
        self.set_theme(self._theme)
        self._turn()

    def _tell(self) -> None:
        if self._card is None or not self._pages:
            return
        if self._compares:
            waits = "" if self.comparison.curves else " The lines come once nothing else is to do."
            text = (
                f"{KEY.partition(';')[0]}. {self._about}. {self._card.comparison.definition}{waits}"
            )
        else:
            page = [chart.quantity for chart in self._on_page()]
            told = [f"<b>{q.title}</b>: {q.tip}" for q in page if q.id not in (NONZERO, BYTES)]
            floor = any(chart.floor is not None for chart in self._on_page())
            marks = any(chart.marks for chart in self._on_page())
            key = f"{KEY}{FLOOR if floor else ''}{MARKED if marks else ''}"
            text = f"{key}. {self._about}. {' '.join(told)}"
        self._caption.setText(text)

    def _clicked(self, event) -> None:
        visit = self._visit_at(event.scenePos())
        if visit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(visit)

    def _hovered(self, place: QPointF) -> None:
        found = self._visit_at(place) is not None
        shape = Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
        self._canvas.viewport().setCursor(shape)
        words = next(filter(None, (chart.words_at(place) for chart in self._on_page())), "")
        if words:
            at = self._canvas.viewport().mapToGlobal(self._canvas.mapFromScene(place))
            QToolTip.showText(at, words, self._canvas)

    def _visit_at(self, place: QPointF) -> Visit | None:
        found = (chart.visit_at(place) for chart in self._on_page())
        return next((visit for visit in found if visit is not None), None)


def _fold(item, away: bool) -> None:
    """Show an item of the canvas, or hide it so that it takes no room."""
    item.setVisible(not away)
    item.setMinimumSize(*(0, 0) if away else (-1, -1))
    item.setMaximumSize(*(0, 0) if away else (UNBOUND, UNBOUND))
