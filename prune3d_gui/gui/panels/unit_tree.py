"""The unit tree: what can be pruned, at which rate, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ...core.errors import BadInput
from ...core.numerals import read_rate
from ...core.plan.units import Unit
from ..dress.icons import icon
from ..dress.numbers import exact
from ..dress.theme import LIGHT, Theme
from .unit_model import FRACTION, LOCKED, Column, UnitModel

LOCKS = {"on": "locked", "some": "partly-locked", "off": "unlocked"}
"""Icon of each state of a lock."""
YIELDING = (Column.COUNT, Column.SHARE, Column.MACS)
"""Columns that names push out where it is narrow, the last first."""
NAME = "▸ encoder.layer"
"""What a name has room for at least, with its arrow and its box."""
ROWS_OPEN = 60
"""Trees with more leaves than this start folded below their first level."""


class UnitTree(QTreeView):
    """A view of a `UnitModel`; `units` is that model, with its signals."""

    refused = Signal(str)
    """What is wrong with a rate that was typed, in a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitTree")
        self.setAccessibleName("Units")
        self.units = UnitModel(self)
        self.setModel(self.units)
        self._delegate = UnitDelegate(self)
        self._delegate.refused.connect(self.refused)
        self.setItemDelegate(self._delegate)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(False)
        self.setIndentation(10)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.88)
        self.setFont(font)
        self.header().setFont(font)
        self.setMinimumSize(120, 80)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at the end
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(22)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.clicked.connect(self._clicked)
        self._widths: dict[Column, int] = {}

    def set_units(self, units: Iterable[Unit], checkable: bool) -> None:
        """Show another model's units; `checkable` where the scope may be chosen by hand."""
        units = tuple(units)
        self.units.set_units(units, checkable)
        if len(units) <= ROWS_OPEN:
            self.expandAll()
        else:
            self.expandToDepth(0)
        self._fit_columns()

    def choose(self, unit: str) -> None:
        """Select the row of a unit and bring it into view."""
        index = self.units.index_of(unit)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def set_theme(self, theme: Theme) -> None:
        """Paint in the colours of a theme."""
        self._delegate.set_theme(theme)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() == Qt.Key.Key_L and self.currentIndex().isValid():
            self.units.toggle_lock(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit_names()

    def _fit_names(self) -> None:
        """Let columns that matter least go where names would have no room."""
        kept = sum(width for column, width in self._widths.items() if column not in YIELDING)
        room = self.viewport().width() - self.fontMetrics().horizontalAdvance(NAME) - kept
        for column in YIELDING:
            room -= self._widths.get(column, 0)
            self.setColumnHidden(column, room < 0)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == Column.LOCK:
            self.units.toggle_lock(index)

    def _fit_columns(self) -> None:
        metrics = self.fontMetrics()
        texts = {
            Column.RATE: "Rate %",
            Column.NONZERO: "Nonzero ",
            Column.COUNT: f"{self.units.noun.capitalize()} ",
            Column.SHARE: "Share %",
            Column.MACS: "9.99 M",
        }
        self._widths = {c: metrics.horizontalAdvance(text) + 9 for c, text in texts.items()}
        self._widths[Column.LOCK] = 24
        for column, width in self._widths.items():
            self.setColumnWidth(column, width)
        self._fit_names()
        self.header().setSectionResizeMode(Column.UNIT, QHeaderView.ResizeMode.Stretch)


class UnitDelegate(QStyledItemDelegate):
    """Paints the bar of what is left and the lock; edits the rate."""

    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        plain = {"on": theme.accent, "some": theme.accent, "off": theme.faint}
        self._locks = {state: icon(LOCKS[state], colour) for state, colour in plain.items()}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one cell."""
        if index.column() == Column.NONZERO:
            self._background(painter, option, index)
            self._bar(painter, option.rect, index)
        elif index.column() == Column.LOCK:
            self._background(painter, option, index)
            self._locks[index.data(LOCKED)].paint(painter, option.rect.adjusted(3, 3, -3, -3))
        else:
            super().paint(painter, option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Rows tall enough for a bar and a hand."""
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 8)

    def createEditor(self, parent: QWidget, option, index: QModelIndex) -> QWidget:
        """Make a line for a rate; empty means the common one."""
        line = QLineEdit(parent)
        line.setPlaceholderText("common")
        line.setFrame(False)
        return line

    def setEditorData(self, editor: QLineEdit, index: QModelIndex) -> None:  # noqa: D102
        rate = index.data(Qt.ItemDataRole.EditRole)
        editor.setText("" if rate is None else exact(rate))
        editor.selectAll()

    def setModelData(self, editor: QLineEdit, model, index: QModelIndex) -> None:  # noqa: D102
        text = editor.text().strip()
        try:
            rate = read_rate(text, "The rate") if text else None
        except BadInput as error:
            self.refused.emit(str(error))
            return
        if rate != index.data(Qt.ItemDataRole.EditRole):
            model.setData(index, rate, Qt.ItemDataRole.EditRole)

    def _background(self, painter, option, index) -> None:
        style = option.widget.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )

    def _bar(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:
        fraction = index.data(FRACTION)
        if fraction is None:
            return
        theme = self._theme
        box = rect.adjusted(3, 3, -3, -3)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border if theme.dark else theme.window))
        painter.drawRoundedRect(box, 3, 3)
        filled = QRect(box)
        filled.setWidth(round(box.width() * fraction))
        painter.setBrush(QColor(theme.soft if not theme.dark else "#34557f"))
        painter.drawRoundedRect(filled, 3, 3)
        painter.setPen(QColor(theme.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, index.data())
        painter.restore()
