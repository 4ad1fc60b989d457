"""Takes what the person asks for, and what comes back: the window's one source of truth."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from ...core.errors import BadInput, Prune3DError
from ...core.frames import Frame
from ...core.model import ModelRef, Sample
from ...core.moment import Moment, paired
from ...core.plan.artifacts import Artifact
from ...core.plan.axes import axes_of
from ...core.plan.knobs import Knob, Value
from ...core.plan.plans import Plan, Preset, Quality, Query, Request
from ...core.scene.cameras import Cameras
from ...core.system import System
from ...studies.ask.questions import Case
from ...studies.live.events import (
    CurveFound,
    Done,
    Failed,
    ModelCard,
    Notice,
    Opened,
    PreviewScored,
    Stopped,
    Thumbnail,
    Working,
)
from ...studies.live.session import LiveSession
from .bridge import Bridge
from .fitting import fitted
from .intention import facts_of
from .kept import Models
from .known import Known
from .visited import Visit

REST_MS = 150
ARTIFACTS = "artifacts"
SAMPLE = "sample"


class Controller(Known):
    """Turns intents of widgets into requests, and events of the session into what is shown.

    Widgets call its methods and listen to its signals; none of them talks to another.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = Models()
        self._ref: ModelRef | None = None  # asked for last
        self._stamp: object = None  # of its file
        self._next = ""  # the sample to select once it is open
        self._stopped = False  # what was asked for last is not worked on
        self._generation = 0
        self._first = 0
        self._waiting: list[Callable[[], None]] = []
        self._bridge = Bridge(self)
        self._bridge.event.connect(self._receive)
        self.session = LiveSession(self._bridge.post)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)

    # -- intents -----------------------------------------------------------------

    def open(self, system: System, ref: ModelRef, sample: str = "") -> None:
        """Open a model, and select `sample` in it; what is on screen stays until it is there.

        Choosing the one that is open, or on its way, again changes nothing, unless its file is
        another by now; what was stopped goes on.
        """
        stamp = _stamp(ref)
        if (ref, stamp) == (self._ref, self._stamp):
            if self._opening:
                self._next = sample or self._next
            else:
                self.select_sample(sample or self.sample)
            return
        self._opening, self._ref, self._stamp = True, ref, stamp
        self._next = sample or self._next or self.sample
        self._rest.stop()
        self.opening.emit(ref)
        self.session.open(system, ref)

    def open_sample(self, path: Path) -> None:
        """Take in a sample file and select it."""
        self.session.open_sample(path)

    def select_sample(self, sample: str) -> None:
        """Reconstruct another sample under the same plan.

        A sample that is a network of its own has that opened first.
        """
        if sample not in self.samples:
            return
        ref = self.samples[sample].opens or self._ref
        if self._opening or ref != self._ref:
            self._next = sample
            if ref != self._ref:
                self.model_wanted.emit(ref)
            return
        self._turn(SAMPLE, **facts_of(self.samples[sample]))

    def set_value(self, knob: Knob, value: Value, dragging: bool = False) -> None:
        """Turn a knob; while `dragging`, previews come back and history waits."""
        try:
            if knob in axes_of(self.card.knobs):
                self.set_axis(knob)
            source = knob.id if knob.number else ""
            if knob.invalidates == "prune":
                self._turn(source, dragging, plan=self.plan.with_value(knob, value))
            else:
                self._turn(source, dragging, query=self.query.with_value(knob, value))
        except Prune3DError as error:
            self._refuse(error)

    def choose(self, data: object, index: int) -> None:
        """Take in that one of some data was clicked: a camera may be the value of a knob."""
        if isinstance(data, Cameras) and self.card is not None:
            knob = next((knob for knob in self.card.knobs if knob.id == data.chooses), None)
            if knob is not None:
                self.set_value(knob, data.names[index])

    def set_axis(self, knob: Knob) -> None:
        """Let the curves run along another number knob."""
        if knob != self.axis:
            self.visited.turn(knob)
            self.axis_changed.emit(knob)
            self.visited_changed.emit()

    def release(self) -> None:
        """The hand let go: ask for full quality and remember the plan."""
        self._held = False
        self._rested()

    def set_rates(self, rates: Mapping[str, float | None]) -> None:
        """Give units rates of their own (percent); None returns them to the common one."""
        try:
            plan, units = self.plan, {unit.id: unit for unit in self.card.units}
            for unit, rate in rates.items():
                plan = plan.with_rate(units[unit], rate)
            self._turn(plan=plan)
        except Prune3DError as error:
            self._refuse(error)

    def set_locks(self, units: Iterable[str], locked: bool) -> None:
        """Lock or free units."""
        plan = self.plan
        for unit in units:
            plan = plan.with_lock(unit, locked)
        self._turn(plan=plan)

    def go_to(self, visit: Visit | Case, sample: str = "") -> None:
        """Return to a point visited, or go to one that a study found; what only draws stays.

        So does the sample, unless another of the open model is named.
        """
        drawing = set(self.query.values) - set(self.wished.values)
        wished = visit.query.asked(self.card.knobs).values
        facts = facts_of(self.samples[sample]) if sample else {}
        self._turn(plan=visit.plan, query=Query(tuple(sorted({*wished, *drawing}))), **facts)

    def set_style(self, style: str) -> None:
        """Draw meshes as ``mesh``, their surfaces, or as ``points``."""
        self._dress(style=style)

    def set_coloured(self, coloured: bool) -> None:
        """Colour results on the fixed scale, or calmly."""
        self._dress(coloured=coloured)

    def restore(self, moment: Moment) -> tuple[str, ...]:
        """Return to a moment of the model that is open, in one step.

        Returns what it has that this model has not, in a sentence each.

        Raises
        ------
        BadInput
            If it is of another system, or no model is open.
        """
        if self.card is None:
            raise BadInput("No model is open; open a model first.")
        found, left_out = fitted(moment, self.card, self.samples)
        look = paired(dict(self.moment.look) | dict(found.look))
        facts = facts_of(self.samples[found.sample]) if found.sample else {}
        self._turn(plan=found.plan, query=found.query, look=look, **facts)
        return left_out

    def offer(self, artifacts: Iterable[Artifact]) -> None:
        """Let artifacts be chosen, the newest first, where they were made from the open model."""
        own = self.card.weights_hash if self.card is not None else ""
        found = {a.hash: a for a in artifacts if a.made_from.weights_hash == own}
        if found:
            others = (known for known in self.artifacts if known.hash not in found)
            self.artifacts = (*found.values(), *others)
            self.artifacts_changed.emit(self.artifacts)

    def undo(self) -> None:
        """Go back to the plan, sample, query and look before these."""
        self._step(forward=False)

    def redo(self) -> None:
        """Go forward again."""
        self._step(forward=True)

    def reset(self) -> None:
        """Return every knob, unit rate and lock to where a fresh panel has it."""
        self._turn(plan=Plan(), query=Query())

    def take_preset(self, preset: Preset) -> None:
        """Have the plan of a preset instead of the present one."""
        self._turn(plan=preset.plan)

    def when_settled(self, act: Callable[[], None]) -> None:
        """Call `act` once the full-quality frame of what is asked for is on screen."""
        if self.settled:
            act()
            return
        self._waiting.append(act)
        if self._asked is not None and self._asked.quality != "full":
            self._request("full")

    def stop(self) -> None:
        """Stop what is worked on; the last good picture stays, and the knobs where they are."""
        self._rest.stop()
        if not self._held and self.intention.commit():
            self.history_changed.emit()
        self._waiting.clear()
        self._stopped = True
        self.session.stop()

    def close(self, timeout: float = 10.0) -> bool:
        """Stop the worker and hear nothing more; returns whether it ended in time."""
        self._rest.stop()
        self._waiting.clear()
        self._bridge.close()
        return self.session.close(timeout)

    # -- inside ----------------------------------------------------------------------

    def _turn(self, source: str = "", dragging: bool = False, **changes: Any) -> None:
        """Change parts of the moment; see `Intention.turn`."""
        before = self.moment
        if self.intention.turn(source, **changes):
            self._tell(before, dragging)
        elif self._stopped:
            if self.shown.reference is None:
                self._ask_reference()
            self._request("full", with_full=True)

    def _dress(self, **look: Any) -> None:
        self._turn(look=paired(dict(self.moment.look) | look))

    def _tell(self, before: Moment, dragging: bool = False) -> None:
        """Say what is another than `before`, all of it being in place, and ask for results."""
        now = self.moment
        elsewhere = now.sample != before.sample
        other = self.card is not None and before.query.asked(self.card.knobs) != self.wished
        self._held = dragging
        if elsewhere:
            self.shown.start(now.sample)
            self.sample_changed.emit(self.samples[now.sample])
        if now.plan != before.plan:
            self.plan_changed.emit(now.plan)
        if now.query != before.query:
            self.query_changed.emit(now.query)
        self._tell_look(before)
        self.history_changed.emit()
        if elsewhere or other or now.plan != before.plan:
            self.visited_changed.emit()
            if elsewhere or other:
                self._ask_reference()
            self._request("preview" if dragging else "full", elsewhere or other)
        elif now.query != before.query:
            self.look_changed.emit()
        self._rest.start()

    def _tell_look(self, before: Moment) -> None:
        then = dict(before.look)
        if self.style != then["style"]:
            self.style_changed.emit(self.style)
        if self.coloured != then["coloured"]:
            self.coloured_changed.emit(self.coloured)

    def _rested(self) -> None:
        self._rest.stop()
        if self._asked is not None and self._asked.quality != "full":
            self._request("full")
        if not self._held and self.intention.commit():
            self.history_changed.emit()

    def _step(self, forward: bool) -> None:
        before = self.moment
        if self.intention.step(forward):
            self._tell(before)
        self.history_changed.emit()

    def _request(self, quality: Quality, with_full: bool = False) -> None:
        if self.card is None or self._opening or not self.sample:
            return
        self._stopped = False
        self._asked = Request(self.sample, self.plan, self.wished, quality)
        self._generation = self.session.request(self._asked, with_full)

    def _ask_reference(self) -> None:
        if self.card is not None and not self._opening and self.sample:
            self.shown.owe_reference(self.wished)
            self.session.reference(self.sample, self.wished)

    def _refuse(self, error: Prune3DError) -> None:
        self.noticed.emit("error", str(error), "")
        self.plan_changed.emit(self.plan)
        self.query_changed.emit(self.query)

    # -- events ------------------------------------------------------------------------

    def _receive(self, event: Any) -> None:
        if isinstance(event, Frame):
            self._on_frame(event)
        elif isinstance(event, Done):
            self._on_done(event)
        elif isinstance(event, PreviewScored):
            self.shown.note(event)
        elif isinstance(event, CurveFound):
            self._kept.compared.add(event)
            self.curves_changed.emit()  # one of another query changes nothing
        elif isinstance(event, Thumbnail):
            self.thumbnail_made.emit(event.knob, event.choice, event.pixels)
        elif isinstance(event, Opened):
            self._on_opened(event.card)
        elif isinstance(event, Failed):
            self._on_failed(event)
        elif isinstance(event, Working):
            self.working.emit(event)
        elif isinstance(event, Stopped):
            self._on_stopped(event)
        elif isinstance(event, Notice):
            self.noticed.emit("info", event.message, "")

    def _on_opened(self, card: ModelCard) -> None:
        before = self.moment
        if self._kept is not None:
            self._models.put(self.card, self._kept)
        self.card, self._kept = card, self._models.take(card, before)
        self._opening = card.ref != self._ref  # another may have been asked for since
        self._first = self._generation + 1
        self.samples = {sample.id: sample for sample in card.samples}
        self.shown.start("")
        self._asked = None
        self.opened.emit(card)
        self.samples_changed.emit(card.samples)
        if self.axis != self.primary:
            self.axis_changed.emit(self.axis)
        self.history_changed.emit()
        self._look_for_artifacts(card)
        if card.notices:
            self.noticed.emit("info", "\n".join(card.notices), "")
        if not self._opening:
            self._select_next()
        self.ready.emit(card)

    def _look_for_artifacts(self, card: ModelCard) -> None:
        """Ask which artifacts there are for a model that takes any."""
        self.artifacts = ()
        if not any(knob.kind == "artifact" for knob in card.knobs):
            return

        def find() -> tuple[Artifact, ...]:
            from ...files.artifacts import ArtifactStore

            return ArtifactStore().made_from(card.weights_hash)

        self.session.run(ARTIFACTS, find)

    def _select_next(self) -> None:
        """Select the sample chosen last, if the model that is open has it; else its own last."""
        mine = [s.id for s in self.samples.values() if s.opens in (None, self._ref)]
        chosen, self._next = self._next, ""
        wished = next((name for name in (chosen, self.sample, *mine) if name in mine), "")
        if not wished:
            return
        if self.sample in mine:
            self.intention.turn(**facts_of(self.samples[wished]))
        else:
            self.intention.begin(**facts_of(self.samples[wished]))
        self.intention.history.sift(lambda moment: moment.sample in mine)
        self._start()

    def _start(self) -> None:
        """Show the present sample anew, with all that is asked of it."""
        self.shown.start(self.sample)
        self.sample_changed.emit(self.samples[self.sample])
        if self.plan != Plan():
            self.plan_changed.emit(self.plan)
        if self.query != Query():
            self.query_changed.emit(self.query)
        self.history_changed.emit()
        self.visited_changed.emit()
        self._ask_reference()
        self._request("full", with_full=True)

    def _on_frame(self, frame: Frame) -> None:
        if frame.generation < self._first or self.card is None:
            return
        if self.visited.add(frame):
            self.visited_changed.emit()
        if self.shown.take(frame):
            self.frame_shown.emit(frame)
        self._flush()

    def _on_done(self, event: Done) -> None:
        if event.tag == "reference":
            if self.shown.take_reference(*event.result):
                self.reference_shown.emit(self.shown.reference)
                self._flush()
        elif event.tag == "inputs":
            sample, scene = event.result
            if sample == self.sample and scene is not None:
                self.inputs_shown.emit(scene)
        elif event.tag == "sample":
            self._take_sample(event.result.sample)
        elif event.tag == ARTIFACTS:
            self.offer(event.result)
        self.done.emit(event.tag, event.result)

    def _take_sample(self, sample: Sample) -> None:
        others = {name: known for name, known in self.samples.items() if name != sample.id}
        self.samples = {sample.id: sample, **others}
        self.samples_changed.emit(tuple(self.samples.values()))
        for notice in sample.notices:
            self.noticed.emit("info", notice, "")
        if self._opening or self.sample not in ("", sample.id):
            self.select_sample(sample.id)
        else:
            self.intention.begin(**facts_of(sample))
            self._start()

    def _on_failed(self, event: Failed) -> None:
        if event.request is not None and event.request.sample not in self.samples:
            return
        if event.tag == "open":
            self._on_not_opened()
        elif event.tag == "reference":
            self.shown.lose_reference(event.request)
        elif event.request is not None and event.request == self._asked:
            self._waiting.clear()
        self.failed.emit(event)
        if not event.offers:
            self.noticed.emit("error", event.message, event.detail)

    def _on_stopped(self, event: Stopped) -> None:
        if event.tag == "open":
            self._on_not_opened()
        elif event.tag == "reference":
            self.shown.lose_reference(event.request)
        self.stopped.emit(event)

    def _on_not_opened(self) -> None:
        self._opening, self._ref = False, self.card and self.card.ref
        self._stamp = self._ref and _stamp(self._ref)
        if self.card is None:
            return
        if not self.shown.sample:
            self._select_next()
            return
        self._next = ""
        self._ask_reference()
        self._request("full", with_full=True)

    def _flush(self) -> None:
        if self.settled:
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                act()


def _stamp(ref: ModelRef) -> tuple[int, int] | None:
    """What tells a file of the person's own from what it was before; None for what is bundled."""
    try:
        found = os.stat(ref.own) if ref.own else None
    except OSError:
        return None
    return found and (found.st_mtime_ns, found.st_size)
