"""`prune3d reproduce`: a paper's tables and figures, its numbers beside ours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import BadInput, Cancelled
from ...core.experiments import Experiment, Printed
from ...core.jobs import Row
from ...core.model import Model
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan
from ...core.system import System
from ...files.tables import columns
from ...reports.rows.captions import seeds
from ...studies.ask.outcomes import footprint_columns
from ...studies.ask.questions import Case, Network, Study
from ...studies.search.trials import named
from .. import flags, opening
from ..commands import Command, Context, Result, about, definitions
from ..output import table
from ..row_tables import with_halves
from . import studying
from .comparison import agreement, at_words, beside, with_limits
from .paper_figures import check_figure, draw_figure, strip_rows

ALL = "all"


@dataclass(frozen=True, eq=False)
class Measured:
    """What the network gave: rows by case, and how the samples were named."""

    rows: Mapping[Case, Row]
    words: str = ""
    notes: tuple[str, ...] = ()

    def of(self, rows: Sequence[Printed], knobs: Sequence[Knob]) -> list[Row | None]:
        """What rows of the paper gave; None for those that a stop left out."""
        return [self.rows.get(_case(printed, knobs)) for printed in rows]


@dataclass(frozen=True, eq=False)
class Part:
    """A table or a figure made again: its rows, and what is said beneath them."""

    experiment: Experiment
    rows: list[Row]
    notes: list[str]

    @property
    def head(self) -> str:
        """What it is."""
        return _title(self.experiment) + "."


def add_reproduce(parser: flags.Parser, model: Model) -> None:
    """Flags of ``reproduce``."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--table", metavar="N", help="the number of a table of the paper, or all")
    which.add_argument("--figure", metavar="N", help="the number of a figure of the paper")
    text = f"{studying.samples_help(model)}; a figure of pictures shows one"
    flags.add_sample(parser, text)
    parser.add_argument("--out", metavar="FILE", help="draw a figure into a .png or .svg file")
    text = "evaluate nothing: only the counts, in seconds"
    parser.add_argument("--counts-only", action="store_true", help=text)
    studying.add_workers(parser)


def run_reproduce(context: Context) -> Result:
    """Make a table, all of them or a figure again, the printed numbers beside ours."""
    args, model = context.args, context.model
    chosen = _chosen(context.system, args.table, args.figure)
    for experiment in chosen:
        check_figure(args.out, experiment, args.counts_only)
    measured = _measured(context, chosen)
    parts = [_part(context, experiment, measured) for experiment in chosen]
    told = [*measured.notes]
    if any(part.experiment.facts is None for part in parts):
        told += about(context)
    if not _every(args.table):
        (part,) = parts
        notes = [part.head, *part.notes, *told]
        return Result(part.rows, notes, layout=lambda _: _layout(part, model))
    rows = [{"table": part.experiment.number} | row for part in parts for row in part.rows]
    return Result(rows, [*_sum(parts, model.knobs), *told], layout=lambda _: _pages(parts, model))


COMMAND = Command(
    "reproduce", "make a table or figure of the paper again", add_reproduce, run_reproduce
)


def _every(number: str | None) -> bool:
    """Whether all tables are asked for."""
    return number is not None and number.strip().lower() == ALL


def _chosen(system: System, table_: str | None, figure: str | None) -> list[Experiment]:
    """The experiments that a person named.

    Raises
    ------
    BadInput
        If there is none of that number.
    """
    kind, number = ("table", table_) if table_ is not None else ("figure", figure)
    known = system.experiments()
    if not known:
        raise BadInput(
            f"The system {system.id!r} names no tables or figures of a paper to make again; "
            f"'prune3d sweep {system.id}' scores any plans you like."
        )
    numbers = {e.number for e in known} if _every(table_) else {number.strip()}
    found = [e for e in known if e.kind == kind and e.number in numbers]
    if found:
        return found
    there = " and ".join(
        f"--{k} {', '.join(e.number for e in known if e.kind == k)}"
        for k in ("table", "figure")
        if any(e.kind == k for e in known)
    )
    raise BadInput(f"There is no {kind} {number!r} to make again; there are {there}.")


def _title(experiment: Experiment) -> str:
    return f"{experiment.kind.capitalize()} {experiment.number}: {experiment.title}"


def _measured(context: Context, chosen: Sequence[Experiment]) -> Measured:
    """Evaluate all that the experiments need, in one study; after a stop, what is complete.

    Raises
    ------
    Cancelled
        If no row that would be shown is complete.
    """
    args, model = context.args, context.model
    asked = [e for e in chosen if e.facts is None and e.measure is None and not e.strip]
    if args.counts_only or not asked:
        return Measured({})
    samples, words = opening.take_samples(context.ref, model, args.sample, context.cancel)
    wanted: list[Case] = []
    for experiment in asked:
        if experiment.climbs:
            wanted.append(_full(experiment, model.knobs))
        shown = (*experiment.ladder, *experiment.rows)
        wanted += [_case(printed, model.knobs) for printed in shown]
    study = Study(
        "experiment",
        _title(asked[0]) if len(asked) == 1 else "All tables",
        Network(context.ref, model.weights_hash),
        tuple(dict.fromkeys(wanted)),
        samples,
        words,
        asked[0].axis,
        asked[0].series,
    )
    rows = {one.case: one.row for one in studying.ask(context, study)}
    if rows.keys().isdisjoint(_case(p, model.knobs) for e in asked for p in e.rows):
        raise Cancelled("Stopped on request.")
    means = f"Means over {len(samples)} samples ({words}), seed {seeds(rows.values())}."
    return Measured(rows, words, (*definitions(model, list(rows.values())), means))


