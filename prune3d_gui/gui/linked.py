"""The camera that the panes of one kind share, and when it is put anew."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.scenes import Scene
from ..core.views import Kind
from ..drawing.cameras import CameraState, extent, flat, framing
from .scene_pane import ScenePane


class LinkedCamera:
    """Where all panes of one kind are seen from.

    It frames what newly comes until a hand moves it, and never follows pruning.

    Parameters
    ----------
    kind : {"space", "picture", "slice"}
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._moved = False
        self._framed: frozenset[str] = frozenset()
        self.state = framing(None) if kind == "space" else flat(None)

    def move(self, state: CameraState) -> None:
        """Look from where a hand put it."""
        self.state, self._moved = state, True

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
            self.frame(panes)
        self._framed = there
        return new

    def frame(self, panes: Iterable[tuple[str, ScenePane]]) -> None:
        """Frame the reference and the full result, or the pruned one where it is alone."""
        panes = list(panes)
        self._moved = False
        shown = [(role, pane.scene) for role, pane in panes if pane.scene is not None]
        scenes = [s for role, s in shown if role != "pruned"] or [s for _, s in shown]
        aspect = min((p.aspect() for _, p in panes if not p.isHidden()), default=1.0)
        self.state = self._framing(scenes, aspect)

    def _framing(self, scenes: list[Scene], aspect: float) -> CameraState:
        around = extent(scenes)
        if self._kind == "space":
            return framing(around, aspect, parallel=self.state.parallel)
        return flat(around)
