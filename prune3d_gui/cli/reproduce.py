"""`prune3d reproduce`: a paper's tables and figures, its numbers beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..core.errors import BadInput
from ..core.experiments import Experiment, Printed
from ..core.jobs import Progress, Row
from ..core.plans import Plan
from ..core.system import Model, System
from ..studies.outcomes import footprint_columns
from ..studies.questions import Case, Network, Study
from ..studies.recipe import flat, recipe_of
from ..studies.sweep import final_stage, scored
from . import flags, opening, studying
from .commands import Command, Context, Result, about, definitions
from .output import check_target, table

CHARTS = (".png", ".svg")
STRIP_COLUMNS, STRIP_CELL = 5, (330, 300)


def add_reproduce(parser: flags.Parser, model: Model) -> None:
    """Flags of ``reproduce``."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--table", metavar="N", help="the number of a table of the paper")
    which.add_argument("--figure", metavar="N", help="the number of a figure of the paper")
    text = "samples, as in sweep (default: up to val:64); a figure of pictures shows one"
    flags.add_sample(parser, text)
    parser.add_argument("--out", metavar="FILE", help="draw a figure into a .png or .svg file")
    text = "evaluate nothing: only the counts, in seconds"
    parser.add_argument("--counts-only", action="store_true", help=text)
    studying.add_workers(parser)


def run_reproduce(context: Context) -> Result:
    """Make a table or a figure again and stand the printed numbers beside ours."""
    args, model = context.args, context.model
    kind, number = ("table", args.table) if args.table is not None else ("figure", args.figure)
    experiment = _find(context.system, kind, number)
    _check_out(args.out, experiment, args.counts_only)
    head = f"{kind.capitalize()} {number}: {experiment.title}."
    if experiment.facts is not None:
        rows = experiment.facts()
        return _result(experiment, model, rows, [head, *agreement(rows), *_notes(experiment, rows)])
    notes, words = [], ""
    if args.counts_only:
        found = [footprint_columns(model.apply(p.plan).footprint) for p in experiment.rows]
    elif experiment.strip:
        found = _strip(context, experiment)
        notes = [*definitions(model, found), f"Scores of the one sample {found[0]['sample']}."]
    else:
        samples, words = opening.take_samples(context.ref, model, args.sample)
        found = _evaluate(context, experiment, samples, words)
        seeds = ", ".join(dict.fromkeys(str(row["seed"]) for row in found if row))
        notes += [f"Means over {len(samples)} samples ({words}), seed {seeds or 0}."]
        notes[:0] = definitions(model, [row for row in found if row])
    compared = _compared(experiment, model, args.counts_only)
    rows = [
        beside(printed, row, compared)
        for printed, row in zip(experiment.rows, found, strict=True)
        if row is not None
    ]
    if experiment.kind == "figure" and not args.counts_only:
        notes.append(_draw(context, experiment, rows, words))
    told = [head, *agreement(rows), *_notes(experiment, rows), *notes, *about(context)]
    return _result(experiment, model, rows, told)


COMMAND = Command(
    "reproduce", "make a table or figure of the paper again", add_reproduce, run_reproduce
)


def beside(printed: Printed, found: Row, compared: Iterable[str]) -> Row:
    """One row: what tells it from others, then our columns, each beside the paper's.

    Parameters
    ----------
    printed : Printed
    found : flat row
        Ours.
    compared : iterable of column
        Columns that the paper has; what it did not print, or is not known, is None.
    """
    paper = dict(printed.paper)
    row: Row = dict(printed.values)
    for column in compared:
        row |= {column: found.get(column), f"paper_{column}": paper.get(column)}
    skipped = ("unit_rates", "locks", "prunable", "total")
    row |= {k: v for k, v in found.items() if k not in row and k not in skipped}
    return row | ({"note": printed.note} if printed.note else {})


