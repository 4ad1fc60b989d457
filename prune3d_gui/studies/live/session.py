"""The live session: one worker that answers the newest request and runs queued tasks."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ...core.cancel import CancelToken
from ...core.errors import Cancelled, Prune3DError
from ...core.frames import Frame
from ...core.memory import give_back
from ...core.model import Model, ModelRef, TooMuch
from ...core.plan.plans import Plan, Query, Request
from ...core.scene.scenes import Pick, Scene
from ...core.system import System
from ...geometry.scenes import with_surfaces
from ..ask.moments import stamped
from .events import Done, Exported, Failed, ModelCard, Notice, Opened, SampleOpened, Stopped
from .live_model import CURVES, Key, LiveModel, check_size
from .telling import Telling

TURN_S = 0.4
"""How long previews and references may go on when newer ones are wanted: a moving hand sees all
of them where they are quick."""
REST_S = 3.0
"""Rest after which memory is given back to the system."""

Kind = Literal["open", "sample", "asked", "task", "reference", "request", "idle"]


@dataclass(eq=False)
class _Work:
    """Something to do on the worker, the token that stops it, and what to say if it fails."""

    kind: Kind
    do: Callable[[CancelToken], None]
    tag: str = ""
    request: Request | None = None
    asked: Any = None  # what to ask again where something else went first
    failed: str = ""
    cancel: CancelToken = field(default_factory=CancelToken)
    shown: bool = False
    stopped: bool = False

    def give_way(self) -> None:
        """Stop: at once, or where it is quick, when there was time for all of it."""
        preview = self.request is not None and self.request.quality == "preview"
        quick = self.kind == "reference" or preview
        self.cancel.cancel(after=TURN_S if quick else 0.0)


class LiveSession:
    """Runs a model on a thread of its own and reports through one callback.

    At most one request waits, and one reference: a newer one replaces it. Tasks
    (exports, questions) are queued and never dropped; of the models to open, only the
    newest is. A newer request cancels the one that is running once that has shown
    something, whatever it is, or where it is of another sample, so a moving hand always sees
    frames; opening a model cancels whatever runs but tasks. Samples to take in, and tasks that are
    wanted `soon`, go before what runs for the views, which is taken up again after them. When
    nothing is left to do the model prepares itself, then, while they are looked at, works out the
    curves of its comparison; whatever is asked stops that. Before these it makes the small pictures
    of entries that are in sight.

    Parameters
    ----------
    emit : callable
        Takes each `Frame`, `PreviewScored`, `Opened`, `Done`, `CurveFound`, `Thumbnail`, `Failed`,
        `Stopped`, `Notice` or `Working`. It is called on the worker thread.
    """

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self._emit = emit
        self._wake = threading.Condition()
        self._waiting: tuple[int, Request, bool] | None = None
        self._wanted: Key | None = None  # a reference
        self._referred = False  # whether the last thing done was a reference
        self._tasks: deque[_Work] = deque()
        self._running: _Work | None = None
        self._closing = False
        self._generation = 0
        self._live: LiveModel | None = None
        self._present: Key | None = None  # what is looked at, while nothing is asked
        self._comparing = False  # whether the comparison is
        self._pictures: list[tuple[str, str, int]] = []  # knob, entry, pixels
        self._stopped = False  # nothing idle is begun until something is asked
        self._untidy = False  # whether something was done since memory was given back
        self._telling = Telling(emit)
        self._thread = threading.Thread(target=self._run, name="prune3d-session", daemon=True)
        self._thread.start()

    # -- called from any thread -------------------------------------------------

    def open(self, system: System, ref: ModelRef) -> None:
        """Open a model; `Opened` follows, or `Failed` and the model before stays.

        What waits for the model before is forgotten, and what runs for it is cancelled; so is
        another that waits to open or is being opened.
        """
        with self._wake:
            self._waiting = self._wanted = None
            self._tasks = deque(task for task in self._tasks if task.kind == "task")
            if self._running is not None and self._running.kind != "task":
                self._running.cancel.cancel()
            failed = f"The plugin {system.id!r} failed to open {ref.title!r}"
            opening = _Work("open", lambda c: self._open(system, ref, c), "open", failed=failed)
            self._tasks.append(opening)
            self._wake.notify_all()

    def request(self, request: Request, with_full: bool = False) -> int:
        """Ask for frames of `request`; returns its generation.

        The ``full`` frame comes along when it was not computed yet, and, `with_full`,
        also when it was (after going back to another sample, say). It has the quality
        of the request.
        """
        with self._wake:
            self._generation += 1
            with_full = with_full or (self._waiting is not None and self._waiting[2])
            self._waiting = (self._generation, request, with_full)
            self._present = None
            running = self._running
            if running is not None and running.request is not None:
                if running.request.sample != request.sample:
                    running.cancel.cancel()
                elif running.kind == "request" and running.shown:
                    running.give_way()
            self._rouse()
            return self._generation

    def open_sample(self, path: Path) -> None:
        """Take in a sample file; `Done` with tag ``sample`` carries a `SampleOpened`.

        One that still waits, or is being taken in, is forgotten when a model is opened.
        """

        def take(cancel: CancelToken) -> SampleOpened:
            sample = self._need_model().model.open_sample(path, cancel)
            return SampleOpened(path, stamped(sample, path))

        self._submit("sample", take, "sample", soon=True)

    def reference(self, sample: str, query: Query) -> None:
        """Fetch ground truth; it replaces one that waits.

        `Done` with tag ``reference`` carries (sample, query, Scene or None); where there is
        none, another with tag ``inputs`` carries (sample, Scene or None).
        """
        with self._wake:
            self._wanted = key = (sample, query)
            running = self._running
            if running is not None and running.kind == "reference" and running.asked != key:
                running.give_way()
            self._rouse()

    def compare(self, looked_at: bool) -> None:
        """Find the curves of the comparison while it is looked at; `CurveFound` carries each."""
        with self._wake:
            if looked_at == self._comparing:
                return
            self._comparing, self._stopped = looked_at, False
            if not looked_at and self._running is not None and self._running.tag == CURVES:
                self._running.cancel.cancel()
            self._wake.notify_all()

    def picture(self, knob: str, choices: Sequence[str], longest: int) -> None:
        """Have small pictures of entries of a knob made while nothing else waits.

        `Thumbnail` carries each; they take the place of those that were to be made before.
        """
        with self._wake:
            self._pictures = [(knob, choice, longest) for choice in choices]
            if self._running is not None and self._running.tag == CURVES:
                self._running.cancel.cancel()
            self._wake.notify_all()

    def export(self, tag: str, write: Callable[[Model, CancelToken], Exported]) -> CancelToken:
        """Have a file written with the model that is open; `Done` with `tag` carries the result.

        Returns the token that stops it, whether it waits or runs.
        """
        return self._submit(tag, lambda cancel: write(self._need_model().model, cancel))

    def explain(self, sample: str, scene: Scene, pick: Pick) -> None:
        """Ask about what was clicked; `Done` with tag ``explain`` carries one line."""
        self.run("explain", lambda: self._need_model().model.explain(sample, scene, pick))

    def consult(
        self, tag: str, work: Callable[[Model, CancelToken], Any], stoppable: bool = False
    ) -> None:
        """Run any work with the model that is open; `Done` with `tag` carries its result.

        Its token is set when the session closes, and by `stop` where it is `stoppable`.
        """
        kind: Kind = "asked" if stoppable else "task"
        self._submit(tag, lambda cancel: work(self._need_model().model, cancel), kind)

    def run(self, tag: str, work: Callable[[], Any], soon: bool = False) -> None:
        """Run any work on the worker, in order; `Done` with `tag` carries its result.

        `soon` does not wait for what runs for the views.
        """
        self._submit(tag, lambda _: work(), soon=soon)

    def stop(self) -> None:
        """Stop what runs, but tasks, and forget the request that waits.

        `Stopped` follows where something ran; nothing idle is begun until something is asked.
        """
        with self._wake:
            self._waiting, self._stopped = None, True
            self._pictures.clear()
            if self._running is not None and self._running.kind != "task":
                self._running.stopped = True
                self._running.cancel.cancel()

    def close(self, timeout: float = 10.0) -> bool:
        """Stop after the stage that is running; returns whether the worker ended in time."""
        with self._wake:
            self._closing = True
            self._waiting = self._wanted = None
            self._tasks.clear()
            if self._running is not None:
                self._running.cancel.cancel()
            self._wake.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- on the worker ----------------------------------------------------------

    def _submit(
        self, tag: str, work: Callable[[CancelToken], Any], kind: Kind = "task", soon: bool = False
    ) -> CancelToken:
        def do(cancel: CancelToken) -> None:
            cancel.check()
            with self._telling.of(tag, like=tag, stoppable=kind != "task"):
                found = work(cancel)
            self._emit(Done(tag, found))

        task = _Work(kind, do, tag)
        with self._wake:
            self._tasks.append(task)
            if soon:
                self._put_off()
            self._rouse()
        return task.cancel

    def _put_off(self) -> None:
        """Stop what runs for the views, to be done again after the tasks; with `_wake` held."""
        running = self._running
        if running is None or running.request is None:
            return
        if running.kind == "request" and self._waiting is None:
            self._waiting = running.asked
        elif running.kind == "reference" and self._wanted is None:
            self._wanted = running.asked
        running.cancel.cancel()

    def _rouse(self) -> None:
        """Wake the worker, and take it away from idle work; called with `_wake` held."""
        self._stopped = False
        if self._running is not None and self._running.kind == "idle":
            self._running.cancel.cancel()
        self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._closing or (work := self._next())):
                    if not self._wake.wait(REST_S if self._untidy else None):
                        work = _Work("idle", lambda _: give_back(), "tidy")
                        break
                if self._closing:
                    break
                assert work is not None  # the loop ends with some, or closing
                self._running = work
            self._guard(work)
            self._untidy = work.tag != "tidy"
            with self._wake:
                self._running = None
        if self._live is not None:
            self._live.close()

    def _next(self) -> _Work | None:
        """What to do now, called with `_wake` held.

        Requests and references take turns, so that neither keeps a moving hand waiting
        for the other.
        """
        if self._tasks:
            return self._tasks.popleft()
        if self._wanted is not None and not (self._referred and self._waiting is not None):
            key, self._wanted, self._referred = self._wanted, None, True
            asked = Request(key[0], Plan(), key[1])
            return _Work("reference", lambda c: self._refer(*key, c), "reference", asked, key)
        self._referred = False
        if self._waiting is not None:
            asked, self._waiting = self._waiting, None
            answer = partial(self._answer, *asked)
            return _Work("request", answer, request=asked[1], asked=asked)
        if self._pictures and self._live is not None and self._live.shown:
            return _Work("idle", partial(self._draw, self._pictures[0]), "thumbnail")
        if self._stopped:
            return None
        idle = self._live and self._live.idle_work(self._present if self._comparing else None)
        return idle and _Work("idle", idle[1], idle[0])

    def _guard(self, work: _Work) -> None:
        try:
            try:
                work.do(work.cancel)
            except Exception as error:
                model = self._live and self._live.model
                if not _out_of_memory(error) or model is None or model.device == "cpu":
                    raise
                gone = model.device
                model.move_to("cpu")
                self._emit(Notice(f"{gone} ran out of memory; working on the CPU from here on."))
                work.do(work.cancel)
        except Cancelled:
            if work.stopped:
                self._emit(Stopped(work.tag or work.kind, work.request))
        except Prune3DError as error:
            offers = error.offers if isinstance(error, TooMuch) else ()
            self._emit(Failed(str(error), "", work.tag, work.request, offers))
        except Exception as error:
            text = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            text = f"{work.failed} ({text.rstrip('.:')})." if work.failed else text
            self._emit(Failed(text, traceback.format_exc(), work.tag, work.request))

    def _open(self, system: System, ref: ModelRef, cancel: CancelToken) -> None:
        with self._telling.of("open", ref.title, like=ref):
            model = system.open(ref, cancel)
        try:
            cancel.check()
            card = ModelCard.of(ref, model)
        except Exception:
            model.close()
            raise
        old, emit = self._live, self._emit
        self._live = LiveModel(model, ref, system, self._show, emit, self._telling)
        self._present = None
        if old is not None:
            old.close()
        self._emit(Opened(card))

    def _need_model(self) -> LiveModel:
        if self._live is None:
            raise Prune3DError("No model is open; open a model first.")
        return self._live

    def _refer(self, sample: str, query: Query, cancel: CancelToken) -> None:
        model = self._need_model().model
        with self._telling.of("reference", like=("reference", sample, query)):
            scene = model.reference(sample, query, cancel)
            if scene is not None:
                check_size(scene, sample)
            scene = None if scene is None else with_surfaces(scene)
        self._emit(Done("reference", (sample, query, scene)))
        if scene is None:
            self._emit(Done("inputs", (sample, model.inputs(sample, cancel))))

    def _answer(
        self, generation: int, request: Request, with_full: bool, cancel: CancelToken
    ) -> None:
        live = self._need_model()
        live.answer(generation, request, with_full, cancel)
        if request.quality == "full":
            query = request.query.lasting(live.model.knobs)
            with self._wake:
                if self._waiting is None:
                    self._present = (request.sample, query)

    def _draw(self, wanted: tuple[str, str, int], cancel: CancelToken) -> None:
        """Make one small picture; it is tried once."""
        try:
            self._need_model().thumbnail(*wanted, cancel)
        except Cancelled:
            return  # it is still wanted
        except Exception:
            self._drawn(wanted)
            raise
        self._drawn(wanted)

    def _drawn(self, wanted: tuple[str, str, int]) -> None:
        with self._wake:
            if wanted in self._pictures:
                self._pictures.remove(wanted)

    def _show(self, frame: Frame) -> None:
        """Emit a frame; a newer request that waits already takes over after it."""
        self._emit(frame)
        with self._wake:
            work = self._running
            if work is not None:
                work.shown = True
                if self._waiting is not None:
                    work.give_way()


def _out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
