"""A token by which long work is asked to stop."""

from __future__ import annotations

import math
import threading
import time

from .errors import Cancelled


class CancelToken:
    """Set once, seen everywhere; long stages call `check` between their steps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._from = math.inf

    def cancel(self, after: float = 0.0) -> None:
        """Ask the work to stop, now or `after` so many seconds."""
        with self._lock:
            self._from = min(self._from, time.monotonic() + after)

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return time.monotonic() >= self._from

    def check(self) -> None:
        """Raise `Cancelled` if a stop was asked for."""
        if self.cancelled:
            raise Cancelled("Stopped on request.")


class _Never(CancelToken):
    """A token that nobody sets."""

    def cancel(self, after: float = 0.0) -> None:
        """Refuse: whoever wants to stop work gives it a token of its own."""
        raise TypeError("NEVER is shared by all work that nobody stops; make a CancelToken.")


NEVER = _Never()
"""The token of work that nobody stops."""
