"""The tabs below the views: live charts with the numbers beside them, and the studies."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

NARROW, NUMBERS = 760, 312
"""Pixels below which charts and numbers have no room side by side; width of the numbers."""


class LowerTabs(QTabWidget):
    """Tabs that each have a height of their own; the numbers are one where it is narrow.

    Parameters
    ----------
    live : QSplitter
        The charts, with the numbers at its right.
    numbers : QWidget
        What stands there.
    modules : QWidget
        The modules of the network; a tab only where it is `offer`ed.
    studies : QWidget
    """

    def __init__(
        self, live: QSplitter, numbers: QWidget, modules: QWidget, studies: QWidget
    ) -> None:
        super().__init__()
        self.setObjectName("lowerTabs")
        self.setAccessibleName("Live charts and studies")
        self.heights: dict[str, int] = {}
        """What a hand chose, by the title of the tab."""
        self._live, self._numbers = live, numbers
        self._beside = [0, 0]
        self.addTab(live, "Live")
        self.addTab(modules, "Modules")
        self.addTab(studies, "Studies")
        self.offer(modules, False)
        self.setMinimumWidth(360)

    @property
    def folded(self) -> bool:
        """Whether the numbers are a tab."""
        return self.indexOf(self._numbers) >= 0

    @property
    def title(self) -> str:
        """The title of the tab that is shown."""
        return self.tabText(self.currentIndex())

    def offer(self, page: QWidget, there: bool) -> None:
        """Have a tab, or not; the first is shown where it goes while it is looked at."""
        at = self.indexOf(page)
        if self.isTabVisible(at) != there:
            self.setTabVisible(at, there)

    def kept(self) -> str:
        """The heights in a line."""
        return ",".join(f"{title}={height}" for title, height in self.heights.items())

    def restore(self, text: str) -> None:
        """Take the heights that `kept` gave; what is no such line is passed by."""
        pairs: Mapping[str, str] = dict(
            part.split("=") for part in text.split(",") if part.count("=") == 1
        )
        self.heights = {t: int(h) for t, h in pairs.items() if h.isdigit() and int(h)}

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        if self.folded is (self.width() >= NARROW):
            self._fold(self.width() < NARROW)

    def _fold(self, away: bool) -> None:
        if away:
            self._beside = self._live.sizes()
            self.insertTab(1, self._numbers, "Numbers")
        else:
            self._live.addWidget(self._numbers)
            self._numbers.show()
            width = max(NUMBERS, *self._beside[1:])  # they were squeezed before they were folded
            self._live.setSizes([10_000, width])
