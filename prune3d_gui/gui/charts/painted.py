"""Pieces of charts that are painted by hand: cells, and an axis of names.

Importing this module imports pyqtgraph, so it waits until the area is first shown.
"""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPicture


class NamesAxis(pg.AxisItem):
    """An axis of names, one for each whole place, as many as have room."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.names: tuple[str, ...] = ()
        self.setStyle(tickLength=0, maxTickLevel=0, hideOverlappingLabels=False)

    def tickValues(self, minVal, maxVal, size):  # noqa: D102
        count = len(self.names)
        if not count:
            return []
        each = size / max(abs(maxVal - minVal), 1e-9)
        room = 11.0
        if self.orientation == "bottom":
            room = 7.0 * max(len(name) for name in self.names) + 6
        stride = max(math.ceil(room / max(each, 1e-9)), 1)
        return [(1.0, [number + 0.5 for number in range(0, count, stride)])]

    def tickStrings(self, values, scale, spacing):  # noqa: D102
        return [self.names[int(value)] for value in values]


class Painted(pg.GraphicsObject):
    """Something painted once and shown until it is painted again."""

    def __init__(self) -> None:
        super().__init__()
        self._picture, self._rect = QPicture(), QRectF()

    def paint_anew(self, rect: QRectF, paint) -> None:
        """Call `paint(painter)` and keep what it draws inside `rect`."""
        self.prepareGeometryChange()
        self._picture, self._rect = QPicture(), QRectF(rect)
        painter = QPainter(self._picture)
        paint(painter)
        painter.end()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: D102
        return self._rect

    def paint(self, painter, *rest) -> None:  # noqa: D102
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._picture.play(painter)


def crisp_pen(colour: str, width: float) -> QPen:
    """A pen as wide on screen however the box is scaled."""
    pen = pg.mkPen(colour, width=width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    return pen
