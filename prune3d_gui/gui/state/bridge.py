"""Carries what a session reports from its worker to the GUI thread."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ...core.frames import Frame
from ...studies.live.events import Done, Working


class Bridge(QObject):
    """A letter box with one bell.

    `post` is called on the worker; `event` is emitted on the GUI thread, once per
    letter and in order. A preview that was not yet read gives way to a newer one of the
    same role, a reference to a newer one, and work to what follows it, so a slow screen
    never works through a backlog.
    """

    event = Signal(object)
    _bell = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._letters: list[Any] = []
        self._rung = False
        self._open = True
        self._bell.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Any) -> None:
        """Leave an event; safe from any thread, and after `close`."""
        with self._lock:
            if not self._open:
                return
            kept = [letter for letter in self._letters if not _replaces(event, letter)]
            self._letters = [*kept, event]
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
            letters, self._letters = self._letters, []
            self._rung = False
        for letter in letters:
            if self._open:
                self.event.emit(letter)


def _replaces(event: Any, before: Any) -> bool:
    if isinstance(event, Done) and isinstance(before, Done):
        return event.tag == before.tag == "reference"
    if isinstance(event, Frame) and isinstance(before, Frame):
        return before.quality == "preview" and before.role == event.role
    return isinstance(event, Working) and isinstance(before, Working)
