"""Figures of a paper: curves and scatters of rows, and strips of pictures of one sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...core.errors import BadInput
from ...core.experiments import Experiment, Printed
from ...core.jobs import Progress, Row
from ...core.model import Model
from ...core.plan.axes import axes_of
from ...core.plan.plans import Plan, Query
from ...core.scene.scenes import Mesh, Scene
from ...studies.ask.moments import moment_of, with_command
from ...studies.ask.outcomes import footprint_columns
from ...studies.ask.results import result_of, stand_in
from .. import opening
from ..commands import Context
from ..output import check_target

CHARTS = (".png", ".svg")
STRIP_COLUMNS, STRIP_CELL = 5, (330, 300)


def check_figure(out: str | None, experiment: Experiment, counts_only: bool) -> None:
    """Refuse a file that the experiment cannot be drawn into.

    Raises
    ------
    BadInput
        If it is a table, nothing is evaluated, or the ending is another.
    """
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


def strip_rows(context: Context, experiment: Experiment) -> tuple[list[Row], Row]:
    """Reconstruct one sample plan after plan; the pictures are drawn if asked for.

    Returns
    -------
    rows : list of flat rows
    full : flat row
        Of the full model, on the same sample.
    """
    model, args = context.model, context.args
    sample = opening.take_one(context.ref, model, args.sample, None, context.cancel)
    query, cancel = experiment.rows[0].query, context.cancel
    full = stand_in(model, sample, query, cancel)
    full_row, _ = _shot(context, Plan(), query, sample, full)
    rows, shots = [], []
    for done, printed in enumerate(experiment.rows):
        cancel.check()
        context.progress(Progress(done, len(experiment.rows), f"{sample}, picture {done + 1}"))
        row, scene = _shot(context, printed.plan, printed.query, sample, full)
        rows.append(row)
        shots.append((_caption(printed, row, model), scene))
    if args.out:
        _draw_strip(context, shots)
    return rows, full_row


def draw_figure(context: Context, experiment: Experiment, rows: Sequence[Row], words: str) -> str:
    """Draw rows, if a file was asked for; says where it is, or how to get it."""
    out, model = context.args.out, context.model
    if not out:
        ending = ".png" if experiment.strip else ".png or .svg"
        return f"To draw it, give --out with a name that ends in {ending}."
    if not experiment.strip:
        from ...reports.charts import draw_curves, draw_scatter

        metric = model.metrics[0]
        about = {
            "metric": metric,
            "title": f"Figure {experiment.number}: {experiment.title}",
            "threshold": rows[0].get("threshold"),
            "words": words,
        }
        if experiment.series == "unit":
            parts = {unit.id: unit.path[0] for unit in model.units}
            draw_scatter(out, rows, parts=parts, **about)
        else:
            axis = experiment.axis
            draw_curves(
                out,
                rows,
                x=axis,
                series=experiment.series,
                paper=[row for row in rows if row.get(f"paper_{metric.id}") is not None],
                x_title=next((k.axis_title for k in model.knobs if k.id == axis), axis),
                knees=False,
                **about,
            )
    return f"Wrote {out}."


def _shot(
    context: Context, plan: Plan, query: Query, sample: str, full: Scene | None
) -> tuple[Row, Scene]:
    """The row of one sample under one plan, and its picture in the colours of its error."""
    found = result_of(context.model, plan, sample, query, full, context.cancel)
    scores = found.scores
    row = footprint_columns(found.applied.footprint) | (dict(scores.values) if scores else {})
    if scores and scores.against != "reference":
        row["against"] = scores.against
    return row | {"samples": 1, "seed": 0, "sample": sample}, found.scene


def _caption(printed: Printed, row: Row, model: Model) -> str:
    values = dict(printed.values)
    knob = next((k for k in axes_of(model.knobs) if k.id in values), None)
    head = knob.told(values[knob.id]) if knob else "full"
    metric = model.metrics[0]
    value = row.get(metric.id)
    score = "" if value is None else f", {metric.title.split(' ')[0]} {value:.3g}"
    return f"{head} · {row['zeroed']:,} zeroed{score}"


def _draw_strip(context: Context, shots: Sequence[tuple[str, Scene]]) -> None:
    from ...drawing.pictures import picture, strips

    columns = min(STRIP_COLUMNS, len(shots))
    lines = -(-len(shots) // columns)
    wide, tall = STRIP_CELL
    picture(
        shots,
        context.args.out,
        size=(columns * wide, lines * tall + strips()),
        style="mesh" if shots[0][1].first(Mesh) else "points",
        colours=context.model.colours,
        moment=with_command(moment_of(context.ref, context.model), context.argv),
        columns=columns,
    )
