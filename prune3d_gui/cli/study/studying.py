"""Studies on the command line: ``sweep`` and ``sensitivity``, and how any question is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...core.errors import BadInput, Cancelled
from ...core.jobs import Progress, Row
from ...core.model import Model
from ...core.plan.axes import axis_named, units_along
from ...core.plan.knobs import Knob
from ...studies.ask.answers import Moved, Question, RowFound, Said
from ...studies.ask.defaults import usual_metric, usual_values
from ...studies.ask.questions import Case, Network, Study, cases, own_axis, sensitivity_cases
from ...studies.run.cache import ResultCache
from ...studies.run.evaluator import Evaluator
from ...studies.run.local import LocalWorkers
from ...studies.run.places import FEW, WorkersSpec, network_at, open_workers
from ...studies.run.worker import lent
from .. import flags, opening
from ..commands import Command, Context, Result, about
from ..console import say
from ..output import fields, table
from ..row_tables import part_tables, with_halves
from .study_tables import counted, pivot


def samples_help(model: Model) -> str:
    """What ``--samples`` takes of this model."""
    usual = model.some(opening.DEFAULT_SAMPLES)
    return f"a sample, a path, or words such as {usual} (the default, or as many as there are)"


def add_workers(parser: flags.Parser, repeats: bool = False) -> None:
    """Flags that say where a study is computed, and whether results are kept."""
    group = parser.add_argument_group("where it is computed")
    text = "processes on this machine (default: one for each core, none for little work)"
    group.add_argument("--workers", type=flags.whole, metavar="N", help=text)
    text = "the scheduler of a Dask cluster you trust, such as tcp://host:8786"
    group.add_argument("--cluster", metavar="ADDRESS", help=text)
    group.add_argument("--gpus", action="store_true", help="take the cluster's GPU workers")
    text = "neither read nor keep results on disk"
    group.add_argument("--no-cache", action="store_true", help=text)
    if repeats:
        text = "measure milliseconds too: so many timed runs of each row on the first sample"
        group.add_argument("--repeats", type=flags.whole, default=0, metavar="N", help=text)


@contextlib.contextmanager
def evaluating(
    context: Context, samples: Sequence[str], evaluations: int | None = None
) -> Iterator[Evaluator]:
    """Give an evaluator of the command's network, with the workers and the cache asked for.

    Parameters
    ----------
    context : Context
    samples : sequence of sample id
        All that may be measured.
    evaluations : int, optional
        How many there will be, where that is known: for few no process is started.

    Raises
    ------
    BadInput
        If the workers cannot be had.
    """
    args, model = context.args, context.model
    if args.workers is not None and args.workers < 1:
        raise BadInput(f"--workers {args.workers} are none; give 1 or more.")
    if args.workers and args.cluster:
        raise BadInput(f"--workers {args.workers} are on this machine; leave out --cluster.")
    if args.gpus and not args.cluster:
        raise BadInput(
            "--gpus is for a cluster; give --cluster, or --device cuda for this machine."
        )
    spec = WorkersSpec(args.cluster or "", args.workers or 0, args.gpus)
    ref = replace(context.ref, device=model.device)
    network = network_at(spec, Network(ref, model.weights_hash))
    packs = {sample: data for sample in samples if (data := model.pack(sample))}
    few = evaluations is not None and evaluations <= FEW and spec == WorkersSpec()
    with contextlib.ExitStack() as stack:
        if few or model.device.partition(":")[0] != "cpu":
            stack.enter_context(lent(network, model))
        workers = LocalWorkers(here=True) if few else open_workers(spec, network)
        stack.callback(workers.close)
        cache = stack.enter_context(contextlib.closing(ResultCache(memory=args.no_cache)))
        yield Evaluator(network, model.metrics, workers, cache, context.cancel, packs)


def ask(
    context: Context, question: Question, samples: Sequence[str] | None = None
) -> list[RowFound]:
    """Ask a question with the workers that the flags name, with progress.

    Parameters
    ----------
    context : Context
        With the flags of `add_workers`.
    question : Question
    samples : sequence of sample id, optional
        All that it may measure; those of a `Study` are known.

    Returns
    -------
    list of RowFound
        Those of a study in the order of its cases. After Ctrl-C those that are complete.

    Raises
    ------
    Cancelled
        If no row is complete.
    """
    study = question if isinstance(question, Study) else None
    wanted = len(study.cases) if study else 0
    if study and not study.samples:
        raise BadInput(f"The samples {study.words!r} are an empty set; name others.")
    evaluations = wanted * len(study.samples) if study else None
    found: list[RowFound] = []
    with evaluating(context, samples or (study.samples if study else ()), evaluations) as evaluator:
        try:
            for answer in question.answer(evaluator):
                if isinstance(answer, RowFound):
                    found.append(answer)
                elif isinstance(answer, Moved):
                    context.progress(_progress(answer, question))
                elif isinstance(answer, Said):
                    _aside(context, answer.message)
                while sentence := evaluator.cache.trouble():
                    _aside(context, sentence)
        except Cancelled:
            if not found:
                raise
            of = f" of {wanted}" if wanted else ""
            _aside(context, f"stopped after {len(found)}{of} rows; they are complete.")
    if study:
        places = {id(case): place for place, case in enumerate(study.cases)}
        found.sort(key=lambda one: places[id(one.case)])
    return found


def _progress(moved: Moved, question: Question) -> Progress:
    cached = f", {moved.cached:,} from the cache" if moved.cached else ""
    text = moved.message or f"{question.title}: {moved.done:,} of {moved.total:,}{cached}"
    return Progress(moved.done, moved.total, text)


def _aside(context: Context, sentence: str) -> None:
    context.progress.clear()
    say(sentence)


def add_sweep(parser: flags.Parser, model: Model) -> None:
    """Flags of ``sweep``."""
    flags.add_axis(parser, model, looking=True)
    flags.add_knobs(parser, model, series=True)
    flags.add_sample(parser, samples_help(model))
    add_workers(parser, repeats=True)


def run_sweep(context: Context) -> Result:
    """Score many plans on many samples."""
    model, args = context.model, context.args
    series, rates, locks = flags.start_of(model, args, series=True)
    knob = axis_named(model.knobs, args.axis, looking=True)
    usual = (knob.default,) if args.plan else usual_values(knob)
    series.setdefault(knob.id, usual)
    todo = cases(model.knobs, series, innermost=knob.id, rates=rates, locks=locks)
    samples, words = opening.take_samples(context.ref, model, args.sample, context.cancel)
    network = Network(context.ref, model.weights_hash)
    if args.repeats < 0:
        raise BadInput(f"--repeats {args.repeats} is below 0; give a number of runs.")
    title = f"{knob.label} against error"
    study = Study("sweep", title, network, todo, samples, words, knob.id, repeats=args.repeats)
    found = ask(context, study)
    keep = (knob.id, "zeroed", *(metric.id for metric in model.metrics))

    def layout(_: Sequence[Row]) -> list[str]:
        slim = [with_halves(one.row, model.metrics) for one in found]
        whole = fields(slim[0]) if len(slim) == 1 else table(slim, keep)
        parts = [row for one in found for row in one.parts]
        return whole + part_tables(parts, model.metrics, study.cases)

    told = [*counted(model, study, found), *about(context)]
    return Result([row for one in found for row in one.rows], told, keep, layout)


def add_sensitivity(parser: flags.Parser, model: Model) -> None:
    """Flags of ``sensitivity``."""
    flags.add_axis(parser, model)
    flags.add_knobs(parser, model, series=True)
    text = "units to prune, each alone, or all (default: those that the axis prunes)"
    parser.add_argument("--units", metavar="UNIT,...", help=text)
    flags.add_sample(parser, samples_help(model))
    add_workers(parser)


def run_sensitivity(context: Context) -> Result:
    """Score each unit alone at each value of a knob."""
    model, args = context.model, context.args
    series, rates, locks = flags.start_of(model, args, series=True)
    knob = axis_named(model.knobs, args.axis)
    values = flags.knob_series(model, args).get(knob.id)
    if values is not None:
        series.pop(knob.id)
    values = values or usual_values(knob)
    for name, many in series.items():
        if len(many) > 1:
            raise BadInput(f"--{name} has {len(many)} values; give one, for each unit is a curve.")
    start = cases(model.knobs, series, rates=rates, locks=locks)[0]
    todo, axis = layer_cases(model, knob, values, args.units, start)
    samples, words = opening.take_samples(context.ref, model, args.sample, context.cancel)
    network = Network(context.ref, model.weights_hash)
    title = "Each unit alone"
    study = Study("sensitivity", title, network, todo, samples, words, axis, "unit")
    found = ask(context, study)
    metric = usual_metric(model.metrics)

    def layout(_: Sequence[Row]) -> list[str]:
        rows = [one.row for one in found]
        return [f"{metric.id} by unit and {axis}:", "", *pivot(rows, model.units, axis, metric)]

    told = [*counted(model, study, found), *about(context)]
    return Result([row for one in found for row in one.rows], told, layout=layout)


def layer_cases(
    model: Model, knob: Knob, values: Sequence, names: str | None, start: Case
) -> tuple[tuple[Case, ...], str]:
    """Each of the named units alone at each value, and the column of the values.

    ``all`` names all units, nothing those that the knob prunes.

    Raises
    ------
    BadInput
        If a name is no unit of the model.
    """
    units = model.units if names else units_along(knob, model.units)
    if names and names != "all":
        chosen = flags.unit_locks([names], units)
        units = tuple(unit for unit in units if unit.id in chosen)
    asked = (model.knobs, model.units, knob.id, values, start.plan, start.query, units)
    return sensitivity_cases(*asked), own_axis(knob, units)


SWEEP = Command("sweep", "score many plans on many samples", add_sweep, run_sweep)
SENSITIVITY = Command(
    "sensitivity", "score each unit pruned alone", add_sensitivity, run_sensitivity
)
