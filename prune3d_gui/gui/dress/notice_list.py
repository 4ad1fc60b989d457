"""The button that counts notices, and the list of them that it opens."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .icons import icon
from .notices import Notices, Said, sign_of
from .theme import GAP, LIGHT, Theme

WIDTH, HEIGHT = 460, 360


class NoticeButton(QToolButton):
    """Says how many errors nobody has read; a click shows everything that was said.

    Parameters
    ----------
    notices : Notices
    """

    def __init__(self, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self.setAutoRaise(True)
        self.setIconSize(QSize(16, 16))
        self.setProperty("role", "quiet")
        self._notices, self._theme = notices, LIGHT
        self._list: NoticeList | None = None
        notices.changed.connect(self._tell)
        self.clicked.connect(self._open)
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._tell()

    def _tell(self) -> None:
        unread = self._notices.unread
        words = "1 error is unread" if unread == 1 else f"{unread} errors are unread"
        tip = f"Notices: {words}." if unread else "Notices: everything that was said."
        self.setIcon(icon("bell", self._theme.error if unread else self._theme.muted))
        self.setText(str(unread) if unread else "")
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if unread else style.ToolButtonIconOnly
        )
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def _open(self) -> None:
        shown = NoticeList(self._notices.said, self._theme, self)
        shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown.resize(WIDTH, min(HEIGHT, shown.sizeHint().height()))
        corner = self.mapToGlobal(QPoint(self.width(), 0))
        shown.move(corner - QPoint(shown.width(), shown.height() + GAP))
        shown.show()
        shown.setFocus()
        self._notices.read()


class NoticeList(QScrollArea):
    """Everything that was said, newest first, in a window of its own that a click closes."""

    def __init__(self, said: list[Said], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setObjectName("noticeList")
        self.setAccessibleName("Notices")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        column.setSpacing(3 * GAP)
        for one in reversed(said):
            column.addLayout(_row(one, theme))
        if not said:
            nothing = QLabel("Nothing was said yet.")
            nothing.setProperty("role", "muted")
            column.addWidget(nothing)
        column.addStretch(1)
        self.setWidget(inside)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.close()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: D102
        inside = self.widget()
        return QSize(WIDTH, inside.layout().totalHeightForWidth(WIDTH - 6 * GAP) + 3 * GAP)


def _row(said: Said, theme: Theme) -> QGridLayout:
    row = QGridLayout()
    row.setHorizontalSpacing(2 * GAP)
    sign, text, when = QLabel(), QLabel(said.message), QLabel(said.time)
    sign.setPixmap(sign_of(said.kind, theme))
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setWordWrap(True)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    when.setProperty("role", "muted")
    top = Qt.AlignmentFlag.AlignTop
    row.addWidget(sign, 0, 0, top)
    row.addWidget(text, 0, 1, top)
    row.addWidget(when, 0, 2, top)
    if said.details:
        details = QLabel(said.details)
        details.setTextFormat(Qt.TextFormat.PlainText)
        details.setWordWrap(True)
        details.setProperty("role", "muted")
        details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(details, 1, 1, 1, 2)
    row.setColumnStretch(1, 1)
    return row
