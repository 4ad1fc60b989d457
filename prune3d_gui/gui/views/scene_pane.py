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
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ...core.scene.scenes import Pick, Scene
from ...core.scene.views import Kind
from ...drawing.cameras import CameraState, Extent, extent, place, zoom
from ...drawing.looks import Look
from ...drawing.palette import LIGHT, Theme
from ...geometry.scenes import nothing_seen, pick, unit_of
from ...geometry.sight import Sight
from ...geometry.slices import Plane, lattice, steps
from ..dress.elided import ElidedLabel
from .easel import Easel
from .inputs import InputPage, Pictures
from .overlay.chip import Chip
from .overlay.overlay import Overlay
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
    failed = Signal(str)
    """Why something cannot be drawn, in a sentence."""
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
        self._easel = Easel(self)
        self._easel.made.connect(self._made)
        self._easel.failed.connect(self.failed)
        self._focused = False
        self._unit = self._nothing = ""
        self._state: CameraState | None = None
        self._title = ElidedLabel(QSizePolicy.Policy.Maximum, Qt.TextElideMode.ElideRight)
        self._title.setProperty("role", "title")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._caption = ElidedLabel(QSizePolicy.Policy.Ignored, Qt.TextElideMode.ElideMiddle)
        self._preview = Chip("preview")
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
        self._inputs = InputPage()
        self._stack.addWidget(self._inputs)
        self.overlay = None if kind == "picture" else Overlay(self, turns=kind == "space")
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
        self.set_title(self.title, self._title.short)
        self._drawing = SceneView(view, self._easel.later)
        self._stack.addWidget(view)

    def set_title(self, title: str, short: str = "") -> None:
        """Say whose scene it is, and in which view; `short` where that has no room."""
        self.title, self._title.short = title, short
        self._head()
        if self.view is not None:
            self.view.setAccessibleName(f"{title}: {_NAMES[self.kind]}")

    def _head(self) -> None:
        self._title.setText("Input" if self._page is self._inputs else self.title)
        self._title.setMinimumWidth(min(self._title.sizeHint().width(), _TITLE))

    @property
    def _page(self) -> QWidget:
        """What is shown in the pane's body."""
        if self.scene is not None and self.view is not None:
            return self.view
        return self._inputs if self.scene is None and self._inputs.titles else self._sentence

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        ink, faint = (QColor(*colour).name() for colour in (theme.ink, theme.faint))
        # A sheet of its own, since the application's would overrule a palette.
        self.setStyleSheet(f"QLabel {{ color: {faint}; }} QLabel[role='title'] {{ color: {ink}; }}")
        self._preview.set_theme(theme)
        self._inputs.set_theme(theme)
        if self.overlay is not None:
            self.overlay.set_theme(theme)
        self.update()

    def describe(
        self, scene: Scene | None, caption: str, preview: bool, inputs: Pictures = ()
    ) -> None:
        """Take a scene, to be drawn by `draw`, and say what it is.

        Parameters
        ----------
        scene : Scene or None
        caption : str
            Beside the title; without a scene, the sentence in its place, if not empty.
        preview : bool
            Whether a better one is on its way.
        inputs : sequence of (words, pixels)
            Shown where there is no scene, in place of the sentence.
        """
        self.scene = scene
        self.extent = None if scene is None else extent([scene])
        flat = scene is None or self.kind == "slice"
        self._nothing = "" if flat else nothing_seen(scene)
        self._unit = "" if scene is None else unit_of(scene)
        self.caption = caption if scene is not None else ""
        self._caption.setText(self.caption)
        self._preview.setVisible(preview and scene is not None)
        self._sentence.setText(caption if scene is None and caption else self._empty)
        self._inputs.show_pictures(inputs)
        self._head()

    def draw(self, look: Look) -> None:
        """Bring the plotter up to date and ask for it to be shown; nothing before `start`."""
        if self._stack.currentWidget() is not self._page:
            self._stack.setCurrentWidget(self._page)
            if self.overlay is not None:
                self.overlay.hide()  # the page has come to lie over it
        self._measure()
        if self._drawing is None:
            return
        self._began = None if self.scene is None else time.perf_counter()
        self._look = look
        self._drawing.show(self.scene, look)
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
            self.bar.show_patient(self.scene.patient)
            self.bar.show_place(plane.axis, along, plane.point[plane.axis], unit)

    def look_from(self, state: CameraState, around: Extent | None) -> None:
        """Look from where `state` says, with all of `around` in reach; nothing before `start`."""
        if self._camera is None:
            return
        place(self._camera, state, around, self.aspect())
        self._state = state
        self._measure()

    def _measure(self) -> None:
        """Show over the view what is known of it."""
        if self.overlay is None:
            return
        if self._state is None or self._page is not self.view:
            self.overlay.hide()
            return
        zoom = self.zoom(self._state) / self.devicePixelRatioF()
        where = self.view.geometry()
        self.overlay.show(where, self._state, zoom, self._unit, self.scene, self._nothing)

    def _made(self) -> None:
        """What took long to make was handed to its drawer."""
        if self.view is not None:
            self.view.update()

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
        self._easel.close()
        if self.overlay is not None:
            self.overlay.hide()
        self._stack.setCurrentWidget(self._sentence)
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
