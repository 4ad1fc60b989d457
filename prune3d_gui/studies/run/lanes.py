"""Lanes: questions answered one after the other, each lane on a thread of its own."""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...core.cancel import CancelToken
from ...core.errors import Cancelled, Prune3DError
from ...core.score.scores import Metric
from ..ask.answers import Answer, Answers, Ended, Question
from .places import WorkersSpec

Emit = Callable[[int, "Answer | Ended"], None]


@dataclass(eq=False)
class Asked:
    """A question that waits or is worked on."""

    id: int
    question: Question
    metrics: tuple[Metric, ...]
    spec: WorkersSpec
    packs: Mapping[str, bytes]
    cancel: CancelToken = field(default_factory=CancelToken)


class Lane:
    """A thread that answers what is put before it, in the order it comes.

    Parameters
    ----------
    name : str
        Of the thread.
    answer : callable
        Gives the answers to an `Asked` as they come; its token is looked at on the way.
    emit : callable
        Takes the id of a question and each answer, and last an `Ended`. It is called on the
        lane's thread, or, for a question that still waits, on the thread that cancels it.
    leave : callable
        Called on the thread where one failed, and at the end.
    """

    def __init__(
        self,
        name: str,
        answer: Callable[[Asked], Answers],
        emit: Emit,
        leave: Callable[[], None] = lambda: None,
    ) -> None:
        self._answer, self._emit, self._leave = answer, emit, leave
        self._wake = threading.Condition()
        self._waiting: deque[Asked] = deque()
        self._running: Asked | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, asked: Asked) -> None:
        """Let a question wait for its turn."""
        with self._wake:
            self._waiting.append(asked)
            self._wake.notify_all()

    def cancel(self, number: int) -> None:
        """Stop the question of that id, or take it out of the lane; one elsewhere goes on."""
        with self._wake:
            if self._running is not None and self._running.id == number:
                self._running.cancel.cancel()
            gone = [asked for asked in self._waiting if asked.id == number]
            self._waiting = deque(asked for asked in self._waiting if asked.id != number)
        for asked in gone:
            self._emit(asked.id, Ended("cancelled", "Taken out of the queue."))

    def end(self) -> None:
        """Stop what is worked on and drop what waits; does not wait for the thread."""
        with self._wake:
            self._closing = True
            self._waiting.clear()
            if self._running is not None:
                self._running.cancel.cancel()
            self._wake.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait for the thread; returns whether it ended in time."""
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- on the thread -----------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (asked := self._next()) is not None:
                ended = self._ended(asked)
                with self._wake:
                    self._running = None
                self._emit(asked.id, ended)
        finally:
            self._leave()

    def _next(self) -> Asked | None:
        """Wait for the next question; None when the lane ends."""
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            self._running = None if self._closing else self._waiting.popleft()
            return self._running

    def _ended(self, asked: Asked) -> Ended:
        try:
            asked.cancel.check()
            with contextlib.closing(self._answer(asked)) as answers:
                for answer in answers:
                    self._emit(asked.id, answer)
        except Cancelled:
            return Ended("cancelled", "Stopped; what was found is kept.")
        except Prune3DError as error:
            self._leave()
            return Ended("failed", str(error))
        except Exception as error:
            traceback.print_exc()
            self._leave()
            text = (str(error).splitlines() or [""])[0].rstrip(".:")
            what = "job" if asked.question.kind == "job" else "study"
            return Ended("failed", f"The {what} failed ({type(error).__name__}: {text}).")
        return Ended("done")
