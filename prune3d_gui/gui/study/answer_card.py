"""The card with the answer of a search, and what can be done with it."""

from __future__ import annotations

import html

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from ...reports.rows.answers import Found, found_by, told
from ..dress.theme import GAP
from .record import Record

SEARCHES = ("budget", "uniform")


class AnswerCard(QFrame):
    """Says what a search found; hidden until it has found something.

    `shown` and `compared` carry the `RowFound` of the plan and of the uniform one, `wanted` that
    of the plan that is to be written to a file.
    """

    shown = Signal(object)
    compared = Signal(object)
    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answerCard")
        self.found: Found | None = None
        self._told: tuple[str, ...] = ()
        self._short = False
        self.text = QLabel()
        self.text.setObjectName("answerText")
        self.text.setWordWrap(True)
        self.show_button = QPushButton("Show this plan")
        self.compare_button = QPushButton("Compare with uniform")
        self.export_button = QPushButton("Export it…")
        self.show_button.setToolTip("Let the views above show this plan")
        self.compare_button.setToolTip(
            "Let the views show the largest uniform plan, and the chart what both cost"
        )
        self.export_button.setToolTip("Write the plan as JSON, which the command line takes")
        self.show_button.clicked.connect(lambda: self.shown.emit(self.found.best))
        self.compare_button.clicked.connect(lambda: self.compared.emit(self.found.uniform))
        self.export_button.clicked.connect(lambda: self.wanted.emit(self.found.best))
        self._buttons = column = QVBoxLayout()
        column.setSpacing(GAP)
        for button in (self.show_button, self.compare_button, self.export_button):
            column.addWidget(button)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        row.setSpacing(4 * GAP)
        row.addWidget(self.text, 1)
        row.addLayout(column)
        self.hide()

    def show_record(self, record: Record | None) -> None:
        """Show the answer of a search; nothing for other studies."""
        search = record is not None and record.kind in SEARCHES
        self.found = found_by(record.found) if search else None
        self.setVisible(self.found is not None)
        if self.found is None:
            return
        question = record.question
        metric = next(m for m in record.card.metrics if m.id == question.metric_id)
        lines = told(self.found, metric, record.words, question.held_out_words)
        first, *more = map(html.escape, lines)
        self._told = (f"<b>{first}</b>", *more)
        self._say()
        self.compare_button.setVisible(self.found.better)

    def set_short(self, short: bool) -> None:
        """Take less height, with what was measured on unseen samples as a tip."""
        if short != self._short:
            self._short = short
            sides = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
            self._buttons.setDirection(sides[0] if short else sides[1])
            self._say()

    def _say(self) -> None:
        whole = "<br>".join(self._told)
        unseen = self.found is not None and self.found.held is not None
        few = " ".join(self._told[:-1] if unseen else self._told)
        self.text.setText(few if self._short else whole)
        self.text.setToolTip(whole if self._short else "")
