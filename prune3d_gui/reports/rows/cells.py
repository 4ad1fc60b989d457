"""Cells: a metric by unit and value, what of it fails, and the outline around that."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...core.score.scores import Metric
from ...studies.ask.answers import RowFound
from ...studies.ask.statistics import passes
from .lines import Line
from .values import value_of

Place = tuple[int, int]
"""A cell: number of its line, number of its column."""
Edge = tuple[tuple[int, int], tuple[int, int]]
"""A side of a cell: two corners, each as (column, line)."""


@dataclass(frozen=True, eq=False)
class Cells:
    """A table of results.

    Parameters
    ----------
    metric : Metric
    values : tuple of float
        On the axis, one for each column.
    found : tuple of tuple of RowFound or None
        By line and column; None where no row is yet.
    """

    metric: Metric
    values: tuple[float, ...]
    found: tuple[tuple[RowFound | None, ...], ...]

    def at(self, place: Place) -> float:
        """The metric in a cell; NaN where it is no number, and where no row is."""
        one = self.found[place[0]][place[1]]
        return math.nan if one is None else value_of(one.row, self.metric.id)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Cells that have a row."""
        return tuple(
            (line, column)
            for line, row in enumerate(self.found)
            for column, one in enumerate(row)
            if one is not None
        )

    @cached_property
    def lost(self) -> frozenset[Place]:
        """Cells whose result is not a number."""
        return frozenset(place for place in self.places if math.isnan(self.at(place)))

    def failing(self, threshold: float | None) -> frozenset[Place]:
        """Cells that break a threshold; what is not a number passes none."""
        if threshold is None:
            return frozenset()
        better = self.metric.better
        return frozenset(p for p in self.places if not passes(self.at(p), threshold, better))

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """Least and largest value that can be coloured, apart; None where there is none."""
        values = (self.at(place) for place in self.places)
        known = [v for v in values if math.isfinite(v) and (v > 0 or not self.metric.log)]
        if not known:
            return None
        low, high = min(known), max(known)
        return low, high if high > low else low + (abs(low) or 1.0) * 1e-3


def cells_of(lines: Sequence[Line], metric: Metric, values: Sequence[float] = ()) -> Cells:
    """Lines as cells.

    Parameters
    ----------
    values : sequence of float
        Those asked for; by default those that the lines have.
    """
    asked = {value for value in values if math.isfinite(value)}
    at = sorted(asked or {point.x for line in lines for point in line.points})
    found = []
    for line in lines:
        known = {point.x: point.found for point in line.points}
        found.append(tuple(known.get(value) for value in at))
    return Cells(metric, tuple(at), tuple(found))


def outline(cells: Collection[Place]) -> list[Edge]:
    """Sides between `cells` and all others: one line around each region."""
    edges = []
    for line, column in cells:
        for beside, edge in {
            (line - 1, column): ((column, line), (column + 1, line)),
            (line + 1, column): ((column, line + 1), (column + 1, line + 1)),
            (line, column - 1): ((column, line), (column, line + 1)),
            (line, column + 1): ((column + 1, line), (column + 1, line + 1)),
        }.items():
            if beside not in cells:
                edges.append(edge)
    return edges
