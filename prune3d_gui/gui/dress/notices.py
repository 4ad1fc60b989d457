"""Notices: sentences in a corner of the window, and the list of all that were said."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .icons import icon, pixmap
from .theme import GAP, LIGHT, Theme

Kind = Literal["info", "success", "alarm", "error"]
Action = tuple[str, Callable[[], None]]
LIFE_MS = 7000
MOST = 3
"""Toasts that are up at once; errors are not counted among those that may be pushed out."""
ERRORS = 4
"""Errors that are up at once; older ones wait, unread, in the list."""
KEPT = 200
WIDTH, EDGE = 380, 2 * GAP


@dataclass(eq=False)
class Said:
    """A sentence that was shown: when, and whether a person has read it."""

    kind: Kind
    message: str
    details: str = ""
    time: str = ""
    read: bool = True


class Notices(QObject):
    """Toasts stacked above the lower edge of `area`, newest below; all are kept in a list.

    A sentence that is already up is not repeated. Errors stay until they are closed, and are
    unread until then or until the list was looked at; nothing else pushes them out.

    Parameters
    ----------
    host : QWidget
        The window they lie in.
    area : QWidget
        The part of it that they may cover.
    """

    changed = Signal()
    """Another sentence was said, or some were read."""

    def __init__(self, host: QWidget, area: QWidget) -> None:
        super().__init__(host)
        self._host, self._area = host, area
        self._theme = LIGHT
        self._toasts: list[Toast] = []
        self.said: list[Said] = []
        """Everything shown, oldest first."""
        area.installEventFilter(self)

    def show(
        self, kind: Kind, message: str, details: str = "", actions: Iterable[Action] = ()
    ) -> None:
        """Show one sentence; `details` wait behind a button.

        `actions` are buttons, each with its words and what it does. A notice with some stays
        until one is chosen, or it is closed.
        """
        said = Said(kind, message, details, time.strftime("%H:%M"), kind != "error")
        self.said = [*self.said[1 - KEPT :], said]
        up = next((toast for toast in self._toasts if toast.message == message), None)
        if up is not None:
            said.read = up.said.read
        else:
            self._put_up(Toast(self._host, said, self._theme, tuple(actions)))
        self.changed.emit()

    @property
    def log(self) -> list[tuple[str, str]]:
        """Kind and sentence of everything shown, oldest first."""
        return [(said.kind, said.message) for said in self.said]

    @property
    def unread(self) -> int:
        """Errors that nobody has read."""
        return sum(not said.read for said in self.said)

    @property
    def visible(self) -> tuple[str, ...]:
        """Sentences that are up."""
        return tuple(toast.message for toast in self._toasts)

    def read(self) -> None:
        """Take note that everything was read; what is up goes."""
        for said in self.said:
            said.read = True
        self.clear()
        self.changed.emit()

    def drop(self, message: str) -> None:
        """Take a sentence down that no longer holds."""
        for toast in [toast for toast in self._toasts if toast.message == message]:
            self._gone(toast)

    def clear(self) -> None:
        """Take everything down."""
        for toast in tuple(self._toasts):
            self._gone(toast)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, from the next notice on."""
        self._theme = theme

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

    def _put_up(self, toast: Toast) -> None:
        toast.closed.connect(lambda: self._closed(toast))
        toast.resized.connect(self._arrange)
        self._toasts.append(toast)
        for error, most in ((True, ERRORS), (False, MOST)):
            alike = [t for t in self._toasts if (t.said.kind == "error") is error]
            for old in alike[:-most]:
                self._gone(old)
        self._arrange()
        toast.show()
        toast.raise_()

    def _closed(self, toast: Toast) -> None:
        toast.said.read = True
        self._gone(toast)
        self.changed.emit()

    def _gone(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            toast.stop()
            toast.hide()
            toast.deleteLater()
            self._arrange()

    def _arrange(self) -> None:
        area = self._area
        corner = area.mapTo(self._host, QPoint(EDGE, area.height()))
        top, y = corner.y() - area.height() + EDGE, corner.y() - EDGE
        width = min(WIDTH, area.width() - 2 * EDGE)
        for toast in reversed(self._toasts):
            toast.setFixedWidth(width)
            toast.setFixedHeight(toast.layout().totalHeightForWidth(width))
            y -= toast.height()
            toast.move(corner.x(), max(y, top))
            y -= EDGE


def sign_of(kind: Kind, theme: Theme) -> QPixmap:
    """The sign before a notice."""
    looks = {
        "info": ("info", theme.accent),
        "success": ("check", theme.good),
        "alarm": ("warning", theme.warn),
        "error": ("warning", theme.error),
    }
    name, colour = looks[kind]
    return pixmap(name, colour, 18)


class Toast(QFrame):
    """One notice."""

    closed = Signal()
    resized = Signal()

    def __init__(
        self, host: QWidget, said: Said, theme: Theme, actions: tuple[Action, ...] = ()
    ) -> None:
        super().__init__(host)
        kind, message, details = said.kind, said.message, said.details
        self.said, self.message = said, message
        self.setObjectName("toast")
        self.setProperty("kind", kind)
        self.setAutoFillBackground(True)
        sign = QLabel()
        sign.setPixmap(sign_of(kind, theme))
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = QLabel(message)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        shut = QToolButton()
        shut.setIcon(icon("close", theme.muted))
        shut.setIconSize(QSize(14, 14))
        shut.setToolTip("Close")
        shut.setAccessibleName("Close this notice")
        shut.clicked.connect(self.closed)
        row = QHBoxLayout()
        row.setSpacing(2 * GAP)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        row.addWidget(shut, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        layout.setSpacing(GAP)
        layout.addLayout(row)
        if actions:
            self._add_actions(layout, actions)
        if details:
            self._add_details(layout, details)
        self._life = QTimer(self)
        self._life.setSingleShot(True)
        self._life.timeout.connect(self.closed)
        if kind != "error" and not actions:
            self._life.start(LIFE_MS)

    def stop(self) -> None:
        """Stop the timer."""
        self._life.stop()

    def enterEvent(self, event) -> None:  # noqa: D102
        if self._life.isActive():
            self._life.start(LIFE_MS)
        super().enterEvent(event)

    def _add_actions(self, layout: QVBoxLayout, actions: tuple[Action, ...]) -> None:
        under = QHBoxLayout()
        under.setContentsMargins(5 * GAP, 0, 0, 0)
        for words, act in actions:
            button = QToolButton()
            button.setText(words)
            button.setObjectName("toastAction")
            button.clicked.connect(self.closed)
            button.clicked.connect(lambda checked=False, act=act: act())
            under.addWidget(button)
        under.addStretch(1)
        layout.addLayout(under)

    def _add_details(self, layout: QVBoxLayout, details: str) -> None:
        button = QToolButton()
        button.setText("Details")
        button.setCheckable(True)
        button.setObjectName("toastDetails")
        box = QPlainTextEdit(details)
        box.setReadOnly(True)
        box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        box.setFixedHeight(160)
        box.setVisible(False)
        button.toggled.connect(box.setVisible)
        button.toggled.connect(self.resized)
        under = QHBoxLayout()
        under.setContentsMargins(5 * GAP, 0, 0, 0)
        under.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(under)
        layout.addWidget(box)
