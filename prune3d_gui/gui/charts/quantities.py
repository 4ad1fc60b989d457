"""What the charts show: every metric, and how much of the network is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ...core.frames import Footprint, Frame, Timings
from ...core.plan.units import Unit, noun_of
from ...core.score.scores import Metric
from ..state.visited import Visit

NONZERO, BYTES, TIME = "nonzero", "bytes", "time"
_COUNTS = ((1e6, 1e6, "millions"), (1e4, 1e3, "thousands"), (0, 1, ""))
_BYTES = ((1e6, 1e6, "MB"), (1e3, 1e3, "kB"), (0, 1, "bytes"))
"""From how many on, divided by what, and the name of that."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a chart shows: a title with its unit, and how to read it from a result."""

    id: str
    title: str
    unit: str
    better: str
    tip: str
    log: bool
    read: Callable[[Visit | Frame], float | None]
    parts: Callable[[Visit | Frame], Mapping[str, float]] = lambda result: {}
    """Values of the parts that have one, by kind and name in words."""
    said: Callable[[Visit | Frame], str] = lambda result: ""
    """What else a point tells of its result, in a few words."""


def plotted(metrics: Iterable[Metric]) -> list[Quantity]:
    """Every metric that is plotted."""
    return [_of(metric) for metric in metrics if metric.plot]


def nonzero(footprint: Footprint, units: Iterable[Unit]) -> Quantity:
    """What is left of the elements of `units`; `footprint` is that of the unpruned network.

    Parameters are counted where the footprint does not say how much is left of each unit.
    """
    units = tuple(units)
    counted = bool(units) and all(unit.id in footprint.nonzero for unit in units)
    noun = noun_of(units) if counted else "parameters"

    def left(size: Footprint) -> int:
        return sum(size.nonzero[unit.id] for unit in units) if counted else _nonzero(size)

    scale, unit = _scale(left(footprint), _COUNTS)
    return Quantity(
        NONZERO,
        f"{noun[0].upper()}{noun[1:]} left",
        unit,
        "",
        f"How many {noun} of the network are neither zeroed nor removed.",
        False,
        lambda result: left(result.footprint) / scale,
    )


def network_bytes(footprint: Footprint) -> Quantity:
    """The size of the network, for one that shrinks; `footprint` is that of a result."""
    scale, unit = _scale(footprint.bytes, _BYTES)
    return Quantity(
        BYTES,
        "Network size",
        unit,
        "",
        f"Size of the network as {footprint.format}.",
        False,
        lambda result: result.footprint.bytes / scale,
    )


def measured(timings: Timings) -> Quantity:
    """The milliseconds that parts of a result took; `timings` are those of the full model."""

    def took(result: Visit | Frame) -> float | None:
        return sum(result.timings.modules.values()) if result.timings.modules else None

    return Quantity(
        TIME,
        "Time",
        "ms",
        "lower",
        f"As measured on this machine, for one result: {', '.join(timings.modules)}.",
        False,
        took,
        said=lambda result: ", ".join(result.timings.modules),
    )


def _of(metric: Metric) -> Quantity:
    def read(result: Visit | Frame) -> float | None:
        return result.scores.values.get(metric.id) if result.scores else None

    def parts(result: Visit | Frame) -> dict[str, float]:
        found = result.scores.parts if result.scores else ()
        return {f"{p.kind} {p.name}": p.values[metric.id] for p in found if p.has(metric.id)}

    return Quantity(
        metric.id, metric.title, metric.unit, metric.better, metric.definition, metric.log, read,
        parts,
    )  # fmt: skip


def _scale(most: float, steps: tuple[tuple[float, float, str], ...]) -> tuple[float, str]:
    return next((scale, unit) for least, scale, unit in steps if most >= least)


def _nonzero(footprint: Footprint) -> int:
    return footprint.total - footprint.zeroed - footprint.removed
