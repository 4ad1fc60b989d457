"""The queue of studies and jobs: each kind is answered in turn, on a thread of its own."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from ...core.jobs import Said
from ...core.score.scores import Metric
from ..ask.answers import Answers, Question
from .cache import ResultCache
from .evaluator import NO_PACKS, Evaluator
from .jobs import JobRun
from .lanes import Asked, Emit, Lane
from .places import WorkersSpec, network_at, open_workers
from .workers import Workers


class StudyQueue:
    """Answers questions in the order they come, and keeps the workers from one to the next.

    Jobs have a lane of their own: training for an hour holds up no study. A study that was
    cancelled or failed is resumed by submitting it again: what was found is in the cache.

    Parameters
    ----------
    emit : callable
        Takes the id of a question and each `RowFound`, `Moved`, `Said`, and last an `Ended`. It
        is called on the thread of the question's lane, or, for a question that still waits, on
        the thread that cancels it.
    folder : path, optional
        Of the cache.
    """

    def __init__(self, emit: Emit, folder: str | Path | None = None) -> None:
        self._cache = ResultCache(folder)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._held = False
        self._workers: Workers | None = None
        self._workers_of: tuple[WorkersSpec, str] | None = None
        self._studies = Lane("prune3d-studies", self._studied, emit, self._let_go)
        self._jobs = Lane("prune3d-jobs", lambda asked: asked.question.answer(asked), emit)

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
        asked = Asked(next(self._numbers), question, tuple(metrics), spec, packs)
        lane = self._jobs if isinstance(question, JobRun) else self._studies
        lane.put(asked)
        return asked.id

    def cancel(self, number: int) -> None:
        """Stop a question that is worked on, or take it out of the queue; `Ended` follows."""
        self._studies.cancel(number)
        self._jobs.cancel(number)

    def hold(self, held: bool) -> None:
        """Pause all studies before the next evaluation while `held`: someone drags a slider."""
        with self._lock:
            self._held = held
            if self._workers is not None:
                self._workers.hold(held)

    def close(self, timeout: float = 5.0) -> bool:
        """End at once, with all workers; returns whether the threads ended in time."""
        end = time.monotonic() + timeout
        lanes = (self._studies, self._jobs)
        for lane in lanes:
            lane.end()
        ended = [lane.join(max(0.0, end - time.monotonic())) for lane in lanes]
        self._cache.close()
        return all(ended)

    # -- on the lane of studies ----------------------------------------------------------

    def _studied(self, asked: Asked) -> Answers:
        network = network_at(asked.spec, asked.question.network)
        workers = self._workers_for(asked)
        evaluator = Evaluator(
            network, asked.metrics, workers, self._cache, asked.cancel, asked.packs
        )
        with contextlib.closing(asked.question.answer(evaluator)) as answers:
            for answer in answers:
                yield answer
                yield from self._complaints()
        yield from self._complaints()

    def _complaints(self) -> Generator[Said, None, None]:
        while sentence := self._cache.trouble():
            yield Said(sentence)

    def _workers_for(self, asked: Asked) -> Workers:
        """The workers there are, where they are those asked for; else others."""
        network = network_at(asked.spec, asked.question.network)
        wanted = (asked.spec, network.ref.device)
        if self._workers is None or self._workers_of != wanted:
            self._let_go()
            workers = open_workers(asked.spec, network)
            with self._lock:
                self._workers, self._workers_of = workers, wanted
                workers.hold(self._held)
        return self._workers

    def _let_go(self) -> None:
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()
