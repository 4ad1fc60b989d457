"""Knobs of one module under a title that folds them away."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..dress.theme import GAP


class KnobGroup(QWidget):
    """A title with an arrow, and widgets below it that a click on the title hides."""

    folded = Signal(bool)
    """Whether the widgets are hidden now."""

    def __init__(
        self, title: str, widgets: Iterable[QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setObjectName(f"group.{title}")
        self.button.setText(title)
        self.button.setToolTip("Click to fold")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIconSize(QSize(10, 10))
        self.button.setAutoRaise(True)
        self.button.setCheckable(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setProperty("role", "heading")
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body = QWidget()
        below = QVBoxLayout(self.body)
        below.setContentsMargins(2 * GAP, 0, 0, 0)
        below.setSpacing(int(1.5 * GAP))
        for widget in widgets:
            below.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.button)
        layout.addWidget(self.body)
        self.button.toggled.connect(self._toggle)
        self.set_folded(False)

    def set_folded(self, folded: bool) -> None:
        """Hide the widgets, or show them."""
        self.button.setChecked(not folded)
        self._toggle(not folded)

    def _toggle(self, shown: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.body.setVisible(shown)
        self.layout().activate()  # so that the new height is known at once
        self.updateGeometry()
        self.folded.emit(not shown)
