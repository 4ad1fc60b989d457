"""The model selector: systems with their models, and every plugin that did not load."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...core.model import ModelRef
from ...core.registry import Registry
from ...core.system import System
from ...studies.live.events import ModelCard
from ..dress.theme import GAP, Theme
from .model_box import ModelBox
from .model_rows import BROKEN, KIND, LINE, MODEL, OWNER, PICTURE, SYSTEM
from .system_picture import picture_of

TIP = Qt.ItemDataRole.ToolTipRole


class ModelSelector(QWidget):
    """A box with the system and the model over a line that says what must be known about it."""

    chosen = Signal(object, object)
    """System and model reference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = ModelBox()
        self.combo.setObjectName("modelList")
        self.combo.setAccessibleName("System and model")
        self.combo.setPlaceholderText("Looking for systems…")
        self.combo.setEnabled(False)
        self.note = QLabel()
        self.note.setObjectName("modelNote")
        self.note.setProperty("role", "warn")
        self.note.setWordWrap(True)
        self.note.hide()
        font = self.note.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.note.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.combo)
        layout.addWidget(self.note)
        self.combo.activated.connect(self._activated)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.combo.set_theme(theme)

    def set_registry(self, registry: Registry) -> None:
        """List the models of every system, and what is broken with its reason."""
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for system in registry.systems:
                self._add_system(system)
                for ref in system.bundled():
                    self._add_model(system, ref)
            for broken in registry.broken:
                self._add_broken(broken.name, broken.reason)
            self.combo.setCurrentIndex(-1)
        there = bool(registry.systems)
        self.combo.setPlaceholderText("No model is open" if there else "No system is installed")
        self.combo.setEnabled(bool(registry.systems or registry.broken))

    def show_opening(self, system: System, ref: ModelRef) -> None:
        """Mark the model that is being opened; files of the user's are added."""
        if self._row(ref) < 0:
            self._add_model(system, ref)
        self._mark(self._row(ref))

    def show_card(self, card: ModelCard | None) -> None:
        """Show the note of the model that is open, and what was assumed when it was opened."""
        told = [text for text in (card.note, *card.notices) if text] if card else []
        self.note.setText("\n".join(told))
        self.note.setVisible(bool(told))
        self._mark(self._row(card.ref) if card else -1)

    def _mark(self, row: int) -> None:
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(row)
        self.combo.rows.open_row = row
        self.combo.setToolTip(self.combo.itemData(row, TIP) if row >= 0 else "")
        self.combo.update()

    def _add_system(self, system: System) -> None:
        """Add the row of a system; choosing it opens its first model."""
        bundled = system.bundled()
        self.combo.addItem(system.title, (system, bundled[0]) if bundled else None)
        line = system.summary if bundled else _none_comes(system)
        row = self.combo.count() - 1
        self._tell(row, SYSTEM, line, system.citation)
        self.combo.setItemData(row, system.id, OWNER)
        self.combo.setItemData(row, picture_of(system), PICTURE)
        self.combo.model().item(row).setEnabled(bool(bundled))

    def _add_model(self, system: System, ref: ModelRef) -> None:
        head = self.combo.findData(system.id, OWNER)
        row = head + 1
        while row < self.combo.count() and self.combo.itemData(row, KIND) == MODEL:
            row += 1
        self.combo.insertItem(row, ref.title, (system, ref))
        tip = f"{system.title}\n{system.citation}" + (f"\n{ref.path}" if ref.own else "")
        self._tell(row, MODEL, "", tip)
        self.combo.setItemData(row, self.combo.itemData(head, PICTURE), PICTURE)

    def _add_broken(self, name: str, reason: str) -> None:
        self.combo.addItem(f"{name}: did not load ({reason})")
        row = self.combo.count() - 1
        self._tell(row, BROKEN, reason, reason)
        self.combo.setItemData(row, name, OWNER)
        self.combo.model().item(row).setEnabled(False)

    def _tell(self, row: int, kind: str, line: str, tip: str) -> None:
        self.combo.setItemData(row, kind, KIND)
        self.combo.setItemData(row, line, LINE)
        self.combo.setItemData(row, tip, TIP)

    def _row(self, ref: ModelRef) -> int:
        for row in range(self.combo.count()):
            data = self.combo.itemData(row)
            if data is not None and self.combo.itemData(row, KIND) == MODEL and data[1] == ref:
                return row
        return -1

    def _activated(self, row: int) -> None:
        system, ref = self.combo.itemData(row)
        here = self.combo.itemData(self.combo.rows.open_row)
        if self.combo.itemData(row, KIND) == SYSTEM and here and here[0] is system:
            self._mark(self.combo.rows.open_row)  # that system is open already
        else:
            self.chosen.emit(system, ref)


def _none_comes(system: System) -> str:
    """Say that a system has no model, and how one is had."""
    trains = any(job.id == "train" for job in system.jobs())
    more = f", or run 'prune3d train {system.id}'" if trains else ""
    return f"No model comes with it; open one of your own{more}."
