"""One pane: a title, a caption, and a scene or a sentence in its place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout

from ...core.scene.scenes import Pick, Scene
from ...core.scene.views import Kind
from ...drawing.cameras import CameraState, Extent, extent, place, zoom
from ...drawing.looks import Look
from ...drawing.palette import LIGHT, Theme
from ...geometry.scenes import pick
from ...geometry.sight import Sight
from ...geometry.slices import Plane, lattice, steps
from .pace import REST, ROUGH, SMOOTH, Pace
from .slice_bar import SliceBar

if TYPE_CHECKING:
    from pyvista import Camera
    from pyvistaqt import QtInteractor

_TITLE = 60  # pixels of a title that are always seen
_NAMES = {"space": "3D view", "picture": "picture", "slice": "slice"}
_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class ScenePane(QFrame):
    """A view that owns its plotter.

    Parameters
    ----------
    kind : {"space", "picture", "slice"}
    empty : str
        Sentence shown while there is no scene.
    pace : Pace
        Shared by the views of a window.
    """

    drawn = Signal(float)
    """The last change is on screen, so many milliseconds after drawing it began."""
    resized = Signal()
    title_double_clicked = Signal()
    menu_wanted = Signal(QPoint)
    """Right click, in global pixels."""

    def __init__(self, kind: Kind, empty: str, pace: Pace) -> None:
        super().__init__()
        self.kind = kind
        self.title = ""
        self.caption = ""
        self.scene: Scene | None = None
        self.extent: Extent | None = None
        self.view: QtInteractor | None = None
        self._camera: Camera | None = None
        self._empty = empty
        self._look = Look()
        self._began: float | None = None
        self._drawing = None
        self._pace = pace
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._refine)
        self._focused = False
        self._title = _Elided(QSizePolicy.Policy.Maximum)
        self._title.setProperty("role", "title")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._caption = _Elided(QSizePolicy.Policy.Ignored)
        self._preview = _Chip("preview")
        self._preview.hide()
        self._title.setFixedHeight(self._preview.sizeHint().height())  # the header never jumps
        self._sentence = QLabel(empty)
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setContentsMargins(24, 0, 24, 32)
        header = self._header = QHBoxLayout()
        header.setContentsMargins(12, 9, 10, 5)
        header.setSpacing(8)
        header.addWidget(self._title)
        header.addWidget(self._caption, 1)
        header.addWidget(self._preview)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        self._edges = QVBoxLayout()
        self._edges.setContentsMargins(0, 0, 0, 0)
        self._edges.addLayout(self._stack)
        column.addLayout(self._edges, 1)
        self.bar = SliceBar() if kind == "slice" else None
        if self.bar is not None:
            column.addWidget(self.bar)
            self.bar.setEnabled(False)
        self.set_theme(LIGHT)

    def start(self) -> None:
        """Make the plotter, which needs a window on screen; again it does nothing."""
        if self.view is not None:
            return
        from pyvista import Camera
        from pyvistaqt import QtInteractor

        from ...drawing.views import SceneView

        view = QtInteractor(self, auto_update=False, lighting="none")

        view.render_window.SetMultiSamples(SMOOTH)
        view.setAcceptDrops(False)  # files dropped here are the window's to open
        view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        view.setMouseTracking(False)
        view.renderer.camera = self._camera = Camera()
        view.frameSwapped.connect(self._swapped)
        view.installEventFilter(self)
        self.view = view
        self.set_title(self.title)
        self._drawing = SceneView(view)
        self._stack.addWidget(view)

    def set_title(self, title: str) -> None:
        """Say whose scene it is, and in which view."""
        self.title = title
        self._title.setText(title)
        self._title.setMinimumWidth(min(self._title.sizeHint().width(), _TITLE))
        if self.view is not None:
            self.view.setAccessibleName(f"{title}: {_NAMES[self.kind]}")

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        ink, faint = (QColor(*colour).name() for colour in (theme.ink, theme.faint))
        # A sheet of its own, since the application's would overrule a palette.
        self.setStyleSheet(f"QLabel {{ color: {faint}; }} QLabel[role='title'] {{ color: {ink}; }}")
        self._preview.set_theme(theme)
        self.update()

    def describe(self, scene: Scene | None, caption: str, preview: bool) -> None:
        """Take a scene, to be drawn by `draw`, and say what it is.

        Parameters
        ----------
        scene : Scene or None
        caption : str
            Beside the title; without a scene, the sentence in its place, if not empty.
        preview : bool
            Whether a better one is on its way.
        """
        self.scene = scene
        self.extent = None if scene is None else extent([scene])
        self.caption = caption if scene is not None else ""
        self._caption.setText(self.caption)
        self._preview.setVisible(preview and scene is not None)
        self._sentence.setText(caption if scene is None and caption else self._empty)

    def draw(self, look: Look) -> None:
        """Bring the plotter up to date and ask for it to be shown; nothing before `start`."""
        if self._drawing is None:
            return
        self._began = None if self.scene is None else time.perf_counter()
        self._look = look
        self._drawing.show(self.scene, look)
        self._stack.setCurrentIndex(0 if self.scene is None else 1)
        self.redraw()

    def redraw(self) -> None:
        """Ask for what is there to be rendered once more, as after a camera move."""
        if self.view is None or self.scene is None:
            return
        if self._pace.slow:
            self.view.render_window.SetMultiSamples(ROUGH)
            self._rest.start()
        self.view.update()

    def show_plane(self, plane: Plane | None) -> None:
        """Say below a slice where it lies; nothing for other kinds."""
        if self.bar is None or plane is None:
            return
        found = None if self.scene is None else lattice(self.scene)
        self.bar.setEnabled(found is not None)
        if found is not None:
            along = steps(*found, plane.axis)
            units = (getattr(layer.data, "unit", "") for layer in self.scene.layers)
            unit = next(filter(None, units), "")
            self.bar.show_place(plane.axis, along, plane.point[plane.axis], unit)

    def look_from(self, state: CameraState, around: Extent | None) -> None:
        """Look from where `state` says, with all of `around` in reach; nothing before `start`."""
        if self._camera is not None:
            place(self._camera, state, around, self.aspect())

    def _refine(self) -> None:
        if self.view is not None:
            self.view.render_window.SetMultiSamples(SMOOTH)
            self.view.update()

    def pixels(self) -> int:
        """Return the shorter side of the view in device pixels."""
        size = self.body()
        return max(round(min(size.width(), size.height()) * self.devicePixelRatioF()), 1)

    def body(self) -> QSize:
        """Return the size of the view without its header."""
        return self._stack.currentWidget().size().expandedTo(QSize(1, 1))

    def aspect(self) -> float:
        """Return the width of the view over its height."""
        size = self.body()
        return size.width() / size.height()

    def zoom(self, state: CameraState) -> float:
        """Return the device pixels that one unit of the scene takes, seen from `state`."""
        size, ratio = self.body(), self.devicePixelRatioF()
        return zoom(state, size.width() * ratio, size.height() * ratio)

    def pick_at(self, place: QPointF) -> Pick | None:
        """Return what of the scene is seen at a place of the view, in its own pixels."""
        if self.scene is None or self.view is None:
            return None
        width, height = self.view.width(), self.view.height()
        camera = self.view.renderer.GetActiveCamera()
        flat = camera.GetCompositeProjectionTransformMatrix(width / height, -1, 1)
        matrix = np.array([[flat.GetElement(i, j) for j in range(4)] for i in range(4)])
        at = (place.x(), place.y())
        return pick(self.scene, Sight(matrix, (width, height), at, self._look.style == "mesh"))

    def shutdown(self) -> None:
        """Close the plotter; what was shown stays known."""
        if self.view is None:
            return
        view, self.view, self._drawing, self._camera = self.view, None, None, None
        self._rest.stop()
        self._stack.setCurrentIndex(0)
        view.removeEventFilter(self)
        view.frameSwapped.disconnect(self._swapped)
        view.close()
        view.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show where the keyboard is, and say when the view changes its size."""
        if event.type() == QEvent.Type.FocusIn and event.reason() in _BY_KEYBOARD:
            self._show_focus(True)
        elif event.type() == QEvent.Type.FocusOut:
            self._show_focus(False)
        elif event.type() == QEvent.Type.Resize:
            self.resized.emit()
        return False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell of a double click on the title; the view takes its own."""
        on_title = event.position().y() < self._edges.geometry().top()
        if on_title and event.button() == Qt.MouseButton.LeftButton:
            self.title_double_clicked.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu."""
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, and a line at the top where the keyboard is."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(*self._theme.background))
        if self._focused:
            painter.fillRect(0, 0, self.width(), 2, QColor(*self._theme.accent))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the edges of the view on whole pixels of a screen with 1.25, 1.5 or 1.75 each.

        Qt leaves a black line beside a 3D view whose edge falls between two of them.
        """
        super().resizeEvent(event)
        left = top = right = bottom = 0
        if self.devicePixelRatioF() % 1:
            corner = self.mapTo(self.window(), QPoint(0, 0))
            head = self._header.sizeHint().height()
            left, top = -corner.x() % 4, -(corner.y() + head) % 4
            right, bottom = (corner.x() + self.width()) % 4, (corner.y() + self.height()) % 4
        self._edges.setContentsMargins(left, top, right, bottom)

    def _show_focus(self, focused: bool) -> None:
        self._focused = focused
        self.update()

    def _swapped(self) -> None:
        if self._began is not None:
            took, self._began = (time.perf_counter() - self._began) * 1000, None
            self._pace.took(took)
            self.drawn.emit(took)


class _Elided(QLabel):
    """A line that ends in dots where there is no room for it."""

    def __init__(self, wide: QSizePolicy.Policy) -> None:
        super().__init__()
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown
        )


class _Chip(QLabel):
    """A word in a rounded outline."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setContentsMargins(8, 1, 8, 1)
        font = self.font()
        font.setPointSizeF(max(font.pointSizeF() - 1, 7))
        self.setFont(font)
        self._theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.setStyleSheet(f"color: {QColor(*theme.accent).name()};")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the outline below the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(*self._theme.accent))
        round_box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(round_box, round_box.height() / 2, round_box.height() / 2)
        painter.end()
        super().paintEvent(event)
