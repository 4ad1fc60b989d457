"""What one study found: curves, heat map, scatter, trade-off and table, one at a time."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ...core.errors import BadInput
from ...core.plan.artifacts import Artifact
from ...core.score.scores import Metric
from ...core.score.thresholds import Threshold, read_threshold
from ...reports.rows.captions import means_over
from ...reports.rows.costs import costs_of
from ...studies.ask.answers import RowFound
from ..charts.canvas_pictures import picture_of
from ..charts.caption import Caption
from ..dress.theme import GAP, LIGHT, Theme
from .answer_card import AnswerCard
from .live_picture import LivePicture
from .record import FAILED, RUNNING, WAITING, Record
from .table import StudyTable
from .view_bar import ViewBar
from .words import present_words

CURVES, HEAT, SCATTER, TRADE_OFF, TABLE = range(5)
TITLES = ("Curves", "Heat map", "Scatter", "Trade-off", "Table")
FIRST = {"sensitivity": HEAT, "budget": TRADE_OFF}
"""The view that a kind of study is first seen in."""
LOW = 340
"""Height below which the card of a search is short."""
CARD, CHART = 0.2, 150
"""Share of the height that a short card has at most, and what a chart has before its caption."""
BY_PART = (CURVES, TABLE)
"""The views that can show the parts of the results."""
KEYS = (
    "Dashed: unpruned; dotted: sampling floor; band: 95 % interval, or range over seeds",
    "Outlined: breaks the threshold; ×: not a number",
    "One point for each plan",
    "Dashed: the front, which no plan beats on both axes",
    "",
)


class StudiesViews(QWidget):
    """A switch, the metric and its threshold above; the chosen view below.

    `start` brings in pyqtgraph; before it only the table can be shown.
    """

    chosen = Signal(object)
    """A `RowFound` that was clicked in any view."""
    refused = Signal(str)
    """What is wrong with what was typed, in a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record: Record | None = None
        self.others: tuple[Record, ...] = ()
        self.charts: list = []
        self._theme, self._present, self._pictured = LIGHT, None, ""
        self._cost = ""  # chosen by hand
        self._artifacts: tuple[Artifact, ...] = ()
        self._told, self._room = "", 0  # the caption, and its height at most
        self.bar = ViewBar(TITLES)
        self.switch, self.metric_box = self.bar.switch, self.bar.metric_box
        self.cost_box, self.part_box = self.bar.cost_box, self.bar.part_box
        self.threshold_line, self.filter_line = self.bar.threshold_line, self.bar.filter_line
        self.table = StudyTable()
        self.table.chosen.connect(self.chosen)
        self.answer = AnswerCard()
        self.answer.shown.connect(self.chosen)
        self.answer.compared.connect(self._compare)
        self.stack = QStackedWidget()
        self.live = LivePicture()
        self.caption = Caption("studyCaption")
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.stack, 3)
        middle.addWidget(self.live, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, GAP, 2 * GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.answer)
        column.addWidget(self.bar)
        column.addLayout(middle, 1)
        column.addWidget(self.caption)
        self.stack.addWidget(self.table)
        self._connect()

    def start(self) -> None:
        """Bring in pyqtgraph and make the charts."""
        if self.charts:
            return
        from .curves import StudyCurves
        from .heat import StudyHeat
        from .scatter import StudyScatter, StudyTradeOff

        self.charts = [StudyCurves(), StudyHeat(), StudyScatter(), StudyTradeOff()]
        self.curves, self.heat, self.scatter, self.trade_off = self.charts
        for number, chart in enumerate(self.charts):
            self.stack.insertWidget(number, chart)
            chart.chosen.connect(self.chosen)
            chart.threshold_moved.connect(lambda at: self.put_threshold(Threshold(at)))
            chart.set_theme(self._theme)
        self.curves.set_artifacts(self._artifacts)
        self._turn()

    # -- what is shown -----------------------------------------------------------------

    @property
    def metric(self) -> Metric | None:
        """The metric that is looked at."""
        if self.record is None:
            return None
        wanted = self.metric_box.currentData()
        return next((m for m in self.record.metrics if m.id == wanted), None)

    @property
    def threshold(self) -> float | None:
        """The threshold of the metric that is looked at."""
        metric = self.metric
        return self.record.threshold(metric) if metric is not None else None

    @property
    def view(self) -> int:
        """Which view is shown."""
        return self.switch.currentIndex()

    def show_record(self, record: Record | None, others: Sequence[Record] = ()) -> None:
        """Show another study; charts draw `others` with it."""
        self.others = tuple(others)
        if record is not self.record:
            self.record = record
            if record is not None:
                self._fill_metrics()
                self.switch.setCurrentIndex(FIRST.get(record.kind, CURVES))
        self.refresh()

    def refresh(self) -> None:
        """Draw the rows that are there by now."""
        self._fill_metrics()
        self._fill_costs()
        self._fill_parts()
        self.table.show_record(self._seen())
        self.answer.show_record(self.record)
        self._draw()
        self.show_state()

    def show_state(self) -> None:
        """Say what the view shows, of how much."""
        record, metric = self.record, self.metric
        self.live.show_pictured(record.pictured if record is not None else None)
        if record is None or metric is None:
            self.caption.clear()
            return
        parts = []
        if record.state == FAILED:
            colour = self._theme.error
            parts.append(f"<span style='color:{colour}'>{html.escape(record.message)}</span>")
        elif not record.found and record.state in (WAITING, RUNNING):
            parts.append("The first results appear as soon as all samples of a plan are done.")
        told = record.notes if record.kind == "job" else record.notes[-1:]
        if self.answer.found is not None:
            told = ()  # the card tells it
        parts += [html.escape(note) for note in told]
        self.caption.setToolTip("\n\n".join(record.notes))
        if self._present is not None:
            said = present_words(record, metric, self._present, self._pictured)
            parts.append(f"<b>Marked</b>, the plan in the views: {html.escape(said)}.")
        if KEYS[self.view]:
            parts.append(f"{KEYS[self.view]}.")
        if self.view == CURVES and record.events:
            parts.append("Upright: events; a point under the mouse tells its own.")
        if self.view == CURVES and self.charts and self.curves.marks:
            parts.append("Upright, named so: what was learned.")
        about = means_over(record.rows, record.words) or record.words
        if about:
            parts.append(f"{html.escape(about)}.")
        if record.kind != "job" or any(metric.id in row for row in record.rows):
            title, said = html.escape(metric.title), html.escape(metric.definition)
            parts.append(f"<b>{title}</b>: {said}")
        self._told = " ".join(parts)
        self.caption.setText(self._told)
        self._fit_caption()

    def show_present(self, found: RowFound | None, pictured: str = "") -> None:
        """Mark the row whose plan is in the 3D views; `pictured` says on which sample they are."""
        if (found, pictured) == (self._present, self._pictured):
            return
        self._present, self._pictured = found, pictured
        self.table.show_present(found)
        for chart in self.charts:
            chart.show_present(found)
        self.show_state()

    def set_artifacts(self, artifacts: Sequence[Artifact]) -> None:
        """Know the artifacts of the open model: curves of it mark what they found."""
        self._artifacts = tuple(artifacts)
        if self.charts:
            self.curves.set_artifacts(self._artifacts)
            self.show_state()

    def put_threshold(self, threshold: Threshold) -> None:
        """Move the threshold of the metric, in every view."""
        metric = self.metric
        if metric is None:
            return
        self.record.thresholds[metric.id] = threshold
        for chart in self.charts:
            chart.show_threshold(self.threshold)
        self._show_threshold()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.live.set_theme(theme)
        for chart in self.charts:
            chart.set_theme(theme)

    def show_view(self, view: int) -> None:
        """Turn to a view."""
        self.switch.setCurrentIndex(view)

    def place_of(self, found: RowFound) -> QPoint | None:
        """Where a row is drawn, in pixels of the viewport of the view that is shown."""
        return self.stack.currentWidget().place_of(found)

    # -- pictures ----------------------------------------------------------------------

    def picture(self) -> QImage:
        """The view that is shown as an image."""
        here = self.stack.currentWidget()
        return picture_of(here, self._theme.panel) if here is self.table else here.picture()

    def write_svg(self, path: str) -> None:
        """Write the chart that is shown as vectors.

        Raises
        ------
        BadInput
            If the table is shown.
        """
        here = self.stack.currentWidget()
        if here is self.table:
            raise BadInput("A table is no drawing; turn to a chart, or write CSV or JSON.")
        here.write_svg(path)

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self.answer.set_room(CARD * self.height() if self.height() < LOW else None)
        card = 0 if self.answer.isHidden() else self.answer.sizeHint().height() + GAP
        self._room = self.height() - card - self.bar.height() - CHART - 4 * GAP
        self.caption.set_room(self._room)
        self._fit_caption()

    # -- inside ------------------------------------------------------------------------

    def _fit_caption(self) -> None:
        """Let the caption go where not one line has room, unless it says what failed."""
        failed = self.record is not None and self.record.state == FAILED
        away = self._room < self.caption.fontMetrics().lineSpacing() and not failed
        self.caption.setVisible(not away)
        self.stack.setToolTip(self._told if away else "")

    def _connect(self) -> None:
        self.switch.currentChanged.connect(self._turn)
        self.metric_box.currentIndexChanged.connect(self._choose_metric)
        self.cost_box.currentIndexChanged.connect(self._choose_cost)
        self.part_box.currentIndexChanged.connect(lambda _: self.refresh())
        self.threshold_line.editingFinished.connect(self._type_threshold)
        self.filter_line.textChanged.connect(lambda text: self.table.filter.show_text(text))
        self.filter_line.editingFinished.connect(self._check_filter)

    def _turn(self, *_: object) -> None:
        if not self.charts:
            return
        self.stack.setCurrentIndex(self.view)
        self.filter_line.setVisible(self.view == TABLE)
        self.cost_box.setVisible(self.view == TRADE_OFF)
        self._fill_parts()
        self.table.show_record(self._seen())
        self._draw()
        self.show_state()

    def _draw(self) -> None:
        """Draw the chart that is shown; the others are drawn when they are turned to."""
        self._show_threshold()
        if not self.charts or self.view >= len(self.charts):
            return
        chart = self.charts[self.view]
        chart.threshold, chart.others = self.threshold, self.others
        if chart is self.trade_off:
            chart.cost = self.cost_box.currentData()
        chart.show_record(self._seen(), self.metric)
        chart.show_present(self._present)

    def _seen(self) -> Record | None:
        """The study as it is looked at: as a whole, or by its parts."""
        kind = self.part_box.currentData()
        by_part = self.record is not None and self.view in BY_PART
        return self.record.by_part(kind or "") if by_part else self.record

    def _fill_parts(self) -> None:
        kinds = self.record.part_kinds if self.record is not None else ()
        box = self.part_box
        if [box.itemData(i) for i in range(box.count())] != ["", *kinds]:
            before = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                for kind in ("", *kinds):
                    box.addItem(f"By {kind}" if kind else "Whole", kind)
                box.setCurrentIndex(max(box.findData(before), 0))
        box.setVisible(bool(kinds) and self.view in BY_PART)
        for widget in (self.metric_box, self.threshold_line):  # the table has every metric
            widget.setVisible(not kinds or self.view != TABLE)
        self.bar.fit()

    def _fill_metrics(self) -> None:
        metrics = self.record.metrics if self.record is not None else ()
        wanted = [metric.id for metric in metrics]
        box = self.metric_box
        if [box.itemData(i) for i in range(box.count())] == wanted:
            return
        before = box.currentData()
        with QSignalBlocker(box):
            box.clear()
            for metric in metrics:
                box.addItem(metric.title, metric.id)
            box.setCurrentIndex(max(box.findData(before), 0))

    def _fill_costs(self) -> None:
        record = self.record
        about = record and (record.rows, record.card.sizes, record.card.units)
        costs = costs_of(*about) if about else ()
        box = self.cost_box
        if [box.itemText(i) for i in range(box.count())] == [cost.title for cost in costs]:
            return
        columns = [cost.column for cost in costs]
        with QSignalBlocker(box):
            box.clear()
            for cost in costs:
                box.addItem(cost.title, cost)
            wanted = self._cost if self._cost in columns else ""
            box.setCurrentIndex(columns.index(wanted) if wanted else 0)

    def _compare(self, uniform: RowFound) -> None:
        self.show_view(TRADE_OFF)
        self.chosen.emit(uniform)

    def _choose_metric(self) -> None:
        self._draw()
        self.show_state()

    def _choose_cost(self) -> None:
        cost = self.cost_box.currentData()
        self._cost = cost.column if cost is not None else ""
        self._draw()

    def _check_filter(self) -> None:
        if said := self.table.filter.complaint():
            self.refused.emit(said)

    def _show_threshold(self) -> None:
        with QSignalBlocker(self.threshold_line):
            self.threshold_line.setText(self._threshold_text())

    def _threshold_text(self) -> str:
        return "" if self.threshold is None else f"{self.threshold:.6g}"

    def _type_threshold(self) -> None:
        text = self.threshold_line.text().strip()
        if text and text != self._threshold_text():
            try:
                unit = self.metric.unit if self.metric is not None else ""
                self.put_threshold(read_threshold(text, "The threshold", unit))
                return
            except BadInput as error:
                self.refused.emit(str(error))
        self._show_threshold()
