"""The form that starts a study; what is wrong with a field is said beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ....core.errors import BadInput
from ....core.jobs import Job
from ....core.plan.artifacts import Artifact
from ....core.plan.axes import axes_of, baseline_of, units_along
from ....core.plan.knobs import Knob, knob_named
from ....core.plan.plans import Plan
from ....core.system import System
from ....studies.ask.defaults import usual_series
from ....studies.ask.questions import own_axis
from ....studies.live.events import ModelCard
from ....studies.run.places import WorkersSpec
from ...dress.choice_box import ChoiceBox
from ...dress.number_box import whole_box
from ...dress.numbers import whole
from ...dress.theme import GAP
from .asked import (
    BUDGET,
    JOB,
    SEARCHES,
    SENSITIVITY,
    SWEEP,
    UNIFORM,
    Asked,
    count_cases,
    read_out,
)
from .columns import Columns
from .fields import Field, read_box
from .memory import fill, filled
from .options import OptionFields
from .place import PlaceField
from .threshold import ThresholdField

KINDS = (
    (SWEEP, "Sweep", "How quality falls with the {knob}, over the units in scope."),
    (SENSITIVITY, "Sensitivity of each unit", "Each unit alone at each {knob}: which can go?"),
    (UNIFORM, "Largest value that passes", "The most {knob} before the metric fails."),
    (BUDGET, "Best plan for a budget", "A rate for each unit that takes most away and passes."),
)
TAKEN_OUT = "Each unit taken out alone: which can go?"
OBJECTIVES = (("weights", "Parameters"), ("macs", "MACs"), ("bytes", "Bytes"))
HELD_OUT = "Samples that the search does not see: what it found is measured on them."
SERIES = "a,b,c or start:stop:step or start:stop:xN; with decimal commas a;b;c"
MOST_EVALUATIONS = 5_000_000
EMPTY = {"samples": "", "held_out": "", "threshold": ""}
"""What words of another system's form do not stay."""
NAMES = {
    "studyKind": "Study", "studySeries": "Curves", "studyMetric": "Metric",
    "studyObjective": "What to take away", "studyPlace": "Workers", "studyValues": "Values",
    "studySamples": "Samples", "studyThreshold": "Threshold", "studyAddress": "Address",
    "studyHeldOut": "Held-out samples", "studySeeds": "Random baselines",
    "studyRepeats": "Timed runs", "studyCount": "Processes", "studyUnits": "Units",
    "studyAxis": "Knob",
}  # fmt: skip
"""What a screen reader calls each field."""
FIELDS = {
    SWEEP: ("axis", "values", "samples", "series", "seeds", "threshold", "repeats", "place"),
    SENSITIVITY: ("axis", "values", "samples", "units", "threshold", "repeats", "place"),
    UNIFORM: ("axis", "threshold", "samples", "held_out", "place"),
    BUDGET: ("axis", "threshold", "samples", "objective", "held_out", "place"),
}


