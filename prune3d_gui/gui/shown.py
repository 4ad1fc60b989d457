"""What has come back and is on screen."""

from __future__ import annotations

from dataclasses import replace

from ..core.frames import Frame
from ..core.plans import Query, Request
from ..core.scenes import Scene


class Shown:
    """The newest frame of each role and the reference, for one sample at a time."""

    def __init__(self) -> None:
        self.sample = ""
        self.frames: dict[str, Frame] = {}
        self.reference: Scene | None = None
        self._owed = 0
        self._reference_of: Query | None = None

    def start(self, sample: str) -> None:
        """Begin anew with a sample."""
        self.sample = sample
        self.frames.clear()
        self.reference = None
        self._reference_of = None

    def take(self, frame: Frame) -> bool:
        """Take a frame; returns whether it is newer than what is on screen."""
        if frame.request.sample != self.sample or not frame.newer_than(self.frames.get(frame.role)):
            return False
        self.frames[frame.role] = frame
        return True

    def owe_reference(self, query: Query) -> None:
        """Remember that the reference was asked for."""
        self._owed += 1
        self._reference_of = query

    def needs_reference(self, query: Query) -> bool:
        """Whether the reference for a query was not asked for yet."""
        return self._reference_of != query

    def take_reference(self, sample: str, scene: Scene | None) -> bool:
        """Take what was asked for; returns whether it is the last one owed, of this sample."""
        self._owed -= 1
        wanted = sample == self.sample and self._owed == 0
        if wanted:
            self.reference = scene
        return wanted

    def lose_reference(self) -> None:
        """Note that the reference could not be had."""
        self._owed -= 1

    def settles(self, request: Request) -> bool:
        """Whether all that `request` asks for is on screen at full quality."""
        full, pruned = self.frames.get("full"), self.frames.get("pruned")
        if full is None or pruned is None or self._owed:
            return False
        return (
            full.quality == pruned.quality == "full"
            and full.request.query == request.query
            and replace(pruned.request, quality="full") == replace(request, quality="full")
        )
