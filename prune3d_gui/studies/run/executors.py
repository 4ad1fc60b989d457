"""Any `concurrent.futures.Executor` as workers."""

from __future__ import annotations

import functools
import threading
from collections import deque
from concurrent.futures import Executor, Future

from .worker import compute
from .workers import Chunk, Measured


class ExecutorWorkers:
    """Workers that are somebody's executor: processes, threads, MPI ranks, a batch system.

    The executor belongs to its owner, who sets its priority and threads and shuts it down.

    Parameters
    ----------
    executor : Executor
        Where `compute` can be imported.
    count : int
        How many chunks it computes at a time.
    title : str
    """

    def __init__(self, executor: Executor, count: int, title: str = "an executor") -> None:
        self.count, self.title = count, title
        self._executor = executor
        self._lock = threading.Lock()
        self._held = False
        self._waiting: deque[tuple[Chunk, Future]] = deque()

    def submit(self, chunk: Chunk) -> Future[list[Measured]]:
        """Hand a chunk to the executor, or keep it while work is held."""
        with self._lock:
            if not self._held:
                return self._executor.submit(compute, chunk)
            result: Future[list[Measured]] = Future()
            self._waiting.append((chunk, result))
            return result

    def hold(self, held: bool) -> None:
        """Keep chunks back while `held`; those handed over go on."""
        with self._lock:
            self._held = held
            ready = [] if held else list(self._waiting)
            if not held:
                self._waiting.clear()
        for chunk, result in ready:
            if result.set_running_or_notify_cancel():
                inner = self._executor.submit(compute, chunk)
                inner.add_done_callback(functools.partial(_pass_on, result))

    def close(self) -> None:
        """Drop what was kept back; the executor goes on."""
        with self._lock:
            dropped = [result for _, result in self._waiting]
            self._waiting.clear()
        for result in dropped:
            result.cancel()


def _pass_on(result: Future, inner: Future) -> None:
    if inner.cancelled():
        result.set_result([])
    elif (error := inner.exception()) is not None:
        result.set_exception(error)
    else:
        result.set_result(inner.result())
