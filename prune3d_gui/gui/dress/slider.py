"""A slider that goes where the mouse is pressed, and follows it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget


class DirectSlider(QSlider):
    """A horizontal slider: a press on the groove moves the handle under the mouse.

    ``isSliderDown`` tells whether a hand holds it; the wheel only turns it while it has
    the focus, so that scrolling a panel changes nothing by accident.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._offset = self._at = 0.0

    def place_of(self, value: int) -> QPoint:
        """Centre of the handle at `value`, in the slider's own pixels."""
        groove, handle = self._rects()
        span = groove.width() - handle.width()
        x = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), value, span)
        return QPoint(groove.x() + x + handle.width() // 2, self.height() // 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        handle = self._rects()[1]
        x = event.position().x()
        on_handle = handle.left() <= x <= handle.right()
        self._offset = x - (handle.x() + handle.width() / 2) if on_handle else 0.0
        self._at = x
        self.setSliderDown(True)
        if not on_handle:
            self._follow(x, anyway=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if self.isSliderDown():
            self._follow(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self._follow(event.position().x())
            self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _follow(self, x: float, anyway: bool = False) -> None:
        if x == self._at and not anyway:
            return
        self._at = x
        groove, handle = self._rects()
        span = groove.width() - handle.width()
        at = round(x - self._offset - groove.x() - handle.width() / 2)
        self.setSliderPosition(
            QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, span)
        )

    def _rects(self):
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_Slider
        return tuple(
            self.style().subControlRect(control, option, part, self)
            for part in (QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle)
        )
