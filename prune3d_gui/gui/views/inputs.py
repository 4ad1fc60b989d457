"""What a model was given, as pictures: shown where there is no reference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ...drawing.palette import LIGHT, Theme

Pictures = Sequence[tuple[str, np.ndarray]]
"""Words below each picture, and its pixels: (H, W, 3 or 4) uint8."""

_GAP, _WORDS = 14, 22


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

    def places(self) -> list[QRectF]:
        """Return where each picture is."""
        count = len(self._pictures)
        wide, tall = self.width() - 2 * _GAP, self.height() - _GAP

        def shown(columns: int) -> list[QRectF]:
            rows = -(-count // columns)
            cell = wide / columns, tall / rows
            found = []
            for number, (_, image) in enumerate(self._pictures):
                row, column = divmod(number, columns)
                room = max(cell[0] - _GAP, 1), max(cell[1] - _GAP - _WORDS, 1)
                scale = min(room[0] / image.width(), room[1] / image.height())
                box = QRectF(0, 0, scale * image.width(), scale * image.height())
                middle = QRectF(_GAP + column * cell[0], row * cell[1], cell[0], cell[1] - _WORDS)
                box.moveCenter(middle.center())
                found.append(box)
            return found

        choices = [shown(columns) for columns in range(1, count + 1)]
        return max(choices, key=lambda boxes: sum(b.width() * b.height() for b in boxes))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw each picture, on chequers where it is clear, and its words."""
        if not self._pictures:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for (title, image), box in zip(self._pictures, self.places(), strict=True):
            if image.hasAlphaChannel():
                painter.fillRect(box, QColor(*self._theme.line))
            painter.drawImage(box, image)
            painter.setPen(QColor(*self._theme.faint))
            words = QRectF(box.center().x() - self.width() / 2, box.bottom() + 4, self.width(), 18)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, title)


def _image(pixels: np.ndarray) -> QImage:
    own = np.ascontiguousarray(pixels, np.uint8)
    tall, wide, depth = own.shape
    form = QImage.Format.Format_RGBA8888 if depth == 4 else QImage.Format.Format_RGB888
    return QImage(own.data, wide, tall, own.strides[0], form).copy()
