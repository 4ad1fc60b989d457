"""A system's job as a question: it runs in a process of its own and streams its rows."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from ...core.cancel import CancelToken
from ...core.errors import Cancelled, Prune3DError
from ...core.jobs import Made, Pictured, Progress, Said
from ...core.score.scores import Metric
from ...core.threads import share_cores
from ..ask.answers import Answers, Left, Moved, RowFound
from ..ask.questions import Network
from .leavings import left_in, places_of
from .seats import be_modest

PATIENCE_S = 60.0
"""How long a job may take to put things away once it was asked to stop."""
CLOCK_S = 1.0
"""How coarse the clock of a disk may be."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job.

    Parameters
    ----------
    title : str
    network : Network
        The network it was asked for; the job itself says what it works on.
    job : str
        Id of the job.
    options : tuple of (name, value)
        A value for each option of the job.
    axis, metrics
        Of the job: what curves of its rows are drawn along, and what of beside the model's metrics.
    """

    title: str
    network: Network
    job: str
    options: tuple[tuple[str, Any], ...]
    kind: str = "job"
    axis: str = ""
    metrics: tuple[Metric, ...] = ()

    def answer(self, asked: Any) -> Answers:
        """Run it at the lowest priority, and give its rows as they come.

        What it has written by then is told where it does not come to its end.

        Parameters
        ----------
        asked : Any
            What has the token, `cancel`.

        Raises
        ------
        Cancelled
            When the token is set; the job has put its work away by then.
        Prune3DError
            What the job said went wrong, or that its process ended.
        """
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe()
        process = context.Process(
            target=_work,
            args=(theirs, self.network.ref.system, self.job, dict(self.options)),
            name=f"prune3d-{self.job}",
        )
        began = time.time() - CLOCK_S
        places: list[str] = []
        process.start()
        theirs.close()
        try:
            yield from _follow(mine, asked.cancel, self.title, places)
        except Prune3DError:
            _stop(mine)
            process.join(PATIENCE_S)
            if left := left_in(places, began):
                yield Left(left)
            raise
        finally:
            _stop(mine)
            process.join(PATIENCE_S)
            if process.is_alive():
                process.kill()
                process.join()
            mine.close()
            process.close()


def _follow(pipe: Connection, cancel: CancelToken, title: str, places: list[str]) -> Answers:
    streamed = set()
    while True:
        if cancel.cancelled:
            raise Cancelled("Stopped on request.")
        if not pipe.poll(0.1):
            continue
        try:
            kind, content = pipe.recv()
        except EOFError:
            raise Prune3DError(f"The process of '{title}' ended without a word.") from None
        if kind == "places":
            places += content
        elif kind == "told" and isinstance(content, Said | Made | Pictured):
            yield content
        elif kind == "told":
            if content.row is not None:
                streamed.add(repr(content.row))  # NaN is not itself
                yield RowFound(content.row)
            yield moved(content)
        elif kind == "rows":
            yield from (RowFound(row) for row in content if repr(row) not in streamed)
            return
        else:
            raise Prune3DError(content)


def moved(progress: Progress) -> Moved:
    """How far a job is, in whole numbers: its own, or percent where it counts in parts."""
    done, total = progress.done, progress.total
    if float(done).is_integer() and float(total).is_integer():
        return Moved(int(done), int(total), message=progress.message)
    return Moved(int(100 * done / total) if total > 0 else 0, 100, message=progress.message)


def _stop(pipe: Connection) -> None:
    try:
        pipe.send("stop")
    except OSError:
        return  # it has ended


def _work(pipe: Connection, system: str, name: str, options: dict[str, Any]) -> None:
    """Run a job in this process and tell the other end of `pipe`."""
    share_cores()
    be_modest()
    from ...core.registry import discover

    cancel = CancelToken()
    threading.Thread(target=_listen, args=(pipe, cancel), daemon=True).start()
    try:
        job = next(j for j in discover().system(system).jobs() if j.id == name)
        _tell(pipe, "places", places_of(job, options))
        rows = job.run(options, lambda told: _tell(pipe, "told", told), cancel)
    except Cancelled:
        return
    except Prune3DError as error:
        _tell(pipe, "failed", str(error))
    except Exception as error:
        traceback.print_exc()
        _tell(pipe, "failed", f"{type(error).__name__}: {error}")
    else:
        _tell(pipe, "rows", rows)


def _listen(pipe: Connection, cancel: CancelToken) -> None:
    with contextlib.suppress(EOFError, OSError):  # the window is gone
        pipe.recv()
    cancel.cancel()


def _tell(pipe: Connection, kind: str, content: Any) -> None:
    try:
        pipe.send((kind, content))
    except OSError:
        return  # nobody listens any more
