"""Searches: the largest uniform value that passes, and the best plan for a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import BadInput
from ...core.model import Model
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Query
from ...core.plan.units import Unit
from ...core.score.scores import Metric
from ...core.score.thresholds import Threshold
from ..ask.answers import Answer, Said
from ..ask.questions import Network
from .budget import BudgetSteps, planned_evaluations
from .removal import Objective, Removal
from .trials import Tally, Trials, named
from .uniform import Scale, largest_uniform, planned_scan
from .verdict import held_out, said


@dataclass(frozen=True, slots=True)
class LargestUniform:
    """The largest value of a number knob for which the mean of a metric still passes.

    The knob's range is scanned in coarse steps from its strict side, the bracket from the last
    place that passes is bisected, and the places next to the one found are tried: quality need
    not fall steadily. Each value is verified on the real network.

    Parameters
    ----------
    title : str
    network : Network
    knob : Knob
        What is turned: a rate, or a tolerance, which is searched in factors.
    metric_id : str
    threshold : Threshold
        What the mean must reach.
    samples : tuple of sample id
    words : str
        How a person named them, such as ``val:16``.
    plan, query
        What all plans share.
    resolution : float
        How fine, as a share of the knob's range: 0.001 is a tenth of a percent of rate.
    objective : {"weights", "macs", "bytes"}
        What is told of each plan beside its metric.
    held_out : tuple of sample id
        Samples that the search does not see; what it found is measured on them.
    held_out_words : str
    """

    title: str
    network: Network
    knob: Knob
    metric_id: str
    threshold: Threshold
    samples: tuple[str, ...]
    words: str
    plan: Plan = field(default_factory=Plan)
    query: Query = field(default_factory=Query)
    resolution: float = 0.001
    objective: Objective = "weights"
    held_out: tuple[str, ...] = ()
    held_out_words: str = ""
    kind: str = "uniform"

    @property
    def axis(self) -> str:
        """Column on the horizontal axis."""
        return self.knob.id

    def answer(self, evaluator: Any) -> Iterator[Answer]:
        """Search, and give a row for each value tried.

        Raises
        ------
        BadInput
            If the threshold cannot be met by any plan, or the samples are empty or overlap.
        Cancelled
            When the evaluator's token is set; what was measured is in its cache.
        """
        yield from _searched(self, evaluator, ())


@dataclass(frozen=True, slots=True)
class BudgetSearch:
    """The plan that removes most while the mean of a metric still passes.

    Curves of each unit alone propose rates, the real network judges every plan, and moves of
    single units refine the best one; see `BudgetSteps`. One plan tried is that of the largest
    uniform value, so the result is never worse than it on the samples of the search. Both are
    then measured on samples that the search has not seen.

    Parameters
    ----------
    title, network, knob, metric_id, threshold, plan, query, resolution
        As for `LargestUniform`.
    units : tuple of Unit
        Units that may have a rate of their own.
    objective : {"weights", "macs", "bytes"}
        What is to be removed. MACs of zeroed weights are no speed-up.
    search_samples : tuple of sample id
    words : str
        How a person named them.
    held_out : tuple of sample id
        Others, for the report.
    held_out_words : str
    """

    title: str
    network: Network
    knob: Knob
    metric_id: str
    threshold: Threshold
    units: tuple[Unit, ...]
    objective: Objective
    search_samples: tuple[str, ...]
    words: str
    held_out: tuple[str, ...] = ()
    held_out_words: str = ""
    plan: Plan = field(default_factory=Plan)
    query: Query = field(default_factory=Query)
    resolution: float = 0.001
    kind: str = "budget"

    @property
    def samples(self) -> tuple[str, ...]:
        """Samples that the search may look at."""
        return self.search_samples

    def answer(self, evaluator: Any) -> Iterator[Answer]:
        """Search, and give a row for each plan tried, the best one and the held-out samples.

        Raises
        ------
        BadInput
            If the threshold cannot be met by any plan, the samples are empty or overlap, or no
            unit takes a rate of its own.
        Cancelled
            When the evaluator's token is set; what was measured is in its cache.
        """
        yield from _searched(self, evaluator, self.units)


def network_samples(question: LargestUniform | BudgetSearch) -> tuple[str, ...]:
    """All samples that a search may measure."""
    return (*question.samples, *question.held_out)


def scope_of(model: Model, plan: Plan) -> tuple[Unit, ...]:
    """Units that `plan` may prune, locked ones left out: the usual choice for a budget."""
    scope = model.apply(plan).footprint.scope - set(plan.locks)
    return tuple(unit for unit in model.units if unit.id in scope)


def _searched(
    question: LargestUniform | BudgetSearch, evaluator: Any, units: Sequence[Unit]
) -> Iterator[Answer]:
    metric = _metric(evaluator.metrics, question.metric_id)
    scale = Scale.of(question.knob, question.resolution)
    _check_samples(question)
    if question.kind == "budget" and not units:
        raise BadInput("No unit may have a rate of its own; name units, or take off locks.")
    removal = Removal(question.network, question.objective, evaluator.cancel)
    try:
        trials = Trials(
            evaluator, metric, question.samples, question.words, removal,
            Tally(_planned(question, scale, units)),
        )  # fmt: skip
        yield from _found(question, trials, scale, units)
    finally:
        removal.close()


def _found(
    question: LargestUniform | BudgetSearch, trials: Trials, scale: Scale, units: Sequence[Unit]
) -> Iterator[Answer]:
    base, query = question.plan, question.query
    full = named(Plan(), query, "full model")
    yield from trials.begin(full, question.threshold)
    uniform = yield from largest_uniform(trials, scale, base, query)
    yield trials.found(uniform, "uniform")
    best = uniform
    if units:
        able, unable = trials.removal.rated(base, units)
        if unable:
            yield Said(_unable(unable, len(able)))
        if not able:
            raise BadInput("No unit of this model takes a rate of its own; search a uniform plan.")
        steps = BudgetSteps(trials, able, base, query)
        best = yield from steps.run(uniform)
        yield trials.found(best, "best")
    yield Said(said(question, trials, uniform, best, question.words))
    if question.held_out:
        yield from held_out(question, trials, scale, full, uniform, best)


def _planned(question: LargestUniform | BudgetSearch, scale: Scale, units: Sequence[Unit]) -> int:
    """About how many evaluations a search takes."""
    samples, held = len(question.samples), 2 * len(question.held_out)
    found = samples * planned_scan(scale) + held
    return found + (planned_evaluations(units, samples) + held if units else 0)


def _unable(units: Sequence[Unit], left: int) -> str:
    names = ", ".join(unit.id for unit in units[:8]) + (" ..." if len(units) > 8 else "")
    return f"{names} take no rate of their own and stay as the base plan has them; {left} do."


def _metric(metrics: Sequence[Metric], name: str) -> Metric:
    for metric in metrics:
        if metric.id == name:
            return metric
    known = ", ".join(metric.id for metric in metrics)
    raise BadInput(f"There is no metric {name!r}; this model has {known}.")


def _check_samples(question: LargestUniform | BudgetSearch) -> None:
    if not question.samples:
        raise BadInput(f"The set of samples {question.words!r} is empty; name at least one.")
    both = sorted(set(question.samples) & set(question.held_out))
    if both:
        raise BadInput(
            f"The sample {both[0]!r} is both searched on and held out; leave it out of one."
        )
