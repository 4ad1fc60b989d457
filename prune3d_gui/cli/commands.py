"""Commands that look at one model: units, sweep, prune and reconstruct."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.cancel import CancelToken
from ..core.errors import BadInput, Cancelled
from ..core.jobs import Row
from ..core.knobs import knob_named
from ..core.plans import Plan
from ..core.system import Format, Model, ModelRef, System
from ..studies.sweep import Case, case_row, cases, final_stage, sweep
from ..studies.versions import versions
from . import flags, opening
from .console import ProgressLine, say
from .output import check_target

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
    """

    rows: list[Row]
    notes: list[str]
    keep: tuple[str, ...] = ()


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
    return Result(rows, [f"{len(rows)} units, {total:,} elements.", *_about(context)])


def add_sweep(parser: flags.Parser, model: Model) -> None:
    """Flags of ``sweep``."""
    flags.add_knobs(parser, model, series=True)
    text = "a sample, or what the system knows, such as val:N or a path (default: up to val:64)"
    flags.add_sample(parser, text)


def run_sweep(context: Context) -> Result:
    """Score many plans on many samples."""
    model, args = context.model, context.args
    series = flags.knob_series(model.knobs, args, model.units)
    primary = knob_named(model.knobs, model.primary)
    series.setdefault(primary.id, flags.default_series(primary))
    todo = cases(
        model.knobs,
        series,
        innermost=primary.id,
        rates=flags.unit_rates(args.unit_rate, model.units),
        locks=flags.unit_locks(args.lock, model.units),
    )
    samples, words = opening.take_samples(context.ref, model, args.sample)
    rows: list[Row] = []
    try:
        for row in sweep(model, todo, samples, context.cancel, context.progress):
            rows.append(row)
    except Cancelled:
        if not rows:
            raise
        context.progress.clear()
        say(f"stopped after {len(rows)} of {len(todo)} rows; they are complete.")
    seeds = ", ".join(dict.fromkeys(str(row["seed"]) for row in rows))
    counted = f"Means over {len(samples)} samples ({words}), seed {seeds}."
    keep = (primary.id, "zeroed", *(metric.id for metric in model.metrics))
    return Result(rows, [*_definitions(model, rows), counted, *_about(context)], keep)


def add_prune(parser: flags.Parser, model: Model) -> None:
    """Flags of ``prune``."""
    flags.add_knobs(parser, model, series=False)
    flags.add_sample(parser, NETWORK)
    endings = ", ".join(f"{f.suffix} ({f.title})" for f in model.formats)
    text = f"file to write: {endings}".replace("%", "%%")
    parser.add_argument("--out", required=True, metavar="FILE", help=text)


def run_prune(context: Context) -> Result:
    """Write the pruned network itself."""
    model, args = context.model, context.args
    _check_sample(context)
    case = _case(context)
    check_target(args.out)
    chosen = _format(model, args.out)
    applied = model.apply(case.plan)
    for notice in applied.notices:
        say(notice)
    model.export(applied, chosen.id, Path(args.out), _recipe(context, case.plan))
    row = case_row(model, case, applied.footprint, [])
    del row["samples"]
    notes = [f"Wrote {args.out} ({chosen.title}).", *_about(context)]
    return Result([row | {"out": args.out}], notes)


def add_reconstruct(parser: flags.Parser, model: Model) -> None:
    """Flags of ``reconstruct``."""
    flags.add_knobs(parser, model, series=False, draw=True)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--image", metavar="FILE", help="a file of yours to reconstruct from")
    flags.add_sample(source, "a sample (default: the first)")
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="surface, adaptive mesh, points or picture, by its ending",
    )


def run_reconstruct(context: Context) -> Result:
    """Reconstruct one sample under one plan and write the result."""
    from .exporting import check_ending, write_scene

    model, args = context.model, context.args
    case = _case(context)
    check_target(args.out)
    check_ending(args.out)
    sample = opening.take_one(context.ref, model, args.sample, args.image)
    full = None
    if model.reference(sample, case.query) is None:
        applied = model.apply(Plan())
        full = final_stage(model, applied, sample, case.query, context.cancel).scene
    applied = model.apply(case.plan)
    for notice in applied.notices:
        say(notice)
    stage = final_stage(model, applied, sample, case.query, context.cancel)
    scores = model.score(applied, sample, case.query, stage, full)
    scene = stage.scene.with_arrays(scores.arrays) if scores else stage.scene
    value = dict(case.values).get(model.primary, "")
    title = f"{sample} · {model.primary} {value}".rstrip()
    written = write_scene(args.out, title, scene, model.colours, _recipe(context, case.plan))
    row = case_row(model, case, applied.footprint, [scores])
    row["samples"] = 1
    row |= {"sample": sample, "out": args.out}
    notes = [*_definitions(model, [row]), f"Wrote {args.out} ({written}).", *_about(context)]
    return Result([row], notes)


COMMANDS = (
    Command("units", "list what can be pruned", add_units, run_units),
    Command("sweep", "score many plans on many samples", add_sweep, run_sweep),
    Command("prune", "write the pruned network", add_prune, run_prune),
    Command("reconstruct", "write one reconstruction", add_reconstruct, run_reconstruct),
)


def _check_sample(context: Context) -> None:
    if context.args.sample is not None:
        opening.take_one(context.ref, context.model, context.args.sample, None)


def _case(context: Context) -> Case:
    model, args = context.model, context.args
    found = cases(
        model.knobs,
        flags.knob_values(model.knobs, args, model.units),
        rates=flags.unit_rates(args.unit_rate, model.units),
        locks=flags.unit_locks(args.lock, model.units),
    )
    return found[0]


def _format(model: Model, out: str) -> Format:
    for format_ in sorted(model.formats, key=lambda f: -len(f.suffix)):
        if out.lower().endswith(format_.suffix):
            return format_
    known = " or ".join(format_.suffix for format_ in model.formats) or "nothing"
    raise BadInput(f"'{out}' has an ending this model cannot write; it writes {known}.")


def _recipe(context: Context, plan: Plan) -> dict[str, str]:
    return {
        "system": context.system.id,
        "model": context.model.title,
        "weights_hash": context.model.weights_hash,
        "plan": repr(plan),
        "command": shlex.join(["prune3d", *context.argv]),
        **versions(),
    }


def _definitions(model: Model, rows: Sequence[Row]) -> list[str]:
    lines = [
        f"{metric.id}{f' ({metric.unit})' if metric.unit else ''}: "
        f"{metric.definition.rstrip('.')}; {metric.better} is better."
        for metric in model.metrics
    ]
    if any("full" in row.get("against", "") for row in rows):
        lines.append("Without a reference, the unpruned result stands in for it.")
    return lines


def _about(context: Context) -> list[str]:
    model = context.model
    about = f"Network: {model.title} ({model.weights_hash[:12]}) on {model.device}."
    return [about, model.note] if model.note else [about]
