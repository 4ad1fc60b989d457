"""The card with the answer of a search, and what can be done with it."""

from __future__ import annotations

import html

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextDocument, QTextDocumentFragment
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
        self._room: float | None = None
        self.text = QLabel()
        self.text.setObjectName("answerText")
        self.text.setWordWrap(True)
        self.show_button, self.compare_button = QPushButton(), QPushButton()
        self.export_button = QPushButton()
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
        self._words = {
            self.show_button: ("Show this plan", "Show"),
            self.compare_button: ("Compare with uniform", "Compare"),
            self.export_button: ("Export it…", "Export…"),
        }
        """Texts of each button: where there is room, and where there is little."""
        for button, texts in self._words.items():
            button.setText(texts[0])
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

    def set_room(self, height: float | None) -> None:
        """Take no more height than that, with what has no room as a tip; None for all it takes."""
        if height != self._room:
            self._room = height
            short = height is not None
            sides = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
            self._buttons.setDirection(sides[0] if short else sides[1])
            for button, texts in self._words.items():
                button.setText(texts[short])
            edge = GAP // 2 if short else 2 * GAP
            self.layout().setContentsMargins(3 * GAP, edge, 2 * GAP, edge)
            self._say()

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._say()

    def _say(self) -> None:
        """Tell all of it, or the first lines that have room, the headline at least."""
        whole = "<br>".join(self._told)
        text = whole
        if self._room is not None:
            beside = self._buttons.sizeHint().width() + 9 * GAP
            width = max(self.width() - beside, 1)
            few = (" ".join(self._told[:count]) for count in range(len(self._told), 0, -1))
            text = next((one for one in few if self._fits(one, width)), self._elided(width))
        if text != self.text.text():
            self.text.setText(text)
        self.text.setToolTip("" if text == whole else whole)

    def _elided(self, width: int) -> str:
        """As much of the headline as has room."""
        plain = QTextDocumentFragment.fromHtml("".join(self._told[:1])).toPlainText()
        words = plain.split(" ")
        cut = (f"<b>{html.escape(' '.join(words[:n]))}…</b>" for n in range(len(words), 0, -1))
        return next((one for one in cut if self._fits(one, width)), "…")

    def _fits(self, text: str, width: int) -> bool:
        document = QTextDocument()
        document.setDefaultFont(self.text.font())
        document.setDocumentMargin(0)
        document.setHtml(text)
        document.setTextWidth(width)
        return document.size().height() <= self._room
