"""The help window: pages at the left, the text of one at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ..dress.theme import GAP
from .pages import TITLES, text_of


class HelpDialog(QDialog):
    """Help that stays open beside the work.

    Parameters
    ----------
    page : str
        The page shown first.
    """

    def __init__(self, parent: QWidget, page: str) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle("Prune3D help")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.pages = QListWidget()
        self.pages.setObjectName("helpPages")
        self.pages.setAccessibleName("Pages of help")
        self.pages.addItems(list(TITLES.values()))
        self.pages.setFixedWidth(130)
        self.text = QTextBrowser()
        self.text.setAccessibleName("Text of the page")
        self.text.setOpenExternalLinks(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        row = QHBoxLayout()
        row.setSpacing(2 * GAP)
        row.addWidget(self.pages)
        row.addWidget(self.text, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(buttons)
        self.pages.currentRowChanged.connect(self._turned)
        self.show_page(page)
        self.resize(640, 440)

    def show_page(self, page: str) -> None:
        """Turn to a page."""
        self.pages.setCurrentRow(list(TITLES).index(page))

    def _turned(self, row: int) -> None:
        self.text.setMarkdown(text_of(list(TITLES)[row]))
