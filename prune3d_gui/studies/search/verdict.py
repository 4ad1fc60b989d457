"""The verdict on a search: what was found, and what of it holds on samples not searched on."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from ...core.jobs import Said
from ...core.plan.plans import Plan
from ...metrics.intervals import LEVEL
from ..ask.answers import Answers, RowFound
from ..ask.questions import Case
from ..ask.statistics import paired_interval, smallest_detectable
from .removal import OBJECTIVES, Removal
from .sought import Sought
from .trials import Trial, Trials, named
from .uniform import Scale


def held_out(
    question: Sought,
    trials: Trials,
    scale: Scale,
    full: Case,
    uniform: Trial,
    best: Trial,
) -> Answers:
    """Measure full, uniform and best on the samples that the search has not seen.

    A uniform plan that removes as much as the best is measured too: at even removal the errors
    compare. A threshold that is relative is so to the full model's mean on these samples.
    Rows have the difference from the uniform plan, with its paired bootstrap interval.
    """
    words = question.held_out_words or f"{len(question.held_out)} held-out samples"
    other = Trials(
        trials.evaluator, trials.metric, question.held_out, words, trials.removal, trials.tally
    )
    cases = [full, uniform.case]
    if best is not uniform:
        cases += [best.case, *_as_much(question, trials.removal, scale, best)]
    found = yield from other.measure(cases, message="held-out samples", quiet=True)
    own = found[0].mean
    other.limit = replace(trials.allowed, threshold=question.threshold.at(own), full=own)
    for trial in found:
        yield _compared(other, trial, found[1])
    if best is not uniform:
        unseen = f"{words}, unseen by the search"
        told = [said(question, other, found[1], found[2], unseen)]
        told += [_even(*found[2:])] if len(found) > 3 else []
        yield Said(" ".join(told))


def _as_much(question: Sought, removal: Removal, scale: Scale, best: Trial) -> list[Case]:
    """The first uniform plan that removes no less than `best`, if one does; none is measured."""
    knob = scale.knob

    def plan(place: int) -> Plan:
        return question.plan.with_value(knob, scale.at(place))

    def amount(place: int) -> int:
        return removal.of(plan(place)).amount

    if amount(scale.size) < best.removed.amount:
        return []
    place = bisect_left(range(scale.size), best.removed.amount, key=amount)
    value = scale.at(place)
    words = f"{knob.id} {value:g}, as much as the best"
    return [named(plan(place), question.query, words, (knob.id, value))]


def _even(best: Trial, uniform: Trial) -> str:
    """How the best plan compares with a uniform one that removes as much."""
    apart, low, high = paired_interval(*best.pairs(uniform))
    return (
        f"A uniform plan that removes as much ({_words(uniform)}) has {uniform.mean:.4g} there; "
        f"the best plan's differs from that by {apart:+.3g} [{low:+.3g}, {high:+.3g}]."
    )


def _compared(trials: Trials, trial: Trial, uniform: Trial) -> RowFound:
    found = trials.found(trial, "held-out")
    apart = paired_interval(*trial.pairs(uniform))
    names = ("difference", "difference_low", "difference_high")
    return replace(found, row=found.row | dict(zip(names, apart, strict=True)))


def said(question: Sought, trials: Trials, uniform: Trial, best: Trial, words: str) -> str:
    """What was found, in a few sentences: how much more is removed, and at what error."""
    metric, limit = trials.metric, trials.allowed
    sign = "<=" if metric.better == "lower" else ">="

    def told(trial: Trial) -> str:
        verdict = "passes" if trials.passes(trial) else "does not pass"
        return f"{metric.id} {trial.mean:.4g}, which {verdict} {sign} {limit.threshold:.4g}"

    what = OBJECTIVES[question.objective]
    text = (
        f"On {words} ({len(trials.samples)} samples): the uniform plan ({_words(uniform)}) has "
        f"{uniform.removed.amount:,} {what} ({uniform.removed.percent:.1f} % of the network) and "
        f"{told(uniform)}"
    )
    if best is uniform:
        return text + "."
    more = best.removed.amount - uniform.removed.amount
    share = f" ({100 * more / uniform.removed.amount:+.1f} %)" if uniform.removed.amount else ""
    text += (
        f"; the best plan has {best.removed.amount:,} ({best.removed.percent:.1f} %), "
        f"{more:+,}{share}, and {told(best)}."
    )
    apart, low, high = paired_interval(*best.pairs(uniform))
    if len(trials.samples) == 1:
        return f"{text} Its {metric.id} differs by {apart:+.3g}, on one sample."
    values, others = best.pairs(uniform)
    least = smallest_detectable(values - others)
    return (
        f"{text} Its {metric.id} differs by {apart:+.3g} [{low:+.3g}, {high:+.3g}] "
        f"({100 * LEVEL:g} % bootstrap, paired); less than {least:.2g} is not told from none by "
        "so many samples."
    )


def _words(trial: Trial) -> str:
    return str(dict(trial.case.values).get("plan", ""))