class StudiesForm(QScrollArea):
    """Asks for a study; `started` carries an `Asked` in which every value is checked."""

    started = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("studyForm")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._card: ModelCard | None = None
        self._plan = Plan()
        self._axis: Knob | None = None  # turned last, or chosen here
        self._jobs: tuple[Job, ...] = ()
        self._make_widgets()
        self.fields: dict[str, Field] = {
            "kind": Field("Study", self.kind_box),
            "axis": Field("Knob", self.axis_box, tip="The number knob that is turned."),
            "values": Field("Values", self.values_line, tip=SERIES),
            "samples": Field("Samples", self.samples_line),
            "series": Field("Curves", self.series_box),
            "units": Field("Units", self.units_box),
            "seeds": Field("Random", self.seeds_box, tip="Seeded random baselines, as a band."),
            "threshold": self.judged,
            "held_out": Field("Held out", self.held_line, tip=HELD_OUT),
            "objective": Field("Take away", self.objective_box),
            "repeats": Field("Timed runs", self.repeats_box),
            "place": self.place,
        }
        self._lay_out()
        self.kind_box.currentIndexChanged.connect(self._turn)
        self.axis_box.activated.connect(self._choose_axis)
        for field in (self.judged, self.place, self.options):
            field.edited.connect(self._edited)
        for line in (self.values_line, self.samples_line, self.held_line):
            line.textEdited.connect(self._edited)
        self.values_line.textEdited.connect(self._values_typed)
        for box in (self.series_box, self.units_box):
            box.currentIndexChanged.connect(self._edited)
        for name, box in (("seeds", self.seeds_box), ("repeats", self.repeats_box)):
            box.valueChanged.connect(self._edited)
            box.refused.connect(self.fields[name].tell)
        self.start_button.clicked.connect(self._start)
        self.close_button.clicked.connect(self.closed)

    # -- what is known -----------------------------------------------------------------

    @property
    def filled(self) -> dict[str, Any]:
        """What is filled in, by the id of each system, as plain values."""
        if self._card is not None:
            told = filled(self._kept)
            if not self._typed:
                del told["values"]
            told |= {"kind": self.kind_box.currentData(), "jobs": self.options.filled}
            if self._axis is not None:
                told["axis"] = self._axis.id
            self._filled[self._card.ref.system] = told
        return self._filled

    @filled.setter
    def filled(self, told: Mapping[str, Any]) -> None:
        self._filled = {name: dict(one) for name, one in told.items() if isinstance(one, dict)}

    def set_card(self, card: ModelCard, system: System | None) -> None:
        """Offer what a model and its system can be asked; what was filled in is there again."""
        told = self.filled.get(card.ref.system, {})
        self._card, self._typed = card, False
        self._jobs = tuple(system.jobs()) if system is not None else ()
        self._axis = knob_named(card.knobs, card.primary)
        self.kind_box.blockSignals(True)
        self.kind_box.clear()
        for kind, title, _ in KINDS:
            self.kind_box.addItem(title, kind)
        for job in self._jobs:
            self.kind_box.addItem(f"Job: {job.name}", job.id)
        self.kind_box.blockSignals(False)
        self.samples_line.setPlaceholderText(f"on screen, or {card.some}")
        self.held_line.setPlaceholderText(f"none, or {card.some}")
        self._artifacts: tuple[Artifact, ...] = ()
        self._offer_series()
        self.judged.offer(card.metrics)
        self._recall(told)
        self._turn()

    def show_plan(self, plan: Plan) -> None:
        """Know the present plan: its unit rates and locks may be kept."""
        self._plan = plan
        self._tell_about()

    def set_artifacts(self, artifacts: Iterable[Artifact]) -> None:
        """Offer a curve for each artifact that a knob takes; what is chosen stays."""
        self._artifacts = tuple(artifacts)
        chosen = self.series_box.currentData()
        with QSignalBlocker(self.series_box):
            self._offer_series()
            self.series_box.setCurrentIndex(max(self.series_box.findData(chosen), 0))
        if self.kind == SWEEP:
            self._turn()

    def show_axis(self, axis: Knob) -> None:
        """Know the knob that curves run along: it is offered first."""
        if axis != self._axis:
            self._axis, self._typed = axis, False
            self._turn()

    def show_error(self, field: str, sentence: str) -> None:
        """Say beside a field what is wrong with it."""
        self.fields.get(field, self.fields["kind"]).tell(sentence)
        self.start_button.setEnabled(True)

    def begin(self) -> None:
        """Be ready for another study."""
        for field in self.fields.values():
            field.tell("")
        self.start_button.setEnabled(True)
        self.start_button.setFocus()

    @property
    def kind(self) -> str:
        """The kind chosen; ``job`` for a job of the system."""
        data = self.kind_box.currentData()
        return data if data in FIELDS else JOB

    def asked(self) -> Asked | None:
        """What is filled in; None where a field is wrong, which is said beside it."""
        if self._card is None:
            self.fields["kind"].tell("No model is open; open a model first.")
            return None
        wrong = []

        def take(field: str, read: Callable):
            if field != "kind" and self.fields[field].isHidden():
                return None
            try:
                value = read()
            except BadInput as error:
                self.fields[field].tell(str(error))
                wrong.append(field)
                return None
            self.fields[field].tell("")
            return value

        values = take("values", self._values) or ()
        threshold = take("threshold", self.judged.read)
        place = take("place", self.place.read) or WorkersSpec()
        seeds = take("seeds", lambda: read_box(self.seeds_box)) or 0
        repeats = take("repeats", lambda: read_box(self.repeats_box)) or 0
        options = self.options.read()
        if options is None:
            wrong.append("options")
        job = self._job()
        shown = {name for name, field in self.fields.items() if not field.isHidden()}
        found = Asked(
            self.kind, values,
            self.samples_line.text().strip() if "samples" in shown else "",
            self.series_box.currentData() or "" if "series" in shown else "",
            seeds,
            "units" in shown and self.units_box.currentData(),
            repeats,
            self.keep_box.isChecked() and not self.keep_box.isHidden(),
            self.metric_box.currentData() or "", threshold,
            self.held_line.text().strip() if "held_out" in shown else "",
            self.objective_box.currentData(), place,
            job.id if job else "", options or (),
            self._hashes(self._series_knob()),
            job.axis if job else self.axis.id,
            job.told(dict(options or ())) if job else "",
            job.metrics if job else (),
        )  # fmt: skip
        return None if wrong else found

    @property
    def axis(self) -> Knob:
        """The knob whose values are asked for."""
        return self.axis_box.currentData() or knob_named(self._card.knobs, self._card.primary)

    # -- inside ------------------------------------------------------------------------

    def _recall(self, told: Mapping[str, Any]) -> None:
        """Fill in what was kept of a form for this system."""
        with QSignalBlocker(self.kind_box):
            self.kind_box.setCurrentIndex(max(self.kind_box.findData(told.get("kind")), 0))
        axis = next((knob for knob in self._card.knobs if knob.id == told.get("axis")), None)
        self._axis, self._typed = axis or self._axis, isinstance(told.get("values"), str)
        fill(self._kept, EMPTY | told)
        jobs = told.get("jobs")
        self.options.remember(jobs if isinstance(jobs, dict) else {})

    def _offer_series(self) -> None:
        """List the knobs that can tell curves apart."""
        self.series_box.clear()
        self.series_box.addItem("One, as set now", "")
        for knob in self._card.knobs:
            several = len(knob.choices) > 1 or self._hashes(knob)
            if not knob.number and knob.invalidates == "prune" and several:
                self.series_box.addItem(f"One for each {knob.title.lower()}", knob.id)

    def _hashes(self, knob: Knob | None) -> tuple[str, ...]:
        """Artifacts that a knob takes, the first made first."""
        takes = knob.takes if knob is not None else ""
        return tuple(a.hash for a in reversed(self._artifacts) if a.kind == takes)

    def _series_knob(self) -> Knob | None:
        chosen = self.series_box.currentData()
        return next((knob for knob in self._card.knobs if knob.id == chosen), None)

    def _make_widgets(self) -> None:
        self.kind_box, self.series_box = ChoiceBox(), ChoiceBox()
        self.objective_box, self.units_box, self.axis_box = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.values_line, self.samples_line, self.held_line = QLineEdit(), QLineEdit(), QLineEdit()
        self.seeds_box, self.repeats_box = whole_box(0, 100), whole_box(0, 1000)
        self.judged, self.place, self.options = ThresholdField(), PlaceField(), OptionFields()
        self.metric_box, self.threshold_line = self.judged.box, self.judged.line
        self.place_box, self.count_box = self.place.box, self.place.count_box
        self.address_line = self.place.address_line
        self.keep_box = QCheckBox("Keep the unit rates and locks that are set now")
        named = {
            "studyKind": self.kind_box, "studySeries": self.series_box,
            "studyMetric": self.metric_box, "studyObjective": self.objective_box,
            "studyPlace": self.place_box, "studyValues": self.values_line,
            "studySamples": self.samples_line, "studyThreshold": self.threshold_line,
            "studyAddress": self.address_line, "studyHeldOut": self.held_line,
            "studySeeds": self.seeds_box, "studyRepeats": self.repeats_box,
            "studyCount": self.count_box, "studyUnits": self.units_box,
            "studyAxis": self.axis_box,
        }  # fmt: skip
        for name, widget in named.items():
            widget.setObjectName(name)
            widget.setAccessibleName(NAMES[name])
            widget.setMinimumHeight(24)
            if isinstance(widget, QComboBox):
                widget.setSizeAdjustPolicy(
                    QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
                )
                widget.setMinimumContentsLength(8)
        self._kept = {
            "values": self.values_line, "samples": self.samples_line, "held_out": self.held_line,
            "series": self.series_box, "units": self.units_box, "objective": self.objective_box,
            "seeds": self.seeds_box, "repeats": self.repeats_box, "keep": self.keep_box,
            "metric": self.metric_box, "threshold": self.threshold_line,
            "place": self.place_box, "count": self.count_box, "address": self.address_line,
        }  # fmt: skip
        self._filled: dict[str, Any] = {}
        self.units_box.addItem("All", False)
        self.units_box.addItem("Those in the scope set now", True)
        for ident, title in OBJECTIVES:
            self.objective_box.addItem(title, ident)
        self.seeds_box.setSpecialValueText("no baseline")
        self.seeds_box.setSuffix(" seeds")
        self.repeats_box.setSpecialValueText("measure no time")
        self.about = QLabel()
        self.about.setObjectName("studyAbout")
        self.about.setProperty("role", "muted")
        self.about.setWordWrap(True)
        self.start_button, self.close_button = QPushButton("Start"), QPushButton("Close")
        self.start_button.setObjectName("studyStart")
        self.start_button.setProperty("role", "primary")
        self._typed = False

    def _lay_out(self) -> None:
        page = QWidget()
        self._columns = Columns()
        buttons = QHBoxLayout()
        buttons.addWidget(self.about, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.start_button)
        column = QVBoxLayout(page)
        column.setContentsMargins(4 * GAP, 3 * GAP, 4 * GAP, 2 * GAP)
        column.setSpacing(2 * GAP)
        column.addWidget(self._columns)
        column.addWidget(self.options)
        column.addWidget(self.keep_box)
        column.addLayout(buttons)
        column.addStretch(1)
        self.setWidget(page)
        for field in self.fields.values():
            field.setParent(self._columns)

    def _turn(self) -> None:
        """Show the fields of the kind that is chosen."""
        if self._card is None:
            return
        kind = self.kind
        wanted = ["kind", *FIELDS.get(kind, ())]
        if baseline_of(self._card.knobs) is None and "seeds" in wanted:
            wanted.remove("seeds")
        if self.series_box.count() < 2 and "series" in wanted:
            wanted.remove("series")
        self._fill_axes()
        if self.axis_box.count() < 2 and "axis" in wanted:
            wanted.remove("axis")
        if self._takes_out():
            wanted = [name for name in wanted if name not in ("axis", "values")]
        for name, field in self.fields.items():
            field.setVisible(name in wanted)
        self._columns.show_fields([self.fields[name] for name in wanted])
        self.fields["values"].label.setText(self.axis.label)
        if not self._typed:
            self.values_line.setText(usual_series(self.axis, kind == SENSITIVITY))
        self.judged.turn(searched=kind in SEARCHES)
        self.options.show_job(self._job())
        self.place.turn()

    def _fill_axes(self) -> None:
        """Offer the knobs that a study of this kind can turn; a sweep may turn all that count."""
        axes = axes_of(self._card.knobs, looking=self.kind == SWEEP)
        with QSignalBlocker(self.axis_box):
            self.axis_box.clear()
            for knob in axes:
                self.axis_box.addItem(knob.label, knob)
            if self._axis in axes:
                self.axis_box.setCurrentIndex(axes.index(self._axis))

    def _takes_out(self) -> bool:
        """Whether each unit is taken out as a whole, at no value of a knob."""
        units = units_along(self.axis, self._card.units)
        return self.kind == SENSITIVITY and own_axis(self.axis, units) != self.axis.id

    def _choose_axis(self) -> None:
        self._axis, self._typed = self.axis_box.currentData(), False
        self._turn()

    def _job(self) -> Job | None:
        data = self.kind_box.currentData()
        return next((job for job in self._jobs if self.kind == JOB and job.id == data), None)

    def _values_typed(self) -> None:
        self._typed = True

    def _edited(self, *_: object) -> None:
        for field in self.fields.values():
            field.tell("")
        self.start_button.setEnabled(True)
        self._tell_about()

    def _tell_about(self) -> None:
        """Say what the study will do and what its values were read as, or why they were not."""
        if self._card is None:
            return
        kind = self.kind
        knob = self.axis.words
        if kind == JOB:
            job = self._job()
            self.about.setText(job.title if job else "")
        else:
            text = next(text for name, _, text in KINDS if name == kind).format(knob=knob)
            text = TAKEN_OUT if self._takes_out() else text
            self.about.setText(f"{text} {self._size()}".strip())
        special = self._plan.rates or self._plan.locks
        self.keep_box.setVisible(kind in (SWEEP, *SEARCHES) and bool(special))

    def _size(self) -> str:
        if self.kind not in (SWEEP, SENSITIVITY):
            return ""
        try:
            values = () if self._takes_out() else self._values()
        except BadInput as error:
            return str(error)
        series = "" if self.fields["series"].isHidden() else self.series_box.currentData() or ""
        seeds = 0 if self.fields["seeds"].isHidden() else round(self.seeds_box.value())
        scope = self.kind == SENSITIVITY and self.units_box.currentData()
        hashes = self._hashes(self._series_knob())
        asked = Asked(
            self.kind,
            values,
            series=series,
            seeds=seeds,
            in_scope=scope,
            artifacts=hashes,
            axis=self.axis.id,
        )
        count = count_cases(asked, self._card)
        counted = f"{whole(count)} plans on each sample." if count else ""
        return f"{read_out(values) if values else ''} {counted}".strip()

    def _values(self) -> tuple:
        text = self.values_line.text().strip()
        if not text:
            raise BadInput("Give some values: a,b,c or start:stop:step or start:stop:xN.")
        values = self.axis.series(text)
        units = len(self._card.units) if self.kind == SENSITIVITY else 1
        if len(values) * units > MOST_EVALUATIONS:
            raise BadInput(f"{text!r} makes {len(values) * units:,} plans; take a larger step.")
        return tuple(dict.fromkeys(values))

    def _start(self) -> None:
        asked = self.asked()
        if asked is not None:
            self.start_button.setEnabled(False)  # until it is known that it can be asked
            self.started.emit(asked)
