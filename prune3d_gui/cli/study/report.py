"""`prune3d report`: studies of one network as a single HTML file, with charts and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ...core.jobs import Row
from ...core.model import Model
from ...core.plan.axes import axis_named, baseline_of, seeds_of
from ...core.plan.knobs import Knob, Value
from ...core.score.scores import Metric
from ...core.score.thresholds import FORMS, read_threshold
from ...reports.pictures import SHOTS, scenes_of, shot, spread
from ...studies.ask.answers import Answers, Moved
from ...studies.ask.defaults import metric_named, usual_values
from ...studies.ask.losses import told_losses
from ...studies.ask.moments import moment_of, with_command
from ...studies.ask.questions import Case, Network, Study, cases
from .. import flags, opening
from ..commands import Command, Context, Result, about
from ..output import check_target
from . import studying

SEEDS = 3


def add_report(parser: flags.Parser, model: Model) -> None:
    """Flags of ``report``."""
    text = f"{studying.samples_help(model)}; the first one is pictured"
    flags.add_sample(parser, text)
    parser.add_argument("--out", required=True, metavar="FILE", help="the .html file to write")
    flags.add_axis(parser, model)
    others = [knob.id for knob in _comparable(model)]
    if others:
        text = f"draw a curve for each choice of a knob: {', '.join(others)}"
        parser.add_argument("--compare", metavar="KNOB", help=text)
    baseline = baseline_of(model.knobs)
    if baseline is not None:
        band = baseline.choice.id
        text = f"the choice that is repeated and drawn as a band (default: {band})"
        parser.add_argument("--band", default=band, metavar="CHOICE", help=text)
        text = f"how many seeds of it (default: {SEEDS})"
        parser.add_argument("--seeds", type=flags.whole, default=SEEDS, metavar="N", help=text)
    text = "add the map of units: each alone, at each value of a series"
    parser.add_argument("--sensitivity", action="store_true", help=text)
    parser.add_argument("--units", metavar="UNIT,...", help="units of that map (default: all)")
    metrics = ", ".join(metric.id for metric in model.metrics)
    text = f"the metric of limit and map: {metrics} (default: the first that is plotted)"
    parser.add_argument("--metric", metavar="ID", help=text)
    text = f"value of the metric that may not be passed, drawn as a line: {FORMS} such as +0.5"
    parser.add_argument("--limit", metavar="T", help=text)
    text = f"values of the axis to show in 3D (default: {SHOTS} of the series; '' for none)"
    parser.add_argument("--pictures", metavar="SERIES", help=text)
    studying.add_workers(parser, repeats=True)
    flags.add_knobs(parser, model, series=True)


def run_report(context: Context) -> Result:
    """Ask the studies (what is cached is not computed again), draw, and write the file."""
    from ...reports.finding import Finding
    from ...reports.findings import compose
    from ...reports.report import check_report, write_report
    from ...reports.rows.levels import baseline_of

    model, args = context.model, context.args
    check_report(args.out)
    check_target(args.out)
    metric = metric_named(model.metrics, args.metric)
    limit = read_threshold(args.limit, "--limit", metric.unit) if args.limit else None
    knob = axis_named(model.knobs, args.axis)
    shots = _shots(knob, args.pictures)
    if args.repeats < 0:
        raise BadInput(f"--repeats {args.repeats} is below 0; give a number of runs.")
    samples, words = opening.take_samples(context.ref, model, args.sample, context.cancel)
    studies = _studies(context, knob, samples, words)
    answers = [studying.ask(context, study) for study in studies]
    found = [Finding.of(s, rows) for s, rows in zip(studies, answers, strict=True)]
    lost = told_losses(model.metrics, answers[0], studies[0].axis)
    values = _spread(knob, found[0].rows) if shots is None else shots
    pictures = _pictures(context, samples[0], metric, knob, values)
    level = baseline_of(found[0].rows, metric.id)
    floating = limit is not None and limit.relative and (level is None or level != level)
    moment = moment_of(context.ref, model, about={"samples": words})
    moment = with_command(moment, context.argv)
    report = compose(
        model,
        found,
        metric=metric.id,
        threshold=None if limit is None or floating else limit.at(level or 0.0),
        pictures=pictures,
        citation=context.system.citation,
        command=moment.command,
        cached=_cached(studies),
        notices=(lost,) if lost else (),
    )
    write_report(args.out, replace(report, moment=moment))
    size = Path(args.out).stat().st_size / 1e6
    counted = f"{len(report.figures)} charts, {len(pictures)} pictures, {len(report.tables)} tables"
    told = f"No row is of the unpruned network, so there is no line at {args.limit!r}."
    fresh = [told] * floating + [notice for notice in report.notices if notice not in model.notices]
    notes = [*fresh, f"Wrote {args.out} ({counted}, {size:.1f} MB).", *about(context)]
    every = [row for finding in found for row in (*finding.rows, *finding.parts)]
    return Result(every, notes, layout=lambda rows: [])


COMMAND = Command("report", "write charts, tables and pictures as one file", add_report, run_report)


@dataclass(frozen=True)
class _Watched(Study):
    """A study that remembers how far it was when it last said so."""

    seen: list[Moved] = field(default_factory=list, repr=False, compare=False)

    def answer(self, evaluator: Any) -> Answers:
        """Answer as a study does."""
        for answer in Study.answer(self, evaluator):
            if isinstance(answer, Moved):
                self.seen[:] = [answer]
            yield answer


def _cached(studies: Sequence[_Watched]) -> str:
    seen = [moved for study in studies for moved in study.seen]
    cached, done = sum(moved.cached for moved in seen), sum(moved.done for moved in seen)
    return f"{cached:,} of {done:,} evaluations." if cached else ""


def _studies(context: Context, knob: Knob, samples: tuple[str, ...], words: str) -> list[_Watched]:
    model, args = context.model, context.args
    given, rates, locks = flags.start_of(model, args, series=True)
    series = given | {knob.id: given.get(knob.id) or usual_values(knob)}
    network = Network(context.ref, model.weights_hash)
    compared = getattr(args, "compare", None)
    runs = _runs(context, compared, series)
    todo = tuple(
        case
        for run in runs
        for case in cases(model.knobs, run, innermost=knob.id, rates=rates, locks=locks)
    )
    title, lines = f"{knob.label} against error", _series(model, compared, series, knob)
    studies = [
        _Watched("sweep", title, network, todo, samples, words, knob.id, lines, args.repeats)
    ]
    if args.sensitivity:
        start = _cases(context, knob, (knob.default,))[0]
        values = given.get(knob.id) or usual_values(knob, coarse=True)
        todo, axis = studying.layer_cases(model, knob, values, args.units, start)
        title = "Each unit alone"
        studies.append(_Watched("sensitivity", title, network, todo, samples, words, axis, "unit"))
    return studies


def _runs(
    context: Context, compared: str | None, series: dict[str, tuple[Value, ...]]
) -> list[dict[str, tuple[Value, ...]]]:
    """Series of each curve to be: one for each choice, and of the band as many as seeds."""
    model, args = context.model, context.args
    if compared is None:
        return [series]
    knob = next((k for k in _comparable(model) if k.id == compared), None)
    if knob is None:
        known = ", ".join(k.id for k in _comparable(model))
        raise BadInput(f"--compare {compared!r} is no knob with choices; take one of {known}.")
    chosen = series.get(knob.id) or usual_values(knob)
    baseline = baseline_of(model.knobs)
    repeated = baseline is not None and baseline.seed.id not in series
    runs = []
    for value in chosen:
        run = series | {knob.id: (value,)}
        if repeated and value == args.band:
            run |= {baseline.seed.id: tuple(range(max(1, args.seeds)))}
        runs.append(run)
    return runs


def _series(
    model: Model, compared: str | None, series: dict[str, tuple[Value, ...]], knob: Knob
) -> str:
    """Column that tells the curves apart: the compared knob, else one with many values."""
    silent = {knob.id, *seeds_of(model.knobs)}
    many = (name for name, found in series.items() if len(found) > 1 and name not in silent)
    return compared or next(many, "")


def _cases(context: Context, knob: Knob, values: Sequence[Value]) -> tuple[Case, ...]:
    """A case for each value of `knob`; of other knobs the first value that was given."""
    model, args = context.model, context.args
    given, rates, locks = flags.start_of(model, args, series=True)
    series = {name: found[:1] for name, found in given.items()} | {knob.id: tuple(values)}
    return cases(model.knobs, series, innermost=knob.id, rates=rates, locks=locks)


def _comparable(model: Model) -> list[Knob]:
    return [
        knob for knob in model.knobs if not knob.number and knob.counts and knob.id != model.primary
    ]


def _shots(knob: Knob, text: str | None) -> tuple[Value, ...] | None:
    if text is None:
        return None
    return knob.series(text) if text.strip() else ()


def _spread(knob: Knob, rows: Sequence[Row]) -> tuple[Value, ...]:
    """Some values of the sweep, from the first to the last."""
    values = list(dict.fromkeys(row[knob.id] for row in rows if knob.id in row))
    return spread(values)


def _pictures(
    context: Context, sample: str, metric: Metric, knob: Knob, values: Sequence[Value]
) -> tuple[tuple[str, bytes], ...]:
    """The reference of `sample` and its results, all from one camera and on one scale."""
    if not values:
        return ()
    model = context.model
    captions = [f"{knob.words} {knob.told(value)}" for value in values]
    todo = list(zip(_cases(context, knob, values), captions, strict=True))
    shots, first = scenes_of(model, sample, sample, metric, todo, context.cancel)
    return tuple((caption, shot(scene, first, model.colours)) for caption, scene in shots)
