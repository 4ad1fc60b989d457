"""Trials: plans that a search tried on the real network, measured once each."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...core.errors import BadInput
from ...core.jobs import Row
from ...core.plan.plans import Plan
from ...core.score.scores import Metric
from ...core.score.thresholds import Threshold
from ..ask.answers import Answer, Moved, RowFound
from ..ask.outcomes import Outcome, case_row, mean_of, part_rows
from ..ask.questions import Case
from ..ask.statistics import passes
from .removal import OBJECTIVES, Removal, Removed

ENOUGH = 16
"""Evaluations after which the time left is told."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold and the full model's own mean on the same samples.

    Parameters
    ----------
    metric : Metric
    threshold : float
    full : float
    even : bool
        Whether what is allowed is a difference, wherever the full model stands, and no factor.
    """

    metric: Metric
    threshold: float
    full: float
    even: bool = False

    def passes(self, value: float) -> bool:
        """Whether a mean passes; NaN never does."""
        return passes(value, self.threshold, self.metric.better)

    def moved_to(self, full: float) -> Limit:
        """The same allowance over another mean of the full model: the same factor, if it can be."""
        if not self.even and min(self.threshold, self.full, full) > 0:
            return replace(self, threshold=full * (self.threshold / self.full), full=full)
        return replace(self, threshold=full + self.threshold - self.full, full=full)

    def cost(self, value: float) -> float:
        """Share of the allowance used up: 0 at the full model's mean, 1 at the threshold.

        In the logarithm where all three are positive, for errors rise by factors; not where the
        allowance is a difference.
        """
        if not self.even and min(value, self.threshold, self.full) > 0:
            return math.log(value / self.full) / math.log(self.threshold / self.full)
        return (value - self.full) / (self.threshold - self.full)


def limit_for(
    metric: Metric, outcomes: Sequence[Outcome], threshold: Threshold, words: str
) -> Limit:
    """The limit on these samples, from what the full model gave on them.

    Raises
    ------
    BadInput
        If no plan could be judged by it: the threshold is no number, not above the sampling
        floor or not above the full model's own mean ("below" where higher is better).
    """
    if threshold.by == "factor" and any(o.against == "itself" for o in outcomes):
        raise BadInput(
            f"Without a reference the full model has no {metric.id} of its own on {words}, so a "
            "threshold cannot be a multiple of it; give one in the metric's unit."
        )
    full = mean_of(metric.id, outcomes)
    floors = [o.floors[metric.id] for o in outcomes if metric.id in o.floors]
    if not math.isfinite(full):
        raise BadInput(
            f"The full model's own {metric.id} is {full} on {words}, so no threshold can be "
            "judged; choose other samples or another metric."
        )
    limit, given = threshold.at(full), f"{threshold.amount:g}"
    if threshold.by == "factor":
        given = f"{given} x {full:.4g} = {limit:.4g}"
    elif threshold.by == "difference":
        given = f"{full:.4g} {threshold.amount:+g} = {limit:.4g}"
    side = "above" if metric.better == "lower" else "below"
    floor = float(np.mean(floors)) if len(floors) == len(outcomes) else math.nan
    if not math.isfinite(limit):
        raise BadInput(f"The threshold {given} is not a number; give one {side} {full:.4g}.")
    if math.isfinite(floor) and passes(limit, floor, metric.better):
        raise BadInput(
            f"The threshold {given} of {metric.id} is not {side} the sampling floor of "
            f"{floor:.4g} on {words}, and the full model has {full:.4g}; give one {side} that."
        )
    if passes(limit, full, metric.better):
        usual = f", such as {metric.slack.at(full):.3g}" if metric.slack else ""
        raise BadInput(
            f"The threshold {given} of {metric.id} is not {side} the full model's own "
            f"{full:.4g} on {words}; give one {side} that{usual}."
        )
    slack = metric.slack if threshold.by == "value" else threshold
    return Limit(metric, limit, full, slack is not None and slack.by == "difference")


@dataclass(frozen=True, eq=False)
class Trial:
    """A plan, what it removes and what it gave on each sample; `step` counts from 0."""

    step: int
    case: Case
    removed: Removed
    outcomes: tuple[Outcome, ...]
    metric: str

    @property
    def values(self) -> np.ndarray:
        """The metric on each sample, (n,) float64; NaN too where it has no value as a whole."""
        return np.array([o.values.get(self.metric, math.nan) for o in self.outcomes], np.float64)

    @property
    def mean(self) -> float:
        """Mean of the metric; NaN where a sample's is."""
        return mean_of(self.metric, self.outcomes)

    def pairs(self, other: Trial) -> tuple[np.ndarray, np.ndarray]:
        """Values of this trial and another, on the samples that have one as a whole in both."""
        outcomes = zip(self.outcomes, other.outcomes, strict=True)
        both = [not any(o.lacks(self.metric) for o in pair) for pair in outcomes]
        return self.values[both], other.values[both]


Trying = Generator[Answer, None, list[Trial]]


