"""What every chart stands in: a title over a box with a left and a lower axis.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsGridLayout

from ..dress.theme import Theme
from .axis import QuietAxis

TITLE = 34
MARGIN = 9.0
"""Pixels around what is drawn, so that no marker at an end is cut in half."""

Range = tuple[float, float]


def title_text(theme: Theme, title: str, unit: str, better: str, log: bool = False) -> str:
    """The title of a chart with which way is better; its unit below, and whether by logarithms."""
    arrow = {"lower": " ↓", "higher": " ↑"}.get(better, "")
    above = f"<span style='color:{theme.text}; font-size:9pt'>{title}{arrow}</span>"
    below = " ".join(filter(None, (unit, "(log)" if log else ""))) or " "
    return f"{above}<br><span style='color:{theme.muted}; font-size:7pt'>{below}</span>"


class ChartBox(pg.ViewBox):
    """A box that keeps a margin of so many pixels around the range shown, at any size."""

    _across: Range | None = None
    _up: Range | None = None

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=False)
        self.disableAutoRange()

    def show_range(self, across: Range | None = None, up: Range | None = None) -> None:
        """Show these ranges; None for one that stays."""
        self._across, self._up = across or self._across, up or self._up
        self._fit()

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        size = self.rect()
        for shown, pixels, put in (
            (self._across, size.width(), self.setXRange), (self._up, size.height(), self.setYRange),
        ):  # fmt: skip
            if shown is not None:
                room = MARGIN * (shown[1] - shown[0]) / max(pixels - 2 * MARGIN, 2 * MARGIN)
                put(shown[0] - room, shown[1] + room, padding=0)


class ChartFrame(pg.GraphicsWidget):
    """A title over a box with a left and a lower axis; the mouse moves nothing in it.

    pyqtgraph's own plot item brings a hidden form of some fifty widgets and menus.
    """

    def __init__(self) -> None:
        super().__init__()
        self.box = ChartBox()
        self.title = pg.LabelItem(justify="left")
        self.left, self.bottom = QuietAxis("left"), QuietAxis("bottom")
        self.left.setWidth(40)
        self.bottom.setHeight(34)
        grid = QGraphicsGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addItem(self.title, 0, 0, 1, 2)
        grid.addItem(self.left, 1, 0)
        grid.addItem(self.box, 1, 1)
        grid.addItem(self.bottom, 2, 1)
        grid.setRowFixedHeight(0, TITLE)
        for axis in (self.left, self.bottom):
            axis.setStyle(tickLength=4, maxTickLevel=0, hideOverlappingLabels=False)
            axis.enableAutoSIPrefix(False)
            axis.linkToView(self.box)