def _case(printed: Printed, knobs: Sequence[Knob]) -> Case:
    return Case(printed.plan.bare(knobs), printed.query.bare(knobs), printed.values)


def _full(experiment: Experiment, knobs: Sequence[Knob]) -> Case:
    """The full model, looked at as the rows are."""
    return named(Plan(), experiment.rows[0].query.bare(knobs), "full model")


def _part(context: Context, experiment: Experiment, measured: Measured) -> Part:
    """Stand what was measured, or counted, beside what the paper printed."""
    args, model = context.args, context.model
    if experiment.facts is not None:
        rows = experiment.facts()
        told = agreement(rows, model.knobs)
        return Part(experiment, rows, [*told, *_notes(experiment, rows, model.knobs)])
    if experiment.measure is not None:
        if args.counts_only:
            raise BadInput(
                f"{_title(experiment)} has no counts without its errors; leave out --counts-only."
            )
        rows, said = experiment.measure(model, context.progress, context.cancel)
        return Part(experiment, rows, [*said, *experiment.notes])
    notes: list[str] = []
    words, full = measured.words, None
    shown = experiment.rows
    found: Sequence[Row | None]
    if args.counts_only:
        found = [footprint_columns(model.apply(p.plan, context.cancel).footprint) for p in shown]
    elif experiment.strip:
        found, full = strip_rows(context, experiment)
        words = full["sample"]
        notes = [*definitions(model, found), f"Scores of the one sample {words}."]
    else:
        found = measured.of(shown, model.knobs)
        full = measured.rows.get(_full(experiment, model.knobs))
    compared = _compared(experiment, model, args.counts_only)
    pairs = list(zip(shown, found, strict=True))
    rows = [beside(printed, row, compared) for printed, row in pairs if row is not None]
    limits: list[str] = []
    if experiment.climbs and full is not None:
        if rungs := experiment.ladder:
            pairs = list(zip(rungs, measured.of(rungs, model.knobs), strict=True))
        metric = model.metrics[0]
        mean = full.get(metric.id, math.nan)
        climbed = next((k.suffix for k in model.knobs if k.id == experiment.climbs), "")
        rows, limits = with_limits(experiment, metric, mean, rows, pairs, words, climbed)
    if experiment.kind == "figure" and not args.counts_only:
        notes.append(draw_figure(context, experiment, rows, words))
    told = [*agreement(rows, model.knobs), *limits]
    return Part(experiment, rows, [*told, *_notes(experiment, rows, model.knobs), *notes])


def _compared(experiment: Experiment, model: Model, counts_only: bool) -> tuple[str, ...]:
    """Columns of ours that stand beside the paper's: counts and the first metric, always."""
    printed = (column for row in experiment.rows for column, _ in row.paper)
    columns = dict.fromkeys(("zeroed", model.metrics[0].id, *printed))
    metrics = {metric.id for metric in model.metrics}
    return tuple(c for c in columns if not counts_only or c not in metrics)


def _notes(experiment: Experiment, rows: Sequence[Row], knobs: Sequence[Knob]) -> list[str]:
    """Notes of the experiment, and those of rows that no disagreement has told of."""
    told = " ".join(agreement(rows, knobs))
    own = [
        f"{row.get('unit') or row.get(experiment.axis)}{at_words(row, knobs)}: {row['note']}"
        for row in rows
        if row.get("note") and row["note"] not in told
    ]
    return [*own, *experiment.notes]


def _sum(parts: Sequence[Part], knobs: Sequence[Knob]) -> list[str]:
    """How many counts agree in all tables of the network together, and which do not."""
    counted = [part for part in parts if part.experiment.facts is None]
    lines = agreement([row for part in counted for row in part.rows], knobs)
    if not lines:
        return []
    numbers = ", ".join(part.experiment.number for part in counted)
    return [f"Tables {numbers} together: {lines[0]}", *lines[1:]]


def _pages(parts: Sequence[Part], model: Model) -> list[str]:
    """All tables one after the other, each with its head and its notes."""
    pages = [[part.head, "", *_layout(part, model), "", *part.notes] for part in parts]
    return [line for page in pages for line in (*page, "")][:-1]


def _layout(part: Part, model: Model) -> list[str]:
    """A table of what stands beside the paper's; all of what an experiment measured itself."""
    rows, names = part.rows, columns(part.rows)
    if part.experiment.measure is not None:
        return table(rows, names)
    printed = [name for name in names if name.startswith("paper_")]
    keep = [part.experiment.axis, *printed, *(name.removeprefix("paper_") for name in printed)]
    if part.experiment.ladder:
        keep += [name for name in names if name.startswith("own_")]
    hidden = {"note", "macs", "removed", *(name for name in names if name.startswith("bytes"))}
    hidden |= {metric.id for metric in model.metrics if f"paper_{metric.id}" not in printed}
    hidden |= {name for name in names if all(row.get(name) == "" for row in rows)}
    slim = [
        {k: v for k, v in row.items() if k.removeprefix("± ") not in hidden}
        for row in (with_halves(row, model.metrics) for row in rows)
    ]
    return table(slim, keep)
