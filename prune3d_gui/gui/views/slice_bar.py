"""Below a slice: what it is cut across, and how far along."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QWidget

from ...core.numerals import with_unit
from ..dress.numbers import number
from ..dress.slider import DirectSlider

AXES = "xyz"
PATIENT = (
    "sagittal, seen from the left: the front is on the left",
    "coronal, seen from the front: the patient's right is on the left (radiological)",
    "axial, seen from the feet: the patient's right is on the left (radiological)",
)
_ROOM = 200
"""Pixels of width below which the place is not written beside the slider."""


class SliceBar(QWidget):
    """Three buttons for the axis, a slider along it, and the place as a number."""

    turned = Signal(int)
    """An axis was chosen."""
    moved = Signal(float)
    """The slider was moved to a place along the axis."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 10, 4)
        row.setSpacing(2)
        self._buttons = QButtonGroup(self)
        for axis, name in enumerate(AXES):
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setAccessibleName(f"Cut across {name}")
            self._buttons.addButton(button, axis)
            row.addWidget(button)
        self._buttons.idClicked.connect(self.turned)
        self.slider = DirectSlider()
        self.slider.setMinimumWidth(24)
        self.slider.valueChanged.connect(self._slid)
        self._place = QLabel()
        self._place.setMinimumWidth(1)  # else a long one would widen its pane
        row.addWidget(self.slider, 1)
        row.addWidget(self._place)
        self._first, self._step = 0.0, 1.0
        self.show_patient(False)

    def show_patient(self, patient: bool) -> None:
        """Say from where a patient is seen; of anything else an axis says enough."""
        for axis, name in enumerate(AXES):
            said = f"; {PATIENT[axis]}" if patient else ""
            self._buttons.button(axis).setToolTip(f"Cut across {name}{said}")

    def show_place(self, axis: int, along: tuple[float, float, int], at: float, unit: str) -> None:
        """Show where the slice is.

        Parameters
        ----------
        axis : {0, 1, 2}
        along : (first, step, count)
            Where slices can be.
        at : float
            Where this one is, in `unit`.
        unit : str
        """
        self._first, self._step, count = along
        self._buttons.button(axis).setChecked(True)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, count - 1)
            self.slider.setPageStep(max(count // 10, 1))
            self.slider.setValue(round((at - self._first) / self._step))
        self.slider.setAccessibleName(f"Place along {AXES[axis]}")
        self._place.setText(with_unit(number(at), unit))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the number out where there is hardly room for the slider."""
        super().resizeEvent(event)
        self._place.setVisible(event.size().width() >= _ROOM)

    def _slid(self, step: int) -> None:
        self.moved.emit(self._first + step * self._step)
