"""The exports that are under way, as a chip in the status bar with a stop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ...core.cancel import CancelToken
from ..dress.icons import icon
from ..dress.theme import GAP, LIGHT, Theme

WIDTH = 180
"""Pixels that the name of a file may take."""
SOON_MS = 250
"""How long an export may take before it is worth a word."""


class PendingChip(QWidget):
    """Says what is being written, and stops it on a click.

    It is there from `SOON_MS` after the first export began until the last has ended.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pendingExports")
        self._held: dict[str, tuple[str, CancelToken]] = {}
        self.text = QLabel()
        self.text.setObjectName("pendingText")
        self.stop = QToolButton()
        self.stop.setObjectName("stopExports")
        self.stop.setText("Stop")
        self.stop.setToolTip("Write nothing; what was there stays")
        self.stop.setAccessibleName("Stop the export")
        self.stop.setIconSize(QSize(14, 14))
        self.stop.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.stop.clicked.connect(self.stop_all)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.text)
        row.addWidget(self.stop)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.show)
        self.set_theme(LIGHT)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files that are being written, the oldest first."""
        return tuple(name for name, _ in self._held.values())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.stop.setIcon(icon("stop", theme.text))

    def add(self, tag: str, name: str, cancel: CancelToken) -> None:
        """Begin to tell of an export; the token stops it."""
        self._held[tag] = (name, cancel)
        self._tell()

    def drop(self, tag: str) -> str:
        """An export has ended; gives the name of its file, or nothing if it was not known."""
        name, _ = self._held.pop(tag, ("", None))
        self._tell()
        return name

    def stop_all(self) -> None:
        """Stop all of them."""
        for _, cancel in self._held.values():
            cancel.cancel()
        self._held.clear()
        self._tell()

    def _tell(self) -> None:
        names = self.names
        if not names:
            self._soon.stop()
            self.hide()
            return
        what = names[0] if len(names) == 1 else f"{len(names)} files"
        width, middle = self.fontMetrics(), Qt.TextElideMode.ElideMiddle
        self.text.setText(f"Writing {width.elidedText(what, middle, WIDTH)}…")
        self.setToolTip("\n".join(names))
        if self.isHidden() and not self._soon.isActive():
            self._soon.start()
