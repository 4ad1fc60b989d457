"""Rows of the list of models: systems with their pictures, their models below them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ..dress.icons import pixmap
from ..dress.theme import GAP, LIGHT, Theme
from .system_picture import RADIUS, paint_picture

KIND = Qt.ItemDataRole.UserRole + 1
LINE = Qt.ItemDataRole.UserRole + 2
"""What stands below the name of a system."""
PICTURE = Qt.ItemDataRole.UserRole + 3
OWNER = Qt.ItemDataRole.UserRole + 4
"""Id of the system that a row of one stands for, or the name of a broken one."""
SYSTEM, MODEL, BROKEN = "system", "model", "broken"
SIDE = 40
"""Of a picture, in points."""


class ModelRows(QStyledItemDelegate):
    """Paints each row; the model that is open has a check mark."""

    def __init__(self, parent) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.open_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: D102
        if index.data(KIND) == MODEL:
            return QSize(0, option.fontMetrics.height() + 3 * GAP)
        return QSize(0, SIDE + 3 * GAP)

    def paint(  # noqa: D102
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, kind, place = self.theme, index.data(KIND), option.rect
        if kind != MODEL and index.row():
            painter.setPen(QColor(theme.border))
            painter.drawLine(place.topLeft(), place.topRight())
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.soft))
            painter.drawRoundedRect(place.adjusted(GAP, 1, -GAP, -1), RADIUS, RADIUS)
        inner = place.adjusted(2 * GAP, 0, -2 * GAP, 0)
        if kind == MODEL:
            self._paint_model(painter, inner, option.font, index)
        else:
            self._paint_system(painter, inner, option.font, index)
        painter.restore()

    def _paint_model(
        self, painter: QPainter, place: QRect, font: QFont, index: QModelIndex
    ) -> None:
        theme = self.theme
        if index.row() == self.open_row:
            side = 14
            ratio = painter.device().devicePixelRatioF()
            check = pixmap("check", theme.accent, round(side * ratio))
            check.setDevicePixelRatio(ratio)
            painter.drawPixmap(
                place.x() + SIDE - side - GAP, place.y() + (place.height() - side) // 2, check
            )
        words = place.adjusted(SIDE + 2 * GAP, 0, 0, 0)
        write(painter, words, font, theme.text, index.data())

    def _paint_system(
        self, painter: QPainter, place: QRect, font: QFont, index: QModelIndex
    ) -> None:
        theme, broken = self.theme, index.data(KIND) == BROKEN
        tile = QRect(place.x(), place.y() + (place.height() - SIDE) // 2, SIDE, SIDE)
        sign = "warning" if broken else "network"
        paint_picture(painter, tile, index.data(PICTURE) or QPixmap(), theme, sign)
        words = place.adjusted(SIDE + 2 * GAP, 0, 0, 0)
        colour = theme.muted if broken else theme.text
        title = f"{index.data(OWNER)} did not load" if broken else index.data()
        two_lines(painter, words, font, (title, colour), (index.data(LINE), theme.muted))


def two_lines(
    painter: QPainter, place: QRect, font: QFont, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """Write a bold line over a smaller one, each a text and its colour; one alone is centred."""
    bold, small = QFont(font), QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    if not second[0]:
        write(painter, place, bold, first[1], first[0])
        return
    middle = place.y() + place.height() // 2
    upper = QRect(place.x(), place.y(), place.width(), middle - place.y())
    lower = QRect(place.x(), middle, place.width(), place.bottom() - middle)
    write(painter, upper, bold, first[1], first[0], Qt.AlignmentFlag.AlignBottom)
    write(painter, lower, small, second[1], second[0], Qt.AlignmentFlag.AlignTop)


def write(
    painter: QPainter,
    place: QRect,
    font: QFont,
    colour: str,
    text: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter,
) -> None:
    """Write a line that ends in dots where there is no room for it."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    room = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | align, room)
