"""The mouse and the keys on a view, told apart into clicks, drags, steps of the wheel and keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from ....drawing.cameras import CameraState

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_OTHERS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
_ZOOMS = {Qt.Key.Key_Plus: 1.15, Qt.Key.Key_Equal: 1.15, Qt.Key.Key_Minus: 1 / 1.15}


class Hand(QObject):
    """Takes a view's mouse and keys for itself; what they do is for who inherits to say.

    Keys other than arrows, plus and minus, and those with Alt or Ctrl go on to the window, so
    that they stay free for shortcuts, and so does the right button, for a menu.

    Parameters
    ----------
    view : QWidget
        What to listen to.
    read, write : callables
        Get and set the camera.
    """

    clicked = Signal(QPointF)
    """Left click that was not a drag, in the pixels of the view."""
    double_clicked = Signal(QPointF)
    grasped = Signal()
    """A drag began."""
    let_go = Signal()
    """It ended."""

    def __init__(
        self,
        view: QWidget,
        read: Callable[[], CameraState],
        write: Callable[[CameraState], None],
    ) -> None:
        super().__init__(view)
        self.view = view
        self._read, self._write = read, write
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragged = False
        self.keys = Qt.KeyboardModifier.NoModifier  # held down in a drag
        view.installEventFilter(self)

    def drag(self, here: QPointF, step: QPointF, shift: bool) -> None:
        """Follow a drag that came `here` by `step`; `shift` with Shift or the middle button."""
        raise NotImplementedError

    def zoom(self, factor: float, at: QPointF) -> None:
        """Show what is there `factor` times as large."""
        raise NotImplementedError

    def arrow(self, right: int, up: int) -> None:
        """Follow one press of an arrow key."""
        raise NotImplementedError

    def wheel(self, notches: float, event: QWheelEvent) -> None:
        """Follow the wheel, turned away from the hand by so many notches."""
        self.zoom(1.15**notches, event.position())

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
        event.ignore()
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if self._pressed is None or not event.buttons():
            return True
        here = event.position()
        far = (here - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if not (self._dragged or far):
            return True
        if not self._dragged:
            self._dragged = True
            self.grasped.emit()
        step, self._last, self.keys = here - self._last, here, event.modifiers()
        shift = self.keys & Qt.KeyboardModifier.ShiftModifier
        self.drag(here, step, bool(shift or event.buttons() & Qt.MouseButton.MiddleButton))
        return True

    def _release(self, event: QMouseEvent) -> bool:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and self._dragged:
            self.let_go.emit()
        if event.button() == Qt.MouseButton.LeftButton and pressed is not None:
            if not self._dragged:
                self.clicked.emit(event.position())
        elif event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        return True

    def _double(self, event: QMouseEvent) -> bool:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = None
            self.double_clicked.emit(event.position())
        return True

    def _wheel(self, event: QWheelEvent) -> bool:
        self.wheel(event.angleDelta().y() / 120, event)
        event.accept()
        return True

    def _gesture(self, event: QEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self.zoom(max(1 + event.value(), 0.2), event.position())
        return True

    def _key(self, event: QKeyEvent) -> bool:
        if event.modifiers() & _OTHERS:
            event.ignore()
        elif event.key() in _ARROWS:
            self.arrow(*_ARROWS[event.key()])
            event.accept()
        elif event.key() in _ZOOMS:
            self.zoom(_ZOOMS[event.key()], QPointF(self.view.rect().center()))
            event.accept()
        else:
            event.ignore()
        return True

    def _key_up(self, event: QKeyEvent) -> bool:
        event.ignore()
        return True


_HANDLERS = {
    QEvent.Type.MouseButtonPress: Hand._press,
    QEvent.Type.MouseMove: Hand._move,
    QEvent.Type.MouseButtonRelease: Hand._release,
    QEvent.Type.MouseButtonDblClick: Hand._double,
    QEvent.Type.Wheel: Hand._wheel,
    QEvent.Type.NativeGesture: Hand._gesture,
    QEvent.Type.KeyPress: Hand._key,
    QEvent.Type.KeyRelease: Hand._key_up,
}
