"""The bench of previews: how far what they say of full results lies from these."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from ...core.cancel import CancelToken
from ...core.jobs import Progress, Report, Row, part_of
from ...core.limits import limited
from ...core.model import Model, ModelRef
from ...core.plan.knobs import knob_named
from ...core.plan.plans import Plan, Quality, Query
from ...core.scene.scenes import Scene
from ...core.score.estimates import estimated
from ...core.score.scores import Metric, Scores
from ...core.system import System
from ...studies.ask.defaults import usual_values
from ...studies.ask.results import scored, stand_in

SAMPLES, VALUES = 4, 8
"""Most samples, and values of the primary knob, that are tried."""
LIMIT = 10.0
"""Percent that an estimate may lie from the full result."""
Found = dict[str, list[float | None]]
Item = TypeVar("Item")


def preview_rows(system: System, device: str, report: Report, cancel: CancelToken) -> list[Row]:
    """Compare, over shipped samples and values of the primary knob, estimates and full results.

    An estimate is drawn as a marker in the window until the full result is there.

    Parameters
    ----------
    system : System
        Nothing is measured where no model comes with it.
    device : str
        Where its models run.

    Returns
    -------
    list of dict
        Two for each plotted metric: in how many cases there is an estimate, and the worst
        deviation of those, in percent of the full result.
    """
    refs = system.bundled()
    if not refs:
        return []
    first = ModelRef(system.id, refs[0].title, refs[0].path, device)
    model = system.open(first, cancel)
    try:
        samples = spread(model.samples(), SAMPLES)
        found: Found = {}
        metrics: dict[str, Metric] = {}
        for number, sample in enumerate(samples):
            tell = part_of(report, number, len(samples))
            if sample.opens is None:
                _add(found, metrics, model, sample.id, tell, cancel)
                continue
            ref = ModelRef(system.id, sample.opens.title, sample.opens.path, device)
            own = system.open(ref, cancel)
            try:
                _add(found, metrics, own, sample.id, tell, cancel)
            finally:
                own.close()
    finally:
        model.close()
    note = f"{len(samples)} samples, up to {VALUES} values each"
    return [row for name, offs in found.items() for row in _rows(metrics[name], offs, note)]


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of `items`, evenly from the first to the last."""
    if not items:
        return []
    places = np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int)
    return [items[place] for place in places]


def deviations(
    model: Model, sample: str, report: Report, cancel: CancelToken
) -> Iterator[tuple[Metric, float | None]]:
    """Percent that the estimate of each plotted metric lies off, value by value.

    None where the preview says nothing. What has no full value to compare with is left out.
    """
    query, knob = Query(), knob_named(model.knobs, model.primary)
    plotted = [metric for metric in model.metrics if metric.plot]
    values = spread([value for value in usual_values(knob) if value != knob.default], VALUES)
    full = stand_in(model, sample, query, cancel)

    def score(plan: Plan, quality: Quality, against: Scene | None) -> Scores | None:
        applied = model.apply(plan, cancel)
        *_, stage = model.reconstruct(applied, sample, query, quality, cancel)
        return scored(model, applied, sample, query, stage, against, cancel).scores

    known, seen = score(Plan(), "full", None), score(Plan(), "preview", None)
    for number, value in enumerate(values):
        cancel.check()
        report(Progress(number, len(values), f"previews of {sample}"))
        plan = Plan().with_value(knob, value)
        preview, right = score(plan, "preview", full), score(plan, "full", full)
        told = estimated(plotted, preview, seen, known).values if preview else {}
        for metric in plotted:
            want = right.values.get(metric.id, math.nan) if right else math.nan
            if math.isfinite(want):
                yield metric, deviation(told.get(metric.id), want)


def deviation(told: float | None, full: float) -> float | None:
    """Percent of `full` that `told` lies off; infinite where that is zero and `told` is not."""
    if told is None or told == full:
        return told if told is None else 0.0
    return 100 * abs(told - full) / abs(full) if full else math.inf


def _add(
    found: Found, metrics: dict[str, Metric], model: Model, sample: str, report: Report,
    cancel: CancelToken,
) -> None:  # fmt: skip
    for metric, off in deviations(model, sample, report, cancel):
        metrics.setdefault(metric.id, metric)
        found.setdefault(metric.id, []).append(off)


def _rows(metric: Metric, offs: Sequence[float | None], note: str) -> Iterator[Row]:
    drawn = [off for off in offs if off is not None]
    name = f"preview marker, {metric.id}"
    yield {
        "measure": f"{name}: drawn", "value": len(drawn), "unit": f"of {len(offs)}", "note": note
    }  # fmt: skip
    if drawn:
        worst = {"measure": f"{name}: worst deviation", "value": max(drawn), "unit": "%"}
        yield limited(worst | {"note": "of the full result"}, f"at most {LIMIT:g}")
