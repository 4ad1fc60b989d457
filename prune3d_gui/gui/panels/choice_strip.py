"""A strip of pictures: the entries of a choice knob that have some, such as cameras."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QToolButton,
    QWidget,
)

from ...core.newest import Newest
from ...core.plan.knobs import Choice, Knob
from ...core.scene.cameras import Cameras
from ..dress.theme import GAP, Theme
from .choice_tile import KNOWN, MARK, PICTURE, ChoiceTile
from .sample_tile import pixmap_of

LONGEST = 160
"""Pixels along the longer side of pictures that are asked for."""
KEPT_BYTES = 32 << 20
"""Of pictures; those not seen for longest are asked for anew."""
MARGIN = 0.5
"""Of a screenful at either side of what is seen, whose pictures are asked for, too."""
LEAST = 3
"""Entries that make a strip; fewer are a list."""

_Index = QModelIndex | QPersistentModelIndex


class Entries(QAbstractListModel):
    """Choices with those of their pictures that are known."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.choices: tuple[Choice, ...] = ()
        self._rows: dict[str, int] = {}
        self._names: list[str] = []
        self._bare: set[str] = set()  # those without a picture
        self.pictures: Newest[QPixmap] = Newest(
            KEPT_BYTES, lambda made: 4 * made.width() * made.height()
        )

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Have other entries, of which no picture is known."""
        self.beginResetModel()
        self.choices = tuple(choices)
        self._rows = {choice.id: row for row, choice in enumerate(self.choices)}
        self._names = shortened([choice.title for choice in self.choices])
        self._bare.clear()
        self.pictures.clear()
        self.endResetModel()

    def forget(self) -> None:
        """Know no picture any more."""
        self._bare.clear()
        self.pictures.clear()
        if self.choices:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.choices) - 1, 0))

    def row_of(self, choice: str) -> int:
        """Where an entry is; -1 where there is none of that id."""
        return self._rows.get(choice, -1)

    def knows(self, choice: str) -> bool:
        """Whether the picture of an entry is there, or it is known to have none."""
        return choice in self._bare or choice in self.pictures

    def put(self, choice: str, pixels: np.ndarray | None) -> None:
        """Take in the picture of an entry, (H, W, 3 or 4) uint8, or that it has none."""
        if choice not in self._rows:
            return
        if pixels is None:
            self._bare.add(choice)
        else:
            self.pictures.put(choice, pixmap_of(pixels))
        at = self.index(self._rows[choice], 0)
        self.dataChanged.emit(at, at)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, D102 - Qt's own
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        choice = self.choices[index.row()]
        if role == PICTURE:
            return self.pictures.get(choice.id)
        told = {
            Qt.ItemDataRole.DisplayRole: self._names[index.row()],
            Qt.ItemDataRole.ToolTipRole: "\n".join(filter(None, (choice.title, choice.help))),
            Qt.ItemDataRole.AccessibleTextRole: ", ".join(
                filter(None, (choice.title, choice.mark))
            ),
            MARK: choice.mark,
            KNOWN: self.knows(choice.id),
        }
        return told.get(role)


def shortened(names: Sequence[str]) -> list[str]:
    """Names of files without the folder and the ending that all of them have."""
    if len(names) < 2:
        return list(names)
    folders = {name[: name.rfind("/") + 1] for name in names}
    endings = {os.path.splitext(name)[1] for name in names}
    start = len(folders.pop()) if len(folders) == 1 else 0
    end = len(endings.pop()) if len(endings) == 1 else 0
    return [name[start : len(name) - end] for name in names]


class ChoiceStrip(QFrame):
    """Tiles side by side: a click, arrows, Home and End choose; the wheel goes along them.

    Pictures are asked for as they come into sight.
    """

    chosen = Signal(object, object)
    """The knob, and the id of an entry."""
    wanted = Signal(str, object)
    """Id of the knob, and of the entries whose pictures are to be made, the first ones first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("choiceStrip")
        self.knob: Knob | None = None
        self._asked: tuple[str, ...] = ()
        self._waits = False  # for a result of the sample that pictures are of
        self._told = False  # whether the entry chosen is so by another's wish
        self.title, self.place = QToolButton(), QLabel()
        self.title.setObjectName("stripTitle")
        self.title.setProperty("role", "heading")
        self.title.setToolTip("Click to fold")
        self.title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.title.setIconSize(QSize(10, 10))
        self.title.setAutoRaise(True)
        self.title.setCheckable(True)
        self.title.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.title.toggled.connect(self._fold)
        self.place.setProperty("role", "muted")
        self.entries = Entries(self)
        self.tile = ChoiceTile(self)
        self.list = QListView()
        self.list.setObjectName("stripList")
        self.list.setModel(self.entries)
        self.list.setItemDelegate(self.tile)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(False)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setSpacing(1)
        self.list.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.selectionModel().currentChanged.connect(self._turned)
        self.list.horizontalScrollBar().valueChanged.connect(lambda _: self.ask())
        self._words = words = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        words.setSpacing(GAP // 2)
        words.addWidget(self.title)
        words.addWidget(self.place)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GAP, GAP, GAP, GAP)
        row.setSpacing(2 * GAP)
        row.addLayout(words)
        row.addWidget(self.list, 1)
        self._fit()
        self.set_folded(False)
        self.hide()

    @property
    def folded(self) -> bool:
        """Whether only its title is shown."""
        return not self.title.isChecked()

    def set_folded(self, folded: bool) -> None:
        """Show only the title, or the tiles, too."""
        self.title.setChecked(not folded)
        self._fold(not folded)

    def set_knobs(self, knobs: Sequence[Knob]) -> None:
        """Show the first of `knobs` whose entries have pictures and are several."""
        self._waits = False
        found = (k for k in knobs if k.pictured and len(k.choices) >= LEAST)
        self.knob, self._asked = next(found, None), ()
        self.entries.set_choices(self.knob.choices if self.knob is not None else ())
        if self.knob is not None:
            self.title.setText(self.knob.title)
            self.list.setAccessibleName(self.knob.label)
            self.list.setToolTip(self.knob.help)
            longest = f"{len(self.knob.choices)} of {len(self.knob.choices)}"
            self.place.setMinimumWidth(self.place.fontMetrics().horizontalAdvance(longest))
        self.setVisible(self.knob is not None)
        self.ask()

    def show_cameras(self, cameras: Cameras) -> None:
        """Have the entries that a sample has, by what it calls them."""
        if self.knob is None or cameras.chooses != self.knob.id or not cameras.titles:
            return
        titles = dict(zip(cameras.names, cameras.titles, strict=True))
        choices = tuple(
            replace(choice, title=titles[choice.id])
            for choice in self.knob.choices
            if choice.id in titles
        )
        if choices != self.entries.choices:
            self._asked = ()
            self.entries.set_choices(choices)
            self.ask()
        self.show_value(cameras.chosen)

    def show_value(self, value: object) -> None:
        """Mark an entry as the present one, and have it in sight, without telling anyone."""
        row = self.entries.row_of(str(value))
        if row < 0:
            return
        at = self.entries.index(row, 0)
        inside = self.list.viewport().rect().contains(self.list.visualRect(at))
        self._told = True
        self.list.setCurrentIndex(at)
        self._told = False
        self._see(row, around=not inside)

    def show_thumbnail(self, knob: str, choice: str, pixels: np.ndarray | None) -> None:
        """Take in the picture of an entry, or that it has none."""
        if self.knob is not None and knob == self.knob.id and not self._waits:
            self.entries.put(choice, pixels)

    def show_another(self) -> None:
        """Know no picture: they may be of a sample, and another is chosen; `resume` follows."""
        self._asked, self._waits = (), True
        self.entries.forget()

    def resume(self) -> None:
        """Ask for pictures anew: there is a result of the sample that is chosen."""
        if self._waits:
            self._waits = False
            self.ask()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.tile.theme = theme
        self.list.viewport().update()

    def set_low(self, low: bool) -> None:
        """Take little height, or enough for names."""
        if low != self.tile.low:
            self.tile.low = low
            self._fit()

    def seen(self, margin: float = 0.0) -> range:
        """Rows in sight, and so many screenfuls at either side."""
        count = len(self.entries.choices)
        wide = self.tile.size(self.list.font()).width() + 2 * self.list.spacing()
        at, room = self.list.horizontalScrollBar().value(), self.list.viewport().width()
        more = round(margin * room)
        first, last = (at - more) // wide, (at + room + more) // wide + 1
        return range(max(first, 0), max(min(last, count), 0))

    def ask(self) -> None:
        """Ask for the pictures that are not there of what is in sight, or nearly."""
        if self.knob is None or self._waits or not self.list.isVisible():
            return
        within = self.seen()
        rows = [*within, *(row for row in self.seen(MARGIN) if row not in within)]
        ids = (self.entries.choices[row].id for row in rows)
        missing = tuple(name for name in ids if not self.entries.knows(name))
        if missing and missing != self._asked:
            self._asked = missing
            self.wanted.emit(self.knob.id, missing)

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.list.scrollTo(self.list.currentIndex())
        self.ask()

    def showEvent(self, event) -> None:  # noqa: D102
        super().showEvent(event)
        self.ask()

    def changeEvent(self, event) -> None:  # noqa: D102
        super().changeEvent(event)
        if event.type() == event.Type.FontChange:
            self._fit()

    def _fold(self, shown: bool) -> None:
        self.title.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        ways = QBoxLayout.Direction
        self._words.setDirection(ways.TopToBottom if shown else ways.LeftToRight)
        self.list.setVisible(shown)
        self.updateGeometry()
        self.ask()

    def _fit(self) -> None:
        tall = self.tile.size(self.list.font()).height() + 2 * self.list.spacing()
        bar = self.list.horizontalScrollBar().sizeHint().height()
        self.list.setFixedHeight(tall + bar)
        self.list.setMinimumWidth(QSize(self.tile.picture).width())
        self.list.scheduleDelayedItemsLayout()

    def _see(self, row: int, around: bool = False) -> None:
        """Have an entry in sight, and those `around` it; say which it is."""
        for each in (row - 1, row + 1, row) if around else (row,):
            if 0 <= each < len(self.entries.choices):
                self.list.scrollTo(self.entries.index(each, 0))
        self.place.setText(f"{row + 1} of {len(self.entries.choices)}")

    def _turned(self, now: QModelIndex, before: QModelIndex) -> None:
        if self.knob is not None and now.isValid() and not self._told:
            self._see(now.row())
            self.chosen.emit(self.knob, self.entries.choices[now.row()].id)
