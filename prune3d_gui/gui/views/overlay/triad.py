"""The axes of a scene in a corner of a view, which are also the way to look along one of them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QToolTip, QWidget

from ....core.scene.scenes import Scene
from ....drawing.cameras import CameraState
from ....drawing.framing import side_of
from ....drawing.gauges import AXES, BALL, END, LARGE, PATIENT, SeenAxes, axis_colours
from ....drawing.palette import LIGHT, Theme


class Triad(QWidget):
    """The axes of the scene as the camera sees them; a click on an end looks from there."""

    chosen = Signal(str)
    """Side to look from; see `drawing.framing.SIDES`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("triad")
        self.setAccessibleName("Axes of the view")
        self.set_side(LARGE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = LIGHT
        self._axes = SeenAxes(np.eye(3))
        self._up, self._patient = "y", False

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def set_side(self, side: int) -> None:
        """Take so many pixels of width and height."""
        if side != self.width():
            self.setFixedSize(side, side)
            self.setMask(QRegion(0, 0, side, side, QRegion.RegionType.Ellipse))

    def show_camera(self, state: CameraState, scene: Scene) -> None:
        """Show the axes of a scene as they are seen from a camera."""
        axes, told = SeenAxes.of(state), (scene.up, scene.patient)
        if told != (self._up, self._patient) or not np.array_equal(axes.matrix, self._axes.matrix):
            self._axes, (self._up, self._patient) = axes, told
            self.update()

    def place_of(self, axis: int, sign: int) -> QPointF:
        """Return where an end of an axis is."""
        return QPointF(*self._axes.place(axis, sign, self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ends from the farthest to the nearest."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(11)
        font.setBold(True)
        painter.setFont(font)
        ground = QColor(*self._theme.background)
        middle = QPointF(self.width() / 2, self.height() / 2)
        for axis, sign in self._axes.ends:
            place = self.place_of(axis, sign)
            colour = QColor(*axis_colours(self._theme)[axis])
            painter.setPen(QPen(colour, 2.0))
            if sign > 0:
                painter.drawLine(middle, place)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawEllipse(place, BALL, BALL)
                painter.setPen(ground)
                box = QRectF(0, 0, 16, 16)
                box.moveCenter(place)
                letter = (PATIENT if self._patient else AXES)[axis]
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)
            else:
                painter.setPen(QPen(colour, 1.4))
                painter.setBrush(ground)
                painter.drawEllipse(place, END, END)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the click, so that nothing below is picked."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Look from the end that was clicked."""
        side = self._side_at(event.position())
        if side and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(side)

    def event(self, event: QEvent) -> bool:
        """Say what a click would do."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            side = self._side_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), f"Look from the {side}" if side else "", self)
            return True
        return super().event(event)

    def _side_at(self, at: QPointF) -> str:
        """The side whose end is under the mouse, the nearest to the eye first."""
        for axis, sign in reversed(self._axes.ends):
            away = self.place_of(axis, sign) - at
            if math.hypot(away.x(), away.y()) <= BALL + 1:
                return side_of(sign * np.eye(3)[axis], self._up, self._patient)
        return ""
