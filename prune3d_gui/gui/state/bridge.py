"""Carries what a session reports from its worker to the GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal

from ...core.frames import Frame
from ...studies.live.events import Done, Working
from .letter_box import LetterBox


class Bridge(LetterBox):
    """What the session reports.

    `post` is called on the worker; `event` is emitted on the GUI thread, once per
    letter and in order. A preview that was not yet read gives way to a newer one of the
    same role, a reference to a newer one, and work to what follows it, so a slow screen
    never works through a backlog.
    """

    event = Signal(object)

    def post(self, event: Any) -> None:
        """Leave an event; safe from any thread, and after `close`."""
        self._leave(event)

    def _sort_in(self, letter: Any) -> None:
        kept = [before for before in self._letters if not _replaces(letter, before)]
        self._letters = [*kept, letter]

    def _hand_out(self, letters: list[Any]) -> None:
        for letter in letters:
            if self._open:
                self.event.emit(letter)


def _replaces(event: Any, before: Any) -> bool:
    if isinstance(event, Done) and isinstance(before, Done):
        return event.tag == before.tag == "reference"
    if isinstance(event, Frame) and isinstance(before, Frame):
        return before.quality == "preview" and before.role == event.role
    return isinstance(event, Working) and isinstance(before, Working)