@dataclass(eq=False)
class Tally:
    """Evaluations done, from the cache among them, about how many there will be, and plans."""

    planned: int = 0
    plans: int = 0
    done: int = 0
    cached: int = 0
    start: float = field(default_factory=time.monotonic)

    def count(self, cached: bool) -> None:
        """Count one."""
        self.done += 1
        self.cached += cached
        self.planned = max(self.planned, self.done)

    def moved(self, message: str) -> Moved:
        """How far it is."""
        fresh, left = self.done - self.cached, None
        if fresh > ENOUGH:
            left = (time.monotonic() - self.start) / fresh * (self.planned - self.done)
        return Moved(self.done, self.planned, self.cached, left, message)


@dataclass(eq=False)
class Trials:
    """Measures plans on a fixed set of samples, and gives their rows.

    Parameters
    ----------
    evaluator : Evaluator
    metric : Metric
    samples : tuple of sample id
    words : str
        How a person named them.
    removal : Removal
    tally : Tally
        Counts evaluations, of all trials of a search together.
    """

    evaluator: Any
    metric: Metric
    samples: tuple[str, ...]
    words: str
    removal: Removal
    tally: Tally = field(default_factory=Tally)
    limit: Limit | None = None
    known: dict[Case, Trial] = field(default_factory=dict)

    @property
    def allowed(self) -> Limit:
        """The limit; only after `begin` is there one."""
        assert self.limit is not None
        return self.limit

    def begin(self, full: Case, threshold: Threshold) -> Trying:
        """Measure the full model and judge the threshold, before anything else is done."""
        found = yield from self.measure([full], role="full", quiet=True)
        self.limit = limit_for(self.metric, found[0].outcomes, threshold, self.words)
        yield self.found(found[0], "full")
        return found

    def fewer(self, count: int) -> Trials:
        """Trials on the first `count` samples, with the same allowance over the full model."""
        if count >= len(self.samples):
            return self
        full = next(iter(self.known.values()))
        made = Trials(
            self.evaluator, self.metric, self.samples[:count], self.words, self.removal, self.tally
        )
        made.limit = self.allowed.moved_to(made.narrowed(full).mean)
        return made

    def narrowed(self, trial: Trial) -> Trial:
        """A trial on more samples, as it is on these."""
        return replace(trial, outcomes=trial.outcomes[: len(self.samples)])

    def measure(
        self, cases: Sequence[Case], role: str = "candidate", message: str = "", quiet: bool = False
    ) -> Trying:
        """Measure plans on the real network; a plan already tried is not tried again."""
        todo = [case for case in dict.fromkeys(map(_bare, cases)) if case not in self.known]
        named = {_bare(case): case for case in reversed(cases)}
        first, self.tally.plans = self.tally.plans, self.tally.plans + len(todo)
        found: dict[int, dict[str, Outcome]] = {}
        outcomes = self.evaluator.measure(todo, self.samples) if todo else ()
        for index, sample, outcome, cached in outcomes:
            got = found.setdefault(index, {})
            got[sample] = outcome
            self.tally.count(cached)
            if len(got) == len(self.samples):
                case = named[todo[index]]
                ordered = tuple(got[s] for s in self.samples)
                removed = self.removal.of(case.plan)
                trial = Trial(first + index, case, removed, ordered, self.metric.id)
                self.known[todo[index]] = trial
                if not quiet:
                    yield RowFound(self.row(trial, role), case)
            yield self.tally.moved(message)
        return [replace(self.known[_bare(case)], case=case) for case in cases]

    def found(self, trial: Trial, role: str) -> RowFound:
        """The row of a trial that is an answer, with those of its parts."""
        parts = part_rows(self.evaluator.metrics, trial.case, trial.outcomes)
        told = {"step": trial.step, "role": role}
        return RowFound(self.row(trial, role), trial.case, tuple(told | row for row in parts))

    def row(self, trial: Trial, role: str) -> Row:
        """One flat row of a trial."""
        values = dict(trial.case.values)
        words = values.get("plan") or " ".join(f"{v}" for v in values.values())
        first: Row = {"step": trial.step, "role": role, "plan": words}
        own = {
            "objective": trial.removed.amount,
            "objective_percent": trial.removed.percent,
            "objective_of": OBJECTIVES[self.removal.objective],
        }
        last: Row = {}
        if self.limit is not None:
            last = {"threshold": self.limit.threshold, "passes": self.passes(trial)}
        made = case_row(self.evaluator.metrics, trial.case, trial.outcomes)
        return first | own | made | last

    def passes(self, trial: Trial) -> bool:
        """Whether a trial passes."""
        return self.allowed.passes(trial.mean)

    def cost(self, trial: Trial) -> float:
        """Share of the allowance that a trial uses up."""
        return self.allowed.cost(trial.mean)


def _bare(case: Case) -> Case:
    """A case without its columns: what decides the numbers."""
    return replace(case, values=())


def named(plan: Plan, query: Any, words: str, *more: tuple[str, Any]) -> Case:
    """A case of a search: its words are the column ``plan``."""
    return Case(plan, query, (("plan", words), *more))
