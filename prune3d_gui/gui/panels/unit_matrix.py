"""Units as a matrix, for models in which they lie in rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...core.frames import Footprint
from ...core.plan.plans import Plan
from ...core.plan.units import Unit
from ..dress.numbers import whole
from ..dress.theme import GAP, LIGHT, Theme

LARGEST, SMALLEST = 26, 12
"""Pixels of a cell's side."""
KEY = "Filled: left; crossed: gone; framed: a rate of its own. Click to take out or bring back."
LATER = "The fuller the colour, the later a unit goes."
PALEST = 0.25
"""Share of its colour that the unit which goes first has."""
_STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class UnitMatrix(QWidget):
    """A cell for each unit that has one; a click takes a whole unit out, or brings it back.

    Arrow keys move, Space toggles, L locks, Delete takes the unit's own rate away.
    """

    rates_edited = Signal(object)
    """Mapping of unit id to percent or None."""
    locks_edited = Signal(object, bool)
    """Unit ids, locked."""
    chosen = Signal(str)
    """The unit that was clicked or moved to."""
    refused = Signal(str)
    """Why a click changed nothing, in a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unitMatrix")
        self.setAccessibleName("Units as a matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.82)
        self.setFont(font)
        self.cells: dict[tuple[int, int], Unit] = {}
        self.current: tuple[int, int] | None = None
        self._theme = LIGHT
        self._plan, self._nonzero = Plan(), {}
        self.ranks: Mapping[str, float] = {}
        """How late each unit goes, from 0 to 1; empty where no order is known."""
        self._rows, self._columns, self._margin = 0, 0, 0
        self._names: tuple[str, ...] = ()

    # -- what is shown -----------------------------------------------------------------

    def set_units(self, units: Iterable[Unit]) -> None:
        """Show another model's units; those without a cell are left to the tree."""
        self.cells = {unit.cell: unit for unit in units if unit.cell is not None}
        self.current, self._plan, self._nonzero, self.ranks = None, Plan(), {}, {}
        self._rows = 1 + max((row for row, _ in self.cells), default=-1)
        self._columns = 1 + max((column for _, column in self.cells), default=-1)
        self._names = tuple(self._name(row) for row in range(self._rows))
        widest = max((self.fontMetrics().horizontalAdvance(n) for n in self._names), default=0)
        self._margin = widest + 2 * GAP
        self.updateGeometry()
        self.update()

    def show_plan(self, plan: Plan) -> None:
        """Show the rates and locks of a plan."""
        if (plan.rates, plan.locks) != (self._plan.rates, self._plan.locks):
            self._plan = plan
            self.update()

    def show_left(self, footprint: Footprint) -> None:
        """Show what a frame's plan leaves in each unit, and in which order they go."""
        told = footprint.nonzero, footprint.ranks
        if told != (self._nonzero, self.ranks):
            self._nonzero, self.ranks = told
            self.update()

    @property
    def key(self) -> str:
        """What its marks and colours mean."""
        return f"{KEY} {LATER}" if self.ranks else KEY

    def set_theme(self, theme: Theme) -> None:
        """Paint in the colours of a theme."""
        self._theme = theme
        self.update()

    def left(self, unit: Unit) -> float:
        """Share of a unit that is left, 0 to 1: as the plan has it, before its frame comes."""
        own = dict(self._plan.rates).get(unit.id)
        if unit.id in self._plan.locks or not unit.count:
            return 1.0
        if unit.whole and own is not None:
            return float(own < 100)
        return self._nonzero.get(unit.id, unit.count) / unit.count

    def box(self, cell: tuple[int, int]) -> QRect:
        """Where a cell is drawn."""
        row, column = cell
        side, top = self._side(), self.fontMetrics().height() + GAP
        return QRect(self._margin + column * side, top + row * side, side, side)

    def cell_at(self, place: QPoint) -> tuple[int, int] | None:
        """The cell at a place, if a unit is there."""
        return next((cell for cell in self.cells if self.box(cell).contains(place)), None)

    def sizeHint(self) -> QSize:  # noqa: D102
        top = self.fontMetrics().height() + 2 * GAP
        return QSize(self._margin + self._columns * LARGEST, top + self._rows * LARGEST)

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        top = self.fontMetrics().height() + 2 * GAP
        return QSize(self._margin + self._columns * SMALLEST, top + self._rows * SMALLEST)

    # -- hands -------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        cell = self.cell_at(event.position().toPoint())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(cell)
            self._toggle(self.cells[cell])

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        step, unit = _STEPS.get(event.key()), self.cells.get(self.current)
        if step is not None and self.cells:
            self._move(*step)
        elif unit is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._toggle(unit)
        elif event.key() == Qt.Key.Key_L:
            self.locks_edited.emit([unit.id], unit.id not in self._plan.locks)
        elif event.key() == Qt.Key.Key_Delete:
            self.rates_edited.emit({unit.id: None})
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self.words_of(cell) if cell else "", self)
            return True
        return super().event(event)

    def words_of(self, cell: tuple[int, int]) -> str:
        """What is known of the unit in a cell, in lines."""
        unit = self.cells[cell]
        lines = [unit.id, unit.name, f"{whole(unit.count)} {unit.noun}"]
        lines.append(f"{100 * self.left(unit):.4g} % left")
        if unit.id in self.ranks:
            before = sum(rank < self.ranks[unit.id] for rank in self.ranks.values())
            lines.append(f"{before + 1} of {len(self.ranks)} in the order")
        if unit.id in dict(self._plan.rates):
            lines.append("A rate of its own; Delete takes it away.")
        if unit.id in self._plan.locks:
            lines.append("Locked; L frees it.")
        return "\n".join(line for line in lines if line)

    def ink_of(self, unit: Unit) -> QColor:
        """The colour that a unit is filled with: the fuller, the later it goes."""
        ink = QColor(self._theme.accent)
        ink.setAlphaF(PALEST + (1 - PALEST) * self.ranks.get(unit.id, 1.0))
        return ink

    # -- inside ------------------------------------------------------------------------

    def _name(self, row: int) -> str:
        """What a row is called: the last group that all its units are in, else its number."""
        names = {unit.path[-1:] for (at, _), unit in self.cells.items() if at == row}
        return "".join(names.pop()) if len(names) == 1 else str(row + 1)

    def _side(self) -> int:
        top = self.fontMetrics().height() + 2 * GAP
        room = (self.width() - self._margin - GAP) // max(self._columns, 1)
        tall = (self.height() - top) // max(self._rows, 1)
        return max(SMALLEST, min(LARGEST, room, tall))

    def _choose(self, cell: tuple[int, int]) -> None:
        self.current = cell
        self.setAccessibleDescription(self.words_of(cell))
        self.chosen.emit(self.cells[cell].id)
        self.update()

    def _move(self, down: int, right: int) -> None:
        """Go to the next cell that way which holds a unit."""
        row, column = self.current or min(self.cells)
        if self.current is None:
            self._choose((row, column))
            return
        while 0 <= row < self._rows and 0 <= column < self._columns:
            row, column = row + down, column + right
            if (row, column) in self.cells:
                self._choose((row, column))
                return

    def _toggle(self, unit: Unit) -> None:
        if unit.id in self._plan.locks:
            self.refused.emit(f"The unit {unit.id} is locked; press L to free it first.")
        elif unit.whole:
            self.rates_edited.emit({unit.id: 0.0 if self.left(unit) == 0 else 100.0})

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, name in enumerate(self._names):
            box = self.box((row, 0))
            place = QRect(0, box.top(), self._margin - GAP, box.height())
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, name)
        for column in range(self._columns):
            box = self.box((0, column))
            place = QRect(box.left(), 0, box.width(), box.top())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(column + 1))
        for cell, unit in self.cells.items():
            self._paint(painter, QRectF(self.box(cell)).adjusted(2, 2, -2, -2), cell, unit)
        painter.end()

    def _paint(self, painter: QPainter, box: QRectF, cell: tuple[int, int], unit: Unit) -> None:
        theme, left = self._theme, self.left(unit)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.sunken))
        painter.drawRoundedRect(box, 3, 3)
        if left > 0:
            filled = QRectF(box)
            filled.setTop(box.bottom() - left * box.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.ink_of(unit))
            painter.drawRoundedRect(filled, 3, 3)
        else:
            painter.setPen(QPen(QColor(theme.muted), 1.5))
            inner = box.adjusted(5, 5, -5, -5)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if unit.id in dict(self._plan.rates):
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawRoundedRect(box, 3, 3)
        if unit.id in self._plan.locks:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.on_accent))
            painter.drawEllipse(box.center(), 3, 3)
        if cell == self.current and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.DotLine))
            painter.drawRect(box.adjusted(-1.5, -1.5, 1.5, 1.5))
