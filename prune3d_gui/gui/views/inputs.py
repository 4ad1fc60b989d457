"""What a model was given, as pictures: shown where there is no reference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ...drawing.palette import LIGHT, Theme

Pictures = Sequence[tuple[str, np.ndarray]]
"""Words below each picture, and its pixels: (H, W, 3 or 4) uint8."""

_GAP, _ABOVE = 14, 5


class InputPage(QWidget):
    """Pictures with words below them, side by side or below each other, as large as fits."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inputs")
        self._theme = LIGHT
        self._pictures: list[tuple[str, QImage]] = []

    @property
    def titles(self) -> list[str]:
        """The words below the pictures."""
        return [title for title, _ in self._pictures]

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_pictures(self, pictures: Pictures) -> None:
        """Show copies of `pictures`."""
        self._pictures = [(title, _image(pixels)) for title, pixels in pictures]
        self.setAccessibleName("Input: " + ", ".join(self.titles))
        self.update()

    def places(self) -> list[tuple[QRectF, QRectF]]:
        """Return where each picture is, and the words below it."""
        count = len(self._pictures)
        choices = [self._places(columns) for columns in range(1, count + 1)]
        return max(choices, key=lambda boxes: sum(b.width() * b.height() for b, _ in boxes))

    def _places(self, columns: int) -> list[tuple[QRectF, QRectF]]:
        rows = -(-len(self._pictures) // columns)
        wide, tall = (self.width() - _GAP) / columns, (self.height() - _GAP) / rows
        longest = max(self.fontMetrics().horizontalAdvance(title) for title in self.titles)
        words = self.fontMetrics().height() * (1 if longest < wide - _GAP else 2)
        room = max(wide - _GAP, 1), max(tall - _GAP - words - _ABOVE, 1)
        found = []
        for number, (_, image) in enumerate(self._pictures):
            row, column = divmod(number, columns)
            scale = min(room[0] / image.width(), room[1] / image.height())
            box = QRectF(0, 0, scale * image.width(), scale * image.height())
            left, top = _GAP + column * wide, row * tall
            box.moveCenter(QPointF(left + room[0] / 2, top + room[1] / 2))
            found.append((box, QRectF(left, 0, room[0], words)))
        for row in range(rows):
            here = found[row * columns : (row + 1) * columns]
            foot = max(box.bottom() for box, _ in here)
            for _, under in here:
                under.moveTop(foot + _ABOVE)
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw each picture, on plain ground where it is clear, and its words."""
        if not self._pictures:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        form = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        for (title, image), (box, words) in zip(self._pictures, self.places(), strict=True):
            if image.hasAlphaChannel():
                painter.fillRect(box, QColor(*self._theme.line))
            painter.drawImage(box, image)
            painter.setPen(QColor(*self._theme.faint))
            painter.drawText(words, form | Qt.TextFlag.TextWordWrap, title)


def _image(pixels: np.ndarray) -> QImage:
    own = np.ascontiguousarray(pixels, np.uint8)
    tall, wide, depth = own.shape
    form = QImage.Format.Format_RGBA8888 if depth == 4 else QImage.Format.Format_RGB888
    return QImage(own.data, wide, tall, own.strides[0], form).copy()
