"""A line of text with dots where there is no room for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy


class ElidedLabel(QLabel):
    """A line with dots where there is no room for it, and then the whole as its tooltip.

    Parameters
    ----------
    wide : QSizePolicy.Policy
    dots : Qt.TextElideMode
        Where the dots are.
    """

    def __init__(
        self,
        wide: QSizePolicy.Policy = QSizePolicy.Policy.Ignored,
        dots: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__()
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)
        self._dots = dots
        self.short = ""
        """What is shown of a text that has no room, if it is not empty and has."""

    @property
    def shown(self) -> str:
        """As much of the text as there is room for."""
        wide = self.fontMetrics().horizontalAdvance
        if self.short and wide(self.text()) > self.width() >= wide(self.short):
            return self.short
        return self.fontMetrics().elidedText(self.text(), self._dots, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        shown = self.shown
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown
        )
