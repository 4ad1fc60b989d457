"""The mouse and the arrow keys on a view in space, turned into camera moves."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from ....drawing.cameras import nearer, shifted, turned, widened
from .hand import Hand

_TURN = 0.0087  # radians per pixel: half a turn across a view of 360 pixels
_STEP = 0.12  # radians per press of an arrow key


class Orbit(Hand):
    """Moves a camera about what it looks at.

    Left drag turns, middle drag and Shift with left drag shift, the wheel and a pinch
    come closer, arrows turn and plus and minus come closer.
    """

    def drag(self, here: QPointF, step: QPointF, shift: bool) -> None:
        """Turn, or shift."""
        if shift:
            state, tall = self._read(), max(self.view.height(), 1)
            by = step * widened(state, self.view.width() / tall) / tall
            self._write(shifted(state, -by.x(), by.y()))
        else:
            self._write(turned(self._read(), -step.x() * _TURN, step.y() * _TURN))

    def zoom(self, factor: float, at: QPointF) -> None:
        """Come closer to what the camera looks at."""
        self._write(nearer(self._read(), factor))

    def arrow(self, right: int, up: int) -> None:
        """Turn by a step."""
        self._write(turned(self._read(), right * _STEP, up * _STEP))
