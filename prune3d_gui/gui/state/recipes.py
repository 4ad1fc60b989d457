"""What made a result, as text that is kept inside exported files."""

from __future__ import annotations

import json

from ...core.frames import Frame
from ...core.jobs import Row
from ...core.names import all_sayable
from ...core.plan.plans import Plan, Query
from ...studies.ask.outcomes import single_parts, single_row
from ...studies.ask.questions import Case
from ...studies.ask.recipe import plan_text
from ...studies.live.events import ModelCard
from .visited import Visit


def recipe_of(frame: Frame, query: Query) -> dict[str, str]:
    """Everything needed to make a frame again, by name; `query` says also how it is drawn."""
    recipe, request = frame.recipe, frame.request
    made = {
        "system": recipe.system,
        "model": recipe.model,
        "weights_hash": recipe.weights_hash,
        "device": recipe.device,
        "sample": request.sample,
        "plan": plan_text(request.plan),
        "query": json.dumps(dict(query.values) | dict(request.query.values), sort_keys=True),
        "quality": frame.quality,
        "versions": json.dumps(dict(recipe.versions), sort_keys=True),
    }
    return all_sayable(made)


def curve_rows(card: ModelCard, sample: str, visit: Visit) -> list[Row]:
    """Flat rows about a visited point, in the columns of a sweep: the whole, then its parts."""
    knobs = [knob for knob in card.knobs if knob.counts]
    values = ((k.id, _value(k, visit.plan, visit.query)) for k in knobs)
    values = tuple(pair for pair in values if pair[1] != "")  # no artifact is no column
    case = Case(visit.plan, visit.query, values)
    about = (card.metrics, case, visit.footprint, visit.scores)
    facts = {
        "system": card.ref.system,
        "model": card.title,
        "weights_hash": card.weights_hash,
        "sample": sample,
        "plan": plan_text(visit.plan),
    }
    for metric in card.metrics:
        facts[f"{metric.id}_definition"] = metric.definition
    return [row | facts for row in (single_row(*about), *single_parts(*about))]


def _value(knob, plan: Plan, query: Query):
    return (plan if knob.invalidates == "prune" else query).value(knob)
