"""Thin lines in a live chart: each part of the results visited, such as a class or a view.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pyqtgraph as pg
from PySide6.QtCore import QPointF

Points = tuple[tuple[float, float], ...]
INK = 130
"""Opacity of the lines, of 255."""


class PartLines:
    """Lines by the kind and name of their part, behind the curve of the whole."""

    def __init__(
        self, box: pg.ViewBox, place: Callable[[float, float], tuple[float, float]]
    ) -> None:
        self.points: Mapping[str, Points] = {}
        """In the knob's and the metric's own units."""
        self._box, self._place = box, place
        self._lines: dict[str, pg.PlotDataItem] = {}
        self._colour = pg.mkColor("k")

    def show(self, points: Mapping[str, Points]) -> None:
        """Draw these lines and no others."""
        self.points = points
        for name in self._lines.keys() - points.keys():
            self._box.removeItem(self._lines.pop(name))
        for name, known in points.items():
            if name not in self._lines:
                line = self._lines[name] = pg.PlotDataItem(symbol="o", symbolSize=3)
                line.setZValue(-1)
                self._box.addItem(line)
            places = [self._place(*point) for point in known]
            self._lines[name].setData([x for x, _ in places], [y for _, y in places])
        self.dress(self._colour)

    def dress(self, colour: object) -> None:
        """Take a colour."""
        self._colour = pg.mkColor(colour)
        self._colour.setAlpha(INK)
        for line in self._lines.values():
            line.setPen(pg.mkPen(self._colour, width=1))
            line.setSymbolBrush(self._colour)
            line.setSymbolPen(None)

    def nearest(self, place: QPointF, reach: float) -> tuple[str, float, float] | None:
        """Name and point within reach of a place of the scene, in pixels; None for none."""
        if not self._box.sceneBoundingRect().contains(place):
            return None
        found, least = None, reach
        for name, points in self.points.items():
            for point in points:
                at = self._box.mapViewToScene(QPointF(*self._place(*point)))
                apart = math.hypot(at.x() - place.x(), at.y() - place.y())
                if apart <= least:
                    found, least = (name, *point), apart
        return found
