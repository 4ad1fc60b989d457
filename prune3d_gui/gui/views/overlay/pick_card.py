"""What is known about what was clicked, on a card beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QWidget

from ...dress.icons import icon
from ...dress.theme import GAP, LIGHT, Theme

WIDEST = 340
_AWAY = 18
"""Pixels between the card and what it speaks of."""


class PickCard(QFrame):
    """Several lines about a vertex or a cell, beside it and within `host`.

    The first line is the heading; of the others, ``name: value`` is set in two columns.

    Parameters
    ----------
    host, above : QWidget
        What it lies on, and the part at the foot of it that it keeps clear of.
    place : callable
        Returns where the pane is that was clicked in, and the click, both in `host`; or None,
        and then the card is at the lower left.
    """

    closed = Signal()

    def __init__(
        self,
        host: QWidget,
        above: QWidget,
        place: Callable[[], tuple[QRect, QPoint] | None],
    ) -> None:
        super().__init__(host)
        self.setObjectName("pickCard")
        self.setAutoFillBackground(True)
        self._host, self._above, self._place = host, above, place
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
        """Keep to the place."""
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
        room = QRect(0, 0, self._host.width(), foot).adjusted(GAP, GAP, -GAP, -GAP)
        clicked = self._place()
        if clicked is None:
            self.move(3 * GAP, max(foot - self.height() - 3 * GAP, 0))
        else:
            self.move(beside(self.size(), room, *clicked))


def beside(size: QSize, room: QRect, pane: QRect, at: QPoint) -> QPoint:
    """Return the corner of a card beside a place: within its pane where it fits, and in the room.

    Parameters
    ----------
    size : QSize
        Of the card.
    room : QRect
        What it never leaves.
    pane : QRect
        What it had better not leave.
    at : QPoint
        What it does not cover where that can be helped.
    """
    level, upright = at.y() - size.height() // 2, at.x() - size.width() // 2
    sides = (
        QPoint(at.x() + _AWAY, level),
        QPoint(at.x() - _AWAY - size.width(), level),
        QPoint(upright, at.y() + _AWAY),
        QPoint(upright, at.y() - _AWAY - size.height()),
    )
    for within in (pane.intersected(room), room):
        for corner in sides:
            box = _into(QRect(corner, size), within)
            if within.contains(box) and not box.contains(at):
                return box.topLeft()
    return _into(QRect(sides[0], size), room).topLeft()


def _into(box: QRect, room: QRect) -> QRect:
    """Return `box`, moved as little as it needs to be in `room`; its start where it is larger."""
    left = max(min(box.left(), room.right() + 1 - box.width()), room.left())
    top = max(min(box.top(), room.bottom() + 1 - box.height()), room.top())
    return QRect(QPoint(left, top), box.size())
