"""Batches made ahead of those that are asked for, their pictures decoded on several threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from .batches import Batch, Batches, Drawn

THREADS = 8
"""Threads at most: with more, what Pillow does in Python is in the way."""
DEPTH = 2
"""Batches that wait to be asked for."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A batch that is being made: what was drawn for it, and its pictures."""

    step: int
    drawn: Future[tuple[Drawn, list[Future[None]]]]

    def batch(self) -> Batch:
        drawn, pictures = self.drawn.result()
        for picture in pictures:
            picture.result()
        return drawn.batch()

    def drop(self) -> None:
        if not self.drawn.cancel() and self.drawn.done() and not self.drawn.exception():
            for picture in self.drawn.result()[1]:
                picture.cancel()


class Ahead:
    """Gives the batches of `Batches.draw`, to the bit, while the next are made.

    Batches are best asked for step after step; where size, points or step change otherwise,
    those that wait are dropped. Use it as a context: it has threads.

    Parameters
    ----------
    batches : Batches
    threads : int, optional
        As many as there are cores, and no more than `THREADS`.
    """

    def __init__(self, batches: Batches, threads: int | None = None) -> None:
        self._batches = batches
        threads = threads or min(THREADS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(threads, "prune3d-pictures")
        self._waiting: deque[_Waiting] = deque()
        self._asked = (0, 0)

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._waiting.clear()

    def draw(self, step: int, image_size: int, points: int) -> Batch:
        """Give the batch of a step, and let the next ones be made; see `Batches.draw`.

        Raises
        ------
        BadInput
            If a picture of it cannot be read.
        """
        asked = image_size, points
        if asked != self._asked or not self._waiting or self._waiting[0].step != step:
            for waiting in self._waiting:
                waiting.drop()
            self._waiting.clear()
            self._asked = asked
        last = self._waiting[-1].step if self._waiting else step - 1
        for number in range(last + 1, step + DEPTH + 1):
            drawn = self._pool.submit(self._draw, number, *asked)
            self._waiting.append(_Waiting(number, drawn))
        return self._waiting.popleft().batch()

    def _draw(self, step: int, image_size: int, points: int) -> tuple[Drawn, list[Future[None]]]:
        drawn = self._batches.drawn(step, image_size, points)
        pictures: list[Future[None]] = []
        with suppress(RuntimeError):  # the pool is shut down: nobody waits for it any more
            pictures += map(self._submitted(drawn), range(len(drawn.cuts)))
        return drawn, pictures

    def _submitted(self, drawn: Drawn) -> Callable[[int], Future[None]]:
        return lambda row: self._pool.submit(self._batches.fill, drawn, row)
