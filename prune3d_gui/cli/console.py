"""The terminal: progress on standard error, and Ctrl-C as a wish to stop."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.cancel import CancelToken
from ..core.jobs import Progress

REDRAW_S = 0.1
LOG_S = 10.0


def say(sentence: str) -> None:
    """Write one sentence to standard error."""
    print(f"prune3d: {sentence}", file=sys.stderr, flush=True)


class ProgressLine:
    """Progress on standard error: one line rewritten on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._drawn = False

    def __call__(self, progress: Progress) -> None:
        """Show `progress`, unless something was shown a moment ago."""
        now = time.monotonic()
        if now - self._last < (REDRAW_S if self._live else LOG_S):
            return
        self._last = now
        text = progress_text(progress, now - self._start)
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print("\r\x1b[K" + text[:width], end="", file=sys.stderr, flush=True)
            self._drawn = True
        else:
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away again."""
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._drawn = False


def progress_text(progress: Progress, seconds: float) -> str:
    """One line for `progress` after `seconds` of work."""
    if progress.total <= 0:
        return f"[{_clock(seconds)}] {progress.message}"
    share = min(max(progress.done / progress.total, 0.0), 1.0)
    left = f", {_clock(seconds / share - seconds)} left" if share > 0.01 else ""
    return f"[{share:4.0%} {_clock(seconds)}{left}] {progress.message}"


@contextmanager
def stoppable() -> Iterator[CancelToken]:
    """A token that Ctrl-C sets; a second Ctrl-C stops at once."""
    token = CancelToken()

    def ask(number, frame) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()
        if sys.stderr.isatty():
            print(file=sys.stderr)
        say("stopping after this step; press Ctrl-C again to stop at once.")

    if threading.current_thread() is not threading.main_thread():
        yield token
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
