"""The colour bar below the views: one fixed scale, how the result lies on it, names of labels."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.scene.labels import Label, Labels
from ...core.scene.scenes import Scene
from ...core.score.scores import ColourScale
from ...drawing.palette import LIGHT, Theme, colours_of, ticks

_BINS = 64
_HEIGHT, _BAR = 66, 8
_LINE, _SWATCH, _EDGE = 16, 10, 12
"""Pixels of a line of names, of a swatch, and to the edge."""


def shown_values(scene: Scene | None, scale: ColourScale | None) -> np.ndarray | None:
    """What a result is coloured by, as one row of numbers."""
    if scene is None or scale is None:
        return None
    found = [layer.values(scale.array) for layer in scene.layers]
    known = [np.ravel(values) for values in found if values is not None]
    return np.concatenate(known) if known else None


def labels_of(scene: Scene | None) -> tuple[Label, ...]:
    """What the colours of a scene's label maps stand for, each once, those on top first.

    A map in one colour alone goes by the name of its layer.
    """
    found: dict[Label, None] = {}
    for layer in reversed(scene.layers if scene is not None else ()):
        if not isinstance(layer.data, Labels):
            continue
        table = [label for number, label in layer.data.table.items() if number]
        colours = {label.colour for label in table}
        one = len(table) > 1 and len(colours) == 1
        table = [Label(layer.name, *colours)] if one else table
        found |= dict.fromkeys(table)
    return tuple(found)


class ColourBar(QWidget):
    """Shows what the colours mean, and above them a histogram of the values on screen.

    Names of labels stand beside it where they have room, and else in its tooltip.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("colourBar")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._scale: ColourScale | None = None
        self._counts: np.ndarray | None = None
        self._beyond = 0.0
        self._colours = np.zeros((256, 3), np.uint8)
        self.labels: tuple[Label, ...] = ()

    def sizeHint(self) -> QSize:
        """Return a height for the histogram, the bar and its ticks, or for names alone."""
        return QSize(360, _HEIGHT if self._scale is not None or not self.labels else _LINE + 10)

    def show_labels(self, labels: tuple[Label, ...]) -> None:
        """Name what the colours of label maps stand for."""
        if labels != self.labels:
            self.labels = labels
            self.setToolTip(", ".join(label.name for label in labels))
            self.updateGeometry()
            self.update()

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
        if (scale is None) is not (self._scale is None):
            self.updateGeometry()
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
            self._paint_labels(painter, QRectF(self.rect()), 1)
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
        lines = 2 if beside else 3  # a title beside the ramp is below them
        self._paint_labels(painter, QRectF(0, 2, ramp.left() - 14, lines * _LINE), lines)
        painter.setPen(QColor(*self._theme.ink))
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

    def _paint_labels(self, painter: QPainter, room: QRectF, lines: int) -> None:
        """Write the names into a room, in so many lines; nothing where they do not fit."""
        metrics = painter.fontMetrics()
        columns = [self.labels[at : at + lines] for at in range(0, len(self.labels), lines)]
        wide = [max(metrics.horizontalAdvance(one.name) for one in column) for column in columns]
        each = [width + _SWATCH + 5 + 14 for width in wide]
        if sum(each) + _EDGE > room.width():
            return
        left = room.left() + (_EDGE if lines > 1 else (room.width() - sum(each)) / 2)
        top = room.top() + (room.height() - lines * _LINE) / 2
        for column, width in zip(columns, each, strict=True):
            for line, label in enumerate(column):
                middle = top + (line + 0.5) * _LINE
                box = QRectF(left, middle - _SWATCH / 2, _SWATCH, _SWATCH)
                painter.setPen(QColor(*self._theme.faint))
                painter.setBrush(QColor(*label.colour))
                painter.drawRoundedRect(box, 2, 2)
                painter.setPen(QColor(*self._theme.ink))
                where = QRectF(box.right() + 5, middle - _LINE / 2, width, _LINE)
                flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(where, flags, label.name)
            left += width

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
