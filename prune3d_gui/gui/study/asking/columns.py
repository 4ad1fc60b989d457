"""Fields side by side where there is room, else beneath each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ...dress.theme import GAP
from .fields import Field


class Columns(QWidget):
    """Two columns of fields, or one; a wide field has a row of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(5 * GAP)
        self._grid.setVerticalSpacing(2 * GAP)
        self._fields: tuple[Field, ...] = ()
        self._wide: Collection[Field] = ()
        self._columns = 2

    def show_fields(self, fields: Sequence[Field], wide: Collection[Field] = ()) -> None:
        """Have these fields, in this order; those that were there before and are not, go."""
        for field in self._fields:
            self._grid.removeWidget(field)
            field.setVisible(field in fields)
        self._fields, self._wide = tuple(fields), wide
        self._place()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest field."""
        widest = max((field.minimumSizeHint().width() for field in self._fields), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        if self._columns != self._fitting():
            self._place()

    def _fitting(self) -> int:
        beside = [field for field in self._fields if field not in self._wide]
        widest = max((field.minimumSizeHint().width() for field in beside), default=0)
        return 2 if 2 * widest + self._grid.horizontalSpacing() <= self.width() else 1

    def _place(self) -> None:
        self._columns = columns = self._fitting()
        row = column = 0
        for field in self._fields:
            self._grid.removeWidget(field)
            across = field in self._wide
            if across and column:
                row, column = row + 1, 0
            span = columns if across else 1
            self._grid.addWidget(field, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
            field.show()
            column += span
            if column >= columns:
                row, column = row + 1, 0
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns > 1 else 0)
