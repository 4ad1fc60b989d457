"""Chunks: how the work of a study is cut, so that much is used again and nobody waits long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..ask.questions import Case

AIM_S = 4.0
"""Seconds of work that a chunk aims at."""
FIRST, MOST = 2, 2000
"""Evaluations of the first chunk, and of any."""
TOGETHER, TOGETHER_ON_GPU = 4, 64
"""Samples on which a case is seen at least, once it is applied, if there are so many."""
SETTLED_S = 1.0
QUICK, STEADY = 4, 2
"""How many times larger a chunk may be than the one before, within that time and after it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Cases in a row that differ in one column and lack the same samples.

    Parameters
    ----------
    cases : tuple of int
        Numbers of the cases.
    samples : tuple of sample id
    """

    cases: tuple[int, ...]
    samples: tuple[str, ...]


class Pace:
    """How many evaluations the next chunk should have, from how fast the last ones came.

    It begins small, so that something is seen early and a slow network is noticed, grows by no
    more than some times from one chunk to the next, and gets smaller again near the end, so that
    several workers end together.

    Parameters
    ----------
    count : int
        Workers.
    """

    def __init__(self, count: int) -> None:
        self._count = max(1, count)
        self._size = FIRST
        self._since = 0.0
        self._done = self._left = 0
        self._warm = False

    def begin(self, evaluations: int) -> None:
        """Say that so many evaluations are about to be cut into chunks."""
        self._left = evaluations
        self._since, self._done = time.monotonic(), 0

    def next(self) -> int:
        """How many evaluations the next chunk should have."""
        share = -(-self._left // (3 * self._count)) if self._count > 1 else self._left
        return max(1, min(self._size, share))

    def cut(self, evaluations: int) -> None:
        """Say that a chunk of so many was cut."""
        self._left -= evaluations

    def came(self, evaluations: int) -> None:
        """Say that the results of so many came back."""
        now = time.monotonic()
        if not self._warm:  # the first includes opening the network
            self._warm, self._since, self._done = True, now, 0
            return
        self._done += evaluations
        passed = now - self._since
        wanted = AIM_S * self._done / max(passed, 1e-3) / self._count
        settled = passed > SETTLED_S
        grown = (STEADY if settled else QUICK) * self._size
        self._size = max(1, min(grown, MOST, round(wanted) if settled else grown))


def curves(
    cases: Sequence[Case], numbers: Sequence[int], samples: Callable[[int], tuple[str, ...]]
) -> list[Curve]:
    """Group those cases that follow each other along one column.

    What a model keeps from one plan to the next is then of use: such plans differ little.

    Parameters
    ----------
    cases : sequence of Case
    numbers : sequence of int
        Numbers of the cases to group.
    samples : callable
        Samples wanted of a case, by its number; the same tuple for the same samples.
    """
    found: list[Curve] = []
    group: list[int] = []
    column: str | None = None
    for number in numbers:
        if group:
            differ = _differ(cases[group[0]], cases[number])
            same = samples(group[0]) == samples(number)
            if same and differ is not None and (column is None or differ in ("", column)):
                column = column or differ or None
                group.append(number)
                continue
            found.append(Curve(tuple(group), samples(group[0])))
        group, column = [number], None
    if group:
        found.append(Curve(tuple(group), samples(group[0])))
    return found


def together(device: str) -> int:
    """Samples that a case is best seen on at once: a GPU is idle with few."""
    return TOGETHER if device.partition(":")[0] == "cpu" else TOGETHER_ON_GPU


def cut(
    found: Sequence[Curve], pace: Pace, at_once: int = TOGETHER
) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Cut curves into chunks, each some neighbouring cases on some samples.

    The cases of a chunk are seen on all samples before the curve goes on, so that rows become
    complete one after the other.

    Parameters
    ----------
    found : sequence of Curve
    pace : Pace
    at_once : int
        Samples that a case is seen on at least, where there are so many and the pace allows it;
        of more, a chunk has whole multiples.

    Yields
    ------
    case numbers, samples
    """
    pace.begin(sum(len(curve.cases) * len(curve.samples) for curve in found))
    for curve in found:
        at = 0
        while at < len(curve.cases):
            width = max(1, pace.next() // min(at_once, len(curve.samples)))
            cases = curve.cases[at : at + width]
            at += len(cases)
            start = 0
            while start < len(curve.samples):
                count = max(1, pace.next() // len(cases))
                count -= count % at_once if count > at_once else 0
                some = curve.samples[start : start + count]
                start += len(some)
                pace.cut(len(cases) * len(some))
                yield cases, some


def _differ(first: Case, other: Case) -> str | None:
    """The column in which two cases differ, empty if none; None if more than one or the query."""
    if first.query != other.query or len(first.values) != len(other.values):
        return None
    names = [a[0] for a, b in zip(first.values, other.values, strict=True) if a != b]
    return None if len(names) > 1 else (names or [""])[0]
