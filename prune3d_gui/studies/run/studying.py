"""How a study is answered: row after row, as the outcomes come in."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from ...core.score.scores import Metric
from ..ask.answers import Answers, Moved, RowFound
from ..ask.outcomes import Outcome, case_row, part_rows
from ..ask.questions import Case, Study

REPORT_S = 0.1


class Measures(Protocol):
    """What an `Evaluator` does for a study."""

    metrics: tuple[Metric, ...]

    def measure(
        self, cases: Sequence[Case], samples: Sequence[str], repeats: int = 0
    ) -> Iterator[tuple[int, str, Outcome, bool]]:
        """Case number, sample, outcome, and whether it was cached."""


def answers(study: Study, evaluator: Measures) -> Answers:
    """Give the row of each case once all its samples are there, and how far it is.

    Raises
    ------
    BadInput, Prune3DError, Cancelled
        As `Evaluator.measure`.
    """
    samples = tuple(dict.fromkeys(study.samples))
    total = len(study.cases) * len(samples)
    done = cached = 0
    found: dict[int, dict[str, Outcome]] = {}
    told, start = 0.0, None
    yield Moved(0, total)
    for number, sample, outcome, was_cached in evaluator.measure(
        study.cases, samples, study.repeats
    ):
        case = study.cases[number]
        done, cached = done + 1, cached + was_cached
        outcomes = found.setdefault(number, {})
        outcomes[sample] = outcome
        if len(outcomes) == len(samples):
            ordered = [outcomes[sample] for sample in samples]
            del found[number]
            row = case_row(evaluator.metrics, case, ordered)
            yield RowFound(row, case, part_rows(evaluator.metrics, case, ordered))
        now = time.monotonic()
        if not was_cached and start is None:
            start = now
        if now - told > REPORT_S or done == total:
            told = now
            yield Moved(done, total, cached, _left(start, now, done - cached, total - done))


def _left(start: float | None, now: float, computed: int, left: int) -> float | None:
    """Seconds left, by how long the computed ones took."""
    if not left:
        return 0.0
    if start is None or computed < 2 or now - start < REPORT_S:
        return None
    return (now - start) / (computed - 1) * left
