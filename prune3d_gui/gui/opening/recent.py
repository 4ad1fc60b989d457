"""The menu of files opened lately."""

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
        menu.insertMenu(before, self.menu)
        menu.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List the files that are still there."""
        self.menu.clear()
        for text in self._settings.recent:
            path = Path(text)
            if path.exists():
                action = self.menu.addAction(path.name)
                action.setToolTip(text)
                action.triggered.connect(lambda checked=False, path=path: self.chosen.emit(path))
        self.menu.setEnabled(not self.menu.isEmpty())
