"""Carries what a session reports from its worker to the GUI thread."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ..core.frames import Frame


class Bridge(QObject):
    """A letter box with one bell.

    `post` is called on the worker; `event` is emitted on the GUI thread, once per
    letter and in order. A preview that was not yet read is replaced by a newer one of
    the same role, so a slow screen never works through a backlog.
    """

    event = Signal(object)
    _bell = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._letters: deque[Any] = deque()
        self._rung = False
        self._open = True
        self._bell.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Any) -> None:
        """Leave an event; safe from any thread, and after `close`."""
        with self._lock:
            if not self._open:
                return
            if self._letters and _replaces(event, self._letters[-1]):
                self._letters.pop()
            self._letters.append(event)
            if not self._rung:
                self._rung = True
                self._bell.emit()

    def close(self) -> None:
        """Deliver nothing from here on."""
        with self._lock:
            self._open = False
            self._letters.clear()

    def _deliver(self) -> None:
        with self._lock:
            letters = list(self._letters)
            self._letters.clear()
            self._rung = False
        for letter in letters:
            if self._open:
                self.event.emit(letter)


def _replaces(event: Any, before: Any) -> bool:
    if not (isinstance(event, Frame) and isinstance(before, Frame)):
        return False
    return before.quality == "preview" and before.role == event.role
