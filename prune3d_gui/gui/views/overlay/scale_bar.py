"""A bar of known length in a corner of a view."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ....drawing.cameras import CameraState
from ....drawing.gauges import Length
from ....drawing.palette import LIGHT, Theme


class ScaleBar(QWidget):
    """A bar as long on screen as it says, at the distance of what the camera looks at."""

    _TALL = 30

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("scaleBar")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = LIGHT
        self._shown = Length()

    @property
    def text(self) -> str:
        """What the bar says."""
        return self._shown.text

    @property
    def length(self) -> tuple[float, float]:
        """Its length in pixels, and in the unit of the scene."""
        return self._shown.pixels, self._shown.value

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_camera(self, state: CameraState, zoom: float, unit: str, room: int) -> None:
        """Show a round length that fits; see `Length.of`."""
        shown = Length.of(state, zoom, unit, room)
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleName(f"Scale bar: {shown.text}")
            self.resize(self.sizeHint())
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for the words and the bar."""
        words = self.fontMetrics().horizontalAdvance(self.text)
        return QSize(math.ceil(max(words, self._shown.pixels)) + 12, self._TALL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words over the bar, on a ground that lets a little through."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(*self._theme.background)
        ground.setAlpha(190)
        painter.setBrush(ground)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.setPen(QColor(*self._theme.ink))
        words = QRect(6, 2, self.width() - 12, self._TALL - 13)
        painter.drawText(
            words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text
        )
        painter.setPen(QPen(QColor(*self._theme.ink), 1.6))
        right, foot = self.width() - 6.0, self._TALL - 7.0
        left = right - self._shown.pixels
        painter.drawLine(QPointF(left, foot), QPointF(right, foot))
        for x in (left, right):
            painter.drawLine(QPointF(x, foot - 3), QPointF(x, foot + 3))
