"""What the work of a job has come to, as pictures beside its curves."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ...core.jobs import Pictured
from ...drawing.palette import theme as drawing_theme
from ..dress.theme import GAP, Theme
from ..views.inputs import InputPage

LEAST, MOST = 150, 420
"""Pixels of its width."""


class LivePicture(QWidget):
    """The newest pictures of a job, with a caption above them; hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("livePicture")
        self.caption = QLabel()
        self.caption.setObjectName("livePictureCaption")
        self.caption.setProperty("role", "muted")
        self.caption.setWordWrap(True)
        self.pictures = InputPage()
        self._shown: Pictured | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.caption)
        column.addWidget(self.pictures, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.setMinimumWidth(LEAST)
        self.setMaximumWidth(MOST)
        self.hide()

    def show_pictured(self, pictured: Pictured | None) -> None:
        """Show what a job reported last; nothing hides it."""
        if pictured is self._shown:
            return
        self._shown = pictured
        if pictured is not None:
            self.caption.setText(pictured.caption)
            self.pictures.show_pictures(pictured.pictures)
        self.setVisible(pictured is not None)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.pictures.set_theme(drawing_theme(theme.dark))

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize((LEAST + MOST) // 2, LEAST)
