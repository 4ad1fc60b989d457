"""One entry of a strip: its picture, its name, and what sets it apart."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ..dress.theme import GAP, LIGHT
from .sample_tile import RADIUS, paint_tile

MARK = Qt.ItemDataRole.UserRole + 1
PICTURE = Qt.ItemDataRole.UserRole + 2
KNOWN = Qt.ItemDataRole.UserRole + 3
"""Whether its picture was asked for and told, be it that there is none."""
TALL, LOW = QSize(76, 57), QSize(56, 42)
"""Of a picture; the lower one where there is little room, and then without a name."""
_GROUND, _INK = QColor(20, 24, 30, 190), QColor("#ffffff")


class ChoiceTile(QStyledItemDelegate):
    """Paints tiles; `low` ones have no name below them."""

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.theme, self.low = LIGHT, False

    @property
    def picture(self) -> QSize:
        """Of the picture, in points."""
        return LOW if self.low else TALL

    def size(self, font: QFont) -> QSize:
        """Of a tile with its margins."""
        words = 0 if self.low else QFontMetrics(_small(font)).height() + 2
        return self.picture + QSize(2 * GAP, 2 * GAP + words)

    def sizeHint(  # noqa: D102
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return self.size(option.font)

    def paint(  # noqa: D102
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = self.theme
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        if chosen or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.soft if chosen else theme.sunken))
            painter.drawRoundedRect(whole, RADIUS, RADIUS)
        place = QRect(option.rect.topLeft(), self.picture).translated(GAP, GAP)
        painter.setFont(_small(option.font))
        known, title = index.data(KNOWN), index.data()
        paint_tile(painter, place, index.data(PICTURE) or QPixmap(), title if known else "", theme)
        if index.data(MARK):
            _paint_mark(painter, place, index.data(MARK))
        if not self.low:
            words = QRect(place.left(), place.bottom() + 2, place.width(), whole.toRect().bottom())
            words.setBottom(option.rect.bottom())
            fitting = painter.fontMetrics().elidedText(
                title, Qt.TextElideMode.ElideMiddle, words.width()
            )
            painter.setPen(QColor(theme.text if chosen else theme.muted))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, fitting)
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(-1, -1, 1, 1), RADIUS, RADIUS)
        painter.restore()


def _paint_mark(painter: QPainter, place: QRect, words: str) -> None:
    """Write words on a dark label in the upper left corner of a picture."""
    painter.save()
    font = painter.font()
    font.setPointSizeF(font.pointSizeF() * 0.88)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    wide = min(metrics.horizontalAdvance(words) + 8, place.width() - 4)
    label = QRect(place.left() + 2, place.top() + 2, wide, metrics.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(label, 3, 3)
    painter.setPen(_INK)
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)
    painter.restore()


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.82)
    return small
