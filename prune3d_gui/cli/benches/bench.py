"""The plain bench: how long one step of a live session takes, for any system."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable

from ...core.model import Model, final_stage
from ...core.plan.knobs import Knob, Value, knob_named
from ...core.plan.plans import Plan, Query
from .. import opening
from ..commands import Command, Context, Result
from ..flags import Parser, add_sample, whole
from .previews import preview_rows
from .window import window_rows


def add_bench(parser: Parser, model: Model) -> None:
    """Flags of ``bench``."""
    parser.add_argument("--repeats", type=whole, default=7, metavar="N", help="runs (default: 7)")
    add_sample(parser, "a sample (default: the first)")


def run_bench(context: Context) -> Result:
    """Time pruning, reconstructing and scoring one sample; medians in milliseconds."""
    model, cancel = context.model, context.cancel
    sample = opening.take_one(context.ref, model, context.args.sample, None, cancel)
    repeats = max(1, context.args.repeats)
    query, knob = Query(), knob_named(model.knobs, model.primary)
    plans = itertools.cycle(Plan().with_value(knob, value) for value in near_middle(knob))
    bare = model.apply(Plan(), cancel)
    full = final_stage(model, bare, sample, query, cancel)
    model.prepare(cancel)
    modules: dict[str, list[float]] = {}

    def preview(plan: Plan) -> None:
        applied = model.apply(plan, cancel)
        next(model.reconstruct(applied, sample, query, "preview", cancel), None)

    def tick(plan: Plan) -> None:
        applied = model.apply(plan, cancel)
        stage = final_stage(model, applied, sample, query, cancel)
        model.score(applied, sample, query, stage, full.scene, cancel)
        for name, took in stage.times.items():
            modules.setdefault(name, []).append(took)

    steps = {
        f"prune ({knob.id} by one step)": lambda: model.apply(next(plans), cancel),
        "preview tick (prune, reconstruct)": lambda: preview(next(plans)),
        "full tick (prune, reconstruct, score)": lambda: tick(next(plans)),
        "score": lambda: model.score(bare, sample, query, full, full.scene, cancel),
    }
    rows = []
    for name, step in steps.items():
        cancel.check()
        middle = statistics.median(timed(step, repeats))
        rows.append({"measure": name, "value": middle, "unit": "ms"})
    for name, times in modules.items():
        about = f"{name}, in the full result"
        rows.append({"measure": about, "value": statistics.median(times), "unit": "ms"})
    rows += preview_rows(context.system, model.device, context.progress, cancel)
    rows += window_rows(context.system.id)
    return Result(
        rows,
        [f"Sample {sample}; medians of {repeats} runs on {model.device}."],
        keep=("limit", "met"),
    )


def timed(work: Callable[[], object], repeats: int) -> list[float]:
    """Milliseconds of each of `repeats` runs, after one that does not count."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def near_middle(knob: Knob) -> tuple[Value, ...]:
    """Two values of `knob` that a small move of the hand tells apart."""
    if knob.kind == "choice":
        return tuple(choice.id for choice in knob.choices[:2])
    if knob.kind == "toggle":
        return (False, True)
    if knob.kind == "log":
        middle = (knob.minimum * knob.maximum) ** 0.5
        return middle, min(knob.maximum, middle * 1.05)
    span = knob.maximum - knob.minimum
    if knob.kind == "linear":
        middle = knob.minimum + span / 2
        return middle, min(knob.maximum, middle + max(knob.step, span / 100))
    move = max(knob.step, round(span / 100)) if knob.kind == "steps" else span / 100
    middle = knob.check(knob.minimum + round(span / 2))
    return middle, knob.check(min(knob.maximum, middle + move))


BENCH = Command("bench", "measure how fast it is", add_bench, run_bench)
