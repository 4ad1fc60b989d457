"""The words above a view: lines that keep to their room, and a word in an outline."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from ...drawing.palette import LIGHT, Theme


class Elided(QLabel):
    """A line with dots where there is no room for it, and then the whole as its tooltip.

    Parameters
    ----------
    wide : QSizePolicy.Policy
    dots : Qt.TextElideMode
        Where the dots are.
    """

    def __init__(self, wide: QSizePolicy.Policy, dots: Qt.TextElideMode) -> None:
        super().__init__()
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)
        self._dots = dots

    @property
    def shown(self) -> str:
        """As much of the text as there is room for."""
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


class Chip(QLabel):
    """A word in a rounded outline."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setContentsMargins(8, 1, 8, 1)
        font = self.font()
        font.setPointSizeF(max(font.pointSizeF() - 1, 7))
        self.setFont(font)
        self._theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.setStyleSheet(f"color: {QColor(*theme.accent).name()};")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the outline below the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(*self._theme.accent))
        round_box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(round_box, round_box.height() / 2, round_box.height() / 2)
        painter.end()
        super().paintEvent(event)
