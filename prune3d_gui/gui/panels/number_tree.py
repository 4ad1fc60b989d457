"""A quiet tree of numbers, a little smaller than other text: nothing is chosen or edited in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QTreeWidget

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NumberTree(QTreeWidget):
    """Names on the left, which take what room there is, and numbers in the columns at their right.

    Parameters
    ----------
    name, title : str
        Of the object, and for those who do not see it.
    headings : sequence of str
    numbers : iterable of int
        Columns of numbers, whose headings stand at the right.
    """

    def __init__(
        self, name: str, title: str, headings: Sequence[str], numbers: Iterable[int]
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setHeaderLabels(list(headings))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setUniformRowHeights(True)
        self.setIndentation(12)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in numbers:
            self.headerItem().setTextAlignment(column, RIGHT)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.setFont(font)
        header.setFont(font)

    def note(self) -> QLabel:
        """Make an empty line that goes below it."""
        made = QLabel()
        made.setProperty("role", "muted")
        made.setWordWrap(True)
        made.setFont(self.font())
        return made
