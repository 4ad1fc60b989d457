"""Searches: the largest uniform value that passes, and the best plan for a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...core.errors import BadInput
from ...core.jobs import Said
from ...core.model import Model
from ...core.plan.plans import Plan
from ...core.plan.units import Unit
from ..ask.answers import Answers
from ..ask.defaults import metric_named
from .budget import BudgetSteps, planned_evaluations
from .removal import Removal
from .sought import Sought
from .trials import Tally, Trials, named
from .uniform import Scale, largest_uniform, planned_scan
from .verdict import held_out, said


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestUniform(Sought):
    """The largest value of a number knob for which the mean of a metric still passes.

    The knob's range is scanned in coarse steps from its strict side, the bracket from the last
    place that passes is bisected, and the places next to the one found are tried: quality need
    not fall steadily. Each value is verified on the real network.
    """

    kind: str = "uniform"

    @property
    def axis(self) -> str:
        """Column on the horizontal axis."""
        return self.knob.id

    def answer(self, evaluator: Any) -> Answers:
        """Search, and give a row for each value tried.

        Raises
        ------
        BadInput
            If the threshold cannot be met by any plan, or the samples are empty or overlap.
        Cancelled
            When the evaluator's token is set; what was measured is in its cache.
        """
        yield from _searched(self, evaluator, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSearch(Sought):
    """The plan that removes most while the mean of a metric still passes.

    Curves of each unit alone propose rates, the real network judges every plan, and moves of
    single units refine the best one; see `BudgetSteps`. One plan tried is that of the largest
    uniform value, so the result is never worse than it on the samples of the search. Both are
    then measured on samples that the search has not seen.

    Parameters
    ----------
    units : tuple of Unit
        Units that may have a rate of their own.
    """

    units: tuple[Unit, ...]
    kind: str = "budget"

    def answer(self, evaluator: Any) -> Answers:
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


def network_samples(question: Sought) -> tuple[str, ...]:
    """All samples that a search may measure."""
    return (*question.samples, *question.held_out)


def scope_of(model: Model, plan: Plan) -> tuple[Unit, ...]:
    """Units that `plan` may prune, locked ones left out: the usual choice for a budget."""
    scope = model.apply(plan).footprint.scope - set(plan.locks)
    return tuple(unit for unit in model.units if unit.id in scope)


def _searched(question: Sought, evaluator: Any, units: Sequence[Unit]) -> Answers:
    metric = metric_named(evaluator.metrics, question.metric_id)
    scale = Scale.of(question.knob, question.resolution)
    _check_samples(question)
    if isinstance(question, BudgetSearch) and not units:
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


def _found(question: Sought, trials: Trials, scale: Scale, units: Sequence[Unit]) -> Answers:
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


def _planned(question: Sought, scale: Scale, units: Sequence[Unit]) -> int:
    """About how many evaluations a search takes."""
    samples, held = len(question.samples), 2 * len(question.held_out)
    found = samples * planned_scan(scale) + held
    return found + (planned_evaluations(units, samples) + held if units else 0)


def _unable(units: Sequence[Unit], left: int) -> str:
    names = ", ".join(unit.id for unit in units[:8]) + (" ..." if len(units) > 8 else "")
    return f"{names} take no rate of their own and stay as the base plan has them; {left} do."


def _check_samples(question: Sought) -> None:
    if not question.samples:
        raise BadInput(f"The set of samples {question.words!r} is empty; name at least one.")
    both = sorted(set(question.samples) & set(question.held_out))
    if both:
        raise BadInput(
            f"The sample {both[0]!r} is both searched on and held out; leave it out of one."
        )
