"""The ``budget`` command: the plan that removes most while an error stays within a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import BadInput
from ...core.jobs import Row
from ...core.model import Model
from ...core.plan.axes import axis_named
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan
from ...core.plan.units import Unit
from ...core.score.scores import Metric
from ...core.score.thresholds import FORMS, Threshold, read_threshold
from ...files.plans import write_plan
from ...metrics.intervals import LEVEL, RESAMPLES
from ...studies.ask.answers import Answers, Question, RowFound, Said
from ...studies.ask.defaults import metric_named, usual_threshold
from ...studies.ask.losses import told_losses
from ...studies.ask.moments import moment_of, with_command
from ...studies.ask.questions import Case, Network, cases
from ...studies.search.removal import OBJECTIVES
from ...studies.search.search import BudgetSearch, LargestUniform, network_samples, scope_of
from .. import flags, opening
from ..commands import Command, Context, Result, about, definitions
from ..console import say
from ..output import check_target, fields, table
from .studying import add_workers, ask

SEARCHED, HELD_OUT = 32, 128
PROPOSING = ("curve", "move")
"""Roles of what was measured on few samples, only to propose plans."""
SHOWN = ("full", "uniform", "best", "held-out")


@dataclass(eq=False)
class _Listening:
    """A question whose sentences are kept for the end, to stand beneath the table."""

    question: BudgetSearch | LargestUniform
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kind, self.title = self.question.kind, self.question.title
        self.network = self.question.network

    def answer(self, evaluator: Any) -> Answers:
        for answer in self.question.answer(evaluator):
            if isinstance(answer, Said):
                self.said.append(answer.message)
            else:
                yield answer


def add_budget(parser: flags.Parser, model: Model) -> None:
    """Flags of ``budget``."""
    group = parser.add_argument_group("what is searched for")
    known = ", ".join(metric.id for metric in model.metrics)
    flags.add_axis(group, model)
    group.add_argument("--metric", metavar="NAME", help=f"what must pass: {known}")
    usual = ", ".join(f"{m.id} {m.slack.words(m.unit)}" for m in model.metrics if m.slack)
    text = f"worst mean that passes: {FORMS} such as +0.5 (default: {usual or 'none'})"
    group.add_argument("--threshold", metavar="T", help=flags.escaped(text))
    text = f"what to remove: {', '.join(OBJECTIVES)} (default: weights)"
    group.add_argument("--objective", default="weights", metavar="NAME", help=text)
    text = "units that may have a rate of their own (default: the scope)"
    group.add_argument("--units", metavar="UNIT,...", help=text)
    text = "only look for the largest uniform value"
    group.add_argument("--uniform-only", action="store_true", help=text)
    text = f"samples to search on (default: {model.some(SEARCHED)}, or as many as there are)"
    flags.add_sample(group, text)
    held = model.some(HELD_OUT)
    text = f"samples for the report; those searched on are left out (default: {held})"
    group.add_argument("--held-out", metavar="NAME", help=text)
    text = "file for the best plan, which prune, reconstruct and sweep take as --plan"
    group.add_argument("--out", metavar="FILE", help=text)
    flags.add_knobs(parser, model, series=False)
    add_workers(parser)


def run_budget(context: Context) -> Result:
    """Search, measure what was found on held-out samples, and write the best plan."""
    model, args = context.model, context.args
    check_target(args.out)
    question = _question(context)
    listening = _Listening(question)
    asked: Question = listening
    found = ask(context, asked, network_samples(question))
    kept = [one for one in found if one.row["role"] not in PROPOSING]
    rows = [one.row for one in kept]
    chosen = _chosen(found)
    notes = [*listening.said]
    if chosen is not None:
        notes += _rates(chosen.case.plan, model.units)
        if args.out:
            _write(context, question, chosen)
            notes.append(f"Wrote {args.out}; prune, reconstruct and sweep take it as --plan.")
    elif args.out:
        say(f"no plan was found by then, so '{args.out}' was not written.")
    metric = next(m for m in model.metrics if m.id == question.metric_id)
    tried = sum(row["role"] in ("candidate", "full") for row in rows)
    notes += [
        *_losses(kept, model.metrics),
        *definitions(model, rows),
        f"objective: {OBJECTIVES[question.objective]}; MACs of zeroed weights are no speed-up.",
        f"Searched on {len(question.samples)} samples ({question.words}); {tried} plans were "
        "tried and each verified on the network; --json has them all.",
        f"difference: from the uniform plan on the same samples, with its paired {100 * LEVEL:g} % "
        f"bootstrap interval ({RESAMPLES:,} resamples, seed 0).",
        *about(context),
    ]
    every = [row for one in kept for row in one.rows]
    return Result(every, notes, layout=lambda _: _layout(rows, metric))


def threshold_of(text: str | None, metric: Metric) -> Threshold:
    """Read ``--threshold``; without it, what the metric says.

    Raises
    ------
    BadInput
        If the text is no threshold, or there is none and the metric says nothing.
    """
    if text is None:
        return usual_threshold(metric)
    return read_threshold(text, "--threshold", metric.unit)


def _question(context: Context) -> BudgetSearch | LargestUniform:
    model, args = context.model, context.args
    knob, case = _start(model, args)
    metric = metric_named(model.metrics, args.metric)
    threshold = threshold_of(args.threshold, metric)
    if args.objective not in OBJECTIVES:
        known = ", ".join(OBJECTIVES)
        raise BadInput(f"--objective {args.objective!r} is unknown; take one of {known}.")
    units = scope_of(model, case.plan)
    plan = case.plan
    if args.units:
        names = flags.unit_locks([args.units], model.units)
        for unit in units:
            plan = plan.with_lock(unit.id, unit.id not in names)
        units = tuple(unit for unit in model.units if unit.id in names)
    samples, words = _samples(context)
    held, held_words = _held_out(context, samples)
    common: dict[str, Any] = {
        "network": Network(context.ref, model.weights_hash),
        "knob": knob,
        "metric_id": metric.id,
        "threshold": threshold,
        "objective": args.objective,
        "words": words,
        "held_out": held,
        "held_out_words": held_words,
        "plan": plan,
        "query": case.query,
    }
    if args.uniform_only:
        return LargestUniform(title=f"Largest {knob.id}", samples=samples, **common)
    return BudgetSearch(title="Best plan", units=units, samples=samples, **common)


def _start(model: Model, args: Any) -> tuple[Knob, Case]:
    """The knob that is searched, and what all plans start from."""
    knob = axis_named(model.knobs, args.axis)
    values, rates, locks = flags.start_of(model, args, series=False)
    if getattr(args, f"knob_{knob.id}") is not None:
        raise BadInput(f"--{knob.id} is what is searched for; leave it out.")
    values.pop(knob.id, None)
    return knob, cases(model.knobs, values, rates=rates, locks=locks)[0]


def _samples(context: Context) -> tuple[tuple[str, ...], str]:
    """The samples to search on, and the words for them."""
    ref, model, text = context.ref, context.model, context.args.sample
    mine = opening.own_samples(ref, model)
    if text is None and len(mine) == len(model.samples()) > 0:
        text = model.some(min(SEARCHED, len(mine)))
    found, words = opening.take_samples(ref, model, text, context.cancel)
    return (found, words) if text is not None else (found[:SEARCHED], words)


def _held_out(context: Context, searched: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The samples to report on: those named without those searched on, and words for them."""
    ref, model, text = context.ref, context.model, context.args.held_out
    mine = opening.own_samples(ref, model)
    if text is None and len(mine) < len(model.samples()):
        say("the network has no other samples, so nothing is held out.")
        return (), ""
    words = text or model.some(HELD_OUT)
    text = text or model.some(min(HELD_OUT, len(mine)))
    named = opening.take_samples(ref, model, text, context.cancel)[0]
    found = tuple(sample for sample in named if sample not in set(searched))
    if not found:
        say(f"{words} names no sample but those searched on, so nothing is held out.")
    return found, f"{words} without those searched on"


