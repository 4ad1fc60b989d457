"""Tells what a session works on, and learns how long each kind of work takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from .events import Working


class Telling:
    """Emits a `Working` when work begins, goes on to another stage, and ends.

    Parameters
    ----------
    emit : callable
        Takes each `Working`.
    """

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self._emit = emit
        self._took: dict[Hashable, float] = {}
        self._now = Working()

    @contextmanager
    def of(
        self, kind: str, about: str = "", like: Hashable = None, stoppable: bool = True
    ) -> Iterator[None]:
        """Tell of work while the block runs; only what comes to its end is learnt from.

        Parameters
        ----------
        kind, about : str
            As for `Working`.
        like : hashable, optional
            Work with an equal one is expected to take as long; None for work that is not
            learnt from.
        stoppable : bool
            As for `Working`.
        """
        before = self._now
        begin = time.monotonic()
        self._tell(Working(kind, about, begin, self._took.get(like), 0, stoppable))
        try:
            yield
            if like is not None:
                self._took[like] = time.monotonic() - begin
        finally:
            self._tell(before)

    def stage(self) -> None:
        """Tell that a stage of the present work is done."""
        self._tell(replace(self._now, stages=self._now.stages + 1))

    def _tell(self, now: Working) -> None:
        self._now = now
        self._emit(now)
