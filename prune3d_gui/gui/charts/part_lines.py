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
    """Lines by the kind and name of their part, behind the curve of the whole.

    They do not know the chart they are in: a chart within a cycle would go when the collector
    comes, and Qt would still send events to what is half gone.
    """

    def __init__(self, box: pg.ViewBox) -> None:
        self.points: Mapping[str, Points] = {}
        """In the knob's and the metric's own units."""
        self._places: dict[str, Points] = {}  # in the box's own
        self._box = box
        self._lines: dict[str, pg.PlotDataItem] = {}
        self._colour = pg.mkColor("k")

    def show(
        self, points: Mapping[str, Points], place: Callable[[float, float], tuple[float, float]]
    ) -> None:
        """Draw these lines and no others; `place` says where in the box a point is."""
        self.points = points
        self._places = {n: tuple(place(*point) for point in known) for n, known in points.items()}
        for name in self._lines.keys() - points.keys():
            self._box.removeItem(self._lines.pop(name))
        for name, places in self._places.items():
            if name not in self._lines:
                line = self._lines[name] = pg.PlotDataItem(symbol="o", symbolSize=3)
                line.setZValue(-1)
                self._box.addItem(line)
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
            for point, spot in zip(points, self._places[name], strict=True):
                at = self._box.mapViewToScene(QPointF(*spot))
                apart = math.hypot(at.x() - place.x(), at.y() - place.y())
                if apart <= least:
                    found, least = (name, *point), apart
        return found
