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
from .events import Done, Failed, ModelCard, Notice, Opened
from .versions import versions

FULL_CACHE_BYTES = 64 << 20


class LiveSession:
    """Runs a model on a thread of its own and reports through one callback.

    At most one request waits: a newer one replaces it. Tasks (opening, exports)
    are queued and never dropped. The request that is running is cancelled by a
    newer one only after it has shown something, so a moving hand always sees
    frames.

    Parameters
    ----------
    emit : callable
        Takes each `Frame`, `Opened`, `Done`, `Failed` or `Notice`. It is called on
        the worker thread.
    """

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self._emit = emit
        self._wake = threading.Condition()
        self._waiting: tuple[int, Request, bool] | None = None
        self._tasks: deque[tuple[str, Callable[[], Any]]] = deque()
        self._running: CancelToken | None = None
        self._shown = False
        self._closing = False
        self._generation = 0
        self._model: Model | None = None
        self._ref: ModelRef | None = None
        self._prepared = False
        self._full: OrderedDict[tuple[str, Query], Frame] = OrderedDict()
        self._thread = threading.Thread(target=self._run, name="prune3d-session", daemon=True)
        self._thread.start()

    # -- called from any thread -------------------------------------------------

    def open(self, system: System, ref: ModelRef) -> None:
        """Open a model; `Opened` follows, or `Failed` and the model before stays."""
        self._submit("open", lambda: self._open(system, ref))

    def request(self, request: Request, with_full: bool = False) -> int:
        """Ask for frames of `request`; returns its generation.

        The ``full`` frame comes along when it was not computed yet, and, `with_full`,
        also when it was (after going back to another sample, say).
        """
        with self._wake:
            self._generation += 1
            with_full = with_full or (self._waiting is not None and self._waiting[2])
            self._waiting = (self._generation, request, with_full)
            if self._running is not None and self._shown:
                self._running.cancel()
            self._wake.notify_all()
            return self._generation

    def open_sample(self, path: Path) -> None:
        """Take in a sample file; `Done` with tag ``sample`` carries the `Sample`."""

        def take() -> Sample:
            return self._need_model().open_sample(path)

        self._submit("sample", take)

    def reference(self, sample: str, query: Query) -> None:
        """Fetch ground truth; `Done` with tag ``reference`` carries (sample, Scene or None)."""

        def fetch() -> tuple[str, Scene | None]:
            return sample, self._need_model().reference(sample, query)

        self._submit("reference", fetch)

    def export_network(self, plan: Plan, format_id: str, path: Path) -> None:
        """Write the pruned network; `Done` with tag ``export`` carries the path."""

        def write() -> Path:
            model = self._need_model()
            recipe = {"system": self._ref.system, "plan": repr(plan), **versions()}
            model.export(model.apply(plan), format_id, path, recipe)
            return path

        self._submit("export", write)

    def explain(self, sample: str, scene: Scene, pick: Pick) -> None:
        """Ask about what was clicked; `Done` with tag ``explain`` carries one line."""
        self._submit("explain", lambda: self._need_model().explain(sample, scene, pick))

    def run(self, tag: str, work: Callable[[], Any]) -> None:
        """Run any work on the worker, in order; `Done` with `tag` carries its result."""
        self._submit(tag, work)

    def close(self, timeout: float = 10.0) -> bool:
        """Stop after the stage that is running; returns whether the worker ended in time."""
        with self._wake:
            self._closing = True
            self._waiting = None
            self._tasks.clear()
            if self._running is not None:
                self._running.cancel()
            self._wake.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- on the worker ----------------------------------------------------------

    def _submit(self, tag: str, work: Callable[[], Any]) -> None:
        with self._wake:
            self._tasks.append((tag, work))
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._closing or self._tasks or self._waiting or self._can_prepare()):
                    self._wake.wait()
                if self._closing:
                    break
                task = self._tasks.popleft() if self._tasks else None
                taken = None
                if task is None and self._waiting is not None:
                    taken, self._waiting = self._waiting, None
                    self._running, self._shown = CancelToken(), False
            if task is not None:
                self._guard(task[0], None, lambda task=task: self._task(*task))
            elif taken is not None:
                self._guard("", taken[1], lambda taken=taken: self._answer(*taken))
                with self._wake:
                    self._running = None
            else:
                self._prepared = True
                self._guard("prepare", None, self._model.prepare)
        if self._model is not None:
            self._model.close()

    def _can_prepare(self) -> bool:
        return self._model is not None and not self._prepared and bool(self._full)

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
        self._full.clear()
        if old is not None:
            old.close()
        self._emit(Opened(ModelCard.of(ref, model)))

    def _need_model(self) -> Model:
        if self._model is None:
            raise Prune3DError("No model is open; open a model first.")
        return self._model

    def _answer(self, generation: int, request: Request, with_full: bool) -> None:
        self._need_model()
        key = (request.sample, request.query)
        if key not in self._full:
            self._frames(generation, Request(request.sample, Plan(), request.query), "full")
        elif with_full:
            self._emit(replace(self._full[key], generation=generation))
        if request.plan == Plan():
            full = self._full[key]
            self._show(replace(full, request=request, generation=generation, role="pruned"))
        else:
            self._frames(generation, request, "pruned")

    def _frames(self, generation: int, request: Request, role: str) -> None:
        model, cancel = self._model, self._running
        full = self._full.get((request.sample, request.query))
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
            scores = model.score(applied, request.sample, request.query, stage, full and full.scene)
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
            if role == "full" and stage.quality == "full":
                self._keep(frame)
            self._show(frame)
            start = clock()

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
