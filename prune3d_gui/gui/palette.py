"""The command palette and the shortcut page, both made from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .actions import ACTIONS, MENUS, SUBMENUS
from .dress.theme import GAP

ID = Qt.ItemDataRole.UserRole


class Palette(QDialog):
    """Type a few letters, press Enter."""

    def __init__(self, parent: QWidget, actions: Mapping[str, QAction]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self.line = QLineEdit()
        self.line.setPlaceholderText("What do you want to do?")
        self.line.installEventFilter(self)
        self.list = _table()
        self.list.setHeaderHidden(True)
        for spec in ACTIONS:
            if actions[spec.id].isEnabled() and spec.id != "palette":
                keys = actions[spec.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                item = QTreeWidgetItem([spec.text.rstrip("…"), keys])
                item.setData(0, ID, spec.id)
                item.setIcon(0, actions[spec.id].icon())
                item.setToolTip(0, spec.tooltip)
                item.setTextAlignment(
                    1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
                self.list.addTopLevelItem(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.line.textChanged.connect(self._sift)
        self.line.returnPressed.connect(self._run)
        self.list.itemActivated.connect(self._run)
        self.list.itemClicked.connect(self._run)
        self.resize(460, 380)
        self._sift("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(event.key())
            if step:
                shown = self._shown()
                at = shown.index(self.list.currentItem()) if self.list.currentItem() else 0
                self.list.setCurrentItem(shown[(at + step) % len(shown)])
                return True
        return super().eventFilter(watched, event)

    def _shown(self) -> list[QTreeWidgetItem]:
        items = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        return [item for item in items if not item.isHidden()]

    def _sift(self, text: str) -> None:
        words = text.lower().split()
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            told = f"{item.text(0)} {item.toolTip(0)}".lower()
            item.setHidden(not all(word in told for word in words))
        shown = self._shown()
        named = [i for i in shown if all(word in i.text(0).lower() for word in words)]
        self.list.setCurrentItem(next(iter(named or shown), None))

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None and not item.isHidden():
            action = self._actions[item.data(0, ID)]
            self.close()
            action.trigger()


class Shortcuts(QDialog):
    """Every action with its keys, by menu."""

    def __init__(self, parent: QWidget, actions: Mapping[str, QAction]) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = _table()
        self.list.setHeaderLabels(["Action", "Keys"])
        for menu in (*MENUS, *SUBMENUS):
            group = self._group(menu)
            for spec in ACTIONS:
                keys = actions[spec.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                if spec.menu == menu and keys:
                    group.addChild(QTreeWidgetItem([spec.text.rstrip("…"), keys]))
        hand = self._group("By hand")
        for pair in MOUSE:
            hand.addChild(QTreeWidgetItem(pair))
        self.list.expandAll()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        self.resize(480, min(620, parent.window().height() - 8 * GAP))

    def _group(self, name: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem([name])
        font = self.font()
        font.setBold(True)
        group.setFont(0, font)
        self.list.addTopLevelItem(group)
        return group


MOUSE = (
    ["Turn the views", "Drag"],
    ["Move the views", "Shift + drag"],
    ["Zoom", "Wheel"],
    ["One view alone, or all three", "Double click"],
    ["Step the knob with the focus", "Arrow keys, Page Up, Page Down"],
    ["Lock a unit in the tree", "L"],
)


def _table() -> QTreeWidget:
    table = QTreeWidget()
    table.setColumnCount(2)
    table.setRootIsDecorated(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.header().setStretchLastSection(False)
    table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    return table
