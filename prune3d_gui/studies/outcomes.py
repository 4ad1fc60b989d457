"""Outcomes: what one plan gave on one sample, and rows of means over samples."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.frames import Footprint
from ..core.jobs import Row
from ..core.scores import Metric, Scores, compared_with
from .questions import Case, Study

RESAMPLES, LEVEL = 2000, 0.95
_AGAINST = {
    "full": "Without a reference, the unpruned result stands in for it.",
    "itself": (
        "Without a reference, a result of which nothing is pruned could only be compared with "
        "itself, so it has no score."
    ),
}
MANY = 512
"""Samples from which on resamples are drawn anew each time, to spare memory."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Scores and size of one case on one sample: plain numbers, so that any store holds them.

    Parameters
    ----------
    values, floors : mapping of metric id to float
        NaN stays NaN.
    size : mapping of column to int
        See `footprint_columns`.
    against : str
        ``reference``, ``full``, ``itself`` (its values are those of the best that can be, which
        searches start from and no row tells) or ``nothing``.
    times : tuple of float
        Milliseconds of the timed runs, none where time was not asked for.
    """

    values: Mapping[str, float]
    floors: Mapping[str, float]
    size: Mapping[str, int]
    against: str = "reference"
    times: tuple[float, ...] = ()


@dataclass(eq=False)
class Results:
    """Outcomes of a study as they come in.

    Parameters
    ----------
    study : Study
    metrics : tuple of Metric
    """

    study: Study
    metrics: tuple[Metric, ...]
    _found: dict[int, dict[str, Outcome]] = field(default_factory=dict)

    def add(self, case: int, sample: str, outcome: Outcome) -> Row | None:
        """Take an outcome; returns the row of its case once all samples are there."""
        self._found.setdefault(case, {})[sample] = outcome
        return self.row(case)

    @property
    def done(self) -> int:
        """How many outcomes there are."""
        return sum(len(found) for found in self._found.values())

    def outcomes(self, case: int) -> dict[str, Outcome]:
        """Outcomes of a case, by sample."""
        return dict(self._found.get(case, {}))

    def row(self, case: int) -> Row | None:
        """The row of a case, if all its samples are there."""
        found = self._found.get(case, {})
        if len(found) < len(self.study.samples):
            return None
        ordered = [found[sample] for sample in self.study.samples]
        return case_row(self.metrics, self.study.cases[case], ordered)

    def rows(self) -> list[Row]:
        """All complete rows, in the order of the cases."""
        made = (self.row(case) for case in range(len(self.study.cases)))
        return [row for row in made if row is not None]


def case_row(metrics: Iterable[Metric], case: Case, outcomes: Sequence[Outcome]) -> Row:
    """One flat row: columns of the case, sizes, metrics with intervals and floors, ms, counts.

    A metric's value is the plain mean over the samples in float64; one NaN makes it NaN.
    ``<metric>_low`` and ``<metric>_high`` bound its bootstrap interval.
    """
    row: Row = {name: value for name, value in case.values if name != "seed"}
    if case.plan.rates and "unit" not in row:
        row["unit_rates"] = ",".join(f"{unit}={rate:g}" for unit, rate in case.plan.rates)
    if case.plan.locks and "unit" not in row:
        row["locks"] = ",".join(case.plan.locks)
    row |= outcomes[0].size if outcomes else {}
    metrics = tuple(metrics) if outcomes else ()
    table = np.array([[_told(m, o) for o in outcomes] for m in metrics], np.float64)
    ends = _intervals(table, LEVEL, 0) if metrics else ()
    for metric, values, (low, high) in zip(metrics, table, ends, strict=True):
        row[metric.id] = float(values.mean())
        row[f"{metric.id}_low"], row[f"{metric.id}_high"] = float(low), float(high)
        floors = [o.floors[metric.id] for o in outcomes if metric.id in o.floors]
        if len(floors) == len(outcomes):
            row[f"{metric.id}_floor"] = float(np.mean(floors))
    times = [t for o in outcomes for t in o.times]
    if times:
        low, middle, high = np.percentile(times, [25, 50, 75])
        row["ms"], row["ms_spread"] = float(middle), float(high - low)
    against = sorted({o.against for o in outcomes})
    if against not in ([], ["reference"]):
        row["against"] = "+".join(against)
    row["samples"] = len(outcomes)
    row["seed"] = dict(case.values).get("seed", 0)
    return row


def compared(rows: Iterable[Row]) -> list[str]:
    """What to say beside rows that were not compared with a reference, in sentences."""
    against = {word for row in rows for word in str(row.get("against") or "").split("+")}
    return [sentence for word, sentence in _AGAINST.items() if word in against]


def single_row(
    metrics: Iterable[Metric], case: Case, footprint: Footprint, scores: Scores | None
) -> Row:
    """The row of one result, which has no interval, and no column of what was not scored."""
    metrics = tuple(metrics)
    outcome = outcome_of(scores, footprint_columns(footprint))
    row = case_row(metrics, case, [outcome])
    for metric in metrics:
        del row[f"{metric.id}_low"], row[f"{metric.id}_high"]
        if metric.id not in outcome.values or _untold(metric, outcome):
            del row[metric.id]
    return row


def outcome_of(
    scores: Scores | None, size: Mapping[str, int], times: tuple[float, ...] = ()
) -> Outcome:
    """Scores as an outcome; against ``nothing`` where there are none."""
    if scores is None:
        return Outcome({}, {}, size, "nothing", times)
    values = {name: float(value) for name, value in scores.values.items()}
    floors = {name: float(value) for name, value in scores.floors.items()}
    touched = size["zeroed"] + size["removed"] + size.get("changed", 0)
    against = compared_with(scores.against, touched)
    return Outcome(values, floors, size, against, times)


def _untold(metric: Metric, outcome: Outcome) -> bool:
    return outcome.against == "itself" and not metric.own


def _told(metric: Metric, outcome: Outcome) -> float:
    return np.nan if _untold(metric, outcome) else outcome.values.get(metric.id, np.nan)


def interval(values: np.ndarray, level: float = LEVEL, seed: int = 0) -> tuple[float, float]:
    """Bootstrap interval of a mean: percentiles of the means of resampled samples.

    Parameters
    ----------
    values : (n,) float64
    level : float
        Share of resampled means inside.
    seed : int
        Seed of the resampling; the same values give the same interval.

    Returns
    -------
    low, high : float
        NaN where a value is NaN or infinite; equal to the value where there is only one.

    References
    ----------
    Efron, *Bootstrap methods: another look at the jackknife*, Annals of Statistics, 1979.
    """
    low, high = _intervals(np.asarray(values, np.float64)[None], level, seed)[0]
    return float(low), float(high)


def _intervals(values: np.ndarray, level: float, seed: int) -> np.ndarray:
    """Intervals of several means over the same samples: (m, n) gives (m, 2)."""
    found = np.full((len(values), 2), np.nan)
    known = np.isfinite(values).all(1) if values.size else np.zeros(len(values), bool)
    if known.any():
        means = _resampled_means(values[known], seed)
        found[known] = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=1).T
    return found


def _resampled_means(values: np.ndarray, seed: int) -> np.ndarray:
    """Means of resamples: (m, n) gives (m, RESAMPLES); all m take the same samples."""
    count = values.shape[1]
    if count <= MANY:
        return values[:, _draws(count, seed)].mean(2)
    draw, stride = np.random.default_rng(seed), max(1, MANY * RESAMPLES // count)
    return np.concatenate(
        [
            values[:, draw.integers(count, size=(min(stride, RESAMPLES - start), count))].mean(2)
            for start in range(0, RESAMPLES, stride)
        ],
        axis=1,
    )


@functools.lru_cache(maxsize=4)
def _draws(count: int, seed: int) -> np.ndarray:
    """Which values each resample takes: (RESAMPLES, count) indices."""
    return np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))


def footprint_columns(footprint: Footprint) -> dict[str, Any]:
    """The part of a row that says how big the network is."""
    names = ("zeroed", "removed", "prunable", "total", "bytes", "macs")
    names += ("changed",) * bool(footprint.changed)
    sizes = {f"bytes_{name}": int(size) for name, size in footprint.sizes.items()}
    return {name: int(getattr(footprint, name)) for name in names} | sizes
