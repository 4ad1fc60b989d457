"""The sweep: many plans over many samples, one flat row for each plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.cancel import CancelToken
from ..core.errors import Prune3DError
from ..core.frames import Footprint
from ..core.jobs import Progress, Row
from ..core.knobs import Knob, Value
from ..core.plans import Plan, Query, resolve
from ..core.scenes import Scene
from ..core.scores import Scores
from ..core.system import Applied, Model, Stage


@dataclass(frozen=True, slots=True)
class Case:
    """One row to be: a plan, a query, and the knob values both came from."""

    plan: Plan
    query: Query
    values: tuple[tuple[str, Value], ...]


def cases(
    knobs: Iterable[Knob],
    series: Mapping[str, Sequence[Value]],
    *,
    innermost: str = "",
    rates: Mapping[str, float] | None = None,
    locks: Iterable[str] = (),
) -> tuple[Case, ...]:
    """Every combination of the values in `series`.

    Parameters
    ----------
    knobs : iterable of Knob
        Knobs of the model; those not in `series` stay at their default.
    series : mapping of knob id to sequence of values
    innermost : str
        Knob that varies fastest; knobs of the query vary slowest, for they change
        the unpruned result too.
    rates : mapping of unit id to percent, optional
        Units with a rate of their own in every plan.
    locks : iterable of unit id
        Units that no plan touches.

    Raises
    ------
    BadInput
        If a value does not fit its knob.
    """
    knobs = [knob for knob in knobs if knob.invalidates != "draw"]
    order = sorted(knobs, key=lambda k: (k.invalidates == "prune") + 2 * (k.id == innermost))
    spans = [tuple(series.get(knob.id, (knob.default,))) for knob in order]
    found = []
    for combination in itertools.product(*spans):
        values = dict(zip((knob.id for knob in order), combination, strict=True))
        plan, query = resolve(knobs, values)
        for unit, rate in (rates or {}).items():
            plan = plan.with_rate(unit, rate)
        for unit in locks:
            plan = plan.with_lock(unit, True)
        found.append(Case(plan, query, tuple((knob.id, values[knob.id]) for knob in knobs)))
    return tuple(found)


def sweep(
    model: Model,
    todo: Sequence[Case],
    samples: Sequence[str],
    cancel: CancelToken,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Iterator[Row]:
    """Apply each case once, reconstruct and score every sample, and yield a row of means.

    Scores are those of the full-quality result. A metric's value is the plain mean
    over the samples in float64; one NaN makes it NaN. A sample without a reference
    is compared with the unpruned result, and the row says so in ``against``.

    Yields
    ------
    dict
        Knob ids, footprint fields, metric ids, ``samples`` and ``seed``.

    Raises
    ------
    Cancelled
        If `cancel` is set; rows yielded before are complete.
    """
    total = len(todo) * len(samples)
    full: dict[str, Scene] = {}
    full_query: Query | None = None
    for index, case in enumerate(todo):
        if case.query != full_query:
            full = _full_scenes(model, samples, case.query, cancel)
            full_query = case.query
        cancel.check()
        applied = model.apply(case.plan)
        scored = []
        for number, sample in enumerate(samples):
            stage = final_stage(model, applied, sample, case.query, cancel)
            scored.append(model.score(applied, sample, case.query, stage, full.get(sample)))
            done = index * len(samples) + number + 1
            report(Progress(done, total, _words(case, model.primary)))
        yield case_row(model, case, applied.footprint, scored)


def final_stage(
    model: Model, applied: Applied, sample: str, query: Query, cancel: CancelToken
) -> Stage:
    """Return the full-quality reconstruction of one sample."""
    last = None
    for stage in model.reconstruct(applied, sample, query, "full", cancel):
        cancel.check()
        last = stage
    if last is None:
        raise Prune3DError(f"The model returned nothing for the sample {sample!r}.")
    return last


def case_row(
    model: Model, case: Case, footprint: Footprint, scored: Sequence[Scores | None]
) -> Row:
    """Return one flat row: knobs, footprint, mean scores, ``samples`` and ``seed``."""
    row: Row = {name: value for name, value in case.values if name != "seed"}
    if case.plan.rates:
        row["unit_rates"] = ",".join(f"{unit}={rate:g}" for unit, rate in case.plan.rates)
    if case.plan.locks:
        row["locks"] = ",".join(case.plan.locks)
    row |= footprint_columns(footprint)
    for metric in model.metrics if scored else ():
        values = [s.values.get(metric.id, np.nan) if s else np.nan for s in scored]
        row[metric.id] = float(np.mean(np.asarray(values, np.float64)))
    against = sorted({s.against if s else "nothing" for s in scored})
    if against not in ([], ["reference"]):
        row["against"] = "+".join(against)
    row["samples"] = len(scored)
    row["seed"] = dict(case.values).get("seed", 0)
    return row


def footprint_columns(footprint: Footprint) -> dict[str, Any]:
    """Return the part of a row that says how big the network is."""
    names = ("zeroed", "removed", "prunable", "total", "bytes", "macs")
    return {name: int(getattr(footprint, name)) for name in names}


def _full_scenes(
    model: Model, samples: Sequence[str], query: Query, cancel: CancelToken
) -> dict[str, Scene]:
    """Unpruned results of the samples that have no reference."""
    bare = [sample for sample in samples if model.reference(sample, query) is None]
    if not bare:
        return {}
    applied = model.apply(Plan())
    return {sample: final_stage(model, applied, sample, query, cancel).scene for sample in bare}


def _words(case: Case, primary: str) -> str:
    return f"{primary} {dict(case.values).get(primary, '')}".strip()