def agreement(rows: Sequence[Row]) -> list[str]:
    """Say how many of our whole numbers equal the printed ones, and which do not.

    Parameters
    ----------
    rows : sequence of flat rows
        With a column ``paper_c`` for a column ``c``.
    """
    pairs = [
        (row, column, row[column], row[f"paper_{column}"])
        for row in rows
        for column in row
        if isinstance(row.get(f"paper_{column}"), int) and isinstance(row[column], int)
    ]
    if not pairs:
        return []
    wrong = [pair for pair in pairs if pair[2] != pair[3]]
    lines = [f"{len(pairs) - len(wrong)} of {len(pairs)} counts equal the paper's."]
    for row, column, ours, theirs in wrong:
        name = " ".join(str(value) for value in list(row.values())[:3] if isinstance(value, str))
        rate = f" at {row['rate']:g} %" if "rate" in row else ""
        why = row.get("note") or "this network is not the paper's, or the rule is another."
        lines.append(f"{name}{rate}, {column}: {ours:,} and not {theirs:,}; {why}")
    return lines


def _find(system: System, kind: str, number: str) -> Experiment:
    known = system.experiments()
    if not known:
        raise BadInput(
            f"The system {system.id!r} names no tables or figures of a paper to make again; "
            f"'prune3d sweep {system.id}' scores any plans you like."
        )
    for experiment in known:
        if (experiment.kind, experiment.number) == (kind, number.strip()):
            return experiment
    there = " and ".join(
        f"--{k} {', '.join(e.number for e in known if e.kind == k)}"
        for k in ("table", "figure")
        if any(e.kind == k for e in known)
    )
    raise BadInput(f"There is no {kind} {number!r} to make again; there are {there}.")


def _check_out(out: str | None, experiment: Experiment, counts_only: bool) -> None:
    if out is None:
        return
    check_target(out)
    if experiment.kind == "table":
        raise BadInput(f"'{out}' is for a figure; write the rows of a table with --json FILE.")
    if counts_only:
        raise BadInput(f"'{out}' cannot be drawn from counts alone; leave out --counts-only.")
    endings = (".png",) if experiment.strip else CHARTS
    if Path(out).suffix.lower() not in endings:
        raise BadInput(f"'{out}' has no ending for this figure; take {' or '.join(endings)}.")


def _compared(experiment: Experiment, model: Model, counts_only: bool) -> tuple[str, ...]:
    """Columns of ours that stand beside the paper's: counts and the first metric, always."""
    printed = (column for row in experiment.rows for column, _ in row.paper)
    columns = dict.fromkeys(("zeroed", model.metrics[0].id, *printed))
    metrics = {metric.id for metric in model.metrics}
    return tuple(c for c in columns if not counts_only or c not in metrics)


def _evaluate(
    context: Context, experiment: Experiment, samples: tuple[str, ...], words: str
) -> list[Row | None]:
    """Rows of all that was evaluated before a stop; None for the rest."""
    knobs = context.model.knobs
    study = Study(
        "experiment",
        f"{experiment.kind.capitalize()} {experiment.number}: {experiment.title}",
        Network(context.ref, context.model.weights_hash),
        tuple(Case(p.plan.bare(knobs), p.query.bare(knobs), p.values) for p in experiment.rows),
        samples,
        words,
        experiment.axis,
        experiment.series,
    )
    rows = {case: row for row, case in studying.ask(context, study)}
    return [rows.get(case) for case in study.cases]


def _strip(context: Context, experiment: Experiment) -> list[Row | None]:
    """Reconstruct one sample plan after plan; the pictures are drawn if asked for."""
    model, args = context.model, context.args
    sample = opening.take_one(context.ref, model, args.sample, None)
    full, rows, shots = None, [], []
    for done, printed in enumerate(experiment.rows):
        context.cancel.check()
        context.progress(Progress(done, len(experiment.rows), f"{sample}, picture {done + 1}"))
        if full is None and model.reference(sample, printed.query) is None:
            bare = model.apply(Plan())
            full = final_stage(model, bare, sample, printed.query, context.cancel).scene
        applied = model.apply(printed.plan)
        stage = final_stage(model, applied, sample, printed.query, context.cancel)
        scores = scored(model, applied, sample, printed.query, stage, full)
        values = dict(scores.values) if scores else {}
        rows.append(footprint_columns(applied.footprint) | values | {"samples": 1, "seed": 0})
        if scores and scores.against != "reference":
            rows[-1]["against"] = scores.against
        scene = stage.scene.with_arrays(scores.arrays) if scores else stage.scene
        shots.append((_caption(printed, rows[-1], model), scene))
    if args.out:
        _draw_strip(context, experiment, shots)
    return [row | {"sample": sample} for row in rows]


