"""Rows of a study arranged for charts: lines of points, with their bands."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...core.jobs import Row
from ...core.plan import artifacts
from ...core.plan.axes import seeds_of
from ...studies.ask.answers import RowFound
from ...studies.ask.questions import SEED
from ...studies.live.events import ModelCard
from .record import Record

NAN = float("nan")
TELLING = ("unit", "role", "reading", "stage", "method", "part")
"""Text columns that name a line where a question did not say beforehand what it asks."""


@dataclass(frozen=True, eq=False)
class Point:
    """A point of a line.

    Parameters
    ----------
    x, y : float
        `y` is the mean over the seeds where there are several.
    low, high : float
        95 % interval of the mean over the samples; NaN where there is none.
    least, most : float
        Range over the seeds; NaN for one seed.
    found : RowFound
        The row, of the first seed; where a click leads.
    """

    x: float
    y: float
    low: float
    high: float
    least: float
    most: float
    found: RowFound


@dataclass(frozen=True, eq=False)
class Line:
    """Points of one layer, scope or baseline, in order of `x`.

    Parameters
    ----------
    key : tuple of str
        Values of the columns that tell it from other lines.
    seeds : int
        How many seeds its points are means of.
    """

    key: tuple[str, ...]
    label: str
    points: tuple[Point, ...]
    seeds: int = 1


def lines_of(record: Record, metric: str, others: Iterable[Record] = ()) -> tuple[Line, ...]:
    """The rows of `record` as lines of `metric` against its axis, and those of others below."""
    axis, others = axis_of(record), tuple(others)
    lines = []
    for one in (record, *others):
        for line in _lines_of(one, metric, axis):
            alone = not others or line.label == one.title
            label = line.label if alone else f"{line.label}, {one.title}"
            lines.append(replace(line, label=label))
    return tuple(lines)


def _lines_of(record: Record, metric: str, axis: str) -> tuple[Line, ...]:
    names = telling_columns(record)
    groups: dict[tuple[str, ...], dict[float, list[RowFound]]] = {}
    for case in getattr(record.question, "cases", ()) if "part" not in names else ():
        values = dict(case.values)
        groups.setdefault(tuple(str(values.get(name, "")) for name in names), {})
    for found in record.found:
        x = value_of(found.row, axis)
        if math.isfinite(x) and metric in found.row:
            key = tuple(str(found.row.get(name, "")) for name in names)
            groups.setdefault(key, {}).setdefault(x, []).append(found)
    order = {unit.id: number for number, unit in enumerate(record.card.units)}
    if "unit" in names:
        at = names.index("unit")
        groups = dict(sorted(groups.items(), key=lambda pair: order.get(pair[0][at], len(order))))
    return tuple(_line(record, names, key, places, metric) for key, places in groups.items())


def telling_columns(record: Record) -> tuple[str, ...]:
    """Columns whose values tell lines apart; a seed never does."""
    cases = getattr(record.question, "cases", ())
    if cases:
        values: dict[str, set] = {}
        for case in cases:
            for name, value in case.values:
                values.setdefault(name, set()).add(value)
        varied = [name for name, seen in values.items() if len(seen) > 1]
        parts = ["part"] * any("part" in row for row in record.rows)
        silent = {record.axis, SEED, *seeds_of(record.card.knobs)}
        return tuple(name for name in (*varied, *parts) if name not in silent)
    rows = record.rows
    return tuple(
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if name in TELLING and len({row.get(name) for row in rows}) > 1
    )


def axis_of(record: Record) -> str:
    """The record's axis, or the first column of numbers where its rows lack that."""
    rows = record.rows
    if not rows or any(math.isfinite(value_of(row, record.axis)) for row in rows):
        return record.axis
    known = {metric.id for metric in record.card.metrics}
    for name in rows[0]:
        if name not in known and math.isfinite(value_of(rows[0], name)):
            return name
    return record.axis


def label_of(card: ModelCard, name: str, value: str) -> str:
    """A value of a knob as its panel calls it."""
    for knob in card.knobs:
        if knob.id == name:
            if knob.kind == "artifact":
                return artifacts.shown(value)
            for choice in knob.choices:
                if choice.id == value:
                    return choice.title
    return value


def value_of(row: Row, name: str) -> float:
    """A number of a row; NaN where it is none."""
    value = row.get(name)
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return NAN
    return float(value)


def front(points: Iterable[tuple[float, float]], better: str) -> list[int]:
    """Numbers of the points that none beats on both axes, from small to large `x`.

    A point is beaten by one that is no larger on `x` and better on `y`, or smaller on `x`
    and as good on `y`.
    """
    sign = 1.0 if better == "lower" else -1.0
    known = [
        (x, sign * y, number)
        for number, (x, y) in enumerate(points)
        if math.isfinite(x) and math.isfinite(y)
    ]
    kept, best = [], math.inf
    for _, y, number in sorted(known):
        if y < best:
            kept.append(number)
            best = y
    return kept


def _line(
    record: Record,
    names: tuple[str, ...],
    key: tuple[str, ...],
    places: dict[float, list[RowFound]],
    metric: str,
) -> Line:
    words = [label_of(record.card, name, value) for name, value in zip(names, key, strict=True)]
    seeds = max((_seeds(found) for found in places.values()), default=1)
    points = []
    for x in sorted(places):
        groups = [places[x]] if _seeds(places[x]) > 1 else [[one] for one in places[x]]
        points += [_point(x, found, metric) for found in groups]
    return Line(key, ", ".join(w for w in words if w) or record.title, tuple(points), seeds)


def _seeds(found: list[RowFound]) -> int:
    return len({one.row.get(SEED) for one in found})


def _point(x: float, found: list[RowFound], metric: str) -> Point:
    values = [value_of(one.row, metric) for one in found]
    if len(found) == 1:
        row = found[0].row
        low, high = value_of(row, f"{metric}_low"), value_of(row, f"{metric}_high")
        return Point(x, values[0], low, high, NAN, NAN, found[0])
    least, most = min(values), max(values)
    if any(value != value for value in values):
        least = most = NAN
    return Point(x, sum(values) / len(values), NAN, NAN, least, most, found[0])
