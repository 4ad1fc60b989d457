"""What a person asked for in the form, and the question that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....core.errors import BadInput
from ....core.plan.axes import axis_named, baseline_of, units_along
from ....core.plan.knobs import Knob, Value, knob_named
from ....core.plan.plans import Plan, Query
from ....core.plan.units import Unit
from ....core.score.scores import Metric
from ....core.score.thresholds import Threshold
from ....studies.ask.answers import Question
from ....studies.ask.defaults import metric_named, usual_threshold
from ....studies.ask.questions import (
    Case,
    Network,
    Study,
    alone_at,
    cases,
    own_axis,
    sensitivity_cases,
)
from ....studies.live.events import ModelCard
from ....studies.run.places import WorkersSpec

SWEEP, SENSITIVITY, UNIFORM, BUDGET, JOB = "sweep", "sensitivity", "uniform", "budget", "job"
SEARCHES = (UNIFORM, BUDGET)


@dataclass(frozen=True, slots=True)
class Asked:
    """A filled-in form; every value is checked.

    Parameters
    ----------
    kind : {"sweep", "sensitivity", "uniform", "budget", "job"}
    values : tuple
        Values of the knob `axis`.
    samples : str
        As on the command line; empty for the sample on screen.
    series : str
        Knob with a curve for each of its choices; empty for one curve.
    artifacts : tuple of str
        Hashes that are the choices of `series` beside none, where it takes artifacts.
    seeds : int
        Random baselines, each with a seed of its own.
    in_scope : bool
        Whether a sensitivity study takes only the units that the present plan may prune.
    repeats : int
        Timed runs of each case; 0 measures no time.
    keep : bool
        Whether the units' own rates and locks of the present plan stay.
    metric : str
    threshold : Threshold or None
    held_out : str
        Samples that a search does not see; empty for none.
    objective : str
        What a search for the best plan takes away most of.
    axis : str
        Id of the number knob that is turned; of a job, see `Job.axis`.
    metrics : tuple of Metric
        See `Job.metrics`.
    title : str
        What a job does, in a line.
    """

    kind: str
    values: tuple[Value, ...] = ()
    samples: str = ""
    series: str = ""
    seeds: int = 0
    in_scope: bool = False
    repeats: int = 0
    keep: bool = False
    metric: str = ""
    threshold: Threshold | None = None
    held_out: str = ""
    objective: str = "weights"
    workers: WorkersSpec = WorkersSpec()  # noqa: RUF009 - frozen
    job: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    artifacts: tuple[str, ...] = ()
    axis: str = ""
    title: str = ""
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """What the model says to the words of a form.

    Parameters
    ----------
    ids, held_out : tuple of sample id
    units : tuple of Unit
        Those that the present plan may prune.
    """

    ids: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()


def base_plan(plan: Plan, knob: Knob, keep: bool) -> Plan:
    """What a search starts from: the plan without the knob turned, and what units have alone."""
    values = tuple(pair for pair in plan.values if pair[0] != knob.id)
    rates, locks = (plan.rates, plan.locks) if keep else ((), ())
    return Plan(values, rates, locks)


def read_out(values: tuple[Value, ...]) -> str:
    """Say what a series was read as: all values, or the first and the last of many."""
    texts = [str(v) if isinstance(v, str | bool) else f"{v:.6g}" for v in values]
    if len(texts) == 1:
        return f"One value: {texts[0]}."
    end = f" and {texts[-1]}"
    if len(texts) > 6:
        texts, end = texts[:4], f" … {texts[-1]}"
    return f"{len(values)} values: {', '.join(texts[:-1])}{end}."


def count_cases(asked: Asked, card: ModelCard) -> int:
    """How many plans a sweep or a sensitivity study tries; 0 where that is not known yet."""
    values = len(asked.values)
    if asked.kind == SENSITIVITY:
        knob = axis_named(card.knobs, asked.axis)
        units = () if asked.in_scope else units_along(knob, card.units)
        return sum(map(len, alone_at(knob, units, asked.values).values()))
    series = len(_choices(asked, knob_named(card.knobs, asked.series))) if asked.series else 1
    return values * (series + asked.seeds)


def question_of(
    asked: Asked, card: ModelCard, plan: Plan, query: Query, named: Named, words: str
) -> Question:
    """Make the question; knobs that it does not vary stay as they are in `plan` and `query`.

    Raises
    ------
    BadInput
        If the values do not fit the model.
    """
    network = Network(card.ref, card.weights_hash)
    if asked.kind == JOB:
        from ....studies.run.jobs import JobRun

        return JobRun(
            asked.title or asked.job, network, asked.job, asked.options,
            axis=asked.axis, metrics=asked.metrics,
        )  # fmt: skip
    if asked.kind in SEARCHES:
        return _search(asked, card, plan, query, named, words)
    knob = axis_named(card.knobs, asked.axis, looking=asked.kind == SWEEP)
    query = query.lasting(card.knobs)
    if asked.kind == SENSITIVITY:
        start = base_plan(plan, knob, keep=False)
        scope = named.units or units_along(knob, card.units)
        found = sensitivity_cases(
            card.knobs, card.units, knob.id, asked.values, start, query, scope
        )
        axis = own_axis(knob, scope)
        steps = {dict(case.values)[axis] for case in found}
        title = f"Each unit alone, {len(scope)} × {len(steps)}"
    else:
        found, title = _sweep(asked, card, knob, plan, query)
        axis = knob.id
    if not found:
        raise BadInput("This study has no plans; give some values.")
    name = f"{title}, {words}"
    series = "unit" if asked.kind == SENSITIVITY else asked.series
    return Study(asked.kind, name, network, found, named.ids, words, axis, series, asked.repeats)


def _choices(asked: Asked, knob: Knob) -> tuple[Value, ...]:
    """Values of the knob that tells curves apart."""
    if knob.kind == "artifact":
        return "", *asked.artifacts
    return tuple(choice.id for choice in knob.choices)


def _sweep(
    asked: Asked, card: ModelCard, axis: Knob, plan: Plan, query: Query
) -> tuple[tuple[Case, ...], str]:
    knobs = [knob for knob in card.knobs if knob.counts]
    now = {
        knob.id: ((plan if knob.invalidates == "prune" else query).value(knob),) for knob in knobs
    }
    rates, locks = (dict(plan.rates), plan.locks) if asked.keep else ({}, ())
    wanted = {**now, axis.id: asked.values}
    title = f"{axis.label} in {len(asked.values)} steps"
    if asked.series:
        knob = knob_named(knobs, asked.series)
        wanted[knob.id] = _choices(asked, knob)
        title += f", by {knob.title.lower()}"
    options = {"innermost": axis.id, "rates": rates, "locks": locks}
    found = cases(knobs, wanted, **options)
    random = baseline_of(knobs)
    if asked.seeds and random is not None:
        seeds = tuple(range(asked.seeds))
        chance = {random.knob.id: (random.choice.id,), random.seed.id: seeds}
        drawn = {**now, axis.id: asked.values, **chance}
        found += tuple(case for case in cases(knobs, drawn, **options) if case not in found)
        title += f", {asked.seeds} random"
    return found, title


def _search(
    asked: Asked, card: ModelCard, plan: Plan, query: Query, named: Named, words: str
) -> Question:
    from ....studies.search.search import BudgetSearch, LargestUniform

    knob = axis_named(card.knobs, asked.axis)
    metric = metric_named(card.metrics, asked.metric)
    threshold = asked.threshold or usual_threshold(metric)
    common = {
        "network": Network(card.ref, card.weights_hash),
        "knob": knob,
        "metric_id": metric.id,
        "threshold": threshold,
        "objective": asked.objective,
        "words": words,
        "held_out": named.held_out,
        "held_out_words": asked.held_out,
        "plan": base_plan(plan, knob, asked.keep),
        "query": query.lasting(card.knobs),
    }
    limit = threshold.words(metric.unit)
    if threshold.relative:
        limit = f"full {limit}" if threshold.by == "difference" else f"{limit[:-1]} × full"
    sign = "≤" if metric.better == "lower" else "≥"
    end = f"{metric.title} {sign} {limit}, {words}"
    if asked.kind == UNIFORM:
        title = f"Largest {knob.words}, {end}"
        return LargestUniform(title=title, samples=named.ids, **common)
    title = f"Best plan, {end}"
    return BudgetSearch(title=title, units=named.units, samples=named.ids, **common)