def _chosen(found: Sequence[RowFound]) -> RowFound | None:
    """The best plan; after Ctrl-C the uniform one or what passes with most removed."""
    for role in ("best", "uniform"):
        for one in found:
            if one.row["role"] == role:
                return one
    passing = [one for one in found if one.row["role"] == "candidate" and one.row.get("passes")]
    return max(passing, key=lambda one: one.row["objective"], default=None)


def _write(context: Context, question: BudgetSearch | LargestUniform, found: RowFound) -> None:
    row, case = found.row, found.case
    told = {"samples": question.words}
    moment = moment_of(context.ref, context.model, plan=case.plan, role="network", about=told)
    names = (question.metric_id, "threshold", "passes", "objective", "objective_of", "samples")
    about_it = {"searched_on": question.words} | {n: row[n] for n in names if n in row}
    write_plan(context.args.out, case.plan, about_it, with_command(moment, context.argv))


def _losses(found: Sequence[RowFound], metrics: Sequence[Metric]) -> list[str]:
    """Which parts vanished, on the samples searched on and on those held out."""
    apart = [one for one in found if one.row["role"] == "held-out"]
    searched = [one for one in found if one.row["role"] != "held-out"]
    told = [told_losses(metrics, some, "objective_percent") for some in (searched, apart)]
    return [*filter(None, (told[0], told[1] and f"On held-out samples: {told[1]}"))]


def _rates(plan: Plan, units: Sequence[Unit]) -> list[str]:
    own = dict(plan.rates)
    told = ", ".join(f"{unit.id} {own[unit.id]:.1f}" for unit in units if unit.id in own)
    return [f"Rates in percent: {told}."] if told else []


def _layout(rows: Sequence[Row], metric: Metric) -> list[str]:
    """The table people read: full, uniform, best and held-out plans."""
    columns = ["role", "plan", "objective", "objective_percent", "zeroed", "removed"]
    columns += [metric.id, "threshold", "passes", "samples"]
    slim = []
    for row in rows:
        if row["role"] not in SHOWN:
            continue
        made = {name: row[name] for name in columns if name in row}
        if "difference" in row:
            low, high = row["difference_low"], row["difference_high"]
            made["difference"] = f"{row['difference']:+.3g} [{low:+.3g}, {high:+.3g}]"
        slim.append(made)
    return fields(slim[0]) if len(slim) == 1 else table(slim, tuple(columns))


COMMAND = Command(
    "budget", "find the plan that removes most within an error", add_budget, run_budget
)
