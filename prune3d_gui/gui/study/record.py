"""A study as the window knows it: what was asked, how far it is, what came back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core.jobs import Pictured, Row
from ...core.moment import Moment
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Query
from ...core.score.scores import Metric
from ...core.score.thresholds import Threshold
from ...reports.rows.columns import heading
from ...reports.rows.curves import axis_of
from ...reports.rows.levels import baseline_of
from ...studies.ask.answers import Ended, Left, Moved, Question, RowFound, Said
from ...studies.ask.moments import moment_of
from ...studies.ask.questions import Case
from ...studies.live.events import ModelCard
from ...studies.run.places import WorkersSpec

WAITING, RUNNING, DONE, CANCELLED, FAILED = "waiting", "running", "done", "cancelled", "failed"
HELD_OUT = "held-out"
"""Role of rows of a search that are of samples it has not seen."""
EVENT = "event"
"""Column of what a job did at a row, in words."""
OBJECTIVE = "objective_percent"
"""Column of what a search takes away, in percent of the network."""


@dataclass(eq=False)
class Record:
    """One study of the list.

    Parameters
    ----------
    question : Question
    card : ModelCard
        The model that it is about.
    words : str
        Samples, as a person named them.
    workers : WorkersSpec
        Where it is worked out.
    packs : mapping of sample id to bytes
        Samples that workers do not have by themselves.
    thresholds : mapping of metric id to Threshold
        Where the threshold line stands.
    kept : str
        Name it has on disk; empty while it is not kept.
    """

    question: Question
    card: ModelCard
    words: str = ""
    workers: WorkersSpec = WorkersSpec()  # noqa: RUF009 - frozen
    packs: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    thresholds: dict[str, Threshold] = field(default_factory=dict)
    id: int = 0
    kept: str = ""
    state: str = WAITING
    message: str = ""
    moved: Moved = field(default_factory=lambda: Moved(0, 0))
    notes: list[str] = field(default_factory=list)
    left: tuple[str, ...] = ()
    pictured: Pictured | None = None
    _found: dict[object, RowFound] = field(default_factory=dict, repr=False)
    _places: dict[tuple[Plan, Query], RowFound] = field(default_factory=dict, repr=False)
    _by_part: dict[str, Record] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        """What was asked, in a line."""
        return self.question.title

    @property
    def kind(self) -> str:
        """Kind of question."""
        return self.question.kind

    @property
    def samples(self) -> tuple[str, ...]:
        """Ids of the samples that its rows are means over; none for a job."""
        return getattr(self.question, "samples", ())

    @property
    def found(self) -> tuple[RowFound, ...]:
        """Complete rows, in the order in which they came first."""
        return tuple(self._found.values())

    @property
    def rows(self) -> list[Row]:
        """The rows alone."""
        return [found.row for found in self._found.values()]

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that the rows name and that are there, those of the last row first.

        Behind them those that it left where it did not come to its end.
        """
        told = (v for row in reversed(self.rows) for v in row.values() if isinstance(v, str))
        named = (*told, *self.left)
        there = (os.path.abspath(text) for text in named if os.path.isfile(text))
        return tuple(Path(path) for path in dict.fromkeys(there))

    @property
    def part_kinds(self) -> tuple[str, ...]:
        """Kinds of the parts that the rows have."""
        return tuple(dict.fromkeys(row["part_kind"] for one in self.found for row in one.parts))

    def by_part(self, kind: str) -> Record:
        """The study as one whose rows are those of the parts of a kind; itself for no kind."""
        if not kind:
            return self
        seen = self._by_part.setdefault(kind, replace(self, _by_part={}))
        known = {id(one.row): one for one in seen.found}
        seen._found = {
            (key, row["part"]): known.get(id(row)) or RowFound(row, one.case)
            for key, one in self._found.items()
            for row in one.parts
            if row["part_kind"] == kind
        }
        seen._places, seen.thresholds, seen.notes = {}, self.thresholds, self.notes
        seen.state, seen.message, seen.moved = self.state, self.message, self.moved
        return seen

    def is_of(self, card: ModelCard | None) -> bool:
        """Whether it is about the model of a card, wherever its file lies."""
        mine = self.card
        return card is not None and (mine.ref.system, mine.weights_hash) == (
            card.ref.system, card.weights_hash,
        )  # fmt: skip

    def words_for(self, found: RowFound) -> str:
        """The samples that a row is a mean over, as a person named them."""
        unseen = found.row.get("role") == HELD_OUT
        return self.question.held_out_words if unseen else self.words

    def holds(self, found: RowFound) -> bool:
        """Whether a row is one of this study, or of its parts."""
        return any(found.row is row for one in self.found for row in one.rows)

    @property
    def live(self) -> bool:
        """Whether it waits or is worked on."""
        return self.state in (WAITING, RUNNING)

    @property
    def axis(self) -> str:
        """Column of the horizontal axis."""
        asked = getattr(self.question, "axis", "")
        return asked or (OBJECTIVE if self.kind == "budget" else self.card.primary)

    @property
    def column(self) -> str:
        """The axis, or the first column of numbers where the rows lack that."""
        return axis_of(self.rows, self.axis, self.known_metrics)

    @property
    def events(self) -> tuple[RowFound, ...]:
        """Rows at which something happened: those with words in a column ``event``."""
        return tuple(found for found in self.found if found.row.get(EVENT))

    @property
    def knob(self) -> Knob | None:
        """The knob on the axis, if it is one."""
        return next((knob for knob in self.card.knobs if knob.id == self.column), None)

    @property
    def axis_title(self) -> str:
        """What the axis is called, with its unit."""
        knob, sizes = self.knob, self.card.sizes
        return knob.axis_title if knob else heading(self.column, self.known_metrics, (), sizes)

    @property
    def cases(self) -> tuple[Case, ...]:
        """What the question said beforehand that it asks; empty where it did not."""
        return getattr(self.question, "cases", ())

    @property
    def known_metrics(self) -> tuple[Metric, ...]:
        """Metrics of the model, and those of a job beside them."""
        ids = {metric.id for metric in self.card.metrics}
        more = getattr(self.question, "metrics", ())
        return (*self.card.metrics, *(metric for metric in more if metric.id not in ids))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Those of the known metrics that the rows have, or all before there are rows."""
        has = {name for row in self.rows for name in row}
        known = self.known_metrics
        return tuple(metric for metric in known if metric.id in has) or known

    def take(self, event: object) -> bool:
        """Take in what the queue said; returns whether rows changed."""
        if isinstance(event, RowFound):
            row = event.row
            key = (event.case, row.get("role")) if event.case else repr(sorted(row.items()))
            self._found[key] = event
            if event.case is not None:
                place = bare(self.card, event.case.plan, event.case.query)
                if row.get("role") != HELD_OUT or place not in self._places:
                    self._places[place] = event
            self.state = RUNNING
            return True
        if isinstance(event, Moved):
            self.moved, self.state = event, RUNNING
        elif isinstance(event, Said):
            if event.message not in self.notes:
                self.notes.append(event.message)
        elif isinstance(event, Left):
            self.left = event.files
        elif isinstance(event, Pictured):
            self.pictured = event
        elif isinstance(event, Ended):
            self.state, self.message = event.state, event.message
        return False

    def resume(self) -> None:
        """Be asked again: rows of plans stay, for they come again from the cache."""
        self._found = {k: f for k, f in self._found.items() if f.case is not None}
        self.state, self.message, self.moved, self.notes = WAITING, "", Moved(0, 0), []
        self.left, self.pictured = (), None

    def row_at(self, plan: Plan, query: Query) -> RowFound | None:
        """The row of a plan, if there is one."""
        return self._places.get(bare(self.card, plan, query))

    def baseline(self, metric: str) -> float | None:
        """Value of the unpruned network as a whole, once there is a row of it."""
        return baseline_of(self.rows, metric)

    def threshold(self, metric: Metric) -> float | None:
        """Where the threshold line stands: where it was put, else as the metric has it.

        None where that is against the full model, which is not known or no measure for it.
        """
        given = self.thresholds.get(metric.id)
        asked = next((row["threshold"] for row in self.rows if "threshold" in row), None)
        judged = asked is not None and getattr(self.question, "metric_id", "") == metric.id
        if judged and (given is None or given.relative):
            return asked
        threshold = given or metric.slack
        if threshold is None or not threshold.relative:
            return threshold and threshold.amount
        level = self.baseline(metric.id)
        if level is None or level != level or (threshold.by == "factor" and not level):
            return None
        return threshold.at(level)


def bare(card: ModelCard, plan: Plan, query: Query) -> tuple[Plan, Query]:
    """A plan and a query without what says nothing: defaults, and knobs that only draw."""
    return plan.bare(card.knobs), query.lasting(card.knobs).bare(card.knobs)


def moment_of_study(record: Record) -> Moment:
    """The moment of a study: its network, and what was asked, in words."""
    told = {"study": record.title, "samples": record.words}
    return moment_of(record.card.ref, record.card, about=told)
