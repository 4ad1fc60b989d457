"""Owns the studies: asks the questions, keeps what comes back, leads the views to a plan."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.cancel import CancelToken
from ...core.errors import BadInput, Cancelled, Prune3DError
from ...core.jobs import Made
from ...core.model import Model, ModelRef
from ...core.plan.axes import axis_named
from ...core.plan.knobs import is_hash, knob_named
from ...core.plan.plans import Plan, Query
from ...studies.ask.answers import Ended, RowFound
from ...studies.ask.questions import Case
from ...studies.live.events import Failed, ModelCard, Stopped
from ...studies.search.search import scope_of
from ..state.controller import Controller
from .archive import StudyArchive
from .asking.asked import BUDGET, JOB, Asked, Named, base_plan, question_of
from .mail import StudyMail
from .record import DONE, FAILED, Record

REDRAW_MS, SHARE = 120, 8
"""Pause between drawings, and how many times longer than a drawing it is at least."""
FOUND = "study samples"
NOT_FOUND = "Stopped before all samples were found; start again, or name fewer."
CHANGED = (
    "'{title}' holds other weights than when this study was made, so its plan is not shown; "
    "start the study again."
)


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples that a form names: ids and what workers need of them, or why there are none."""

    asked: Asked
    card: ModelCard
    named: Named = Named()  # noqa: RUF009 - frozen
    packs: dict[str, bytes] | None = None
    error: str = ""
    field: str = ""


