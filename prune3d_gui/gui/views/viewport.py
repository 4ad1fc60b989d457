"""The viewport: what each pane shows of a scene, from cameras that are linked by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from ...core.errors import BadInput
from ...core.moment import Moment, Pairs
from ...core.scene.cameras import Cameras
from ...core.scene.scenes import Pick, Scene
from ...core.scene.views import KINDS, ROLES, SPACE, Kind, Role, View, shown_in
from ...core.score.scores import ColourScale, scale_shown
from ...drawing.cameras import CameraState, Extent, joined, projected
from ...drawing.framing import Side
from ...drawing.looks import Look, Style
from ...drawing.palette import theme
from ...drawing.photographs import taken_by
from ...drawing.shots import Shot
from . import opengl
from .arrangement import Arrangement, Key
from .camera_history import CameraHistory, Poses
from .colour_bar import ColourBar, labels_of, shown_values
from .crosshair import Crosshair
from .hands.choosing import hand_on
from .inputs import Pictures
from .linked import LinkedCamera
from .name_tips import NameTips
from .pane_grid import PaneGrid
from .scene_pane import ScenePane
from .seeing import Seen, see_in, seen_in
from .shooting import shot_of
from .view_menu import offer_camera, offer_windows

NOTHING = Moment()


class Viewport(QWidget):
    """Linked panes and the colour bar they share.

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
    projected = Signal(bool)
    """Whether the camera in space is a parallel one now."""
    refused = Signal(str)
    """Why something asked for by hand cannot be done, in a sentence."""
    _wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewport")
        opengl.prepare(self)
        self.grid = PaneGrid()
        self.bar = ColourBar()
        self.bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.grid, 1)
        column.addWidget(self.bar)
        self._look = Look()
        self._scales: tuple[ColourScale, ...] = ()
        self._coloured = True
        self._marked: tuple[str, Pick] | None = None
        self._place_picked: tuple[Key, QPointF] | None = None
        self._told: dict[str, tuple[Scene | None, str, bool]] = {}
        self._inputs: Pictures = ()
        self._before: CameraState | None = None
        self.crosshair = Crosshair(self)
        self._cameras = {kind: LinkedCamera(kind, self.crosshair) for kind in KINDS}
        self.past = CameraHistory(self._poses, self._pose, self)
        self.camera_moved.connect(self.past.moved)
        self._dirty: set[Key] = set()
        self._wanted.connect(self._draw, Qt.ConnectionType.QueuedConnection)
        self.crosshair.moved.connect(self._on_cut)
        self.grid.started.connect(self._on_started)
        self.grid.shown.connect(lambda keys: self._want(*keys))
        self.grid.offering.connect(self._offer)
        self.set_views(SPACE)
        self.set_theme(False)

    # -- panes -------------------------------------------------------------------------

    @property
    def panes(self) -> dict[Key, ScenePane]:
        """Every pane, by its role and the id of its view."""
        return self.grid.panes

    def start(self) -> None:
        """Load the 3D libraries and make the plotters; call it once the window is visible."""
        self.grid.start()
        self._want(*self.grid.cells)

    def set_views(self, views: tuple[View, ...]) -> None:
        """Have a pane for each role of each of `views`."""
        self.crosshair.set_views(views)
        self.grid.set_views(views)
        for role in ROLES:
            self._describe(role)

    @property
    def arrangement(self) -> Arrangement:
        """Which pane has more room."""
        return self.grid.arrangement

    @arrangement.setter
    def arrangement(self, chosen: Arrangement) -> None:
        self.grid.arrangement = chosen

    def enlarge(self) -> None:
        """Make the pane with the keyboard, or the pruned one, large; or all alike again."""
        keys = list(self.panes)
        held = [k for k in keys if self.panes[k].isAncestorOf(self.focusWidget() or self)]
        pruned = [key for key in keys if key[0] == "pruned"]
        self.grid.enlarge((held or pruned or keys)[0])

    # -- scenes ------------------------------------------------------------------------

    def show_scene(
        self, role: Role, scene: Scene | None, caption: str = "", preview: bool = False
    ) -> None:
        """Show `scene` in the panes of a role; several calls in a row are drawn once.

        Parameters
        ----------
        role : {"reference", "full", "pruned"}
        scene : Scene or None
            None empties them.
        caption : str
            Beside the title; for an empty pane, the sentence in its middle.
        preview : bool
            Whether the scene is coarse and a better one is on its way.
        """
        if self._marked and self._marked[0] == role and scene is not self.scene(role):
            self._marked = None
            self.outdated.emit()
        self._told[role] = (scene, caption, preview)
        self._describe(role)

    def show_inputs(self, pictures: Pictures) -> None:
        """Show what the model was given, in the first pane of a reference that is not there."""
        self._inputs = pictures
        self._describe("reference")

    def scene(self, role: Role) -> Scene | None:
        """Return what the panes of a role show."""
        return self._told[role][0] if role in self._told else None

    def _describe(self, role: Role) -> None:
        scene, caption, preview = self._told.get(role, (None, "", False))
        inputs = self._inputs if role == "reference" and scene is None else ()
        for view in self.grid.views:
            if role in view.roles:
                part = None if scene is None else shown_in(scene, view)
                self.panes[role, view.id].describe(part, caption, preview, inputs)
                self._want((role, view.id))
                inputs = ()

    # -- look --------------------------------------------------------------------------

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
        for part in (self.grid, self.bar):
            part.set_theme(self._look.theme)
        self._restyle()

    def unpick(self) -> None:
        """Mark nothing as picked."""
        self._place_picked = None
        self._mark(None)
        self.unpicked.emit()

    def picked_place(self) -> tuple[QRect, QPoint] | None:
        """Return where the pane is in which something was picked, and where the click was."""
        key, at = self._place_picked or (None, None)
        pane = self.panes[key] if key in self.grid.cells else None
        if pane is None or pane.view is None:
            return None
        corner = pane.mapTo(self, QPoint(0, 0))
        return QRect(corner, pane.size()), pane.view.mapTo(self, at.toPoint())

    # -- cameras -----------------------------------------------------------------------

    def set_projection(self, parallel: bool) -> None:
        """Switch between a parallel and a perspective camera; sizes stay as they are."""
        camera = self._cameras["space"]
        if camera.state.parallel != parallel:
            camera.state = projected(camera.state, parallel)
            self._place("space")
            self.projected.emit(parallel)
            self.camera_moved.emit()

    def reset_camera(self) -> None:
        """Frame the reference and the full result, from the front."""
        self._before = None
        for kind, camera in self._cameras.items():
            camera.frame(self._of(kind))
            self._place(kind)
        self.camera_moved.emit()

    def look_from(self, side: Side) -> None:
        """Frame the reference and the full result in space, from one side of them."""
        self._before = None
        self._cameras["space"].frame(self._of("space"), side)
        self._place("space")
        self.camera_moved.emit()

    def look_through(self, cameras: Cameras, index: int) -> None:
        """Look through one of the cameras of a scene, until `look_back`."""
        try:
            state = taken_by(cameras, index, self._around("space"))
        except BadInput as error:
            self.refused.emit(str(error))
            return
        before = self._before or self.camera_state()
        self._move("space", state)
        self._before = before

    def look_back(self) -> bool:
        """Return from a camera to where the eye was before; whether there was such a place."""
        before, self._before = self._before, None
        if before is not None:
            self._move("space", before)
        return before is not None

    def cameras_at(self, key: Key, at: QPointF) -> tuple[Cameras, int] | None:
        """Return the cameras of which one is seen at a place of a view, and its number."""
        pane = self.panes[key]
        pick = pane.pick_at(at) if pane.kind == "space" else None
        data = pane.scene.layer(pick.layer).data if pick is not None else None
        return (data, pick.index) if isinstance(data, Cameras) else None

    def _name_at(self, key: Key, at: QPointF) -> str:
        found = self.cameras_at(key, at)
        return found[0].names[found[1]] if found is not None else ""

    def camera_state(self, kind: Kind = "space") -> CameraState:
        """Return where the panes of a kind are seen from, as a plain value."""
        return self._cameras[kind].state

    def restore(self, state: CameraState, kind: Kind = "space") -> None:
        """Look from where `camera_state` said."""
        self._move(kind, state)

    def seen(self) -> tuple[Seen, Pairs]:
        """Return what is seen as plain values: cameras by kind, and what else there is to it."""
        return seen_in(self.grid, self._cameras, self.crosshair)

    def see(self, cameras: Seen, look: Pairs) -> tuple[str, ...]:
        """Return to what was `seen`; sentences on what cannot be."""
        return see_in(self.grid, self.restore, self.crosshair, cameras, look)

    # -- pictures ----------------------------------------------------------------------

    @property
    def dark(self) -> bool:
        """Whether the views are those of the dark theme."""
        return self._look.theme is theme(True)

    def shot(self, scale: int = 1, transparent: bool = False, corners: bool = True) -> Shot:
        """How the panes on screen look, drawn at their size times `scale`.

        Raises
        ------
        BadInput
            When no pane shows anything.
        """
        return shot_of(
            self.grid, self.panes, self.crosshair, self._look, self._coloured,
            self._seen_from, scale, transparent, corners,
        )  # fmt: skip

    def screenshot(
        self,
        path: str | Path,
        scale: int = 1,
        transparent: bool = False,
        moment: Moment = NOTHING,
        corners: bool = True,
    ) -> None:
        """Write a PNG of the panes on screen, drawn anew at their size times `scale`.

        Parameters
        ----------
        path : path
        scale : int
            1 for the size on screen, whatever its pixel density; more for print.
        transparent : bool
            Leave the background out.
        moment : Moment
            What it shows; goes into the file, with the shot itself.
        corners : bool
            Have the axes and the scales that are over the views.

        Raises
        ------
        BadInput
            When no pane shows anything, or the file cannot be written.
        """
        from ...drawing.pictures import take

        scenes = {role: scene for role in ROLES if (scene := self.scene(role)) is not None}
        shot = self.shot(scale, transparent, corners)
        take(shot, path, scenes, self.grid.views, self._scales, moment)

    def shutdown(self) -> None:
        """Close the plotters, before their widgets die. Calling it again does nothing."""
        self.past.stop()
        self.grid.shutdown()
        self._dirty.clear()

    # -- inside ------------------------------------------------------------------------

    def _of(self, kind: Kind) -> list[tuple[str, ScenePane]]:
        return [(role, pane) for (role, _), pane in self.panes.items() if pane.kind == kind]

    def _around(self, kind: Kind) -> Extent | None:
        return joined(p.extent for _, p in self._of(kind) if p.extent is not None)

    def _seen_from(self, key: Key) -> CameraState:
        return self._cameras[self.panes[key].kind].seen_from(key[1])

    def _on_started(self, key: Key) -> None:
        pane, (_, name) = self.panes[key], key

        def read() -> CameraState:
            return self._seen_from(key)

        def write(state: CameraState) -> None:
            self._move(pane.kind, state)

        hand = hand_on(pane, name, self.crosshair, read, write)
        if pane.kind != "slice":
            hand.clicked.connect(lambda at: self._pick(key, at))
        NameTips(pane.view, lambda at: self._name_at(key, at))
        hand.grasped.connect(self.past.grasp)
        hand.let_go.connect(self.past.finish)
        hand.double_clicked.connect(lambda at: self._double_clicked(key, at))
        if pane.overlay is not None and pane.overlay.triad is not None:
            pane.overlay.triad.chosen.connect(self.look_from)
        pane.drawn.connect(self.drawn)
        pane.failed.connect(self.refused)
        pane.resized.connect(lambda: self._resized(key))

    def _on_cut(self) -> None:
        """Another place or axis to cut at: frame for it, unless a hand moved the camera."""
        self._cameras["slice"].fit()
        self._want_kind("slice")

    def _want_kind(self, kind: Kind) -> None:
        self._want(*(key for key in self.grid.cells if self.panes[key].kind == kind))

    def _want(self, *keys: Key) -> None:
        if not self._dirty:
            self._wanted.emit()
        self._dirty.update(keys)

    def _resized(self, key: Key) -> None:
        if key not in self.panes:  # one that is being taken down
            return
        self._cameras[self.panes[key].kind].fit()
        self._want(key)

    def _restyle(self) -> None:
        self._show_bar()
        self._want(*self.grid.cells)

    def _show_bar(self) -> None:
        scale = scale_shown(self._scales, self.scene("pruned")) if self._coloured else None
        self.bar.setVisible(scale is not None or bool(self.bar.labels))

    def _draw(self) -> None:
        keys, self._dirty = self._dirty & set(self.grid.cells), set()
        cut = [pane.scene for _, pane in self._of("slice") if pane.scene is not None]
        self.crosshair.follow(cut)
        for kind, camera in self._cameras.items():
            new = camera.frame_when_new(self._of(kind))
            self._place(kind, redraw=new)
        self.past.follow()
        for role, name in keys:
            pane = self.panes[role, name]
            marked = self._marked[1] if self._marked and self._marked[0] == role else None
            pane.draw(
                replace(
                    self._look,
                    scales=self._scales if self._coloured else (),
                    pixels=pane.pixels(),
                    picked=marked,
                    zoom=pane.zoom(self._seen_from((role, name))),
                    plane=self.crosshair.plane(name),
                    window=self.crosshair.window,
                )
            )
            pane.show_plane(self.crosshair.plane(name))
        if any(role == "pruned" for role, _ in keys):
            scene = self.scene("pruned")
            scale = scale_shown(self._scales, scene) if self._coloured else None
            self.bar.show_scale(scale, shown_values(scene, scale))
            self.bar.show_labels(labels_of(scene))
            self._show_bar()

    def _move(self, kind: Kind, state: CameraState) -> None:
        turned = kind == "space" and state.parallel != self._cameras[kind].state.parallel
        self._cameras[kind].move(state)
        if turned:
            self.projected.emit(state.parallel)
        self._place(kind)
        self.camera_moved.emit()

    def _poses(self) -> Poses:
        return tuple(self._cameras[kind].pose for kind in KINDS)

    def _pose(self, poses: Poses) -> None:
        for kind, pose in zip(KINDS, poses, strict=True):
            if pose != self._cameras[kind].pose:
                self._move(kind, pose[0])
                self._cameras[kind].pose = pose

    def _place(self, kind: Kind, redraw: bool = True) -> None:
        """Put the cameras of a kind where they belong, and have what they see drawn."""
        around = self._around(kind)
        for key, pane in self.panes.items():
            if pane.kind == kind:
                pane.look_from(self._seen_from(key), around)
                if redraw and kind == "space":
                    pane.redraw()
        if redraw and kind != "space":  # a picture is drawn otherwise when it is magnified
            self._want_kind(kind)

    def _pick(self, key: Key, at: QPointF) -> None:
        pick = self.panes[key].pick_at(at)
        if pick is None:
            self.unpick()
            return
        self._place_picked = key, at
        self._mark((key[0], pick))
        self.picked.emit(key[0], pick)

    def _offer(self, key: Key, menu: QMenu, at: QPoint) -> None:
        pane, through = self.panes[key], None
        if pane.kind == "slice":
            offer_windows(menu, self.crosshair)
        if pane.kind != "space" or pane.view is None:
            return
        found = self.cameras_at(key, QPointF(pane.view.mapFromGlobal(at)))
        if found is not None:
            through = found[0].names[found[1]], lambda: self.look_through(*found)
        back = self.look_back if self._before is not None else None
        parallel = self.camera_state().parallel
        offer_camera(menu, parallel, self.look_from, self.set_projection, through, back)

    def _double_clicked(self, key: Key, at: QPointF) -> None:
        found = self.cameras_at(key, at)
        self.look_through(*found) if found else self.grid.maximise(key)

    def _mark(self, marked: tuple[str, Pick] | None) -> None:
        before, self._marked = self._marked, marked
        if before != marked:
            roles = {mark[0] for mark in (before, marked) if mark is not None}
            self._want(*(key for key in self.grid.cells if key[0] in roles))
