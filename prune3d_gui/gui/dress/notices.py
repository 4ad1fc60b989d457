"""Notices: sentences in a corner of the window, never in its way."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase
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
LIFE_MS = 7000
MOST = 3
WIDTH, TOP = 360, 36


class Notices(QObject):
    """Toasts stacked in the upper left corner of `host`, newest below.

    A sentence that is already up is not repeated; errors stay until they are closed.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._theme = LIGHT
        self._toasts: list[Toast] = []
        self.log: list[tuple[str, str]] = []
        """Kind and sentence of everything shown, oldest first."""
        host.installEventFilter(self)

    def show(self, kind: Kind, message: str, details: str = "") -> None:
        """Show one sentence; `details` wait behind a button."""
        self.log = [*self.log[-199:], (kind, message)]
        if any(toast.message == message for toast in self._toasts):
            return
        toast = Toast(self._host, kind, message, details, self._theme)
        toast.closed.connect(lambda: self._gone(toast))
        toast.resized.connect(self._arrange)
        self._toasts.append(toast)
        for old in self._toasts[:-MOST]:
            self._gone(old)
        self._arrange()
        toast.show()
        toast.raise_()

    @property
    def visible(self) -> tuple[str, ...]:
        """Sentences that are up."""
        return tuple(toast.message for toast in self._toasts)

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

    def _gone(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            toast.stop()
            toast.hide()
            toast.deleteLater()
            self._arrange()

    def _arrange(self) -> None:
        y = TOP
        for toast in self._toasts:
            width = min(WIDTH, self._host.width() - 6 * GAP)
            toast.setFixedWidth(width)
            toast.setFixedHeight(toast.layout().totalHeightForWidth(width))
            toast.move(3 * GAP, y)
            y += toast.height() + 2 * GAP


class Toast(QFrame):
    """One notice."""

    closed = Signal()
    resized = Signal()

    def __init__(self, host: QWidget, kind: Kind, message: str, details: str, theme: Theme) -> None:
        super().__init__(host)
        self.message = message
        self.setObjectName("toast")
        self.setProperty("kind", kind)
        self.setAutoFillBackground(True)
        looks = {
            "info": ("info", theme.accent),
            "success": ("check", theme.good),
            "alarm": ("warning", theme.warn),
            "error": ("warning", theme.error),
        }
        name, colour = looks[kind]
        sign = QLabel()
        sign.setPixmap(pixmap(name, colour, 18))
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
        if details:
            self._add_details(layout, details)
        self._life = QTimer(self)
        self._life.setSingleShot(True)
        self._life.timeout.connect(self.closed)
        if kind != "error":
            self._life.start(LIFE_MS)

    def stop(self) -> None:
        """Stop the timer."""
        self._life.stop()

    def enterEvent(self, event) -> None:  # noqa: D102
        if self._life.isActive():
            self._life.start(LIFE_MS)
        super().enterEvent(event)

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
