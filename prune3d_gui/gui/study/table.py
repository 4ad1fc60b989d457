"""The rows of a study as a table that sorts and filters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from ...core.errors import BadInput
from ...core.numerals import read_number
from ...reports.rows.columns import heading, in_reading_order
from ...studies.ask.answers import RowFound
from .record import Record
from .words import cell_text

Role = Qt.ItemDataRole
LIMIT = re.compile(r"^(\w+)(<=|>=|<|>|=)(.+)$")
TESTS = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
}
SEEN = 60
"""About how many rows are looked at for the width of a column."""
HELP = "Words that must occur, or limits such as zeroed>1000"


class RowModel(QAbstractTableModel):
    """Rows as they come in; columns in order of first appearance."""

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self._record: Record | None = None
        self.found: tuple[RowFound, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.present: RowFound | None = None

    def show_record(self, record: Record | None) -> None:
        """Show the rows of a study."""
        found = record.found if record is not None else ()
        columns = _columns_of(record) if record is not None else ()
        same = record is self._record and columns == self.columns
        if same and found[: len(self.found)] == self.found:
            if len(found) > len(self.found):
                self.beginInsertRows(QModelIndex(), len(self.found), len(found) - 1)
                self.found = found
                self.endInsertRows()
            return
        self.beginResetModel()
        self._record, self.found, self.columns = record, found, columns
        self.endResetModel()

    def show_present(self, found: RowFound | None) -> None:
        """Set the row in bold whose plan is in the 3D views."""
        if found is not self.present:
            self.present = found
            if self.found:
                last = self.index(len(self.found) - 1, len(self.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last, [Role.FontRole])

    # -- Qt's side ---------------------------------------------------------------------

    def rowCount(self, parent=QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self.found)

    def columnCount(self, parent=QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index, role=Role.DisplayRole):  # noqa: D102
        if not index.isValid():
            return None
        found, column = self.found[index.row()], self.columns[index.column()]
        value = found.row.get(column)
        if role == Role.DisplayRole:
            return cell_text(column, value)
        if role == Role.UserRole:
            return value
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft
            if isinstance(value, int | float):
                side = Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Role.FontRole and found.is_of(self.present):
            font = self.parent().font()
            font.setBold(True)
            return font
        if role == Role.ToolTipRole and found.case is None:
            return "No plan leads to this row."
        return None

    def headerData(self, section, orientation, role=Role.DisplayRole):  # noqa: D102
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == Role.DisplayRole:
            record, card = self._record, self._record.card
            return heading(column, record.known_metrics, card.knobs, card.sizes)
        if role == Role.ToolTipRole:
            told = [m.definition for m in self._record.known_metrics if m.id == column]
            return "\n".join([column, *told])
        return None


class RowFilter(QSortFilterProxyModel):
    """Keeps rows that have every word typed, and meet every limit; sorts numbers as numbers."""

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self.setSortRole(Role.UserRole)

    def show_text(self, text: str) -> None:
        """Filter by what was typed."""
        self._words = tuple(text.lower().split())
        self.invalidate()

    def complaint(self) -> str:
        """What is wrong with a limit that was typed, in a sentence; nothing where none is."""
        for word in self._words:
            limit = LIMIT.match(word)
            if limit and limit[2] != "=":  # what is equal may be a word
                try:
                    read_number(limit[3], f"The limit of {limit[1]}")
                except BadInput as error:
                    return str(error)
        return ""

    def filterAcceptsRow(self, row: int, parent) -> bool:  # noqa: D102
        source = self.sourceModel()
        found = source.found[row].row
        texts = [cell_text(name, value).lower() for name, value in found.items()]
        for word in self._words:
            limit = LIMIT.match(word)
            if limit:
                if not _meets(found, *limit.groups()):
                    return False
            elif not any(word in text for text in texts):
                return False
        return True

    def lessThan(self, left, right) -> bool:  # noqa: D102
        return _order(left.data(Role.UserRole)) < _order(right.data(Role.UserRole))


class StudyTable(QTableView):
    """The table; a click on a row leads to its plan."""

    chosen = Signal(object)
    """A `RowFound` that was clicked."""

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.setObjectName("studyTable")
        self.rows = RowModel(self)
        self.filter = RowFilter(self)
        self.filter.setSourceModel(self.rows)
        self.setModel(self.filter)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.setFont(font)
        head = self.horizontalHeader()
        head.setFont(font)
        head.setHighlightSections(False)
        head.setSectionsMovable(True)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(16)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.clicked.connect(self._clicked)
        self.rows.modelReset.connect(self._fit)

    def show_record(self, record: Record | None) -> None:
        """Show the rows of a study."""
        before = self.rows.rowCount()
        self.rows.show_record(record)
        if before != self.rows.rowCount():
            self._fit()

    def show_present(self, found: RowFound | None) -> None:
        """Mark the row whose plan is in the 3D views."""
        self.rows.show_present(found)

    def place_of(self, found: RowFound) -> QPoint | None:
        """Middle of a row's first cell, in pixels of the viewport."""
        shown: Sequence[RowFound] = self.rows.found
        for number, other in enumerate(shown):
            if other is found:
                index = self.filter.mapFromSource(self.rows.index(number, 0))
                self.scrollTo(index)
                return self.visualRect(index).center()
        return None

    def _clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self.rows.found[self.filter.mapToSource(index).row()])

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        seen = self.rows.found[:: 1 + len(self.rows.found) // SEEN]
        for column, name in enumerate(self.rows.columns):
            head = self.rows.headerData(column, Qt.Orientation.Horizontal)
            texts = [cell_text(name, one.row.get(name)) for one in seen]
            wide = max(metrics.horizontalAdvance(text) for text in [head, *texts])
            self.setColumnWidth(column, min(wide + 22, 260))


def _columns_of(record: Record) -> tuple[str, ...]:
    cases = [found.case for found in record.found if found.case is not None]
    return in_reading_order(record.rows, cases, record.known_metrics)


def _order(value: object) -> tuple[int, float, str]:
    """Numbers before text, text before not-a-number, nothing last."""
    if value is None:
        return (3, 0.0, "")
    if isinstance(value, int | float):
        return (2, 0.0, "") if value != value else (0, float(value), "")
    return (1, 0.0, str(value))


def _meets(row: dict, name: str, sign: str, text: str) -> bool:
    value = next((v for key, v in row.items() if key.lower() == name), None)
    try:
        return TESTS[sign](float(value), read_number(text))
    except (TypeError, ValueError, BadInput):
        return sign == "=" and str(value).lower() == text
