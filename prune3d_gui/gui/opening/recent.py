"""The menu of files opened lately, and of networks that jobs have written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from ..state.settings import Settings


class RecentMenu(QObject):
    """A submenu that is filled anew each time it opens."""

    chosen = Signal(object)
    """Path of the file."""

    def __init__(self, menu: QMenu, before: QAction, settings: Settings) -> None:
        super().__init__(menu)
        self._settings = settings
        self.menu = QMenu("Open recent", menu)
        self.menu.setObjectName("recent")
        self.menu.setToolTipsVisible(True)
        menu.insertMenu(before, self.menu)
        menu.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List the files that are still there."""
        self.menu.clear()
        recent = self._settings.recent
        self._list(recent)
        made = [text for text in self._settings.made if text not in recent]
        self._list(made, "Written by your jobs")
        self.menu.setEnabled(not self.menu.isEmpty())

    def _list(self, paths: tuple[str, ...] | list[str], heading: str = "") -> None:
        there = [text for text in paths if Path(text).exists()]
        if there and heading:
            self.menu.addSection(heading)
        for text in there:
            path = Path(text)
            twice = sum(Path(other).name == path.name for other in there) > 1
            action = self.menu.addAction(f"{path.parent.name}/{path.name}" if twice else path.name)
            action.setToolTip(text)
            action.triggered.connect(lambda checked=False, path=path: self.chosen.emit(path))
