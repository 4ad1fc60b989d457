"""The camera that the panes of one kind share, and when it is put anew."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...core.scene.scenes import Scene
from ...core.scene.views import Kind
from ...drawing.cameras import CameraState, extent, facing, flat, sliced
from ...drawing.framing import Side, framing
from ...geometry.slices import bounds, lattice
from .crosshair import Crosshair
from .scene_pane import ScenePane

Pose = tuple[CameraState, bool]
"""Where a camera is, and whether a hand put it there."""


class LinkedCamera:
    """Where all panes of one kind are seen from.

    It frames what newly comes until a hand moves it, and never follows pruning.

    Parameters
    ----------
    kind : {"space", "picture", "slice"}
    crosshair : Crosshair
        Says which planes slices lie in.
    """

    def __init__(self, kind: Kind, crosshair: Crosshair) -> None:
        self._kind = kind
        self._crosshair = crosshair
        self._moved = False
        self._framed: frozenset[str] = frozenset()
        self._side: Side = ""
        self.state = framing(()) if kind == "space" else flat(None)

    def move(self, state: CameraState) -> None:
        """Look from where a hand put it."""
        self.state, self._moved = state, True

    @property
    def pose(self) -> Pose:
        """Where it is, and whether a hand put it there: then it frames nothing by itself."""
        return self.state, self._moved

    @pose.setter
    def pose(self, pose: Pose) -> None:
        self.state, self._moved = pose

    def seen_from(self, view: str) -> CameraState:
        """Return where the panes of a view are seen from, each slice from before its plane."""
        plane = self._crosshair.plane(view)
        return self.state if plane is None else facing(self.state, plane)

    def fit(self) -> None:
        """Frame again, to fit a new shape of the panes, unless a hand has moved it."""
        if not self._moved:
            self._framed = frozenset()

    def frame_when_new(self, panes: Iterable[tuple[str, ScenePane]]) -> bool:
        """Frame what newly came into `panes`, pairs of a role and a pane; whether it did."""
        panes = list(panes)
        there = frozenset(role for role, pane in panes if pane.scene is not None)
        there = there - {"pruned"} or there
        new = bool(there - self._framed) and not self._moved
        if new:
            self.frame(panes, self._side)
        self._framed = there
        return new

    def frame(self, panes: Iterable[tuple[str, ScenePane]], side: Side = "") -> None:
        """Frame the reference and the full result, or the pruned one where it is alone.

        In space what comes later is seen from the same `side`.
        """
        self._moved, self._side = False, side
        shown = [(role, pane.scene) for role, pane in panes if pane.scene is not None]
        scenes = [s for role, s in shown if role != "pruned"] or [s for _, s in shown]
        self.state = self._framing(scenes)

    def _framing(self, scenes: list[Scene]) -> CameraState:
        if self._kind == "space":
            return framing(scenes, self._side, parallel=self.state.parallel)
        if self._kind == "picture":
            return flat(extent(scenes))
        held = [bounds(*found) for scene in scenes if (found := lattice(scene)) is not None]
        if not held:
            return self.state
        lows, highs = zip(*held, strict=True)
        low, high = np.min(lows, axis=0), np.max(highs, axis=0)
        return sliced(low, high, self._crosshair.axes.values())
