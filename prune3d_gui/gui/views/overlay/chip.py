"""A word in an outline, above a view."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from ....drawing.palette import LIGHT, Theme


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
