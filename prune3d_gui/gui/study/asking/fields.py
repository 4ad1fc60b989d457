"""Fields of the form: a label, what is filled in, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from ....core.errors import BadInput
from ...dress.number_box import NumberBox
from ...dress.theme import GAP


class Field(QWidget):
    """A label, what is filled in, and a sentence about what is wrong with it."""

    def __init__(self, text: str, *widgets: QWidget, tip: str = "") -> None:
        super().__init__()
        self.label = QLabel(text)
        self.label.setMinimumWidth(92)
        self.label.setBuddy(widgets[0])
        self.label.setToolTip(tip)
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GAP)
        grid.setVerticalSpacing(GAP // 2)
        grid.addWidget(self.label, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for number, widget in enumerate(widgets):
            widget.setToolTip(tip)
            row.addWidget(widget, 1 if number == 0 else 0)
        grid.addLayout(row, 0, 1)
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.hide()
        grid.addWidget(self.note, 1, 1)
        grid.addWidget(self.error, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)

    def tell(self, sentence: str) -> None:
        """Say what is wrong; nothing when it is right."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    def hint(self, words: str) -> None:
        """Say what is filled in means; nothing where that is plain."""
        self.note.setText(words)
        self.note.setVisible(bool(words))


def read_box(box: NumberBox) -> int:
    """What a box for whole numbers holds.

    Raises
    ------
    BadInput
        Once after something was typed there that was refused.
    """
    if said := box.take_complaint():
        raise BadInput(said)
    return round(box.value())
