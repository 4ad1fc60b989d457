"""The one box in which numbers are typed, with a decimal point or a decimal comma."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from ...core.errors import BadInput
from ...core.numerals import read_number
from ...core.plan.knobs import Knob
from .numbers import exact

_DECIMALS = 24
"""As many as keep every digit of a number near one millionth; what is shown is cut by itself."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NumberBox(QDoubleSpinBox):
    """A spin box that reads what a person means and says what it cannot read.

    Every key gets in. What stands there is read on Enter and when the focus leaves; what is
    no number, or out of range, is said through `refused` and the last good value comes back.
    Numbers are shown with a decimal point and no groups, whatever the locale, so that what is
    copied out can be pasted in anywhere; the decimals that a value has are all shown. The wheel
    turns it only while it has the focus.

    Parameters
    ----------
    read : callable
        Text to number; raises `BadInput`.
    decimals : int
        Decimals that are shown at least.
    """

    refused = Signal(str)
    """A sentence about what was typed."""

    def __init__(
        self, read: Callable[[str], float], decimals: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._read, self._least = read, decimals
        self._complaint = ""
        self.setLocale(QLocale.c())
        self.setDecimals(_DECIMALS)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.lineEdit().textEdited.connect(self._edited)
        self.valueChanged.connect(self._edited)

    @property
    def edited(self) -> bool:
        """Whether something was typed that is not its value yet."""
        return self.lineEdit().text() != self._shown()

    def take_complaint(self) -> str:
        """What was said last about this box, once, unless it was mended since."""
        said, self._complaint = self._complaint, ""
        return said

    def textFromValue(self, value: float) -> str:  # noqa: D102
        return exact(value, self._least)

    def valueFromText(self, text: str) -> float:  # noqa: D102
        if text == self._shown():
            return self.value()
        if text == self.specialValueText() != "":
            return self.minimum()
        try:
            return self._read(self._bare(text))
        except BadInput:
            return self.value()

    def validate(self, text: str, position: int) -> object:  # noqa: D102
        # Never Invalid, since Qt drops the key of a text that is.
        good = text == self._shown() or not self._sentence(text)
        state = QValidator.State.Acceptable if good else QValidator.State.Intermediate
        return state, text, position

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() in _ENTER and self._refuses():
            event.accept()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return  # a menu to paste from is no end of typing
        self._refuses()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def stepBy(self, steps: int) -> None:  # noqa: D102
        if not self._refuses():
            super().stepBy(steps)

    def _refuses(self) -> bool:
        """Say what is wrong with the text and take it back; tells whether it was wrong."""
        text = self.lineEdit().text()
        sentence = "" if text == self._shown() else self._sentence(text)
        if sentence:
            self.lineEdit().setText(self._shown())
            self.selectAll()
            self._complaint = sentence
            self.refused.emit(sentence)
        return bool(sentence)

    def _sentence(self, text: str) -> str:
        if text == self.specialValueText() != "":
            return ""
        try:
            self._read(self._bare(text))
        except BadInput as error:
            return str(error)
        return ""

    def _shown(self) -> str:
        """The text of the present value, as the line shows it."""
        special = self.specialValueText()
        if special and self.value() == self.minimum():
            return special
        return self.prefix() + self.textFromValue(self.value()) + self.suffix()

    def _bare(self, text: str) -> str:
        text = text.strip().removeprefix(self.prefix().strip()).strip()
        return text.removesuffix(self.suffix().strip()).strip()

    def _edited(self, *_: object) -> None:
        self._complaint = ""


class LogBox(NumberBox):
    """A number box whose steps multiply: ten of them make a factor of ten."""

    def stepBy(self, steps: int) -> None:  # noqa: D102
        if not self._refuses():
            self.interpretText()
            self.setValue(float(f"{self.value() * 10 ** (steps / 10):.3g}"))


def box_for(knob: Knob, decimals: int) -> NumberBox:
    """Make the box of a number knob; its complaints are the knob's own."""
    box = LogBox(knob.check) if knob.kind == "log" else NumberBox(knob.check, decimals)
    box.setRange(knob.minimum, knob.maximum)
    box.setSingleStep(1.0 if knob.kind == "rate" else knob.step)
    box.setSuffix(f" {knob.suffix}" if knob.suffix else "")
    return box


def whole_box(low: int, high: int) -> NumberBox:
    """Make a box for whole numbers from `low` to `high`."""

    def read(text: str) -> float:
        advice = f"give a whole number from {low} to {high}"
        return read_number(text, whole=True, low=low, high=high, advice=advice)

    box = NumberBox(read)
    box.setRange(low, high)
    return box
