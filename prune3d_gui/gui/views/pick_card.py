"""What is known about what was clicked, on a card in a corner of the views."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QWidget

from ..dress.icons import icon
from ..dress.theme import GAP, LIGHT, Theme

WIDEST = 340


class PickCard(QFrame):
    """Several lines about a vertex or a cell, at the lower left of `host`.

    The first line is the heading; of the others, ``name: value`` is set in two columns.
    """

    closed = Signal()

    def __init__(self, host: QWidget, above: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("pickCard")
        self.setAutoFillBackground(True)
        self._host, self._above = host, above
        self._theme = LIGHT
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(3 * GAP, 2 * GAP, 2 * GAP, 3 * GAP)
        self._grid.setHorizontalSpacing(3 * GAP)
        self._grid.setVerticalSpacing(GAP)
        self._grid.setColumnStretch(1, 1)
        self._shut = QToolButton()
        self._shut.setIconSize(QSize(14, 14))
        self._shut.setToolTip("Close (Esc)")
        self._shut.setAccessibleName("Close this card")
        self._shut.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._shut.clicked.connect(self.closed)
        self._grid.addWidget(self._shut, 0, 2, Qt.AlignmentFlag.AlignTop)
        host.installEventFilter(self)
        self.set_theme(LIGHT)
        self.hide()

    @property
    def text(self) -> str:
        """What the card says; empty while it is hidden."""
        return "" if self.isHidden() else self._text

    def tell(self, text: str) -> None:
        """Show `text`; it stays until `hide`."""
        self._text = text
        for label in self._labels:
            self._grid.removeWidget(label)
            label.deleteLater()
        self._labels.clear()
        head, *lines = text.splitlines()
        self._add(head, 0, 0, 2, "title")
        for row, line in enumerate(lines, 1):
            name, colon, value = line.partition(": ")
            if colon:
                self._add(name, row, 0, 1, "muted")
                self._add(value, row, 1, 2, "")
            else:
                self._add(line, row, 0, 3, "")
        self.set_stale(False)
        self.show()
        self.raise_()
        self._arrange()

    def set_stale(self, stale: bool) -> None:
        """Grey the words when what they speak of has been replaced on screen."""
        for label in self._labels:
            label.setEnabled(not stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._shut.setIcon(icon("close", theme.muted))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the corner."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._arrange()
        return False

    def _add(self, text: str, row: int, column: int, span: int, role: str) -> None:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(label.sizeHint().width() > WIDEST - 100)
        self._grid.addWidget(label, row, column, 1, span)
        label.show()  # else the layout counts it only later
        self._labels.append(label)

    def _arrange(self) -> None:
        if self.isHidden():
            return
        self._grid.invalidate()
        width = min(self._grid.totalSizeHint().width(), WIDEST, self._host.width() - 6 * GAP)
        tall = self._grid.totalSizeHint().height()
        if self._grid.hasHeightForWidth():
            tall = self._grid.totalHeightForWidth(width)
        self.resize(width, tall)
        foot = self._above.y() if self._above.isVisible() else self._host.height()
        self.move(3 * GAP, max(foot - self.height() - 3 * GAP, 0))
