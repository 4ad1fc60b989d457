"""Levels: what a metric is held against: a threshold, the unpruned network, the sampling floor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ...core.jobs import Row
from ...studies.ask.outcomes import untouched
from .values import value_of


@dataclass(frozen=True, slots=True)
class Level:
    """A line across a chart."""

    name: Literal["threshold", "unpruned", "floor"]
    value: float


def levels_of(
    rows: Sequence[Row], metric: str, threshold: float | None, baseline: float | None
) -> list[Level]:
    """Levels that are known; the floor is that of `rows`."""
    wanted = (("threshold", threshold), ("unpruned", baseline), ("floor", floor_of(rows, metric)))
    return [Level(name, at) for name, at in wanted if at is not None and math.isfinite(at)]


def baseline_of(rows: Iterable[Row], metric: str) -> float | None:
    """Value of the unpruned network as a whole, if a row says it."""
    rows = [row for row in rows if "part" not in row]
    for row in rows:
        if f"full_{metric}" in row:
            return value_of(row, f"full_{metric}")
    return next((value_of(row, metric) for row in rows if untouched(row) and metric in row), None)


def floor_of(rows: Iterable[Row], metric: str) -> float | None:
    """The sampling floor, if the metric has one."""
    found = (value_of(row, f"{metric}_floor") for row in rows)
    return min((value for value in found if math.isfinite(value)), default=None)
