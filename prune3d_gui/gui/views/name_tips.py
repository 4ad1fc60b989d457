"""Names of what is under a resting mouse, as tips."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget


class NameTips(QObject):
    """Shows beside the mouse what a view says of a place.

    Parameters
    ----------
    view : QWidget
    name_at : callable
        Gives the name of what is seen at a place of the view, in its own pixels; empty for none.
    """

    def __init__(self, view: QWidget, name_at: Callable[[QPointF], str]) -> None:
        super().__init__(view)
        self._view, self._name_at = view, name_at
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return False
        name = self._name_at(QPointF(event.pos()))
        if name:
            QToolTip.showText(event.globalPos(), name, self._view)
        else:
            QToolTip.hideText()
        return True
