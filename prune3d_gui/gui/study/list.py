"""The list of studies: what waits, what runs and how far, what is done."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...studies.live.events import ModelCard
from ..dress.icons import icon
from ..dress.numbers import whole
from ..dress.theme import GAP, LIGHT, Theme
from .record import CANCELLED, DONE, FAILED, RUNNING, WAITING, Record

LONGEST = 22
"""Letters of a model's name that have room."""
STATES = {
    WAITING: "Waits",
    RUNNING: "Runs",
    DONE: "Done",
    CANCELLED: "Cancelled",
    FAILED: "Failed",
}


class StudyItem(QWidget):
    """One study of the list."""

    cancelled = Signal()
    resumed = Signal()
    removed = Signal()
    wanted = Signal()
    """Its model is to be opened."""

    def __init__(self, record: Record, theme: Theme) -> None:
        super().__init__()
        self.record = record
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.title.setWordWrap(True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        small = self.font()
        small.setPointSizeF(small.pointSizeF() * 0.88)
        self.title.setFont(small)
        self.state.setFont(small)
        self.bar = QProgressBar()
        self.bar.setObjectName("studyProgress")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.cancel_button = self._button("Cancel", "Stop this study; its rows stay", "stop")
        self.resume_button = self._button("Resume", "Go on; what is computed is kept", "resume")
        self.remove_button = self._button("Remove", "Take this study off the list", "close")
        self.cancel_button.clicked.connect(self.cancelled)
        self.resume_button.clicked.connect(self.resumed)
        self.remove_button.clicked.connect(self.removed)
        self.model_button = QToolButton()
        self.model_button.setObjectName("studyModel")
        title = record.card.title
        self.model_button.setText(
            f"Open {title if len(title) < LONGEST else title[:LONGEST] + '…'}"
        )
        self.model_button.setToolTip(f"Open {title}, the model that this study is about")
        self.model_button.setAccessibleName(f"Open {title}")
        self.model_button.setAutoRaise(True)
        self.model_button.setFont(small)
        self.model_button.clicked.connect(self.wanted)
        self.model_button.hide()
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.title, 1)
        head.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        foot.setSpacing(0)
        foot.addWidget(self.state, 1)
        for button in (self.resume_button, self.cancel_button):
            kept = button.sizePolicy()  # each has its place, shown or not: none comes under a click
            kept.setRetainSizeWhenHidden(True)
            button.setSizePolicy(kept)
            foot.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, GAP, GAP, GAP // 2)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addLayout(foot)
        column.addWidget(self.model_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.set_theme(theme)
        self.refresh()

    def refresh(self) -> None:
        """Show how far the study is."""
        record = self.record
        metrics = self.title.fontMetrics()
        room = max(self.title.width(), 40)
        elide = Qt.TextElideMode.ElideRight
        self.title.setText(metrics.elidedText(record.title, elide, round(1.75 * room)))
        self.title.setFixedHeight(2 * metrics.lineSpacing())
        words = words_of(record)
        self.state.setText(metrics.elidedText(words, elide, max(self.state.width(), 40)))
        self.setToolTip("\n".join(filter(None, (record.title, words, *record.notes))))
        moved = record.moved
        self.bar.setRange(0, max(moved.total, 1) if record.state != RUNNING or moved.total else 0)
        self.bar.setValue(min(moved.done, max(moved.total, 1)))
        self.bar.setProperty("state", record.state)
        self.bar.style().unpolish(self.bar)
        self.bar.style().polish(self.bar)
        self.bar.setVisible(record.state != DONE)
        self.cancel_button.setVisible(record.live)
        self.resume_button.setVisible(record.state in (CANCELLED, FAILED))

    def show_away(self, away: bool) -> None:
        """Say of which model it is, and grey it, where that is not the one open."""
        self.model_button.setVisible(away)
        self.title.setProperty("role", "muted" if away else "title")
        self.title.style().unpolish(self.title)
        self.title.style().polish(self.title)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for button, name in self._icons:
            button.setIcon(icon(name, theme.muted))

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self.refresh()

    def _button(self, text: str, tip: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"study{text}")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setIconSize(QSize(14, 14))
        button.setAutoRaise(True)
        self._icons = [*getattr(self, "_icons", ()), (button, name)]
        return button


class StudiesList(QListWidget):
    """Studies, newest first."""

    chosen = Signal(object)
    cancelled = Signal(object)
    resumed = Signal(object)
    removed = Signal(object)
    wanted = Signal(object)
    """The model of a study is to be opened."""
    undone = Signal()
    """What was removed last is wanted back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("studyList")
        self.setAccessibleName("Studies")
        self.restorable = False
        """Whether Ctrl+Z here brings a study back; else it is the window's."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)  # a scroll bar takes of their width
        self.setMinimumWidth(150)
        self._theme = LIGHT
        self._open: ModelCard | None = None
        self.itemDoubleClicked.connect(self._open_model)
        self.items: dict[int, StudyItem] = {}
        self.currentItemChanged.connect(self._turned)
        self.itemSelectionChanged.connect(lambda: self.chosen.emit(self.record))
        self.setToolTip("Ctrl-click another study to draw both together")

    def show_records(self, records: list[Record]) -> None:
        """Show the studies there are; the one chosen stays so."""
        before = self.record
        self.blockSignals(True)
        self.clear()
        self.items = {}
        for record in records:
            widget = StudyItem(record, self._theme)
            widget.cancelled.connect(lambda record=record: self.cancelled.emit(record))
            widget.resumed.connect(lambda record=record: self.resumed.emit(record))
            widget.removed.connect(lambda record=record: self.removed.emit(record))
            widget.wanted.connect(lambda record=record: self.wanted.emit(record))
            widget.show_away(self._away(record))
            self.items[id(record)] = widget
            item = QListWidgetItem(self)
            item.setData(Qt.ItemDataRole.UserRole, record)
            item.setSizeHint(QSize(0, widget.sizeHint().height() + 6))
            self.setItemWidget(item, widget)
        self.blockSignals(False)
        self.choose(before if before in records else next(iter(records), None))

    def show_open(self, card: ModelCard) -> None:
        """Know the model that is open: studies of others are greyed."""
        self._open = card
        for row in range(self.count()):
            item = self.item(row)
            widget = self.itemWidget(item)
            widget.show_away(self._away(widget.record))
            item.setSizeHint(QSize(0, widget.sizeHint().height() + 6))

    def choose(self, record: Record | None) -> None:
        """Choose a study."""
        for row in range(self.count()):
            if self.item(row).data(Qt.ItemDataRole.UserRole) is record:
                if self.currentRow() == row:
                    self.chosen.emit(record)
                self.setCurrentRow(row)
                return
        self.chosen.emit(None)

    @property
    def record(self) -> Record | None:
        """The study chosen."""
        item = self.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    @property
    def others(self) -> tuple[Record, ...]:
        """Studies that are selected beside the one chosen."""
        found = (item.data(Qt.ItemDataRole.UserRole) for item in self.selectedItems())
        return tuple(one for one in found if one is not self.record)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        undo = event.type() == QEvent.Type.ShortcutOverride and self.restorable
        if undo and event.matches(QKeySequence.StandardKey.Undo):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if self.restorable and event.matches(QKeySequence.StandardKey.Undo):
            self.undone.emit()
        elif event.matches(QKeySequence.StandardKey.Delete) and self.record is not None:
            self.removed.emit(self.record)
        else:
            super().keyPressEvent(event)

    def refresh(self, record: Record) -> None:
        """Show how far a study is."""
        widget = self.items.get(id(record))
        if widget is not None:
            widget.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for widget in self.items.values():
            widget.set_theme(theme)

    def _away(self, record: Record) -> bool:
        return self._open is not None and not record.is_of(self._open)

    def _open_model(self, item: QListWidgetItem) -> None:
        record = item.data(Qt.ItemDataRole.UserRole)
        if self._away(record):
            self.wanted.emit(record)

    def _turned(self, item: QListWidgetItem | None) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole) if item is not None else None)


def words_of(record: Record) -> str:
    """State of a study in a line."""
    moved = record.moved
    parts = [STATES.get(record.state, record.state)]
    if record.state == FAILED and record.message:
        return f"Failed: {record.message}"
    if record.state == DONE:
        parts.append(f"{whole(len(record.found))} rows")
    elif moved.total:
        parts.append(f"{whole(moved.done)} of {whole(moved.total)}")
    if record.state == RUNNING:
        if moved.seconds_left is not None:
            parts.append(f"{time_left(moved.seconds_left)} left")
        if moved.message:
            parts.append(moved.message)
    elif moved.cached and moved.total:
        parts.append(f"{whole(moved.cached)} cached")
    return " · ".join(parts)


def time_left(seconds: float) -> str:
    """A span as people say it."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min" if hours < 48 else f"{round(hours / 24)} days"
