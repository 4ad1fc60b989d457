"""Carries what the study queue reports from its thread to the GUI thread."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ...core.jobs import Pictured
from ...studies.ask.answers import Moved

Letter = tuple[int, Any]


class StudyMail(QObject):
    """A letter box with one bell; thousands of cached rows are one delivery.

    `post` is called on the queue's thread; `arrived` is emitted on the GUI thread with all
    that came since, in order. Of the moves of one study, and of its pictures, only the newest
    are kept.
    """

    arrived = Signal(object)  # list of (id, event)
    _bell = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._letters: list[Letter] = []
        self._newest: dict[tuple[int, type], int] = {}
        self._open = True
        self._bell.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, study: int, event: Any) -> None:
        """Leave an event; safe from any thread, and after `close`."""
        with self._lock:
            if not self._open:
                return
            empty = not self._letters
            if isinstance(event, Moved | Pictured):
                place = self._newest.setdefault((study, type(event)), len(self._letters))
                if place < len(self._letters):
                    self._letters[place] = (study, event)
                    return
            self._letters.append((study, event))
            if empty:
                self._bell.emit()

    def close(self) -> None:
        """Deliver nothing from here on."""
        with self._lock:
            self._open = False
            self._letters.clear()

    def _deliver(self) -> None:
        with self._lock:
            letters, self._letters = self._letters, []
            self._newest.clear()
        if letters and self._open:
            self.arrived.emit(letters)
