"""The card with the answer of a search, and what can be done with it."""

from __future__ import annotations

import html

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

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
        column = QVBoxLayout()
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
        first, *more = told(self.found, metric, record.words, question.held_out_words)
        rest = "<br>".join(map(html.escape, more))
        self.text.setText(f"<b>{html.escape(first)}</b><br>{rest}")
        self.compare_button.setVisible(self.found.better)
