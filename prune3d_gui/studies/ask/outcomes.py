"""Outcomes: what one plan gave on one sample, and rows of means over samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...core.frames import Footprint
from ...core.jobs import Row
from ...core.score.parts import Part
from ...core.score.scores import Metric, Scores, compared_with
from ...metrics.intervals import interval, intervals
from .questions import Case

_AGAINST = {
    "full": "Without a reference, the unpruned result stands in for it.",
    "itself": (
        "Without a reference, a result of which nothing is pruned could only be compared with "
        "itself, so it has no score."
    ),
}


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
    parts : tuple of Part
    over : str
        As in `Scores`.
    """

    values: Mapping[str, float]
    floors: Mapping[str, float]
    size: Mapping[str, int]
    against: str = "reference"
    times: tuple[float, ...] = ()
    parts: tuple[Part, ...] = ()
    over: str = ""

    def lacks(self, metric: str) -> bool:
        """Whether only parts could have a metric, and it has no value as a whole."""
        return metric not in self.values and any(metric in part.values for part in self.parts)


def case_row(metrics: Iterable[Metric], case: Case, outcomes: Sequence[Outcome]) -> Row:
    """One flat row: columns of the case, sizes, metrics with intervals and floors, ms, counts.

    A metric's value is the plain mean over the samples in float64; one NaN makes it NaN, and what
    has no value as a whole (see `Outcome.lacks`) is left out. ``<metric>_low`` and
    ``<metric>_high`` bound its bootstrap interval: over the samples, or, with one sample whose
    values are means over parts, over those, whose kind is then in ``interval_over``.
    ``undefined`` counts the parts without a value, on all samples together.
    """
    row = _case_columns(case, outcomes)
    metrics = tuple(metrics) if outcomes else ()
    columns = [
        np.array([_told(m, o) for o in outcomes if not o.lacks(m.id)], np.float64) for m in metrics
    ]
    for metric, values, ends in zip(metrics, columns, intervals(columns), strict=True):
        if not len(values):
            continue
        row[metric.id] = float(values.mean())
        within = _parts_of(metric, outcomes[0]) if len(outcomes) == 1 else []
        if len(within) > 1:
            ends, row["interval_over"] = interval(np.array(within)), outcomes[0].over
        row[f"{metric.id}_low"], row[f"{metric.id}_high"] = ends
        floors = [o.floors[metric.id] for o in outcomes if metric.id in o.floors]
        if len(floors) == len(outcomes):
            row[f"{metric.id}_floor"] = float(np.mean(floors))
    times = [t for o in outcomes for t in o.times]
    if times:
        low, middle, high = np.percentile(times, [25, 50, 75])
        row["ms"], row["ms_spread"] = float(middle), float(high - low)
    row |= _compared_column(outcomes) | {"samples": len(outcomes)}
    if parts := [part for o in outcomes for part in _told_parts(metrics, o)]:
        row["undefined"] = _undefined(parts)
    row["seed"] = dict(case.values).get("seed", 0)
    return row


def part_rows(
    metrics: Iterable[Metric], case: Case, outcomes: Sequence[Outcome]
) -> tuple[Row, ...]:
    """A flat row for each part of the results, beside that of `case_row`.

    They have the columns of the case, the sizes, ``part_kind`` and ``part``, and the metrics that
    apply to the part, with intervals over the samples. ``samples`` counts those that have the
    part; those without a value are left out of means, and counted in ``undefined``.
    """
    metrics = tuple(metrics)
    found: dict[tuple[str, str], list[Part]] = {}
    for outcome in outcomes:
        for part in _told_parts(metrics, outcome):
            found.setdefault((part.kind, part.name), []).append(part)
    head, against = _case_columns(case, outcomes), _compared_column(outcomes)
    keys = [(key, m.id) for key, mine in found.items() for m in metrics if _any(mine, m.id)]
    columns = [np.array([p.values[m] for p in found[key] if p.has(m)]) for key, m in keys]
    cells: dict[tuple[str, str], Row] = {key: {} for key in found}
    for (key, metric), values, ends in zip(keys, columns, intervals(columns), strict=True):
        cells[key] |= {metric: float(values.mean())}
        cells[key] |= dict(zip((f"{metric}_low", f"{metric}_high"), ends, strict=True))
    return tuple(
        head
        | {"part_kind": kind, "part": name}
        | cells[kind, name]
        | against
        | {"samples": len(mine), "undefined": _undefined(mine)}
        | {"seed": dict(case.values).get("seed", 0)}
        for (kind, name), mine in found.items()
    )


