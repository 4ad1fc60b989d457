"""Defaults: what a study takes where a person says nothing: values, metric and threshold."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.errors import BadInput
from ...core.plan.knobs import Knob, Value
from ...core.score.scores import Metric
from ...core.score.thresholds import FORMS, Threshold

MOST_RATE = 90.0
"""Percent: beyond it little is left to see."""


def usual_series(knob: Knob, coarse: bool = False) -> str:
    """Values of a number knob to visit, as `Knob.series` reads them.

    Parameters
    ----------
    coarse : bool
        Whether each value is tried on each unit, so that fewer are enough.
    """
    low, high = knob.minimum, knob.maximum
    if knob.kind == "rate":
        return f"{low:g}:{min(high, MOST_RATE):g}:{10 if coarse else 5}"
    if knob.kind == "log":
        return f"{low:g}:{high:g}:x{7 if coarse else 10}"
    if knob.kind == "steps":
        return f"{low:g}:{high:g}:{max(1, round((high - low) / 10))}"
    return f"{low:.10g}:{high:.10g}:{(high - low) / 10:.10g}"


def usual_values(knob: Knob, coarse: bool = False) -> tuple[Value, ...]:
    """Values of any knob to visit."""
    if knob.number:
        return knob.series(usual_series(knob, coarse))
    if knob.kind == "choice":
        return tuple(choice.id for choice in knob.choices)
    return (False, True) if knob.kind == "toggle" else (knob.default,)


def usual_metric(metrics: Sequence[Metric]) -> Metric:
    """The first one that is plotted."""
    return next((metric for metric in metrics if metric.plot), metrics[0])


def metric_named(metrics: Sequence[Metric], name: str | None) -> Metric:
    """Find a metric by id; the usual one for None.

    Raises
    ------
    BadInput
        If there is none of that name.
    """
    if name is None:
        return usual_metric(metrics)
    for metric in metrics:
        if metric.id == name:
            return metric
    known = ", ".join(metric.id for metric in metrics)
    raise BadInput(f"There is no metric {name!r}; take one of {known}.")


def usual_threshold(metric: Metric) -> Threshold:
    """What passes.

    Raises
    ------
    BadInput
        If the metric does not say what slack means.
    """
    if metric.slack is None:
        raise BadInput(
            f"Nothing says how much worse a {metric.id} still passes; give a threshold: {FORMS} "
            f"such as {'+' if metric.better == 'lower' else '-'}0.5."
        )
    return metric.slack
