"""The panes of a viewport in their places: which there are, and which has more room."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from ...core.scene.views import View
from ...drawing.palette import LIGHT, Theme
from .arrangement import (
    ROW,
    SHARE,
    Arrangement,
    Cell,
    Key,
    beside,
    keys_of,
    side_by_side,
)
from .pace import Pace
from .scene_pane import ScenePane

_WORDS = {
    "reference": ("Reference", "No reference for this sample"),
    "full": ("Full", "The full model's result appears here"),
    "pruned": ("Pruned", "The pruned model's result appears here"),
}


class PaneGrid(QWidget):
    """A pane for each role of each view.

    A double click on a title makes that pane large beside the others, and again puts all side
    by side; a right click offers the same.
    """

    started = Signal(object)
    """`Key` of a pane whose plotter was made."""
    offering = Signal(object, QMenu, QPoint)
    """`Key` of a pane, the menu that is about to be offered on it, and where, in global pixels."""
    shown = Signal(object)
    """The `Key` of every pane that is shown now; the others are hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.panes: dict[Key, ScenePane] = {}
        self.views: tuple[View, ...] = ()
        self.cells: dict[Key, Cell] = {}
        """Where each pane is that is shown."""
        self._pace = Pace()
        self._theme = LIGHT
        self._started = False
        self._arrangement = Arrangement()
        self._alone: Key | None = None
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)

    def start(self) -> None:
        """Make the plotters of what is shown, and from now on of what comes."""
        self._started = True
        for key in self.cells:
            self._start(key)

    def set_views(self, views: tuple[View, ...]) -> None:
        """Have the panes of `views`; those that are there already stay as they are."""
        if views == self.views:
            return
        self.views = views
        wanted = {(role, view.id): view for view in views for role in view.roles}
        old, self.panes = self.panes, {}
        for (role, name), view in wanted.items():
            title, empty = _WORDS[role]
            if len(views) > 1 and view.title:
                title = f"{title} · {view.title}"
            pane = old.get((role, name))
            if pane is None or pane.kind != view.kind:
                pane = self._made((role, name), view, empty)
            else:
                del old[role, name]
            pane.set_title(title, view.title if len(view.roles) == 1 else "")
            self.panes[role, name] = pane
        for pane in old.values():
            self._layout.removeWidget(pane)
            pane.shutdown()
            pane.hide()
            pane.deleteLater()
        self.cells = {}
        self._arrange()

    @property
    def arrangement(self) -> Arrangement:
        """What was chosen, whether or not the panes for it are there."""
        return self._arrangement

    @arrangement.setter
    def arrangement(self, chosen: Arrangement) -> None:
        self._arrangement, self._alone = chosen, None
        self._arrange()

    def enlarge(self, key: Key) -> None:
        """Make a pane large beside the others, or put all side by side when it is already."""
        self.arrangement = Arrangement(None if self._large == key else key)

    def maximise(self, key: Key | None) -> None:
        """Give all the room to one pane, or back to the others when it has it already."""
        self._alone = None if self._alone == key else key
        self._arrange()

    def columns(self, count: int) -> int:
        """Return how many columns a picture of so many panes has: as many as are on screen."""
        large = self._large in self.cells
        there = len({column for _, column, _, _ in self.cells.values()})
        return count if large and count <= ROW else min(there, count)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        for pane in self.panes.values():
            pane.set_theme(theme)
        self.update()

    def shutdown(self) -> None:
        """Close the plotters, before their widgets die. Calling it again does nothing."""
        self._started = False
        for pane in self.panes.values():
            pane.shutdown()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what shows between the panes: the lines that part them, and cells without one."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(*self._theme.line))
        left = QRegion(self.rect())
        for key in self.cells:
            left -= QRegion(self.panes[key].geometry().adjusted(-1, -1, 1, 1))
        for empty in left:
            painter.fillRect(empty, QColor(*self._theme.background))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the columns anew for another shape of the room."""
        super().resizeEvent(event)
        self._arrange()

    def _made(self, key: Key, view: View, empty: str) -> ScenePane:
        pane = ScenePane(view.kind, empty, self._pace)
        pane.setParent(self)
        pane.set_theme(self._theme)
        pane.title_double_clicked.connect(lambda: self.enlarge(key))
        pane.menu_wanted.connect(lambda at: self._offer(key, at))
        return pane

    def _start(self, key: Key) -> None:
        pane = self.panes[key]
        if pane.view is None:
            pane.start()
            self.started.emit(key)

    def _arrange(self) -> None:
        cells = self._wanted_cells()
        if cells == self.cells:
            return
        self.cells = cells
        layout = self._layout
        for pane in self.panes.values():
            layout.removeWidget(pane)
        for row in range(layout.rowCount()):
            layout.setRowStretch(row, 0)
        for column in range(layout.columnCount()):
            layout.setColumnStretch(column, 0)
        columns = max(column for _, column, _, _ in cells.values())
        for key, (row, column, rows, spanned) in cells.items():
            layout.addWidget(self.panes[key], row, column, rows, spanned)
            layout.setColumnStretch(column, 1)
            if key == self._large:
                layout.setColumnStretch(column, SHARE * columns)
            for part in range(row, row + rows):
                layout.setRowStretch(part, 1)
        for key, pane in self.panes.items():
            pane.setVisible(key in cells)
        if self._started:
            for key in cells:
                self._start(key)
        self.shown.emit(tuple(cells))

    def _wanted_cells(self) -> dict[Key, Cell]:
        keys = keys_of(self.views)
        if self._alone in keys:
            return {self._alone: (0, 0, 1, 1)}
        if self._large in keys and len(keys) > 1:
            return beside(keys, self._large)
        return side_by_side(self.views, self.width() / max(self.height(), 1))

    @property
    def _large(self) -> Key | None:
        return self._arrangement.large if self._alone is None else None

    def _offer(self, key: Key, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("paneMenu")
        large, alone = self._large == key, self._alone == key
        for text, checked, act in (
            ("All side by side", not large and not alone, lambda: self._set(Arrangement())),
            ("Large, others beside it", large, lambda: self._set(Arrangement(key))),
            ("Alone", alone, lambda: self.maximise(key)),
        ):
            action = menu.addAction(text, act)
            action.setCheckable(True)
            action.setChecked(checked)
        self.offering.emit(key, menu, at)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _set(self, chosen: Arrangement) -> None:
        self.arrangement = chosen
