"""The mouse and the arrow keys on a flat view: shifting it, and coming closer under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from ....drawing.cameras import CameraState, nearer, shifted, widened
from .hand import Hand

_STEP = 0.06  # heights of the view per press of an arrow key


class Sliding(Hand):
    """Moves a parallel camera that faces a picture.

    Dragging and arrows shift; the wheel, a pinch, plus and minus come closer, and what is
    under the mouse stays there.
    """

    def drag(self, here: QPointF, step: QPointF, shift: bool) -> None:
        """Shift; what was grasped stays under the mouse."""
        self._write(self.moved(-step))

    def zoom(self, factor: float, at: QPointF) -> None:
        """Come closer to what is under the mouse."""
        away = at - QPointF(self.view.width() / 2, self.view.height() / 2)
        self._write(nearer(self.moved(away * (1 - 1 / factor)), factor))

    def arrow(self, right: int, up: int) -> None:
        """Shift by a step."""
        self._write(self.moved(QPointF(right, -up) * _STEP * self.view.height()))

    def moved(self, by: QPointF) -> CameraState:
        """The camera, moved by so many pixels of the view."""
        state, tall = self._read(), max(self.view.height(), 1)
        scale = widened(state, self.view.width() / tall) / tall
        return shifted(state, by.x() * scale, -by.y() * scale)
