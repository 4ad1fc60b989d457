"""What has come back and is on screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from ...core.frames import Frame
from ...core.plan.plans import Query, Request
from ...core.scene.scenes import Scene
from ...core.score.estimates import estimated
from ...core.score.scores import Metric, Scores
from ...studies.live.events import PreviewScored

PREVIEWS = 64
"""Scores of the full model's previews that are kept."""


class Shown:
    """The newest frame of each role and the reference, for one sample at a time."""

    def __init__(self) -> None:
        self.sample = ""
        self.frames: dict[str, Frame] = {}
        self.reference: Scene | None = None
        self._asked: Query | None = None  # what the reference is of
        self._owed: Query | None = None  # of the reference asked for last, until it is back
        self._previews: OrderedDict[tuple[str, Query, str], Scores | None] = OrderedDict()

    def start(self, sample: str) -> None:
        """Begin anew with a sample; with none, another model is opened."""
        if not sample:
            self._previews.clear()
        self.sample = sample
        self.frames.clear()
        self.reference = None
        self._owed = None

    def take(self, frame: Frame) -> bool:
        """Take a frame; returns whether it is newer than what is on screen."""
        if frame.request.sample != self.sample or not frame.newer_than(self.frames.get(frame.role)):
            return False
        self.frames[frame.role] = frame
        return True

    def note(self, found: PreviewScored) -> None:
        """Remember what a preview of the full model scores."""
        key = found.sample, found.query, found.stage
        self._previews[key] = found.scores
        self._previews.move_to_end(key)
        while len(self._previews) > PREVIEWS:
            self._previews.popitem(last=False)

    def told(self, frame: Frame, metrics: Iterable[Metric]) -> Frame:
        """A frame with scores that compare with those of full results.

        A preview beside the full model's full result has the scores expected of the full result
        that follows, without those that cannot be said; beside its preview it has its own.
        """
        full = self.frames.get("full")
        if frame.quality == "full" or frame.role == "full" or frame.scores is None:
            return frame
        same = full is not None and full.request.query == frame.request.query
        if same and full.quality == "preview":
            return frame
        known = full.scores if same else None
        request = frame.request
        preview = self._previews.get((request.sample, request.query, frame.stage))
        scores = estimated(metrics, frame.scores, preview, known)
        return replace(frame, scores=scores)

    def owe_reference(self, query: Query) -> None:
        """Remember that the reference was asked for."""
        self._owed = query

    def take_reference(self, sample: str, query: Query, scene: Scene | None) -> bool:
        """Take a reference, the newest there is; returns whether it is of this sample."""
        if sample != self.sample:
            return False
        self.reference, self._asked = scene, query
        self._back(query)
        return True

    def told_reference(self) -> Scene | None:
        """The reference, with what the scores of the pruned result say of it."""
        frame = self.frames.get("pruned")
        if self.reference is None or frame is None or frame.scores is None:
            return self.reference
        same = frame.request.query == self._asked
        return self.reference.with_arrays(frame.scores.on_reference if same else {})

    def lose_reference(self, request: Request) -> None:
        """Note that the reference could not be had."""
        if request.sample == self.sample:
            self._back(request.query)

    def settles(self, request: Request) -> bool:
        """Whether all that `request` asks for is on screen at full quality."""
        full, pruned = self.frames.get("full"), self.frames.get("pruned")
        if full is None or pruned is None or self._owed is not None:
            return False
        return (
            full.quality == pruned.quality == "full"
            and full.request.query == request.query
            and replace(pruned.request, quality="full") == replace(request, quality="full")
        )

    def _back(self, query: Query) -> None:
        if query == self._owed:
            self._owed = None
