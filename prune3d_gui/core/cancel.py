"""A token by which long work is asked to stop."""

from __future__ import annotations

import threading

from .errors import Cancelled


class CancelToken:
    """Set once, seen everywhere; long stages call `check` between their steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if a stop was asked for."""
        if self._event.is_set():
            raise Cancelled("Stopped on request.")
