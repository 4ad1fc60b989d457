"""Plans that are offered by name, such as those of a paper: a button each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from ...core.plan.plans import Preset
from ..dress.theme import GAP


class PresetBar(QWidget):
    """Buttons side by side; a click chooses a plan.

    Parameters
    ----------
    presets : sequence of Preset
    """

    chosen = Signal(object)

    def __init__(self, presets: Sequence[Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(QLabel("Presets"))
        row.addStretch(1)
        for number, preset in enumerate(presets):
            button = QPushButton(preset.title)
            button.setObjectName(f"preset.{number}")
            button.setToolTip(preset.help)
            button.clicked.connect(lambda _, taken=preset: self.chosen.emit(taken))
            row.addWidget(button)
