"""The model selector: every bundled model, and every plugin that did not load."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ...core.model import ModelRef
from ...core.registry import Registry
from ...core.system import System
from ...studies.live.events import ModelCard
from ..dress.theme import GAP

HEADING = Qt.ItemDataRole.UserRole + 1


class ModelSelector(QWidget):
    """A combo box over a line that says what must be known about the model."""

    chosen = Signal(object, object)
    """System and model reference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = QComboBox()
        self.combo.setObjectName("modelList")
        self.combo.setAccessibleName("Model")
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.setPlaceholderText("Looking for systems…")
        self.combo.setEnabled(False)
        self.note = QLabel()
        self.note.setObjectName("modelNote")
        self.note.setProperty("role", "warn")
        self.note.setWordWrap(True)
        font = self.note.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.note.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.combo)
        layout.addWidget(self.note)
        self.combo.activated.connect(self._activated)

    def set_registry(self, registry: Registry) -> None:
        """List the models of every system, and what is broken with its reason."""
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for system in registry.systems:
                self._add_heading(system)
                for ref in system.bundled():
                    self._add(system, ref)
            for broken in registry.broken:
                self._add_broken(broken.name, broken.reason)
            self.combo.setCurrentIndex(-1)
        there = bool(registry.systems)
        self.combo.setPlaceholderText("No model is open" if there else "No system is installed")
        self.combo.setEnabled(bool(registry.systems or registry.broken))

    def show_opening(self, system: System, ref: ModelRef) -> None:
        """Mark the model that is being opened; files of the user's are added."""
        row = self._row(ref)
        if row < 0:
            self._add(system, ref)
            row = self._row(ref)
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(row)

    def show_card(self, card: ModelCard | None) -> None:
        """Show the note of the model that is open, and what was assumed when it was opened."""
        told = [text for text in (card.note, *card.notices) if text] if card else []
        self.note.setText("\n".join(told))
        self.note.setVisible(bool(told))
        row = self._row(card.ref) if card else -1
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(row)

    def _add(self, system: System, ref: ModelRef) -> None:
        row = self._end_of(system)
        self.combo.insertItem(row, ref.title, (system, ref))
        tip = f"{system.title}\n{system.citation}" + (f"\n{ref.path}" if ref.path else "")
        self.combo.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)

    def _add_heading(self, system: System) -> None:
        self.combo.addItem(system.title)
        row = self.combo.count() - 1
        self.combo.setItemData(row, system.id, HEADING)
        self.combo.model().item(row).setEnabled(False)

    def _end_of(self, system: System) -> int:
        """Row below the last model of a system."""
        heads = [row for row in range(self.combo.count()) if self.combo.itemData(row, HEADING)]
        mine = next(row for row in heads if self.combo.itemData(row, HEADING) == system.id)
        row = mine + 1
        while row < self.combo.count() and self.combo.itemData(row) is not None:
            row += 1
        return row

    def _add_broken(self, name: str, reason: str) -> None:
        self.combo.addItem(f"{name}: did not load ({reason})")
        row = self.combo.count() - 1
        self.combo.setItemData(row, reason, Qt.ItemDataRole.ToolTipRole)
        self.combo.model().item(row).setEnabled(False)

    def _row(self, ref: ModelRef) -> int:
        for row in range(self.combo.count()):
            data = self.combo.itemData(row)
            if data is not None and data[1] == ref:
                return row
        return -1

    def _activated(self, row: int) -> None:
        data = self.combo.itemData(row)
        if data is not None:
            self.chosen.emit(*data)
