"""The matrix of units with what its marks mean below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from ...core.frames import Footprint
from ..dress.theme import GAP
from .unit_matrix import KEY, UnitMatrix


class UnitMap(QFrame):
    """A matrix above its key; where both have no room, the matrix has it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.matrix = UnitMatrix()
        self.key = QLabel(KEY)
        self.key.setProperty("role", "muted")
        self.key.setWordWrap(True)
        self.key.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.key.setContentsMargins(2 * GAP, 0, 2 * GAP, GAP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.matrix)
        layout.addWidget(self.key, 1)

    @property
    def wanted(self) -> int:
        """Height that shows all of it well."""
        return self.matrix.sizeHint().height() + self._key_height()

    def show_left(self, footprint: Footprint) -> None:
        """Show what a frame's plan leaves in each unit."""
        self.matrix.show_left(footprint)
        self.key.setText(self.matrix.key)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the key out where it would cover the matrix."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        least = self.matrix.minimumSizeHint().height() + self._key_height()
        self.key.setVisible(self.height() >= least)
        self.setToolTip("" if self.height() >= least else self.key.text())

    def _key_height(self) -> int:
        return max(self.key.heightForWidth(max(self.width(), 1)), self.key.sizeHint().height())
