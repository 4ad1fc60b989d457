"""Losses: the alarm for parts that the full model has and the pruned one lost."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ...core.frames import Frame
from ...core.score.parts import Part
from ...core.score.scores import vanished
from ...studies.ask.losses import lost_sentence
from .controller import Controller


class Losses(QObject):
    """Compares the results on screen part by part, those of full quality alone."""

    changed = Signal(object)  # tuple of Part: what is lost on screen
    told = Signal(str)  # a sentence on what was not lost on screen before

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._lost: tuple[Part, ...] = ()
        controller.frame_shown.connect(self._on_frame)
        controller.sample_changed.connect(lambda _: self._put(()))

    def _on_frame(self, frame: Frame) -> None:
        full, pruned = (self._controller.frames.get(role) for role in ("full", "pruned"))
        if full is None or pruned is None or "preview" in (full.quality, pruned.quality):
            return
        if full.request.query != pruned.request.query or not pruned.scores:
            return
        known = full.scores.parts if full.scores else ()
        base = None if pruned.scores.against == "full" else known
        self._put(vanished(self._controller.card.metrics, base, pruned.scores.parts))

    def _put(self, lost: tuple[Part, ...]) -> None:
        before = {(part.kind, part.name) for part in self._lost}
        self._lost = lost
        self.changed.emit(lost)
        new = [f"{p.kind} {p.name}" for p in lost if (p.kind, p.name) not in before]
        if new:
            self.told.emit(lost_sentence(new))
