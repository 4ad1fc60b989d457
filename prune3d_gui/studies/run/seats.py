"""Seats: where one worker sits, in a process of its own or on a thread of this one."""

from __future__ import annotations

import ctypes
import functools
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from ...core.cancel import CancelToken
from ...core.errors import Cancelled, Prune3DError
from ...core.threads import share_cores
from . import worker
from .workers import Chunk, Measured

LEAVE_S = 1.0
"""How long an idle process may take to end before it is killed."""
LOOK_S = 0.02
"""How often a held worker looks whether it may go on."""


def be_modest() -> None:
    """Give this process the lowest priority, and leave Ctrl-C to the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(19)


def flag(context: Any) -> Any:
    """A shared ``value`` without a lock, which a process that is killed could never give back."""
    return context.RawValue(ctypes.c_bool, False)


class Gate:
    """Where a worker waits while it is held, and ends where it is stopped.

    Parameters
    ----------
    held, stop : flag
    """

    def __init__(self, held: Any, stop: Any) -> None:
        self.held, self.stop = held, stop
        self.cancel: CancelToken = _Stop(stop)

    def wait_free(self) -> bool:
        """Wait while work is held; False ends the chunk with what it has."""
        parent = multiprocessing.parent_process()
        while self.held.value and not self.stop.value:
            time.sleep(LOOK_S)
            if parent is not None and not parent.is_alive():
                return False
        return not self.stop.value


class _Stop(CancelToken):
    """A token that another process sets."""

    def __init__(self, stop: Any) -> None:
        super().__init__()
        self._flag = stop

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for, there or here."""
        return self._flag.value or super().cancelled


class Here:
    """A seat in this process.

    Parameters
    ----------
    gate : Gate
    threads : int
        Threads for arithmetic while it computes.
    """

    pid = 0

    def __init__(self, gate: Gate, threads: int) -> None:
        self.gate, self._threads, self._ended = gate, threads, False

    def compute(self, chunk: Chunk) -> list[Measured]:
        """Compute a chunk; EOFError after the end."""
        if self._ended:
            raise EOFError
        before = _pin(self._threads)
        try:
            return _answer(chunk, self.gate, self._threads)
        finally:
            if before:
                _pin(before)

    def end(self) -> None:
        """Stop before the next evaluation, for good."""
        self._ended = True
        self.gate.stop.value = True

    def clear(self) -> int | None:
        """Close what is open; there is no exit code."""
        worker.forget()
        return None


class Process:
    """A seat in a process of its own, which starts with its first chunk.

    Parameters
    ----------
    context : multiprocessing context
    gate : Gate
    threads : int
        Threads for arithmetic.
    number : int
        For its name.
    """

    def __init__(self, context: Any, gate: Gate, threads: int, number: int) -> None:
        self.gate = gate
        self._start = functools.partial(_started, context, gate, threads, number)
        self._process: Any = None
        self._pipe: Connection | None = None
        self._ended = False
        self._own = threading.Lock()

    @property
    def pid(self) -> int:
        """Its process id, 0 where none is alive."""
        with self._own:
            alive = self._process is not None and self._process.is_alive()
            return self._process.pid if alive else 0

    def compute(self, chunk: Chunk) -> list[Measured]:
        """Have a chunk computed there; EOFError or OSError where the process ended."""
        with self._own:
            if self._ended:
                raise EOFError
            if self._process is None or self._pipe is None:
                self._process, self._pipe = self._start()
            pipe = self._pipe
        pipe.send(chunk)
        answer = pipe.recv()
        if isinstance(answer, Prune3DError):
            raise answer
        return answer

    def end(self) -> None:
        """Kill the process; who waits for its answer learns of it."""
        with self._own:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def clear(self) -> int | None:
        """Take away what is left of a process; returns its exit code."""
        with self._own:
            if self._process is None:
                return None
            if self._pipe is not None:
                self._pipe.close()
            self._process.join(LEAVE_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            code = self._process.exitcode
            self._process.close()
            self._process = self._pipe = None
            return code


def _started(context: Any, gate: Gate, threads: int, number: int) -> tuple[Any, Connection]:
    mine, theirs = context.Pipe()
    process = context.Process(
        target=_work,
        args=(theirs, gate.held, gate.stop, threads),
        name=f"prune3d-worker-{number}",
        daemon=True,
    )
    process.start()
    theirs.close()
    return process, mine


def _work(pipe: Connection, held: Any, stop: Any, threads: int) -> None:
    """Answer chunks in this process until the other end of `pipe` is gone."""
    share_cores()
    be_modest()
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    gate = Gate(held, stop)
    while True:
        try:
            chunk = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = _answer(chunk, gate, threads)
        except Prune3DError as error:
            answer = error
        try:
            pipe.send(answer)
        except OSError:
            return  # nobody listens any more


def _answer(chunk: Chunk, gate: Gate, threads: int) -> list[Measured]:
    try:
        worker.recall(chunk.network, gate.cancel)  # imports what has threads
        _pin(threads)
        return worker.compute(chunk, gate)
    except Cancelled:
        return []
    except Prune3DError:
        raise
    except Exception as error:
        raise Prune3DError(f"A worker failed ({type(error).__name__}: {error}).") from None


def _pin(threads: int) -> int:
    """Let torch use so many threads, where it is loaded; returns how many it used before."""
    torch = sys.modules.get("torch")
    if torch is None:
        return 0
    before = torch.get_num_threads()
    if before != threads:
        torch.set_num_threads(threads)
    return before
