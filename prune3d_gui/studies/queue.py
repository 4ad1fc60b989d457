"""The queue of studies: questions are answered one after the other, on a thread of its own."""

from __future__ import annotations

import contextlib
import itertools
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.cancel import CancelToken
from ..core.errors import Cancelled, Prune3DError
from ..core.scores import Metric
from .answers import Answer, Ended, Question, Said
from .cache import ResultCache
from .evaluator import NO_PACKS, Evaluator
from .places import WorkersSpec, network_at, open_workers
from .workers import Workers

Emit = Callable[[int, "Answer | Ended"], None]


@dataclass(eq=False)
class _Asked:
    """A question that waits or is worked on."""

    id: int
    question: Question
    metrics: tuple[Metric, ...]
    spec: WorkersSpec
    packs: Mapping[str, bytes]
    cancel: CancelToken = field(default_factory=CancelToken)


class StudyQueue:
    """Answers questions in the order they come, and keeps the workers from one to the next.

    A question that was cancelled or failed is resumed by submitting it again: what was found is
    in the cache.

    Parameters
    ----------
    emit : callable
        Takes the id of a question and each `RowFound`, `Moved`, `Said`, and last an `Ended`. It
        is called on the queue's thread, or, for a question that still waits, on the thread that
        cancels it.
    folder : path, optional
        Of the cache.
    """

    def __init__(self, emit: Emit, folder: str | Path | None = None) -> None:
        self._emit = emit
        self._cache = ResultCache(folder)
        self._numbers = itertools.count(1)
        self._wake = threading.Condition()
        self._waiting: deque[_Asked] = deque()
        self._running: _Asked | None = None
        self._held = self._closing = False
        self._workers: Workers | None = None
        self._workers_of: tuple[WorkersSpec, str] | None = None
        self._thread = threading.Thread(target=self._run, name="prune3d-studies", daemon=True)
        self._thread.start()

    # -- called from any thread -------------------------------------------------------

    def submit(
        self,
        question: Question,
        metrics: Sequence[Metric],
        spec: WorkersSpec = WorkersSpec(),  # noqa: B008 - frozen
        packs: Mapping[str, bytes] = NO_PACKS,
    ) -> int:
        """Ask a question; returns the id by which its events come.

        Parameters
        ----------
        question : Question
        metrics : sequence of Metric
            Those of its network.
        spec : WorkersSpec
        packs : mapping of sample id to bytes
            What `Model.pack` gives for its samples; empty ones may be left out.
        """
        with self._wake:
            asked = _Asked(next(self._numbers), question, tuple(metrics), spec, packs)
            self._waiting.append(asked)
            self._wake.notify_all()
            return asked.id

    def cancel(self, number: int) -> None:
        """Stop a question that is worked on, or take it out of the queue; `Ended` follows."""
        with self._wake:
            if self._running is not None and self._running.id == number:
                self._running.cancel.cancel()
            gone = [asked for asked in self._waiting if asked.id == number]
            self._waiting = deque(asked for asked in self._waiting if asked.id != number)
        for asked in gone:
            self._emit(asked.id, Ended("cancelled", "Taken out of the queue."))

    def hold(self, held: bool) -> None:
        """Pause all work before the next evaluation while `held`: someone drags a slider."""
        with self._wake:
            self._held = held
            if self._workers is not None:
                self._workers.hold(held)

    def close(self, timeout: float = 5.0) -> bool:
        """End at once, with all workers; returns whether the thread ended in time."""
        with self._wake:
            self._closing = True
            self._waiting.clear()
            if self._running is not None:
                self._running.cancel.cancel()
            self._wake.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- on the queue's thread ----------------------------------------------------------

    def _run(self) -> None:
        try:
            while (asked := self._next()) is not None:
                ended = self._answer(asked)
                with self._wake:
                    self._running = None
                self._emit(asked.id, ended)
        finally:
            self._let_go()
            self._cache.close()

    def _next(self) -> _Asked | None:
        """Wait for the next question; None when the queue closes."""
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            self._running = None if self._closing else self._waiting.popleft()
            return self._running

    def _answer(self, asked: _Asked) -> Ended:
        try:
            asked.cancel.check()
            network = network_at(asked.spec, asked.question.network)
            workers = self._workers_for(asked)
            evaluator = Evaluator(
                network, asked.metrics, workers, self._cache, asked.cancel, asked.packs
            )
            with contextlib.closing(asked.question.answer(evaluator)) as answers:
                for answer in answers:
                    self._emit(asked.id, answer)
                    self._complain(asked)
            self._complain(asked)
        except Cancelled:
            return Ended("cancelled", "Stopped; what was found is kept.")
        except Prune3DError as error:
            self._let_go()
            return Ended("failed", str(error))
        except Exception as error:
            traceback.print_exc()
            self._let_go()
            text = (str(error).splitlines() or [""])[0].rstrip(".:")
            return Ended("failed", f"The study failed ({type(error).__name__}: {text}).")
        return Ended("done")

    def _complain(self, asked: _Asked) -> None:
        while sentence := self._cache.trouble():
            self._emit(asked.id, Said(sentence))

    def _workers_for(self, asked: _Asked) -> Workers:
        """The workers there are, where they are those asked for; else others."""
        network = network_at(asked.spec, asked.question.network)
        wanted = (asked.spec, network.ref.device)
        if self._workers is None or self._workers_of != wanted:
            self._let_go()
            workers = open_workers(asked.spec, network)
            with self._wake:
                self._workers, self._workers_of = workers, wanted
                workers.hold(self._held)
        return self._workers

    def _let_go(self) -> None:
        with self._wake:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()
