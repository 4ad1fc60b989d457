"""The mouse and the keys on a slice: moving the crosshair, going through slices, coming closer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from ....drawing.cameras import CameraState, Vector
from .sliding import Sliding

_DOUBLE = 160
"""Pixels of a drag with Ctrl by which the window of grey is twice as wide."""


class Scrolling(Sliding):
    """Moves the crosshair of a slice, and the parallel camera that faces it.

    A click or a left drag puts the crosshair under the mouse; the wheel and the arrows go from
    slice to slice; middle drag and Shift with left drag shift; Ctrl with the wheel, a pinch,
    plus and minus come closer. Ctrl with left drag changes which values are black
    and white: right is wider, up is higher, and so darker.

    Parameters
    ----------
    view : QWidget
        What to listen to.
    read, write : callables
        Get and set the camera.
    point_at : callable
        Puts the crosshair at a place of the plane.
    step : callable
        Goes on by so many slices.
    widen : callable
        Changes the window of grey: how much wider, how much higher.
    """

    def __init__(
        self,
        view: QWidget,
        read: Callable[[], CameraState],
        write: Callable[[CameraState], None],
        point_at: Callable[[Vector], None],
        step: Callable[[int], None],
        widen: Callable[[float, float], None],
    ) -> None:
        super().__init__(view, read, write)
        self._point_at = point_at
        self._step = step
        self._widen = widen
        self._turned = 0.0
        self.clicked.connect(self._point)

    def drag(self, here: QPointF, step: QPointF, shift: bool) -> None:
        """Take the crosshair along, or shift, or change the window."""
        if shift:
            super().drag(here, step, shift)
        elif self.keys & Qt.KeyboardModifier.ControlModifier:
            self._widen(step.x() / _DOUBLE, -step.y() / _DOUBLE)
        else:
            self._point(here)

    def wheel(self, notches: float, event: QWheelEvent) -> None:
        """Go through the slices, or come closer."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheel(notches, event)
            return
        self._turned += notches
        whole = int(self._turned)  # a touchpad turns by less than a notch at a time
        if whole:
            self._turned -= whole
            self._step(whole)

    def arrow(self, right: int, up: int) -> None:
        """Go to the next slice."""
        self._step(right + up)

    def _point(self, at: QPointF) -> None:
        middle = QPointF(self.view.width() / 2, self.view.height() / 2)
        self._point_at(self.moved(at - middle).focus)
