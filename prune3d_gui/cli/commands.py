"""Commands that look at one model: units, prune and reconstruct."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.cancel import CancelToken
from ..core.drawn import drawn
from ..core.errors import BadInput
from ..core.jobs import Progress, Row
from ..core.model import Format, Model, ModelRef, Sample, Stage
from ..core.moment import Moment
from ..core.names import sayable
from ..core.plan.axes import turned_of
from ..core.plan.plans import Plan, Query, Request, resolve
from ..core.scene.scenes import Scene
from ..core.scene.views import foremost, views_of
from ..core.system import System
from ..studies.ask.moments import exported, moment_of, reconstructed, scores_in_words, stamped
from ..studies.ask.outcomes import compared, single_parts, single_row
from ..studies.ask.panes import pane_result
from ..studies.ask.questions import Case, cases
from . import flags, opening
from .console import ProgressLine, say
from .exporting import check_ending, write_scene
from .output import check_target, fields
from .row_tables import part_tables

NETWORK = "the sample whose network is meant, where each is a network of its own"


@dataclass(frozen=True, eq=False)
class Context:
    """What a command works on."""

    system: System
    ref: ModelRef
    model: Model
    args: argparse.Namespace
    argv: Sequence[str]
    cancel: CancelToken
    progress: ProgressLine


@dataclass(frozen=True, eq=False)
class Result:
    """What a command found.

    Parameters
    ----------
    rows : list of dict
    notes : list of str
        Lines beneath the table.
    keep : tuple of str
        Columns to show even where they never change.
    layout : callable, optional
        Makes the lines people read of the rows; a table by default.
    code : int
        Exit code.
    moment : Moment or None
        What the rows were made from, by which command.
    """

    rows: list[Row]
    notes: list[str]
    keep: tuple[str, ...] = ()
    layout: Callable[[Sequence[Row]], list[str]] | None = None
    code: int = 0
    moment: Moment | None = None


@dataclass(frozen=True, eq=False)
class Command:
    """A command on a model: its flags, and what it does."""

    name: str
    help: str
    add: Callable[[flags.Parser, Model], None]
    run: Callable[[Context], Result]


def add_units(parser: flags.Parser, model: Model) -> None:
    """Flags of ``units``."""
    flags.add_sample(parser, NETWORK)


def run_units(context: Context) -> Result:
    """List what can be pruned."""
    _check_sample(context)
    rows = [
        {"label": u.id, "name": u.name, "group": u.group, "count": u.count, "macs": u.macs}
        for u in context.model.units
    ]
    total = sum(unit.count for unit in context.model.units)
    return Result(rows, [f"{len(rows)} units, {total:,} elements.", *about(context)])


def add_prune(parser: flags.Parser, model: Model) -> None:
    """Flags of ``prune``."""
    flags.add_knobs(parser, model, series=False)
    flags.add_sample(parser, NETWORK)
    text = f"file to write: {_endings(model, 'network')}".replace("%", "%%")
    parser.add_argument("--out", required=True, metavar="FILE", help=text)


def run_prune(context: Context) -> Result:
    """Write the pruned network itself."""
    model, args = context.model, context.args
    _check_sample(context)
    case = _case(context)
    check_target(args.out)
    chosen = format_for(model, "network", args.out)
    if chosen is None:
        known = _endings(model, "network") or "nothing"
        raise BadInput(f"'{args.out}' has an ending this model cannot write; it writes {known}.")
    cancel = context.cancel
    applied = model.apply(case.plan, cancel)
    for notice in applied.notices:
        say(notice)
    sample = _named_sample(context)
    moment = exported(
        moment_of(context.ref, model, sample=sample, plan=case.plan, role="network"), args.out
    )
    said = model.export(applied, chosen.id, Path(args.out), moment.as_fields(), cancel)
    row = single_row((), case, applied.footprint, None)
    del row["samples"], row["against"]
    notes = [f"Wrote {args.out} ({chosen.title}).", *said, *about(context)]
    return Result([row | {"out": args.out}], notes)


def add_reconstruct(parser: flags.Parser, model: Model) -> None:
    """Flags of ``reconstruct``."""
    flags.add_knobs(parser, model, series=False, draw=True)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--image", metavar="FILE", help="a file of yours to reconstruct from")
    flags.add_sample(source, "a sample (default: the first)")
    text = "surface, adaptive mesh, points or picture, by its ending"
    if own := _endings(model, "result"):
        text = f"{text}; or {own}".replace("%", "%%")
    parser.add_argument("--out", required=True, metavar="FILE", help=text)
    text = "whose result: pruned (default), full, the unpruned one, or reference"
    roles = ("pruned", "full", "reference")
    parser.add_argument("--result", choices=roles, default="pruned", help=text)


def run_reconstruct(context: Context) -> Result:
    """Reconstruct one sample under one plan and write the result."""
    model, args = context.model, context.args
    case = _case(context)
    check_target(args.out)
    if format_for(model, "result", args.out) is None:
        check_ending(args.out, [f.suffix for f in model.formats if f.of == "result"])
    sample = opening.take_one(context.ref, model, args.sample, args.image, context.cancel)
    look = _look(context)
    case = replace(case, query=look.asked(model.knobs))
    request = Request(sample, case.plan, case.query)

    def tell(stage: Stage) -> None:
        if stage.name:
            context.progress(Progress(0, 0, f"{stage.name[0].upper()}{stage.name[1:]}."))

    found = pane_result(model, request, args.result, context.cancel, tell)
    context.progress.clear()
    for notice in found.notices:
        say(notice)
    chosen = _stamped(context, sample)
    moment = moment_of(
        context.ref, model, sample=chosen, plan=case.plan, query=look, role=args.result,
        quality="full", about=scores_in_words(found.scores),
    )  # fmt: skip
    moment = reconstructed(moment, args.out)
    if args.result != "pruned":
        case = replace(case, plan=Plan())
    scene = drawn(found.scene, look, model.knobs)
    written, said = write_result(model, scene, args.out, moment, context.cancel)
    row = {"result": "reference"}
    parts: tuple[Row, ...] = ()
    if found.footprint is not None:
        row = single_row(model.metrics, case, found.footprint, found.scores)
        parts = single_parts(model.metrics, case, found.footprint, found.scores)
    row |= {"sample": sample, "out": args.out}
    wrote = [f"Wrote {args.out} ({written}).", *said]
    notes = [*definitions(model, [row]), *wrote, *about(context)]
    lines = [*fields(row), *part_tables(parts, model.metrics)]
    return Result([row, *parts], notes, layout=lambda _: lines)


def write_result(
    model: Model, scene: Scene, out: str, moment: Moment, cancel: CancelToken
) -> tuple[str, tuple[str, ...]]:
    """Write a result in a format of the model's own, else as a shape or a picture.

    Returns what was written in a word, and what to say about it.
    """
    own = format_for(model, "result", out)
    if own is not None:
        said = model.export_result(scene, own.id, Path(out), moment.as_fields(), cancel)
        return own.title, said
    turned = turned_of(model.knobs, moment.plan, model.primary)
    told = ", ".join(f"{knob.id} {moment.plan.value(knob)}" for knob in turned)
    if moment.role != "pruned":
        told = moment.role
    title, shown = sayable(f"{moment.sample} · {told}"), foremost(scene, views_of(model)[0])
    return write_scene(out, title, shown, model.colours, moment), ()


COMMANDS = (
    Command("units", "list what can be pruned", add_units, run_units),
    Command("prune", "write the pruned network", add_prune, run_prune),
    Command("reconstruct", "write one reconstruction", add_reconstruct, run_reconstruct),
)


def _check_sample(context: Context) -> None:
    if context.args.sample is not None:
        opening.take_one(context.ref, context.model, context.args.sample, None, context.cancel)


def _case(context: Context) -> Case:
    model, args = context.model, context.args
    values, rates, locks = flags.start_of(model, args, series=False)
    return cases(model.knobs, values, rates=rates, locks=locks)[0]


def _look(context: Context) -> Query:
    """How the flags ask to look, those that change no number included."""
    given = flags.knob_values(context.model, context.args)
    return resolve(context.model.knobs, {name: value for name, (value,) in given.items()})[1].bare(
        context.model.knobs
    )


def format_for(model: Model, of: str, out: str) -> Format | None:
    """The model's format of networks or results that the ending of `out` names, if there is one."""
    fit = [f for f in model.formats if f.of == of and out.lower().endswith(f.suffix)]
    return max(fit, key=lambda f: len(f.suffix), default=None)