def _any(parts: Iterable[Part], metric: str) -> bool:
    return any(part.has(metric) for part in parts)


def _case_columns(case: Case, outcomes: Sequence[Outcome]) -> Row:
    row: Row = {name: value for name, value in case.values if name != "seed"}
    if case.plan.rates and "unit" not in row:
        row["unit_rates"] = ",".join(f"{unit}={rate:g}" for unit, rate in case.plan.rates)
    if case.plan.locks and "unit" not in row:
        row["locks"] = ",".join(case.plan.locks)
    return row | dict(outcomes[0].size if outcomes else {})


def _compared_column(outcomes: Sequence[Outcome]) -> Row:
    against = sorted({o.against for o in outcomes})
    return {} if against in ([], ["reference"]) else {"against": "+".join(against)}


def _undefined(parts: Iterable[Part]) -> int:
    """How many lack a value of a metric that applies to them."""
    return sum(any(map(math.isnan, part.values.values())) for part in parts)


def _parts_of(metric: Metric, outcome: Outcome) -> list[float]:
    """Values of the parts that the outcome's own value is the mean of."""
    mine = (part for part in _told_parts((metric,), outcome) if part.kind == outcome.over)
    return [part.values[metric.id] for part in mine if part.has(metric.id)]


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
    row.pop("interval_over", None)
    for metric in metrics:
        for end in ("_low", "_high"):
            row.pop(metric.id + end, None)
        if metric.id not in outcome.values or _untold(metric, outcome):
            row.pop(metric.id, None)
    return row


def single_parts(
    metrics: Iterable[Metric], case: Case, footprint: Footprint, scores: Scores | None
) -> tuple[Row, ...]:
    """The rows of the parts of one result, which have no intervals."""
    metrics = tuple(metrics)
    ends = {f"{metric.id}{end}" for metric in metrics for end in ("_low", "_high")}
    rows = part_rows(metrics, case, [outcome_of(scores, footprint_columns(footprint))])
    return tuple({k: v for k, v in row.items() if k not in ends} for row in rows)


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
    parts = tuple(
        replace(part, values={name: float(value) for name, value in part.values.items()})
        for part in scores.parts
    )
    return Outcome(values, floors, size, against, times, parts, scores.over)


def mean_of(metric: str, outcomes: Iterable[Outcome]) -> float:
    """Mean of a metric over the samples that have a value; NaN where one is not a number."""
    values = [o.values.get(metric, math.nan) for o in outcomes if not o.lacks(metric)]
    return float(np.mean(values)) if values else math.nan


def _told_parts(metrics: Iterable[Metric], outcome: Outcome) -> tuple[Part, ...]:
    """The parts of an outcome, with what says something of them."""
    if outcome.against != "itself":
        return outcome.parts
    own = {metric.id for metric in metrics if metric.own}
    return tuple(
        replace(part, values=kept)
        for part in outcome.parts
        if (kept := {name: value for name, value in part.values.items() if name in own})
    )


def _untold(metric: Metric, outcome: Outcome) -> bool:
    return outcome.against == "itself" and not metric.own


def _told(metric: Metric, outcome: Outcome) -> float:
    return np.nan if _untold(metric, outcome) else outcome.values.get(metric.id, np.nan)


def untouched(row: Row) -> bool:
    """Whether a row is of the unpruned network; one that does not say what was taken is not."""
    names = ("zeroed", "removed", "changed")
    return any(name in row for name in names) and not any(row.get(name) for name in names)


def footprint_columns(footprint: Footprint) -> dict[str, Any]:
    """The part of a row that says how big the network is."""
    names = ("zeroed", "removed", "prunable", "total", "bytes", "macs")
    names += ("changed",) * bool(footprint.changed)
    sizes = {f"bytes_{name}": int(size) for name, size in footprint.sizes.items()}
    values = {name: getattr(footprint, name) for name in names}
    return {name: int(value) for name, value in values.items() if value is not None} | sizes
