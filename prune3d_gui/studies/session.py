"""The live session: one worker that answers the newest request and runs queued tasks."""

from __future__ import annotations

import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.cancel import CancelToken
from ..core.errors import Cancelled, Prune3DError
from ..core.frames import Frame, Recipe, Timings
from ..core.plans import Plan, Query, Request
from ..core.scenes import Pick, Scene
from ..core.system import Model, ModelRef, Sample, System
from .events import CurveFound, Done, Exported, Failed, ModelCard, Notice, Opened
from .recipe import prune_command, recipe_of
from .sweep import scored
from .versions import versions

FULL_CACHE_BYTES = 64 << 20

Key = tuple[str, Query]


class LiveSession:
    """Runs a model on a thread of its own and reports through one callback.

    At most one request waits, and one reference: a newer one replaces it. Tasks
    (exports, questions) are queued and never dropped; of the models to open, only the
    newest is. The request that is running is cancelled by a newer one only after it has
    shown something, so a moving hand always sees frames. When nothing is left to do the
    model prepares itself, then works out the curves of its comparison; whatever is asked
    stops that.

    Parameters
    ----------
    emit : callable
        Takes each `Frame`, `Opened`, `Done`, `CurveFound`, `Failed` or `Notice`. It is
        called on the worker thread.
    """

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self._emit = emit
        self._wake = threading.Condition()
        self._waiting: tuple[int, Request, bool] | None = None
        self._wanted: Key | None = None  # a reference
        self._referred = False  # whether the last thing done was a reference
        self._tasks: deque[tuple[str, Callable[[], Any]]] = deque()
        self._running: CancelToken | None = None
        self._idling: CancelToken | None = None
        self._shown = False
        self._closing = False
        self._generation = 0
        self._model: Model | None = None
        self._ref: ModelRef | None = None
        self._prepared = False
        self._full: OrderedDict[Key, Frame] = OrderedDict()
        self._rough: tuple[Key, Frame] | None = None
        self._present: Key | None = None  # what is looked at, while nothing is asked
        self._curved: set[Key] = set()
        self._thread = threading.Thread(target=self._run, name="prune3d-session", daemon=True)
        self._thread.start()

    # -- called from any thread -------------------------------------------------

    def open(self, system: System, ref: ModelRef) -> None:
        """Open a model; `Opened` follows, or `Failed` and the model before stays.

        What waits for the model before is forgotten, and so is another that waits to open.
        """
        with self._wake:
            self._waiting = self._wanted = None
            kept = [task for task in self._tasks if task[0] != "open"]
            self._tasks = deque(kept)
        self._submit("open", lambda: self._open(system, ref))

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
            if self._running is not None and self._shown:
                self._running.cancel()
            self._rouse()
            return self._generation

    def open_sample(self, path: Path) -> None:
        """Take in a sample file; `Done` with tag ``sample`` carries the `Sample`."""

        def take() -> Sample:
            return self._need_model().open_sample(path)

        self._submit("sample", take)

    def reference(self, sample: str, query: Query) -> None:
        """Fetch ground truth; it replaces one that waits.

        `Done` with tag ``reference`` carries (sample, query, Scene or None).
        """
        with self._wake:
            self._wanted = (sample, query)
            self._rouse()

    def export_network(self, plan: Plan, format_id: str, path: Path) -> None:
        """Write the pruned network; `Done` with tag ``export`` carries an `Exported`."""

        def write() -> Exported:
            model = self._need_model()
            command = prune_command(self._ref, model, plan, path)
            recipe = recipe_of(self._ref.system, model, plan, command=command)
            return Exported(path, model.export(model.apply(plan), format_id, path, recipe))

        self._submit("export", write)

    def explain(self, sample: str, scene: Scene, pick: Pick) -> None:
        """Ask about what was clicked; `Done` with tag ``explain`` carries one line."""
        self._submit("explain", lambda: self._need_model().explain(sample, scene, pick))

    def consult(self, tag: str, work: Callable[[Model], Any]) -> None:
        """Run any work with the model that is open; `Done` with `tag` carries its result."""
        self._submit(tag, lambda: work(self._need_model()))

    def run(self, tag: str, work: Callable[[], Any]) -> None:
        """Run any work on the worker, in order; `Done` with `tag` carries its result."""
        self._submit(tag, work)

    def close(self, timeout: float = 10.0) -> bool:
        """Stop after the stage that is running; returns whether the worker ended in time."""
        with self._wake:
            self._closing = True
            self._waiting = self._wanted = None
            self._tasks.clear()
            if self._running is not None:
                self._running.cancel()
            self._rouse()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- on the worker ----------------------------------------------------------

    def _submit(self, tag: str, work: Callable[[], Any]) -> None:
        with self._wake:
            self._tasks.append((tag, work))
            self._rouse()

    def _rouse(self) -> None:
        """Wake the worker, and take it away from idle work; called with `_wake` held."""
        if self._idling is not None:
            self._idling.cancel()
        self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._closing or (taken := self._next())):
                    self._wake.wait()
                if self._closing:
                    break
            self._guard(*taken)
            with self._wake:
                self._running = self._idling = None
        if self._model is not None:
            self._model.close()

    def _next(self) -> tuple[str, Request | None, Callable[[], None]] | None:
        """What to do now, called with `_wake` held: tag, request and work.

        Requests and references take turns, so that neither keeps a moving hand waiting
        for the other.
        """
        if self._tasks:
            task = self._tasks.popleft()
            return task[0], None, lambda: self._task(*task)
        if self._wanted is not None and not (self._referred and self._waiting is not None):
            key, self._wanted, self._referred = self._wanted, None, True
            return "reference", Request(key[0], Plan(), key[1]), lambda: self._refer(*key)
        self._referred = False
        if self._waiting is not None:
            asked, self._waiting = self._waiting, None
            self._running, self._shown = CancelToken(), False
            return "", asked[1], lambda: self._answer(*asked)
        if self._model is None or not self._full:
            return None
        if not self._prepared:
            self._prepared = True
            return "prepare", None, self._model.prepare
        present = self._present
        if self._model.comparison is None or present is None or present in self._curved:
            return None
        self._idling = CancelToken()
        return "curves", None, lambda: self._curves(*present)

    def _guard(self, tag: str, request: Request | None, work: Callable[[], None]) -> None:
        try:
            try:
                work()
            except Exception as error:
                if not _out_of_memory(error) or self._model is None or self._model.device == "cpu":
                    raise
                gone = self._model.device
                self._model.move_to("cpu")
                self._emit(Notice(f"{gone} ran out of memory; working on the CPU from here on."))
                work()
        except Cancelled:
            pass
        except Prune3DError as error:
            self._emit(Failed(str(error), tag=tag, request=request))
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            self._emit(Failed(text, traceback.format_exc(), tag, request))

    def _task(self, tag: str, work: Callable[[], Any]) -> None:
        result = work()
        if tag != "open":
            self._emit(Done(tag, result))

    def _open(self, system: System, ref: ModelRef) -> None:
        model = system.open(ref)
        old, self._model, self._ref = self._model, model, ref
        self._prepared = False
        self._rough = self._present = None
        self._full.clear()
        self._curved.clear()
        if old is not None:
            old.close()
        self._emit(Opened(ModelCard.of(ref, model)))

    def _need_model(self) -> Model:
        if self._model is None:
            raise Prune3DError("No model is open; open a model first.")
        return self._model

    def _refer(self, sample: str, query: Query) -> None:
        scene = self._need_model().reference(sample, query)
        self._emit(Done("reference", (sample, query, scene)))

    def _curves(self, sample: str, query: Query) -> None:
        """Work out the curves of the comparison, until something is asked."""
        cancel = self._idling
        self._curved.add((sample, query))  # a failure is told once
        try:
            for curve in self._model.curves(sample, query, cancel):
                cancel.check()
                self._emit(CurveFound(sample, query, curve))
        except Cancelled:
            self._curved.discard((sample, query))
            raise

    def _answer(self, generation: int, request: Request, with_full: bool) -> None:
        self._need_model()
        full = self._full_of(generation, request, with_full)
        if request.plan == Plan():
            self._show(replace(full, request=request, generation=generation, role="pruned"))
        else:
            self._frames(generation, request, "pruned", full.scene)
        if request.quality == "full":
            query = request.query.lasting(self._model.knobs)
            with self._wake:
                if self._waiting is None:
                    self._present = (request.sample, query)

    def _full_of(self, generation: int, request: Request, again: bool) -> Frame:
        """The ``full`` frame, computed where it is not known; previews do for a preview."""
        key = (request.sample, request.query)
        known = self._full.get(key)
        if known is None and request.quality == "preview" and self._rough is not None:
            known = self._rough[1] if self._rough[0] == key else None
        if known is None:
            bare = Request(request.sample, Plan(), request.query, request.quality)
            known = self._frames(generation, bare, "full")
            if known.quality == "full":
                self._keep(known)
            else:
                self._rough = (key, known)
        elif again:
            self._emit(replace(known, generation=generation))
        return known

    def _frames(
        self, generation: int, request: Request, role: str, full: Scene | None = None
    ) -> Frame:
        """Show every stage of a reconstruction, and return the last."""
        model, cancel, frame = self._model, self._running, None
        clock = time.perf_counter
        start = clock()
        applied = model.apply(request.plan)
        prune = (clock() - start) * 1e3
        for notice in applied.notices:
            self._emit(Notice(notice))
        start = clock()
        stages = model.reconstruct(applied, request.sample, request.query, request.quality, cancel)
        for stage in stages:
            forward = (clock() - start) * 1e3
            cancel.check()
            start = clock()
            scores = scored(model, applied, request.sample, request.query, stage, full)
            took = (clock() - start) * 1e3
            scene = stage.scene.with_arrays(scores.arrays) if scores else stage.scene
            frame = Frame(
                request,
                generation,
                role,
                stage.quality,
                scene,
                scores,
                applied.footprint,
                Timings(prune, forward, took),
                self._recipe(),
            )
            self._show(frame)
            start = clock()
        if frame is None:
            raise Prune3DError(f"The model returned nothing for the sample {request.sample!r}.")
        return frame

    def _show(self, frame: Frame) -> None:
        with self._wake:
            self._shown = frame.role == "pruned"
        self._emit(frame)

    def _keep(self, frame: Frame) -> None:
        self._full[(frame.request.sample, frame.request.query)] = frame
        size = sum(kept.scene.nbytes for kept in self._full.values())
        while size > FULL_CACHE_BYTES and len(self._full) > 1:
            size -= self._full.popitem(last=False)[1].scene.nbytes

    def _recipe(self) -> Recipe:
        model = self._model
        return Recipe(self._ref.system, model.title, model.weights_hash, model.device, versions())


def _out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
