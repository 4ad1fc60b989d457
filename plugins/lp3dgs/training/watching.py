"""A view beside its photograph, reported now and then while a scene is trained."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.jobs import Pictured, Progress, Report, Told
from prune3d_gui.core.scene.cameras import Camera

from ..picturing import as_bytes
from ..scenes import SplatScene, resized, smaller
from .fitting import Target

EVERY = 4.0
"""Seconds between two pictures at least."""
SIDE = 320
"""Pixels along the longer side of these pictures at most."""

Make = Callable[[Camera], Tensor]
"""Gives what a camera sees now, (H, W, 3) of 0 to 1."""


class Watching:
    """Reports what one view looks like by now, beside what it should look like.

    Parameters
    ----------
    report : Report
    target : Target
        The view; made smaller where it is larger than `SIDE`.
    words : str
        What it is compared with.
    view : str
        What kind of view it is.
    """

    def __init__(self, report: Report, target: Target, words: str, view: str) -> None:
        self._report, self._words = report, words
        self._camera = smaller(target.camera, SIDE)
        self._wanted = as_bytes(resized(target.pixels.numpy(), self._camera))
        self._about = f"{view} '{target.name}'"
        self._last = -np.inf

    def along(self, report: Report, make: Make) -> Report:
        """Report what is told, and now and then the view as well."""

        def tell(told: Told) -> None:
            report(told)
            if isinstance(told, Progress):
                self.show(make, told.message)

        return tell

    def show(self, make: Make, said: str, soon: bool = False) -> None:
        """Report the view as it is now: `soon` at once, else where the last was a while ago."""
        now = time.monotonic()
        if not soon and now - self._last < EVERY:
            return
        self._last = now
        with torch.no_grad():
            found = make(self._camera).detach().cpu().numpy()
        pictures = (("now", as_bytes(found)), (self._words, self._wanted))
        self._report(Pictured(pictures, f"{self._about}, {said}"))


def watched(scene: SplatScene) -> tuple[int, str]:
    """The number of the view to watch, and what kind it is: the first held-out one if there is."""
    there = sorted(scene.photographs) or list(range(len(scene.cameras.names)))
    held = [number for number in there if number in scene.held]
    return (held[0], "held-out view") if held else (there[0], "training view")
