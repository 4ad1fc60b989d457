"""A letter box with one bell: what threads leave is handed out on the GUI thread."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal


class LetterBox(QObject):
    """Letters of other threads, in order.

    A kind of box says how a letter is sorted in (`_sort_in`, which may let it replace others) and
    what becomes of those that have come (`_hand_out`).
    """

    _bell = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._letters: list[Any] = []
        self._open = True
        self._bell.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """Deliver nothing from here on."""
        with self._lock:
            self._open = False
            self._letters.clear()

    def _leave(self, letter: Any) -> None:
        """Leave a letter; safe from any thread, and after `close`."""
        with self._lock:
            if not self._open:
                return
            first = not self._letters
            self._sort_in(letter)
            if first:
                self._bell.emit()

    def _sort_in(self, letter: Any) -> None:
        """Put a letter to the others, of which one is left in any case."""
        self._letters.append(letter)

    def _hand_out(self, letters: list[Any]) -> None:
        """Give letters to who waits for them."""
        raise NotImplementedError

    def _deliver(self) -> None:
        with self._lock:
            letters, self._letters = self._letters, []
        if letters and self._open:
            self._hand_out(letters)
