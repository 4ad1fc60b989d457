"""The mouse and the arrow keys on a 3D view, turned into camera moves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from ..drawing.cameras import CameraState, nearer, shifted, turned

_TURN = 0.0087  # radians per pixel: half a turn across a view of 360 pixels
_STEP = 0.12  # radians per press of an arrow key
_ARROWS = {
    Qt.Key.Key_Left: (-_STEP, 0.0),
    Qt.Key.Key_Right: (_STEP, 0.0),
    Qt.Key.Key_Up: (0.0, _STEP),
    Qt.Key.Key_Down: (0.0, -_STEP),
}
_ZOOMS = {Qt.Key.Key_Plus: 1.15, Qt.Key.Key_Equal: 1.15, Qt.Key.Key_Minus: 1 / 1.15}


class Orbit(QObject):
    """Takes a view's mouse and keys for itself and moves the camera that it is given.

    Left drag turns, middle drag and Shift with left drag shift, the wheel and a pinch
    come closer, arrows turn and plus and minus come closer. Every other key goes on to
    the window, so that letters stay free for shortcuts.

    Parameters
    ----------
    view : QWidget
        What to listen to.
    read, write : callables
        Get and set the camera.
    """

    clicked = Signal(QPointF)
    """Left click that was not a drag, in the pixels of the view."""
    double_clicked = Signal()

    def __init__(
        self,
        view: QWidget,
        read: Callable[[], CameraState],
        write: Callable[[CameraState], None],
    ) -> None:
        super().__init__(view)
        self._view = view
        self._read = read
        self._write = write
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragged = False
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what the mouse and the keys do; everything else goes on."""
        handle = _HANDLERS.get(event.type())
        return False if handle is None else handle(self, event)

    def _press(self, event: QMouseEvent) -> bool:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed = self._last = event.position()
            self._dragged = False
            event.accept()
            return True
        event.ignore()  # the right button is the window's, for a menu
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if self._pressed is None or not event.buttons():
            return True
        here = event.position()
        far = (here - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if not (self._dragged or far):
            return True
        self._dragged = True
        step, self._last = here - self._last, here
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if shift or event.buttons() & Qt.MouseButton.MiddleButton:
            tall = max(self._view.height(), 1)
            self._write(shifted(self._read(), -step.x() / tall, step.y() / tall))
        else:
            self._write(turned(self._read(), -step.x() * _TURN, step.y() * _TURN))
        return True

    def _release(self, event: QMouseEvent) -> bool:
        pressed, self._pressed = self._pressed, None
        if event.button() == Qt.MouseButton.LeftButton and pressed is not None:
            if not self._dragged:
                self.clicked.emit(event.position())
        elif event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        return True

    def _double(self, event: QMouseEvent) -> bool:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = None
            self.double_clicked.emit()
        return True

    def _wheel(self, event: QWheelEvent) -> bool:
        self._write(nearer(self._read(), 1.15 ** (event.angleDelta().y() / 120)))
        event.accept()
        return True

    def _gesture(self, event: QEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._write(nearer(self._read(), max(1 + event.value(), 0.2)))
        return True

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in _ARROWS:
            self._write(turned(self._read(), *_ARROWS[event.key()]))
            event.accept()
        elif event.key() in _ZOOMS:
            self._write(nearer(self._read(), _ZOOMS[event.key()]))
            event.accept()
        else:
            event.ignore()
        return True

    def _key_up(self, event: QKeyEvent) -> bool:
        event.ignore()
        return True


_HANDLERS = {
    QEvent.Type.MouseButtonPress: Orbit._press,
    QEvent.Type.MouseMove: Orbit._move,
    QEvent.Type.MouseButtonRelease: Orbit._release,
    QEvent.Type.MouseButtonDblClick: Orbit._double,
    QEvent.Type.Wheel: Orbit._wheel,
    QEvent.Type.NativeGesture: Orbit._gesture,
    QEvent.Type.KeyPress: Orbit._key,
    QEvent.Type.KeyRelease: Orbit._key_up,
}
