"""The caption beneath a chart: small, muted, as many lines as there is room for."""

from __future__ import annotations

import html
import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QSizePolicy

UNBOUND = 10_000
"""Pixels that are more than any caption has."""


class Caption(QLabel):
    """Rich text that never widens what it stands in.

    What has no room ends in dots; all of it is then in the tooltip.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.82)
        self.setFont(font)
        self._whole, self._room = "", UNBOUND

    def setText(self, text: str) -> None:
        """Show a text, or as much of it as has room."""
        self._whole = text
        self._fit()

    def set_room(self, height: int) -> None:
        """Let it be no higher than so many pixels, but one line at least."""
        self._room = height
        self._fit()

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        metrics, width = self.fontMetrics(), max(self.width(), 1)
        tall = math.ceil(QFontMetricsF(self.font()).lineSpacing())  # as rich text is set
        lines = max(self._room // tall, 1)
        plain = QTextDocumentFragment.fromHtml(self._whole).toPlainText()
        box = metrics.boundingRect(
            0, 0, width, UNBOUND, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), plain
        )
        fits = box.height() <= lines * metrics.lineSpacing()
        if fits:
            text = self._whole
        else:
            room = round(lines * width - (lines - 1) * 0.12 * width)
            text = html.escape(metrics.elidedText(plain, Qt.TextElideMode.ElideRight, room))
        self.setWordWrap(lines > 1)
        super().setText(text)
        self.setToolTip("" if fits else self._whole)