class StudiesController(QObject):
    """Turns forms into questions and events into records; shows rows in the 3D views.

    The queue is made when the first study is asked for. While a hand moves a knob and until
    its result is on screen, studies are held.
    """

    listed = Signal()
    """A study was added or taken away."""
    changed = Signal(object)
    """State or progress of a `Record`."""
    rows_changed = Signal(object)
    """Rows of a `Record`, not more often than a person can see."""
    refused = Signal(str, str)
    """A field of the form, and a sentence."""
    started = Signal(object)
    """The `Record` of a study just asked for."""
    wrote = Signal(str, str, object)
    """Title and state of a job that ended, and a tuple of the files that it wrote."""
    made = Signal(object, object)
    """The `Record` of a job that is done, and the last of its rows that chooses what it made."""
    removed = Signal(object)
    """The `Record` of a study taken off the list."""
    restored = Signal(object)
    """The `Record` of a study that is back."""
    present_changed = Signal()
    """The plan in the views is another."""

    def __init__(self, controller: Controller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.records: list[Record] = []
        self._gone: list[tuple[int, Record]] = []  # removed, with the place each had
        self._controller = controller
        self._queue: Any = None
        self._held = False
        self._pause = REDRAW_MS
        self._wanted: tuple[Record, Case] | None = None  # to be shown once its model is open
        self._dirty: list[Record] = []
        self._archive: StudyArchive | None = None  # once the studies are looked at
        self._mail = StudyMail(self)
        self._mail.arrived.connect(self._receive)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self._tell_rows)
        controller.done.connect(self._on_done)
        controller.ready.connect(self._on_opened)
        controller.failed.connect(self._on_failed)
        controller.stopped.connect(self._on_stopped)
        moved = (controller.plan_changed, controller.query_changed, controller.sample_changed)
        for signal in moved:
            signal.connect(self._on_moved)
        for signal in (controller.frame_shown, controller.reference_shown, controller.failed):
            signal.connect(self._weigh)

    # -- intents -----------------------------------------------------------------------

    def open(self) -> None:
        """Bring back the studies of the run before, and keep those that come."""
        if self._archive is None:
            self._archive = StudyArchive(self)
            self._archive.read.connect(self._on_kept)
            self._archive.failed.connect(
                lambda said: self._controller.noticed.emit("alarm", said, "")
            )
            self._archive.open()

    def open_model(self, record: Record) -> None:
        """Open the model that a study is about."""
        self._wanted = None
        self._controller.model_wanted.emit(record.card.ref)

    def ask(self, asked: Asked) -> None:
        """Start a study; `started` follows, or `refused` names the field that is wrong."""
        card = self._controller.card
        if card is None:
            self.refused.emit("kind", "No model is open; open a model first.")
            return
        if asked.kind == JOB:
            self._submit(Samples(asked, card))
            return
        sample = self._controller.sample
        knob = axis_named(card.knobs, asked.axis, looking=True)
        base = base_plan(self._controller.plan, knob, asked.keep)

        def find(model: Model, cancel: CancelToken) -> Samples:
            try:
                field = "samples"
                ids = model.select(asked.samples, cancel) if asked.samples else (sample,)
                if not ids:
                    raise BadInput(f"{asked.samples!r} names no sample; name at least one.")
                field = "held_out"
                held = model.select(asked.held_out, cancel) if asked.held_out else ()
                held = tuple(name for name in held if name not in ids)
                field = "kind"
                wanted = asked.kind == BUDGET or asked.in_scope
                units = scope_of(model, base) if wanted else ()
                packs = {name: data for name in (*ids, *held) if (data := model.pack(name))}
            except Cancelled:
                raise
            except Prune3DError as error:
                return Samples(asked, card, error=str(error), field=field)
            return Samples(asked, card, Named(ids, held, units), packs)

        self._controller.session.consult(FOUND, find, stoppable=True)

    def cancel(self, record: Record) -> None:
        """Stop a study; its rows stay."""
        if self._queue is not None and record.live:
            self._queue.cancel(record.id)

    def resume(self, record: Record) -> None:
        """Ask the same question again; what was computed comes from the cache."""
        if not record.live:
            record.resume()
            self._put(record)
            self.changed.emit(record)

    def remove(self, record: Record) -> None:
        """Take a study off the list; `restore` brings it back until the program ends."""
        if record in self.records:
            self.cancel(record)
            self._gone.append((self.records.index(record), record))
            self.records.remove(record)
            if self._archive is not None:
                self._archive.remove(record)
            self.listed.emit()
            self.removed.emit(record)

    def restore(self, record: Record | None = None) -> None:
        """Put a study that was removed back in its place; the one removed last by default."""
        gone = [pair for pair in self._gone if record in (None, pair[1])]
        if gone:
            place, record = gone[-1]
            self._gone.remove(gone[-1])
            self.records.insert(min(place, len(self.records)), record)
            if self._archive is not None:
                self._archive.put(record)
            self.listed.emit()
            self.restored.emit(record)

    @property
    def restorable(self) -> bool:
        """Whether a study was removed that can come back."""
        return bool(self._gone)

    def show(self, record: Record, found: RowFound) -> None:
        """Let the 3D views show the plan of a row, on a sample of the study.

        The model of the study is opened where another is open. The sample stays where it is one
        of the study's.
        """
        controller, case = self._controller, found.case or _made_case(record, found)
        if case is None:
            self._show_network(record, found)
        elif not record.is_of(controller.card):
            self._wanted = (record, case)
            controller.model_wanted.emit(record.card.ref)
        else:
            self._go(record, case)

    def _go(self, record: Record, case: Case) -> None:
        controller = self._controller
        seen = {k.id for k in controller.card.knobs if not k.counts}
        kept = tuple(pair for pair in controller.query.values if pair[0] in seen)
        query = replace(case.query, values=tuple(sorted((*case.query.values, *kept))))
        there = [name for name in record.samples if name in controller.samples]
        sample = "" if controller.sample in there else next(iter(there), "")
        controller.go_to(Case(case.plan, query, ()), sample)

    def _show_network(self, record: Record, found: RowFound) -> None:
        """Open the network of a row that no plan leads to, where the row names its file."""
        path = Path(str(found.row.get("file") or found.row.get("network") or ""))
        if path.is_file():
            ref = ModelRef(record.card.ref.system, path.name, str(path))
            self._controller.model_wanted.emit(ref)
        else:
            self._controller.noticed.emit(
                "info", "No plan leads to this row, and it names no network that is there.", ""
            )

    @property
    def held(self) -> bool:
        """Whether studies wait for a hand."""
        return self._held

    def present(self, record: Record) -> RowFound | None:
        """The row whose plan the 3D views show, if the study has it."""
        controller = self._controller
        if not record.is_of(controller.card):
            return None
        return record.row_at(controller.plan, controller.query)

    def pictured(self, record: Record) -> str:
        """Which sample the views show, and whether the study has it, in a few words."""
        controller = self._controller
        shown = controller.samples.get(controller.sample)
        if shown is None or not record.samples:
            return ""
        if shown.id not in record.samples:
            return f"the picture is of '{shown.title}', which the study has not"
        alone = len(record.samples) == 1
        return f"the picture is of '{shown.title}'" + ("" if alone else ", one of them")

    def close(self) -> None:
        """Stop the queue and hear nothing more."""
        self._redraw.stop()
        self._mail.close()
        if self._queue is not None:
            queue, self._queue = self._queue, None
            queue.close()
        if self._archive is not None:
            archive, self._archive = self._archive, None
            archive.close()

    # -- inside ------------------------------------------------------------------------

    def _on_done(self, tag: str, result: object) -> None:
        if tag == FOUND:
            if result.error:
                self.refused.emit(result.field, result.error)
            else:
                self._submit(result)

    def _submit(self, samples: Samples) -> None:
        asked, card = samples.asked, samples.card
        controller = self._controller
        words = asked.samples or self._title(samples)
        try:
            question = question_of(
                asked, card, controller.plan, controller.query, samples.named, words
            )
        except Prune3DError as error:
            self.refused.emit("values", str(error))
            return
        thresholds = {asked.metric: asked.threshold} if asked.threshold is not None else {}
        record = Record(question, card, words, asked.workers, samples.packs or {}, thresholds)
        self.records.insert(0, record)
        self._put(record)
        self.listed.emit()
        self.started.emit(record)

    def _title(self, samples: Samples) -> str:
        return ", ".join(self._controller.samples[name].title for name in samples.named.ids)

    def _put(self, record: Record) -> None:
        if self._queue is None:
            from ...studies.run.queue import StudyQueue

            self._queue = StudyQueue(self._mail.post)
            self._weigh()
        record.id = self._queue.submit(
            record.question, record.card.metrics, record.workers, record.packs
        )
        if self._archive is not None:
            self._archive.put(record)

    def _on_not_kept(self, sentence: str) -> None:
        self._controller.noticed.emit("alarm", sentence, "")

    def _on_kept(self, records: list[Record]) -> None:
        known = {record.kept for record in self.records}
        self.records += [record for record in records if record.kept not in known]
        self.listed.emit()

    def _receive(self, letters: list[tuple[int, Any]]) -> None:
        gone = (record for _, record in self._gone)  # what it still tells is kept, too
        known = {record.id: record for record in (*self.records, *gone)}
        moved: list[Record] = []
        came: dict[int, list[RowFound]] = {}
        for study, event in letters:
            record = known.get(study)
            if isinstance(event, Made):
                self._controller.offer((event.artifact,))
            if record is None:
                continue
            if record.take(event) and record not in self._dirty:
                self._dirty.append(record)
            if record not in moved:
                moved.append(record)
            if isinstance(event, RowFound):
                came.setdefault(study, []).append(event)
            if isinstance(event, Ended):
                self._redraw.start(0)
                if record.state == FAILED:
                    self._controller.noticed.emit("error", record.message, record.title)
                if record.kind == JOB and record.files:
                    self.wrote.emit(record.title, record.state, record.files)
                if record.kind == JOB and record.state == DONE:
                    self._tell_made(record)
        for record in moved:
            if self._archive is not None:
                self._archive.add(record, came.get(record.id, []))
            self.changed.emit(record)
        if self._dirty and not self._redraw.isActive():
            self._redraw.start(self._pause)

    def _tell_made(self, record: Record) -> None:
        rows = (found for found in reversed(record.found) if _made_case(record, found))
        found = next(rows, None)
        if found is not None:
            self.made.emit(record, found)

    def _tell_rows(self) -> None:
        dirty, self._dirty = self._dirty, []
        start = time.perf_counter()
        for record in dirty:
            self.rows_changed.emit(record)
        took = (time.perf_counter() - start) * 1e3
        self._pause = max(REDRAW_MS, round(SHARE * took))  # long tables are drawn less often

    def _on_opened(self, card: ModelCard) -> None:
        wanted = self._wanted
        if wanted is not None and wanted[0].card.ref == card.ref:
            self._wanted = None
            record, case = wanted
            if record.is_of(card):
                self._go(record, case)
            else:
                self._controller.noticed.emit("alarm", CHANGED.format(title=card.title), "")
        self.present_changed.emit()

    def _on_failed(self, failed: Failed) -> None:
        if failed.tag == "open":
            self._wanted = None

    def _on_stopped(self, stopped: Stopped) -> None:
        if stopped.tag == FOUND:
            self.refused.emit("samples", NOT_FOUND)

    def _on_moved(self, *_: object) -> None:
        self.present_changed.emit()
        self._weigh()

    def _weigh(self, *_: object) -> None:
        """Hold studies while the hand moves, and until what it asked for is on screen."""
        held = self._controller.held or not self._controller.settled
        if self._queue is not None and held != self._held:
            self._held = held
            self._queue.hold(held)


def _made_case(record: Record, found: RowFound) -> Case | None:
    """The plan that chooses the artifacts which a row of a job made, if it names any."""
    plan, row, knobs = Plan(), found.row, record.card.knobs
    for knob in knobs:
        if knob.kind == "artifact" and is_hash(row.get(knob.id)):
            plan = plan.with_value(knob, row[knob.id])
            if knob.sets in row:
                plan = plan.with_value(knob_named(knobs, knob.sets), row[knob.sets])
    return Case(plan, Query(), ()) if plan.values else None