def _caption(printed: Printed, row: Row, model: Model) -> str:
    rate = dict(printed.values).get(model.primary)
    head = f"{rate:g} %" if isinstance(rate, float) else str(rate)
    metric = model.metrics[0]
    value = row.get(metric.id)
    score = "" if value is None else f", {metric.title.split(' ')[0]} {value:.3g}"
    return f"{head} · {row['zeroed']:,} zeroed{score}"


def _draw_strip(context: Context, experiment: Experiment, shots: Sequence[tuple]) -> None:
    from ..core.scenes import Mesh
    from ..drawing.pictures import STRIPS, picture

    columns = min(STRIP_COLUMNS, len(shots))
    lines = -(-len(shots) // columns)
    wide, tall = STRIP_CELL
    picture(
        shots,
        context.args.out,
        size=(columns * wide, lines * tall + STRIPS),
        style="mesh" if shots[0][1].layer(Mesh) else "points",
        colours=context.model.colours,
        recipe=flat(recipe_of(context.system.id, context.model, Plan(), command=context.argv)),
        columns=columns,
    )


def _draw(context: Context, experiment: Experiment, rows: Sequence[Row], words: str) -> str:
    """Draw what was asked for; says where it is, or how to get it."""
    out, model = context.args.out, context.model
    if not out:
        ending = ".png" if experiment.strip else ".png or .svg"
        return f"To draw it, give --out with a name that ends in {ending}."
    if not experiment.strip:
        from ..reports.charts import draw_curves, draw_scatter

        metric = model.metrics[0]
        title = f"Figure {experiment.number}: {experiment.title}"
        if experiment.series == "unit":
            parts = {unit.id: unit.path[0] for unit in model.units}
            draw_scatter(out, rows, metric=metric, parts=parts, title=title, words=words)
        else:
            printed = [row for row in rows if row.get(f"paper_{metric.id}") is not None]
            draw_curves(
                out,
                rows,
                x=experiment.axis,
                metric=metric,
                series=experiment.series,
                title=title,
                paper=printed,
                x_title=_axis_title(model, experiment.axis),
                knees=False,
                words=words,
            )
    return f"Wrote {out}."


def _axis_title(model: Model, axis: str) -> str:
    for knob in model.knobs:
        if knob.id == axis:
            return f"{knob.title} ({knob.unit})" if knob.unit else knob.title
    return axis


def _notes(experiment: Experiment, rows: Sequence[Row]) -> list[str]:
    """Notes of the experiment, and those of rows that no disagreement has told of."""
    told = " ".join(agreement(rows))
    own = [
        f"{row.get('unit') or row.get(experiment.axis)} at {row['rate']:g} %: {row['note']}"
        for row in rows
        if row.get("note") and row["note"] not in told
    ]
    return [*own, *experiment.notes]


def _result(experiment: Experiment, model: Model, rows: list[Row], notes: list[str]) -> Result:
    """Rows with everything that is known, and a table of what stands beside the paper's."""
    hidden = {"note", "macs", "removed"}
    hidden |= {name for row in rows[:1] for name in row if name.startswith("bytes")}
    hidden |= {
        metric.id for metric in model.metrics if f"paper_{metric.id}" not in (rows or [{}])[0]
    }

    keep = [experiment.axis, *(name for name in (rows or [{}])[0] if name.startswith("paper_"))]
    keep += [name.removeprefix("paper_") for name in keep[1:]]

    def layout(found: Sequence[Row]) -> list[str]:
        empty = {name for name in found[0] if all(row.get(name) == "" for row in found)}
        slim = [
            {k: v for k, v in row.items() if k.removeprefix("± ") not in hidden | empty}
            for row in (studying.with_halves(row, model.metrics) for row in found)
        ]
        return table(slim, keep)

    return Result(rows, notes, layout=layout)
