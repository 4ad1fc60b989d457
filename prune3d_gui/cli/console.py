"""The terminal: progress on standard error, and Ctrl-C as a wish to stop."""

from __future__ import annotations

import math
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.cancel import CancelToken
from ..core.jobs import Made, Pictured, Progress, Said, Told
from ..core.plan.artifacts import Artifact
from .streams import write_aside

REDRAW_S = 0.1
LOG_S = 10.0


def say(sentence: str) -> None:
    """Write one sentence to standard error."""
    write_aside(f"prune3d: {sentence}\n")


class ProgressLine:
    """Progress on standard error: one line rewritten on a terminal, else a line now and then.

    Sentences stay: each is a line of its own. Pictures are the window's to show.
    """

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._drawn = False

    def __call__(self, told: Told) -> None:
        """Show progress, unless something was shown a moment ago; say a sentence at once."""
        if isinstance(told, Pictured):
            return
        if isinstance(told, Said | Made):
            self.clear()
            say(told.message if isinstance(told, Said) else _made(told.artifact))
            return
        now = time.monotonic()
        if now - self._last < (REDRAW_S if self._live else LOG_S):
            return
        self._last = now
        text = progress_text(told, now - self._start)
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            write_aside("\r\x1b[K" + text[:width])
            self._drawn = True
        else:
            write_aside(text + "\n")

    def clear(self) -> None:
        """Take the line away again."""
        if self._drawn:
            write_aside("\r\x1b[K")
            self._drawn = False


def progress_text(progress: Progress, seconds: float) -> str:
    """One line for `progress` after `seconds` of work."""
    if progress.total <= 0:
        return f"[{_clock(seconds)}] {progress.message}"
    share = min(max(progress.done / progress.total, 0.0), 1.0)
    left = f", {_clock(seconds / share - seconds)} left" if share > 0.01 else ""
    return f"[{math.floor(100 * share):3d}% {_clock(seconds)}{left}] {progress.message}"


@contextmanager
def stoppable() -> Iterator[CancelToken]:
    """A token that Ctrl-C sets; a second Ctrl-C stops at once."""
    token = CancelToken()

    def ask(number, frame) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()
        if sys.stderr.isatty():
            write_aside("\n")
        say("stopping after this step; press Ctrl-C again to stop at once.")

    if threading.current_thread() is not threading.main_thread():
        yield token
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)


def _made(artifact: Artifact) -> str:
    return f"made the {artifact.kind} {artifact.short}: {artifact.title}."


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
