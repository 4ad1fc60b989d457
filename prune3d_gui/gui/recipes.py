"""What made a result, as text that is kept inside exported files."""

from __future__ import annotations

import json
from typing import Any

from ..core.frames import Frame
from ..core.plans import Plan, Query
from ..studies.events import ModelCard
from ..studies.sweep import Case, case_row
from .visited import Visit


def plan_text(plan: Plan) -> str:
    """A plan as JSON."""
    found: dict[str, Any] = {"values": dict(plan.values)}
    if plan.rates:
        found["rates"] = dict(plan.rates)
    if plan.locks:
        found["locks"] = list(plan.locks)
    if plan.base:
        found["base"] = plan.base
    return json.dumps(found, sort_keys=True)


def recipe_of(frame: Frame) -> dict[str, str]:
    """Everything needed to make a frame again, by name."""
    recipe, request = frame.recipe, frame.request
    return {
        "system": recipe.system,
        "model": recipe.model,
        "weights_hash": recipe.weights_hash,
        "device": recipe.device,
        "sample": request.sample,
        "plan": plan_text(request.plan),
        "query": json.dumps(dict(request.query.values), sort_keys=True),
        "quality": frame.quality,
        "versions": json.dumps(dict(recipe.versions), sort_keys=True),
    }


def curve_row(card: ModelCard, sample: str, visit: Visit) -> dict[str, Any]:
    """One flat row about a visited point, in the columns of a sweep."""
    knobs = [knob for knob in card.knobs if knob.invalidates != "draw"]
    values = tuple((k.id, _value(k, visit.plan, visit.query)) for k in knobs)
    row = case_row(card, Case(visit.plan, visit.query, values), visit.footprint, [visit.scores])
    row |= {
        "system": card.ref.system,
        "model": card.title,
        "weights_hash": card.weights_hash,
        "sample": sample,
        "plan": plan_text(visit.plan),
    }
    for metric in card.metrics:
        row[f"{metric.id}_definition"] = metric.definition
    return row


def _value(knob, plan: Plan, query: Query):
    return (plan if knob.invalidates == "prune" else query).value(knob)
