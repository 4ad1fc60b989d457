"""The viewport: reference, full and pruned side by side, under one camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..core.errors import BadInput
from ..core.scenes import Pick, Scene
from ..core.scores import ColourScale, scale_shown
from ..drawing.cameras import CameraState, extent, framing, joined, place, projected
from ..drawing.looks import Look, Style
from ..drawing.palette import theme
from . import opengl
from .colour_bar import ColourBar
from .orbit import Orbit
from .pace import Pace
from .scene_pane import ScenePane

Role = Literal["reference", "full", "pruned"]

_PANES = {
    "reference": ("Reference", "No reference for this sample"),
    "full": ("Full", "The full model's result appears here"),
    "pruned": ("Pruned", "The pruned model's result appears here"),
}


class Viewport(QWidget):
    """Three linked views and the colour bar they share.

    Everything may be set before `start`; it is drawn from then on. All of it belongs
    to the GUI thread.
    """

    picked = Signal(str, object)
    """Role and `Pick` of a click that was not a drag."""
    unpicked = Signal()
    """A click that hit nothing, or a call of `unpick`."""
    outdated = Signal()
    """The scene in which something was picked is no longer on screen."""
    drawn = Signal(float)
    """A changed scene is on screen, so many milliseconds after drawing it began."""
    camera_moved = Signal()
    _wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewport")
        opengl.prepare(self)
        pace = Pace()
        self.panes = {role: ScenePane(*words, pace) for role, words in _PANES.items()}
        self.bar = ColourBar()
        self.bar.hide()
        row = QHBoxLayout()
        row.setSpacing(1)
        for pane in self.panes.values():
            row.addWidget(pane, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.bar)
        self._look = Look()
        self._scales: tuple[ColourScale, ...] = ()
        self._coloured = True
        self._marked: tuple[str, Pick] | None = None
        self._camera: Any = None
        self._state = framing(None)
        self._moved = False
        self._framed: frozenset[str] = frozenset()
        self._dirty: set[str] = set()
        self._wanted.connect(self._draw, Qt.ConnectionType.QueuedConnection)
        self.set_theme(False)

    def start(self) -> None:
        """Load the 3D libraries and make the plotters; call it once the window is visible."""
        if self._camera is not None:
            return
        import pyvista
        from pyvistaqt import QtInteractor

        self._camera = pyvista.Camera()
        for role, pane in self.panes.items():
            view = QtInteractor(pane, auto_update=False, lighting="none")
            pane.start(view, self._camera)
            orbit = Orbit(view, self.camera_state, self._move)
            orbit.clicked.connect(lambda at, role=role: self._pick(role, at))
            orbit.double_clicked.connect(lambda role=role: self.maximise(role))
            pane.drawn.connect(self.drawn)
            pane.resized.connect(lambda role=role: self._resized(role))
        self._want(*self.panes)

    def show_scene(
        self, role: Role, scene: Scene | None, caption: str = "", preview: bool = False
    ) -> None:
        """Show `scene` in one view; several calls in a row are drawn once.

        Parameters
        ----------
        role : {"reference", "full", "pruned"}
        scene : Scene or None
            None empties the view.
        caption : str
            Beside the title; for an empty view, the sentence in its middle.
        preview : bool
            Whether the scene is coarse and a better one is on its way.
        """
        if self._marked and self._marked[0] == role and scene is not self.scene(role):
            self._marked = None
            self.outdated.emit()
        self.panes[role].describe(scene, caption, preview)
        self._want(role)

    def scene(self, role: Role) -> Scene | None:
        """Return what one view shows."""
        return self.panes[role].scene

    def set_colours(self, scales: Sequence[ColourScale]) -> None:
        """Set the fixed scales, of which every scene names its own; empty for none."""
        self._scales = tuple(scales)
        self._restyle()

    def set_coloured(self, coloured: bool) -> None:
        """Switch between the colours of the scales and one calm colour."""
        self._coloured = coloured
        self._restyle()

    def set_style(self, style: Style) -> None:
        """Draw meshes as their surface or as their vertices."""
        self._look = replace(self._look, style=style)
        self._restyle()

    def set_theme(self, dark: bool) -> None:
        """Draw on a dark or a light background."""
        self._look = replace(self._look, theme=theme(dark))
        for part in (*self.panes.values(), self.bar):
            part.set_theme(self._look.theme)
        self.update()
        self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what shows between the views: the lines that part them."""
        QPainter(self).fillRect(event.rect(), QColor(*self._look.theme.line))

    def unpick(self) -> None:
        """Mark nothing as picked."""
        self._mark(None)
        self.unpicked.emit()

    def set_projection(self, parallel: bool) -> None:
        """Switch between a parallel and a perspective camera; sizes stay as they are."""
        self._state = projected(self._state, parallel)
        self._place()
        self._redraw()

    def reset_camera(self) -> None:
        """Frame the reference and the full result, from the front."""
        self._moved = False
        self._frame()

    def camera_state(self) -> CameraState:
        """Return where the views are seen from, as a plain value."""
        return self._state

    def restore(self, state: CameraState) -> None:
        """Look from where `camera_state` said."""
        self._move(state)

    def maximise(self, role: Role | None) -> None:
        """Give all the room to one view, or back to the three when it has it already."""
        alone = role is not None and any(p.isHidden() for p in self.panes.values())
        for name, pane in self.panes.items():
            pane.setVisible(role is None or alone or name == role)

    def screenshot(
        self,
        path: str | Path,
        scale: int = 1,
        transparent: bool = False,
        recipe: Mapping[str, str] | None = None,
    ) -> None:
        """Write a PNG of the views on screen, drawn anew at their size times `scale`.

        Parameters
        ----------
        path : path
        scale : int
            1 for the size on screen, whatever its pixel density; more for print.
        transparent : bool
            Leave the background out.
        recipe : mapping of str to str or None
            Kept as text inside the file.

        Raises
        ------
        BadInput
            When no view shows anything, or the file cannot be written.
        """
        shown = [p for p in self.panes.values() if p.scene is not None and not p.isHidden()]
        if not shown:
            raise BadInput(f"No view shows anything to put in '{path}'; open a sample first.")
        from ..drawing.pictures import STRIPS, picture

        wide = sum(pane.body().width() for pane in shown)
        picture(
            [(" · ".join(filter(None, (p.title, p.caption))), p.scene) for p in shown],
            path,
            size=(wide, shown[0].body().height() + STRIPS),
            scale=scale,
            transparent=transparent,
            style=self._look.style,
            colours=self._scales if self._coloured else (),
            camera=self._state,
            dark=self._look.theme is theme(True),
            recipe=recipe,
        )

    def shutdown(self) -> None:
        """Close the plotters, before their widgets die. Calling it again does nothing."""
        for pane in self.panes.values():
            pane.shutdown()
        self._dirty.clear()

    def _want(self, *roles: str) -> None:
        if not self._dirty:
            self._wanted.emit()
        self._dirty.update(roles)

    def _resized(self, role: str) -> None:
        if not self._moved:
            self._framed = frozenset()  # frame again, to fit the new shape of the views
        self._want(role)

    def _restyle(self) -> None:
        self.bar.setVisible(self._coloured and bool(self._scales))
        self._want(*self.panes)

    def _draw(self) -> None:
        roles, self._dirty = self._dirty, set()
        self._frame_when_new()
        self._place()
        for role in roles:
            pane = self.panes[role]
            marked = self._marked[1] if self._marked and self._marked[0] == role else None
            scales = self._scales if self._coloured else ()
            pane.draw(replace(self._look, scales=scales, pixels=pane.pixels(), picked=marked))
        if "pruned" in roles:
            scene = self.scene("pruned")
            scale = scale_shown(self._scales, scene) if self._coloured else None
            self.bar.show_scale(scale, _values(scene, scale))

    def _frame_when_new(self) -> None:
        """Frame what newly came, unless a hand has moved the camera; never follow pruning."""
        there = frozenset(role for role in ("reference", "full") if self.scene(role) is not None)
        there = there or frozenset(r for r in ("pruned",) if self.scene(r) is not None)
        if there - self._framed and not self._moved:
            self._frame()
        self._framed = there

    def _frame(self) -> None:
        scenes = [self.scene("reference"), self.scene("full")]
        around = extent(s for s in scenes if s is not None)
        if around is None and self.scene("pruned") is not None:
            around = extent([self.scene("pruned")])
        body = next(p for p in self.panes.values() if not p.isHidden()).body()
        self._state = framing(around, body.width() / body.height(), parallel=self._state.parallel)
        self._place()
        self._redraw()

    def _move(self, state: CameraState) -> None:
        self._state = state
        self._moved = True
        self._place()
        self._redraw()
        self.camera_moved.emit()

    def _place(self) -> None:
        if self._camera is not None:
            balls = [p.extent for p in self.panes.values() if p.extent is not None]
            place(self._camera, self._state, joined(balls))

    def _redraw(self) -> None:
        for pane in self.panes.values():
            pane.redraw()

    def _pick(self, role: str, at: QPointF) -> None:
        pick = self.panes[role].pick_at(at)
        if pick is None:
            self.unpick()
            return
        self._mark((role, pick))
        self.picked.emit(role, pick)

    def _mark(self, marked: tuple[str, Pick] | None) -> None:
        before, self._marked = self._marked, marked
        if before != marked:
            self._want(*{mark[0] for mark in (before, marked) if mark is not None})


def _values(scene: Scene | None, scale: ColourScale | None) -> np.ndarray | None:
    """What a result is coloured by, as one row of numbers."""
    if scene is None or scale is None:
        return None
    found = [layer.values(scale.array) for layer in scene.layers]
    known = [np.ravel(values) for values in found if values is not None]
    return np.concatenate(known) if known else None
