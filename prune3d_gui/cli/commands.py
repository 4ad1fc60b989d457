"""Commands that look at one model: units, prune and reconstruct."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.cancel import CancelToken
from ..core.drawn import drawn
from ..core.errors import BadInput
from ..core.jobs import Row
from ..core.model import Format, Model, ModelRef
from ..core.names import sayable
from ..core.plan.axes import turned_of
from ..core.plan.plans import Plan, Query, resolve
from ..core.scene.views import foremost, views_of
from ..core.system import System
from ..studies.ask.outcomes import compared, single_parts, single_row
from ..studies.ask.questions import Case, cases
from ..studies.ask.recipe import flat, recipe_of
from ..studies.ask.results import result_of, stand_in
from . import flags, opening
from .console import ProgressLine, say
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
    """

    rows: list[Row]
    notes: list[str]
    keep: tuple[str, ...] = ()
    layout: Callable[[Sequence[Row]], list[str]] | None = None
    code: int = 0


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
    chosen = _format(model, "network", args.out)
    if chosen is None:
        known = _endings(model, "network") or "nothing"
        raise BadInput(f"'{args.out}' has an ending this model cannot write; it writes {known}.")
    cancel = context.cancel
    applied = model.apply(case.plan, cancel)
    for notice in applied.notices:
        say(notice)
    recipe = _recipe(context, case.plan)
    said = model.export(applied, chosen.id, Path(args.out), recipe, cancel)
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


def run_reconstruct(context: Context) -> Result:
    """Reconstruct one sample under one plan and write the result."""
    from .exporting import check_ending, write_scene

    model, args = context.model, context.args
    case = _case(context)
    check_target(args.out)
    own = _format(model, "result", args.out)
    if own is None:
        check_ending(args.out, [f.suffix for f in model.formats if f.of == "result"])
    sample = opening.take_one(context.ref, model, args.sample, args.image)
    look = _look(context)
    case = replace(case, query=look.asked(model.knobs))
    cancel = context.cancel
    full = stand_in(model, sample, case.query, cancel)
    found = result_of(model, case.plan, sample, case.query, full, cancel)
    for notice in found.applied.notices:
        say(notice)
    turned = turned_of(model.knobs, case.plan, model.primary)
    told = ", ".join(f"{knob.id} {case.plan.value(knob)}" for knob in turned)
    recipe, said = _recipe(context, case.plan), ()
    scene = drawn(found.scene, look, model.knobs)
    if own is None:
        title, shown = sayable(f"{sample} · {told}"), foremost(scene, views_of(model)[0])
        written = write_scene(args.out, title, shown, model.colours, flat(recipe))
    else:
        said = model.export_result(scene, own.id, Path(args.out), recipe, cancel)
        written = own.title
    scored = (model.metrics, case, found.applied.footprint, found.scores)
    row = single_row(*scored)
    row |= {"sample": sample, "out": args.out}
    parts = single_parts(*scored)
    wrote = [f"Wrote {args.out} ({written}).", *said]
    notes = [*definitions(model, [row]), *wrote, *about(context)]
    lines = [*fields(row), *part_tables(parts, model.metrics)]
    return Result([row, *parts], notes, layout=lambda _: lines)


COMMANDS = (
    Command("units", "list what can be pruned", add_units, run_units),
    Command("prune", "write the pruned network", add_prune, run_prune),
    Command("reconstruct", "write one reconstruction", add_reconstruct, run_reconstruct),
)


def _check_sample(context: Context) -> None:
    if context.args.sample is not None:
        opening.take_one(context.ref, context.model, context.args.sample, None)


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


def _format(model: Model, of: str, out: str) -> Format | None:
    fit = [f for f in model.formats if f.of == of and out.lower().endswith(f.suffix)]
    return max(fit, key=lambda f: len(f.suffix), default=None)


def _endings(model: Model, of: str) -> str:
    return ", ".join(f"{f.suffix} ({f.title})" for f in model.formats if f.of == of)


def _recipe(context: Context, plan: Plan) -> dict[str, Any]:
    samples = getattr(context.args, "sample", None) or ""
    return recipe_of(context.system.id, context.model, plan, samples=samples, command=context.argv)


def definitions(model: Model, rows: Sequence[Row]) -> list[str]:
    """One line for each metric that rows have, and one for what stands in for a reference."""
    lines = [
        f"{metric.id}{f' ({metric.unit})' if metric.unit else ''}: "
        f"{metric.definition.rstrip('.')}; {metric.better} is better."
        for metric in model.metrics
        if not rows or any(metric.id in row for row in rows)
    ]
    return lines + compared(rows)


def about(context: Context) -> list[str]:
    """Lines that say which network it was, and what its users must know."""
    model = context.model
    line = f"Network: {model.title} ({model.weights_hash[:12]}) on {model.device}."
    return [line, model.note] if model.note else [line]
