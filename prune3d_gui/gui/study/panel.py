"""The Studies area: the list of studies, the form, and what the chosen one found."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ...core.plan.artifacts import Artifact
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan
from ...core.score.scores import Metric
from ...core.system import System
from ...studies.ask.answers import RowFound
from ...studies.live.events import ModelCard
from ..dress.theme import GAP, LIGHT, Theme
from .asking.form import StudiesForm
from .controller import StudiesController
from .list import StudiesList
from .record import Record
from .views import StudiesViews

EMPTY = (
    "A study tries many plans on many samples: how quality falls, which units can go, and what "
    "is really gained. Click what it finds and the views above go there."
)


class StudiesPanel(QSplitter):
    """Studies at the left, the form or the chosen study at the right."""

    shown = Signal()
    """A study or the form is to be seen."""
    turned = Signal()
    """Another study is chosen, or the chosen one changed its state."""

    def __init__(self, studies: StudiesController, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("studies")
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.studies = studies
        self.list, self.form, self.views = StudiesList(), StudiesForm(), StudiesViews()
        left = QFrame()
        left.setObjectName("panel")
        column = QVBoxLayout(left)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.list, 1)
        self.left = left
        self.empty = self._make_empty()
        self.stack = QStackedWidget()
        self.stack.setObjectName("studyStack")
        for page in (self.empty, self.form, self.views):
            self.stack.addWidget(page)
        right = QFrame()
        right.setObjectName("panel")
        holder = QVBoxLayout(right)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self.stack)
        self.addWidget(left)
        self.addWidget(right)
        self.setStretchFactor(1, 1)
        self.setSizes([216, 10_000])
        self._theme = LIGHT
        self._connect()
        self._show_list()

    # -- what is shown -----------------------------------------------------------------

    @property
    def record(self) -> Record | None:
        """The study chosen."""
        return self.list.record

    @property
    def metric(self) -> Metric | None:
        """The metric that is looked at."""
        return self.views.metric

    def set_card(self, card: ModelCard, system: System | None) -> None:
        """Offer the studies of another model; those there are stay."""
        self.list.show_open(card)
        self.form.set_card(card, system)

    def show_plan(self, plan: Plan) -> None:
        """Know the present plan."""
        self.form.show_plan(plan)

    def show_axis(self, axis: Knob) -> None:
        """Know the knob that curves run along."""
        self.form.show_axis(axis)

    def set_artifacts(self, artifacts: Iterable[Artifact]) -> None:
        """Offer a curve for each artifact that a knob takes, and mark what they found."""
        artifacts = tuple(artifacts)
        self.form.set_artifacts(artifacts)
        self.views.set_artifacts(artifacts)

    def new_study(self) -> None:
        """Open the form."""
        self.form.begin()
        self.stack.setCurrentWidget(self.form)
        self.shown.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.list.set_theme(theme)
        self.views.set_theme(theme)

    def start(self) -> None:
        """Bring in the charts and the studies kept; called when the area is first shown."""
        self.studies.open()
        self.views.start()

    def picture(self) -> QImage:
        """The chart that is shown."""
        return self.views.picture()

    def place_of(self, found: RowFound) -> QPoint | None:
        """Where a row is drawn in the view that is shown."""
        return self.views.place_of(found)

    # -- inside ------------------------------------------------------------------------

    def _connect(self) -> None:
        studies = self.studies
        self.form.started.connect(studies.ask)
        self.form.closed.connect(self._show_record)
        self.list.chosen.connect(self._show_record)
        self.list.itemClicked.connect(lambda _: self._show_record())
        self.list.cancelled.connect(studies.cancel)
        self.list.resumed.connect(studies.resume)
        self.list.removed.connect(studies.remove)
        self.list.undone.connect(studies.restore)
        self.list.wanted.connect(studies.open_model)
        self.views.chosen.connect(self._chosen)
        studies.listed.connect(self._show_list)
        studies.changed.connect(self._on_changed)
        studies.rows_changed.connect(self._on_rows)
        studies.refused.connect(self.form.show_error)
        studies.started.connect(self._on_started)
        studies.removed.connect(self._on_removed)
        studies.restored.connect(self.list.choose)
        studies.present_changed.connect(self._show_present)

    def _make_empty(self) -> QWidget:
        page = QWidget()
        text = QLabel(EMPTY)
        text.setObjectName("studyEmpty")
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setFixedWidth(440)
        text.setMinimumHeight(text.heightForWidth(440) + GAP)
        button = QPushButton("Start a study…")
        button.setObjectName("studyFirst")
        button.clicked.connect(self.new_study)
        column = QVBoxLayout(page)
        column.setSpacing(3 * GAP)
        column.addStretch(1)
        column.addWidget(text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _show_list(self) -> None:
        self.list.show_records(self.studies.records)
        self.list.restorable = self.studies.restorable
        self.left.setVisible(bool(self.studies.records or self.studies.restorable))

    def _on_removed(self, record: Record) -> None:
        self.list.setFocus()  # Ctrl+Z there brings it back

    def _on_started(self, record: Record) -> None:
        self.form.begin()
        self.list.choose(record)
        self._show_record()

    def _show_record(self, *_: object) -> None:
        record = self.record
        self.views.show_record(record, self.list.others)
        self.stack.setCurrentWidget(self.views if record is not None else self.empty)
        self._show_present()
        self.turned.emit()

    def _on_changed(self, record: Record) -> None:
        self.list.refresh(record)
        if record is self.record:
            self.views.show_state()
            self.turned.emit()

    def _on_rows(self, record: Record) -> None:
        if record is self.record or record in self.list.others:
            self.views.refresh()
            self._show_present()
            self.turned.emit()

    def _show_present(self) -> None:
        record = self.record
        found = self.studies.present(record) if record is not None else None
        self.views.show_present(found, self.studies.pictured(record) if found is not None else "")

    def _chosen(self, found: RowFound) -> None:
        for record in (self.record, *self.list.others):
            if record is not None and record.holds(found):
                self.studies.show(record, found)
                return
