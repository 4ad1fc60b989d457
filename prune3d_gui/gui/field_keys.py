"""Which keys a focused field has for itself, and which are the window's."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QTreeView, QWidget

from .dress.number_box import NumberBox

_CHORDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_OWN = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.SelectAll,
    QKeySequence.StandardKey.MoveToPreviousWord,
    QKeySequence.StandardKey.MoveToNextWord,
)
"""Chords that a field keeps, whichever they are on this desktop."""


class FieldKeys(QObject):
    """Gives chords to the window and text to the field that has the keyboard.

    Qt lets a field take Ctrl with Z, E, K and others, whether or not they do anything in it. Here
    they are the window's shortcuts; undo and redo are the field's while there is something typed
    to take back. A letter typed where text is written or searched is never a shortcut.

    Parameters
    ----------
    window : QMainWindow
    actions : iterable of QAction
        Those of the window.
    """

    def __init__(self, window: QMainWindow, actions: Iterable[QAction]) -> None:
        super().__init__(window)
        self._window = window
        self._chords = {a.shortcut() for a in actions if not a.shortcut().isEmpty()}
        self._field: QWidget | None = None
        QApplication.instance().focusChanged.connect(self._on_focus)

    def stop(self) -> None:
        """Hear of no more fields."""
        QApplication.instance().focusChanged.disconnect(self._on_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        if not event.modifiers() & _CHORDS:
            if isinstance(watched, QTreeView) and event.text().isprintable() and event.text():
                event.accept()
                return True
            return False
        chord = QKeySequence(event.keyCombination())
        if chord not in self._chords or _has_for_itself(watched, event):
            return False
        event.ignore()
        return True

    def _on_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and old is self._field:
            old.removeEventFilter(self)
        fields = NumberBox | QLineEdit | QTreeView
        mine = isinstance(new, fields) and new.window() is self._window
        self._field = new if mine else None
        if mine:
            new.installEventFilter(self)


def _has_for_itself(field: QObject, event: QKeyEvent) -> bool:
    """Whether the keys do something in the field that nobody would take from it."""
    if any(map(event.matches, _OWN)):
        return True
    undo = event.matches(QKeySequence.StandardKey.Undo)
    if not undo and not event.matches(QKeySequence.StandardKey.Redo):
        return False
    if isinstance(field, NumberBox):
        return field.edited
    if isinstance(field, QLineEdit):
        return field.isUndoAvailable() if undo else field.isRedoAvailable()
    return False
