"""The unit tree as a Qt item model: any depth, sums in the groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal

from ...core.plan.plans import Plan
from ...core.plan.units import Unit, noun_of
from ..dress.numbers import exact, short_count, whole

Role = Qt.ItemDataRole
FRACTION = Role.UserRole + 1
"""Role of the nonzero column: share that is left, 0..1, or None."""
LOCKED = Role.UserRole + 2
"""Role of the lock column: ``on``, ``some`` or ``off``."""


class Column(IntEnum):
    """Columns of the tree, in order."""

    UNIT = 0
    COUNT = 1
    SHARE = 2
    MACS = 3
    RATE = 4
    LOCK = 5
    NONZERO = 6


HEADINGS = ("Unit", "", "Share %", "MACs", "Rate %", "", "Left")
"""That of the count is what is counted."""
TIPS = (
    "Check a unit to put it in the scope of pruning.",
    "{noun} in the unit.",
    "Share of all prunable {noun}.",
    "Multiply-accumulates spent in the unit.",
    "A rate of its own, in percent; empty means the common one. Double-click to set it.",
    "Locked units are never touched.",
    "What is left of the unit.",
)


@dataclass(eq=False)
class Node:
    """A group or, where `unit` is set, a leaf."""

    name: str
    parent: Node | None = None
    unit: Unit | None = None
    children: list[Node] = field(default_factory=list)
    count: int = 0
    macs: int = 0

    @property
    def row(self) -> int:
        """Place among the siblings."""
        return self.parent.children.index(self) if self.parent else 0

    def leaves(self) -> Iterator[Node]:
        """Leaves below, or the node itself."""
        if self.unit is not None:
            yield self
        for child in self.children:
            yield from child.leaves()


def build(units: Iterable[Unit]) -> Node:
    """Arrange units by their paths and sum them up."""
    root = Node("")
    groups: dict[tuple[str, ...], Node] = {(): root}
    for unit in units:
        node = root
        for depth in range(1, len(unit.path) + 1):
            path = unit.path[:depth]
            if path not in groups:
                groups[path] = Node(path[-1], node)
                node.children.append(groups[path])
            node = groups[path]
        node.children.append(Node(unit.id, node, unit))
        while node is not None:
            node.count += unit.count
            node.macs += unit.macs
            node = node.parent
    for leaf in root.leaves():
        leaf.count, leaf.macs = leaf.unit.count, leaf.unit.macs
    return root


class UnitModel(QAbstractItemModel):
    """Shows units, the plan's rates and locks, the scope, and what each frame leaves."""

    rates_edited = Signal(object)  # mapping of unit id to percent or None
    locks_edited = Signal(object, bool)  # unit ids, locked
    scope_edited = Signal(object)  # frozenset of unit ids

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Node("")
        self._plan = Plan()
        self._scope: frozenset[str] = frozenset()
        self._nonzero: Mapping[str, int] = {}
        self.checkable = False
        self.noun = noun_of(())

    def set_units(self, units: Iterable[Unit], checkable: bool) -> None:
        """Show another model's units."""
        self.beginResetModel()
        units = tuple(units)
        self._root, self.noun = build(units), noun_of(units)
        self._plan, self._scope, self._nonzero = Plan(), frozenset(), {}
        self.checkable = checkable
        self.endResetModel()

    @property
    def scope(self) -> frozenset[str]:
        """Ids of the checked units."""
        return self._scope

    def show_plan(self, plan: Plan) -> None:
        """Show the rates and locks of a plan."""
        if (plan.rates, plan.locks) != (self._plan.rates, self._plan.locks):
            self._plan = plan
            self._refresh()

    def show_left(self, nonzero: Mapping[str, int], scope: frozenset[str]) -> None:
        """Show what a frame's plan leaves in each unit, and its scope."""
        if scope != self._scope or nonzero != self._nonzero:
            self._nonzero, self._scope = nonzero, scope
            self._refresh()

    def node(self, index: QModelIndex) -> Node:
        """Node behind an index; the root behind an invalid one."""
        return index.internalPointer() if index.isValid() else self._root

    def index_of(self, unit: str, column: int = 0) -> QModelIndex:
        """Index of a leaf by unit id; invalid if there is none."""
        for leaf in self._root.leaves():
            if leaf.unit.id == unit:
                return self.createIndex(leaf.row, column, leaf)
        return QModelIndex()

    def toggle_lock(self, index: QModelIndex) -> None:
        """Lock what is behind an index, or free it where all of it is locked."""
        ids = [leaf.unit.id for leaf in self.node(index).leaves()]
        self.locks_edited.emit(ids, not set(ids) <= set(self._plan.locks))

    # -- Qt's side ------------------------------------------------------------------

    def index(self, row: int, column: int, parent: QModelIndex | None = None) -> QModelIndex:  # noqa: D102
        children = self.node(parent or QModelIndex()).children
        if 0 <= row < len(children) and 0 <= column < len(Column):
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, index: QModelIndex) -> QModelIndex:  # noqa: D102
        above = self.node(index).parent if index.isValid() else None
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: D102
        parent = parent or QModelIndex()
        return len(self.node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: D102
        return len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int) -> Any:  # noqa: D102
        if orientation == Qt.Orientation.Horizontal:
            if role == Role.DisplayRole:
                return self.noun.capitalize() if section == Column.COUNT else HEADINGS[section]
            if role == Role.ToolTipRole:
                tip = TIPS[section].format(noun=self.noun)
                return tip[:1].upper() + tip[1:]
            if role == Role.TextAlignmentRole and section not in (Column.UNIT, Column.NONZERO):
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:  # noqa: D102
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == Column.UNIT and self.checkable:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == Column.RATE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:  # noqa: D102
        if not index.isValid():
            return None
        node, column = self.node(index), Column(index.column())
        if role == Role.DisplayRole:
            return self._text(node, column)
        if role == Role.EditRole and column == Column.RATE:
            return self._rate(node)
        if role == Role.CheckStateRole and column == Column.UNIT and self.checkable:
            return self._checked(node)
        if role == Role.TextAlignmentRole and column not in (Column.UNIT, Column.NONZERO):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == FRACTION and column == Column.NONZERO:
            return self._left(node) / node.count if self._nonzero and node.count else None
        if role == LOCKED and column == Column.LOCK:
            return self._locked(node)
        if role == Role.ToolTipRole:
            return self._tip(node, column)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Role.EditRole) -> bool:  # noqa: D102
        if not index.isValid():
            return False
        node = self.node(index)
        ids = [leaf.unit.id for leaf in node.leaves()]
        if role == Role.CheckStateRole and self.checkable:
            wanted = Qt.CheckState(value) != Qt.CheckState.Unchecked
            if node.children and self._checked(node) == Qt.CheckState.PartiallyChecked:
                wanted = True
            scope = self._scope | set(ids) if wanted else self._scope - set(ids)
            if scope and scope != self._scope:
                self.scope_edited.emit(scope)
                return True
            return False
        if role == Role.EditRole and index.column() == Column.RATE:
            self.rates_edited.emit(dict.fromkeys(ids, value))
            return True
        return False

    # -- inside -----------------------------------------------------------------------

    def _text(self, node: Node, column: Column) -> str:
        if column == Column.UNIT:
            return node.name
        if column == Column.RATE:
            rate = self._rate(node)
            return "" if rate is None else exact(rate)
        if column == Column.NONZERO:
            left = self._left(node)
            return f"{100 * left / node.count:.1f} %" if self._nonzero and node.count else ""
        if column == Column.COUNT:
            return short_count(node.count)
        if column == Column.SHARE:
            return f"{100 * node.count / self._root.count:.1f}" if self._root.count else ""
        if column == Column.MACS:
            return short_count(node.macs) if node.macs else "–"
        return ""

    def _tip(self, node: Node, column: Column) -> str:
        name = node.unit.name if node.unit else node.name
        lines = [name, f"{whole(node.count)} {noun_of(leaf.unit for leaf in node.leaves())}"]
        if self._nonzero:
            lines.append(f"{whole(self._left(node))} left")
        if node.unit is not None and node.unit.whole:
            lines.append("Stays or goes as a whole.")
        return "\n".join(lines) if column != Column.LOCK else TIPS[Column.LOCK]

    def _rate(self, node: Node) -> float | None:
        rates = dict(self._plan.rates)
        found = {rates.get(leaf.unit.id) for leaf in node.leaves()}
        return found.pop() if len(found) == 1 else None

    def _left(self, node: Node) -> int:
        return sum(self._nonzero.get(leaf.unit.id, leaf.count) for leaf in node.leaves())

    def _locked(self, node: Node) -> str:
        states = {leaf.unit.id in self._plan.locks for leaf in node.leaves()}
        return "some" if len(states) == 2 else "on" if True in states else "off"

    def _checked(self, node: Node) -> Qt.CheckState:
        states = {leaf.unit.id in self._scope for leaf in node.leaves()}
        if len(states) == 2:
            return Qt.CheckState.PartiallyChecked
        return Qt.CheckState.Checked if True in states else Qt.CheckState.Unchecked

    def _refresh(self) -> None:
        self._refresh_below(QModelIndex())

    def _refresh_below(self, parent: QModelIndex) -> None:
        rows = self.rowCount(parent)
        if rows:
            first = self.index(0, 0, parent)
            self.dataChanged.emit(first, self.index(rows - 1, len(Column) - 1, parent))
        for row in range(rows):
            self._refresh_below(self.index(row, 0, parent))
