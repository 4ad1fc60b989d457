"""Carries what the study queue reports from its thread to the GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from ...core.jobs import Pictured
from ...studies.ask.answers import Moved
from ..state.letter_box import LetterBox

Letter = tuple[int, Any]


class StudyMail(LetterBox):
    """What studies report; thousands of cached rows are one delivery.

    `post` is called on the queue's thread; `arrived` is emitted on the GUI thread with all
    that came since, in order. Of the moves of one study, and of its pictures, only the newest
    are kept.
    """

    arrived = Signal(object)  # list of (id, event)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest: dict[tuple[int, type], int] = {}

    def post(self, study: int, event: Any) -> None:
        """Leave an event; safe from any thread, and after `close`."""
        self._leave((study, event))

    def _sort_in(self, letter: Letter) -> None:
        study, event = letter
        if not self._letters:
            self._newest.clear()
        place = len(self._letters)
        if isinstance(event, Moved | Pictured):
            place = self._newest.setdefault((study, type(event)), place)
        self._letters[place : place + 1] = [letter]

    def _hand_out(self, letters: list[Letter]) -> None:
        self.arrived.emit(letters)