def _endings(model: Model, of: str) -> str:
    return ", ".join(f"{f.suffix} ({f.title})" for f in model.formats if f.of == of)


def _named_sample(context: Context) -> Sample | None:
    """The sample whose network is meant, where one is named."""
    named = context.args.sample
    known = {sample.id: sample for sample in context.model.samples()}
    return known.get(named) if named is not None else None


def _stamped(context: Context, sample: str) -> Sample:
    """A sample as the model has it, with name and hash where it is a file of the person's."""
    args, model = context.args, context.model
    found = next(one for one in model.samples() if one.id == sample)
    file = args.image or (args.sample if args.sample and os.path.exists(args.sample) else "")
    known = file and not (context.ref.own and Path(file) == Path(context.ref.own))
    return stamped(found, Path(file)) if known else found


def definitions(model: Model, rows: Sequence[Row]) -> list[str]:
    """One line for each metric that rows have, and one for what stands in for a reference."""
    lines = [
        f"{metric.id}{f' ({metric.unit})' if metric.unit else ''}: {metric.defined}"
        for metric in model.metrics
        if not rows or any(metric.id in row for row in rows)
    ]
    return lines + compared(rows)


def about(context: Context) -> list[str]:
    """Lines that say which network it was, and what its users must know."""
    model = context.model
    line = f"Network: {model.title} ({model.weights_hash[:12]}) on {model.device}."
    return [line, model.note] if model.note else [line]
