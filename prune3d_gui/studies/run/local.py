"""Workers on this machine: processes of the lowest priority, or a thread of this process."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import Future
from typing import Any

from ...core.errors import Cancelled, Prune3DError
from .seats import Gate, Here, Process, flag
from .workers import Chunk, Measured

ATTEMPTS = 2


class LocalWorkers:
    """Processes that are spawned when there is work, or one thread of this process.

    A process that dies is replaced and its chunk done again; a chunk that two processes die of
    fails. ``cancel`` on the future of a chunk under way ends it early, with what it has.

    Parameters
    ----------
    count : int, optional
        Processes; as many as there are cores by default.
    threads : int, optional
        Threads of each for arithmetic: one by default, so that the same numbers come out
        however many there are.
    here : bool
        Compute on one thread of this process: for a GPU, whose memory is best used once, and
        for work too small to start a process for.

    Attributes
    ----------
    count : int
    title : str
    """

    def __init__(
        self, count: int | None = None, threads: int | None = None, here: bool = False
    ) -> None:
        self.count = 1 if here else max(1, count or cores())
        threads = threads or 1
        self.title = "this process" if here else _title(self.count)
        context = multiprocessing.get_context("spawn")
        self._held = flag(context)
        self._wake = threading.Condition()
        self._waiting: deque[tuple[Chunk, _Result]] = deque()
        self._closing = False
        self._seats: list[Here | Process] = []
        for number in range(self.count):
            gate = Gate(self._held, flag(context))
            seat = Here(gate, threads) if here else Process(context, gate, threads, number)
            self._seats.append(seat)
        self._threads: list[threading.Thread] = []
        self._idle = 0

    # -- called from any thread -------------------------------------------------------

    def submit(self, chunk: Chunk) -> Future[list[Measured]]:
        """Compute a chunk; what goes wrong is a `Prune3DError` of the future."""
        result = _Result()
        with self._wake:
            if self._closing:
                raise Prune3DError("The workers were closed; start the study again.")
            self._waiting.append((chunk, result))
            if self._idle < len(self._waiting) and len(self._threads) < self.count:
                seat = self._seats[len(self._threads)]
                name = f"prune3d-worker-{len(self._threads)}"
                thread = threading.Thread(target=self._serve, args=(seat,), name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._wake.notify()
        return result

    def hold(self, held: bool) -> None:
        """Pause before the next evaluation while `held`."""
        self._held.value = held

    def close(self) -> None:
        """End all at once; chunks that are not done are dropped."""
        with self._wake:
            self._closing = True
            dropped = [result for _, result in self._waiting]
            self._waiting.clear()
            self._wake.notify_all()
        for result in dropped:
            result.cancel()
        for seat in self._seats:
            seat.end()
        for thread in self._threads:
            thread.join()
        for seat in self._seats:
            seat.clear()

    @property
    def processes(self) -> tuple[int, ...]:
        """Ids of the processes that are alive."""
        return tuple(seat.pid for seat in self._seats if seat.pid)

    # -- a thread for each seat ---------------------------------------------------------

    def _serve(self, seat: Here | Process) -> None:
        while True:
            with self._wake:
                self._idle += 1
                while not self._waiting and not self._closing:
                    self._wake.wait()
                self._idle -= 1
                if self._closing:
                    return
                chunk, result = self._waiting.popleft()
            if not result.begin(seat.gate):
                continue
            try:
                found = self._computed(seat, chunk)
            except BaseException as error:
                result.finish(error=error)
            else:
                result.finish(found)

    def _computed(self, seat: Here | Process, chunk: Chunk) -> list[Measured]:
        for _ in range(ATTEMPTS):
            try:
                return seat.compute(chunk)
            except (EOFError, OSError):
                code = seat.clear()
                if self._closing:
                    raise Cancelled("Stopped on request.") from None
        raise Prune3DError(
            f"A worker process ended {ATTEMPTS} times on the same work (exit code {code}); it may "
            "be out of memory: use fewer workers."
        )


class _Result(Future[list[Measured]]):
    """The future of a chunk: cancelling it while it is computed makes it end early."""

    def __init__(self) -> None:
        super().__init__()
        self._gate: Gate | None = None
        self._own = threading.Lock()

    def begin(self, gate: Gate) -> bool:
        """Say that work begins behind `gate`; False if it is not wanted any more."""
        if not self.set_running_or_notify_cancel():
            return False
        with self._own:
            gate.stop.value = False
            self._gate = gate
        return True

    def finish(self, found: Any = None, error: BaseException | None = None) -> None:
        """Give what came out."""
        with self._own:
            self._gate = None
        if error is not None:
            self.set_exception(error)
        else:
            self.set_result(found)

    def cancel(self) -> bool:
        """Cancel it, or, where it is under way, let it end before the next evaluation."""
        if super().cancel():
            return True
        with self._own:
            if self._gate is not None:
                self._gate.stop.value = True
        return False


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _title(count: int) -> str:
    return "1 process on this machine" if count == 1 else f"{count} processes on this machine"
