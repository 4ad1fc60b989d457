"""Rows of a curve: one plan after another on one sample, in the columns of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...core.frames import Footprint
from ...core.jobs import Row
from ...core.plan.knobs import Knob, Value
from ...core.plan.plans import Plan, Query
from ...core.score.scores import Metric, Scores
from .moments import plan_text
from .outcomes import single_parts, single_row
from .questions import Case


class Measured(Protocol):
    """What rows say of a model: an opened one has it, and so has its card."""

    title: str
    weights_hash: str
    knobs: tuple[Knob, ...]
    metrics: Sequence[Metric]


def curve_rows(
    system: str,
    model: Measured,
    sample: str,
    plan: Plan,
    query: Query,
    footprint: Footprint,
    scores: Scores | None,
) -> list[Row]:
    """Flat rows of one point of a curve: the whole, then its parts."""
    values = ((k.id, _value(k, plan, query)) for k in model.knobs if k.counts)
    values = tuple(pair for pair in values if pair[1] != "")  # no artifact is no column
    about = (model.metrics, Case(plan, query, values), footprint, scores)
    facts = {
        "system": system,
        "model": model.title,
        "weights_hash": model.weights_hash,
        "sample": sample,
        "plan": plan_text(plan),
    }
    for metric in model.metrics:
        facts[f"{metric.id}_definition"] = metric.definition
    return [row | facts for row in (single_row(*about), *single_parts(*about))]


def _value(knob: Knob, plan: Plan, query: Query) -> Value:
    return (plan if knob.invalidates == "prune" else query).value(knob)
