"""The box that shows which system and model are open, and drops the list of all."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QListView,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from ..dress.theme import GAP, Theme
from .model_rows import PICTURE, SIDE, ModelRows, two_lines
from .system_picture import paint_picture

LISTED = 14
"""Rows that the list shows before it scrolls."""
OPENING_KEYS = (
    Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space,
)  # fmt: skip


class ModelBox(QComboBox):
    """A combo box with two lines and a picture; only the list that it drops changes the model.

    The wheel and the arrow keys open no models by the way: opening one takes a while.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ModelRows(self)
        view = QListView()
        view.setItemDelegate(self.rows)
        view.setUniformItemSizes(False)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setView(view)
        self.setItemDelegate(self.rows)
        self.setMaxVisibleItems(LISTED)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.rows.theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(super().sizeHint().width(), SIDE + 4 * GAP)

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(self.sizeHint().width(), SIDE + GAP)  # where the window is low

    def paintEvent(self, event) -> None:  # noqa: D102
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        theme, index = self.rows.theme, self.model().index(self.currentIndex(), 0)
        tile = QRect(2 * GAP, (self.height() - SIDE) // 2, SIDE, SIDE)
        words = self.rect().adjusted(SIDE + 4 * GAP, 0, -7 * GAP, 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.isValid():
            system, _ = self.currentData()
            paint_picture(painter, tile, index.data(PICTURE) or QPixmap(), theme)
            first, second = system.title, index.data()
        else:
            paint_picture(painter, tile, QPixmap(), theme)
            first, second = self.placeholderText(), ""
        two_lines(painter, words, self.font(), (first, theme.text), (second, theme.muted))

    def wheelEvent(self, event) -> None:  # noqa: D102
        event.ignore()

    def keyPressEvent(self, event) -> None:  # noqa: D102
        if event.key() in OPENING_KEYS and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier,
        ):  # fmt: skip
            self.showPopup()
        elif event.text().isprintable() and event.text():
            event.ignore()  # a letter would open the model that begins with it
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
