"""The colour bar below the views: one fixed scale, and how the pruned result lies on it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.scene.scenes import Scene
from ...core.score.scores import ColourScale
from ...drawing.palette import LIGHT, Theme, colours_of, ticks

_BINS = 64
_HEIGHT, _BAR = 66, 8


def shown_values(scene: Scene | None, scale: ColourScale | None) -> np.ndarray | None:
    """What a result is coloured by, as one row of numbers."""
    if scene is None or scale is None:
        return None
    found = [layer.values(scale.array) for layer in scene.layers]
    known = [np.ravel(values) for values in found if values is not None]
    return np.concatenate(known) if known else None


class ColourBar(QWidget):
    """Shows what the colours mean, and above them a histogram of the values on screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("colourBar")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._scale: ColourScale | None = None
        self._counts: np.ndarray | None = None
        self._beyond = 0.0
        self._colours = np.zeros((256, 3), np.uint8)

    def sizeHint(self) -> QSize:
        """Return a height for the histogram, the bar and its ticks."""
        return QSize(360, _HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_scale(self, scale: ColourScale | None, values: np.ndarray | None) -> None:
        """Show `scale`, with the distribution of `values` on it.

        Parameters
        ----------
        scale : ColourScale or None
        values : (N,) float or None
            The share that lies above the end of the scale is written beside it.
        """
        self._scale = scale
        self._counts, self._beyond = None, 0.0
        if scale is not None:
            self.setAccessibleName(f"{scale.title}, {scale.minimum:g} to {scale.maximum:g}")
        if scale is not None and values is not None and np.ndim(values) == 1:
            known = values[np.isfinite(values)]
            if len(known) and scale.maximum > scale.minimum:
                span = (scale.minimum, scale.maximum)
                self._counts = np.histogram(known, _BINS, span)[0] / len(known)
                self._beyond = float((known > scale.maximum).mean())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the histogram, the ramp and its ticks."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(*self._theme.background))
        if self._scale is None:
            return
        self._colours = colours_of(self._scale, self._theme)
        small = QFont(self.font())
        small.setPointSizeF(max(self.font().pointSizeF() - 1, 7))
        metrics = painter.fontMetrics()
        title = metrics.horizontalAdvance(self._scale.title)
        wide = min(380.0, self.width() - 28.0)
        beside = 2 * title + wide + 72 <= self.width()
        ramp = QRectF((self.width() - wide) / 2, self.height() - 28, wide, _BAR)
        painter.setPen(QColor(*self._theme.ink))
        if beside:
            where = QRectF(0, ramp.top() - 6, ramp.left() - 14, 20)
            painter.drawText(
                where,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                self._scale.title,
            )
        else:
            painter.drawText(QPointF(ramp.left(), metrics.ascent() + 3), self._scale.title)
        room = ramp.top() - (6 if beside else metrics.height() + 5)
        self._paint_counts(painter, ramp, room)
        row = np.ascontiguousarray(self._colours[None])
        painter.drawImage(ramp, QImage(row.data, 256, 1, 768, QImage.Format.Format_RGB888))
        painter.setFont(small)
        self._paint_ticks(painter, ramp)
        if self._beyond >= 0.0005:
            text = f"{self._beyond * 100:.1f} % above"
            painter.drawText(
                QRectF(ramp.right() + 14, ramp.top() - 6, 120, 20),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                text,
            )

    def _paint_counts(self, painter: QPainter, ramp: QRectF, room: float) -> None:
        if self._counts is None or not self._counts.any() or room < 4:
            return
        step = ramp.width() / _BINS
        # The square root keeps the few far points visible beside the many near ones.
        tall = np.sqrt(self._counts / self._counts.max()) * room
        for index, height in enumerate(tall):
            if height > 0:
                colour = self._colours[int((index + 0.5) / _BINS * 255)]
                left = ramp.left() + index * step
                bar = QRectF(left, ramp.top() - 2 - height, step - 1, max(height, 1.0))
                painter.fillRect(bar, QColor(*(int(part) for part in colour)))

    def _paint_ticks(self, painter: QPainter, ramp: QRectF) -> None:
        span = self._scale.maximum - self._scale.minimum
        painter.setPen(QColor(*self._theme.faint))
        for value, text in ticks(self._scale):
            part = (value - self._scale.minimum) / span if span > 0 else 0.0
            x = ramp.left() + part * ramp.width()
            painter.drawLine(QPointF(x, ramp.bottom()), QPointF(x, ramp.bottom() + 3))
            box = QRectF(x - 40, ramp.bottom() + 3, 80, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
