"""Lines: rows as points of a metric against an axis, with intervals and bands over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.score.scores import Metric
from ...studies.ask.answers import RowFound
from ...studies.ask.questions import SEED
from ...studies.ask.statistics import knee
from .values import value_of, word


@dataclass(frozen=True, eq=False)
class Point:
    """A point of a line.

    Parameters
    ----------
    x, y : float
        Of several seeds the middle one; NaN where one of them is.
    low, high : float
        95 % interval of the mean over the samples; NaN where there is none.
    least, most : float
        Range over the seeds; NaN on a line of one seed.
    found : RowFound
        The row that has `y`; where a click leads.
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
    points : tuple of Point
    seeds : int
        How many seeds its points are of.
    label : str
    """

    key: tuple[str, ...]
    points: tuple[Point, ...]
    seeds: int = 1
    label: str = ""

    @property
    def known(self) -> tuple[Point, ...]:
        """Those that are numbers."""
        return tuple(point for point in self.points if not math.isnan(point.y))

    def knee(self, metric: Metric, log_x: bool, log_y: bool) -> Point | None:
        """Where the line bends as it is drawn: by logarithms on logarithmic axes."""
        fit = [p for p in self.points if (p.x > 0 or not log_x) and (p.y > 0 or not log_y)]
        across, up = np.array([p.x for p in fit]), np.array([p.y for p in fit])
        at = knee(np.log(across) if log_x else across, np.log(up) if log_y else up, metric.better)
        return None if at is None else fit[at]


def lines_of(
    found: Iterable[RowFound],
    axis: str,
    metric: str,
    telling: Sequence[str] = (),
    planned: Iterable[tuple[str, ...]] = (),
) -> tuple[Line, ...]:
    """Rows as lines, in order of appearance.

    Parameters
    ----------
    found : iterable of RowFound
        Those without a number in `axis`, or without a column `metric`, are left out.
    axis, metric : str
        Columns.
    telling : sequence of column
        Their values tell lines apart.
    planned : iterable of key
        Lines that there will be, first and in this order, without points as yet.
    """
    groups: dict[tuple[str, ...], dict[float, list[RowFound]]] = {key: {} for key in planned}
    for one in found:
        x = value_of(one.row, axis)
        if math.isfinite(x) and metric in one.row:
            key = tuple(word(one.row.get(name, "")) for name in telling)
            groups.setdefault(key, {}).setdefault(x, []).append(one)
    return tuple(_line(key, places, metric) for key, places in groups.items())


def seeds_in(found: Iterable[RowFound]) -> int:
    """How many seeds rows are of."""
    return len({one.row.get(SEED) for one in found})


def _line(key: tuple[str, ...], places: dict[float, list[RowFound]], metric: str) -> Line:
    seeds = max(map(seeds_in, places.values()), default=1)
    points: list[Point] = []
    for x in sorted(places):
        if seeds > 1:
            points.append(_repeated(x, places[x], metric))
        else:
            points += [_single(x, one, metric) for one in places[x]]
    return Line(key, tuple(points), seeds)


def _single(x: float, one: RowFound, metric: str) -> Point:
    ends = (value_of(one.row, f"{metric}_{end}") for end in ("low", "high"))
    return Point(x, value_of(one.row, metric), *ends, math.nan, math.nan, one)


def _repeated(x: float, found: Sequence[RowFound], metric: str) -> Point:
    ranked = sorted(found, key=lambda one: value_of(one.row, metric))
    lost = [one for one in found if math.isnan(value_of(one.row, metric))]
    middle = lost[0] if lost else ranked[len(ranked) // 2]
    ends = (math.nan if lost else value_of(one.row, metric) for one in (ranked[0], ranked[-1]))
    return Point(x, value_of(middle.row, metric), math.nan, math.nan, *ends, middle)
