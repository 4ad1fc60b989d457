"""The bench of evaluations: one by one, as many at once as a model takes, and as a study."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import chain

from ...core.cancel import CancelToken
from ...core.jobs import Progress, Row
from ...core.model import Model, final_stage
from ...core.plan.knobs import knob_named
from ...core.plan.plans import Plan
from ...core.scene.scenes import Scene
from ...core.score.scores import Scores
from ...studies.ask.defaults import usual_values
from ...studies.ask.questions import Case, Network, cases
from ...studies.run.cache import ResultCache
from ...studies.run.evaluator import Evaluator
from ...studies.run.local import LocalWorkers
from ...studies.run.worker import lent

ROUNDS = 3
"""Times that each way is measured, in turn; what came first warms up and does not count."""
WAYS = {"one by one": Model.evaluate, "at once": lambda model, *asked: model.evaluate(*asked)}
Report = Callable[[Progress], None]
Found = list[list[Scores | None]]


def evaluation_rows(
    model: Model, network: Network, samples: Sequence[str], report: Report, cancel: CancelToken
) -> list[Row]:
    """Measure evaluations a second along the primary knob, all in this process.

    The ways take turns at the same plans on the same samples, so that a drift of the machine's
    speed falls on all of them; totals of the rounds are compared.

    Parameters
    ----------
    model : Model
        Open already, on the device that is measured.
    network : Network
        How it is opened; its device is named.
    samples : sequence of sample id
    report : callable
    cancel : CancelToken

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit``, ``limit``, ``note``.
    """
    knob = knob_named(model.knobs, model.primary)
    todo = cases(model.knobs, {knob.id: usual_values(knob)}, innermost=knob.id)
    full = _full(model, todo, samples, cancel)
    model.prepare(cancel)
    seconds = dict.fromkeys((*WAYS, "study"), 0.0)
    found: dict[str, Found] = {}
    for turn in range(ROUNDS + 1):
        for place, way in enumerate(seconds):
            report(Progress(turn * len(seconds) + place, (ROUNDS + 1) * len(seconds), way))
            start = time.perf_counter()
            if way == "study":
                _study(model, network, todo, samples, cancel)
            else:
                found[way] = _evaluated(WAYS[way], model, todo, samples, full, cancel)
            seconds[way] += (time.perf_counter() - start) * (turn > 0)
    count = len(todo) * len(samples)
    what = f"{len(todo)} plans x {len(samples)} samples on {device_named(model.device)}"
    rate = {way: ROUNDS * count / taken for way, taken in seconds.items()}
    gain, study = rate["at once"] / rate["one by one"], rate["study"]
    off = apart(found["one by one"], found["at once"])
    return [
        _row("evaluations_one_by_one", rate["one by one"], "evaluations/s", note=what),
        _row("evaluations_at_once", rate["at once"], "evaluations/s"),
        _row("at_once_against_one_by_one", gain, "x"),
        _row("at_once_off_one_by_one", off, "relative", "at most 1e-5", "worst value of all"),
        _row("evaluations_in_a_study", study, "evaluations/s", note="one worker, nothing cached"),
    ]


def device_named(device: str) -> str:
    """A device, with what the maker calls a GPU."""
    if not device.startswith("cuda"):
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})"


def _full(
    model: Model, todo: Sequence[Case], samples: Sequence[str], cancel: CancelToken
) -> dict[str, Scene | None]:
    """The unpruned results of samples without a reference."""
    query = todo[0].query
    blind = [s for s in samples if model.reference(s, query, cancel) is None]
    applied = model.apply(Plan(), cancel)
    return {s: final_stage(model, applied, s, query, cancel).scene for s in blind}


def _evaluated(
    way: Callable,
    model: Model,
    todo: Sequence[Case],
    samples: Sequence[str],
    full: dict[str, Scene | None],
    cancel: CancelToken,
) -> Found:
    found = []
    for case in todo:
        applied = model.apply(case.plan, cancel)
        found.append(list(way(model, applied, samples, case.query, full, cancel)))
    return found


def _study(
    model: Model,
    network: Network,
    todo: Sequence[Case],
    samples: Sequence[str],
    cancel: CancelToken,
) -> None:
    workers, cache = LocalWorkers(here=True), ResultCache(memory=True)
    try:
        with lent(network, model):
            evaluator = Evaluator(network, model.metrics, workers, cache, cancel)
            evaluator.rows(todo, samples)
    finally:
        workers.close()
        cache.close()


def apart(one: Found, many: Found) -> float:
    """Largest relative difference of a value; infinite where one of the two has none."""
    worst = 0.0
    for a, b in zip(chain.from_iterable(one), chain.from_iterable(many), strict=True):
        if a is None or b is None:
            worst = worst if a is b else float("inf")
            continue
        for name, value in a.values.items():
            other = b.values[name]
            if value != other and (value == value or other == other):  # both NaN are alike
                worst = max(worst, abs(value - other) / max(abs(value), 1e-12))
    return worst


def _row(name: str, value: float, unit: str, limit: str = "", note: str = "") -> Row:
    shown = round(value, 2) if value >= 0.1 else float(f"{value:.3g}")
    return {"measure": name, "value": shown, "unit": unit, "limit": limit, "note": note}
