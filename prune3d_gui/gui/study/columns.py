"""Columns of a study's rows: what they are called, and which of them are a cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...core.jobs import Row
from ...studies.live.events import ModelCard
from ..dress.numbers import short_bytes, whole
from .lines import value_of
from .record import Record
from .words import shown

TITLES = {
    "unit": "Unit",
    "unit_rates": "Unit rates",
    "locks": "Locked",
    "zeroed": "Zeroed",
    "removed": "Removed",
    "prunable": "In scope",
    "total": "Parameters",
    "bytes": "File",
    "macs": "MACs",
    "ms": "ms",
    "ms_spread": "ms spread",
    "samples": "Samples",
    "seed": "Seed",
    "undefined": "Undefined parts",
    "interval_over": "Interval over",
    "part_kind": "Kind of part",
    "part": "Part",
    "against": "Against",
    "objective": "Taken away",
    "objective_percent": "Taken away, % of the network",
    "objective_of": "Counted as",
}
EARLY = ("step", "role", "round", "unit", "rate", "part")
ENDS = {"_low": "low", "_high": "high", "_floor": "floor"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network costs, by a column of the rows."""

    column: str
    title: str
    scale: float = 1.0

    def read(self, row: Row) -> float:
        """The cost of a row in the unit of the title."""
        if self.column == "nonzero":
            left = [value_of(row, name) for name in ("total", "zeroed", "removed")]
            return (left[0] - left[1] - left[2]) / self.scale
        return value_of(row, self.column) / self.scale


def costs_of(record: Record) -> tuple[Cost, ...]:
    """Costs that the rows have: those that change come first."""
    rows = record.rows
    names = list(dict.fromkeys(name for row in rows for name in row))
    found = []
    for name in ("ms", "macs", "bytes", *(n for n in names if n.startswith("bytes_")), "nonzero"):
        cost = Cost(name, "")
        values = [v for v in map(cost.read, rows) if math.isfinite(v)]
        if values:
            found.append((len(set(values)) < 2, _titled(name, max(values))))
    return tuple(cost for _, cost in sorted(found, key=lambda pair: pair[0]))


def columns_of(record: Record) -> tuple[str, ...]:
    """Columns of a study's table: what was asked, the metrics, sizes and time, then the rest."""
    names = list(dict.fromkeys(name for row in record.rows for name in row))
    asked = {name for found in record.found if found.case for name, _ in found.case.values}
    metrics = [metric.id for metric in record.card.metrics]

    def rank(name: str) -> int:
        if name in asked or name in EARLY:
            return 0
        if name in metrics:
            return 1
        return 3 if any(name == m + end for m in metrics for end in ENDS) else 2

    return tuple(sorted(names, key=rank))


def heading(card: ModelCard, column: str) -> str:
    """What the head of a table says above a column."""
    for metric in card.metrics:
        if column == metric.id:
            return metric.title
        for end, word in ENDS.items():
            if column == metric.id + end:
                return f"{metric.title} {word}"
    for knob in card.knobs:
        if knob.id == column:
            return knob.label
    if column.startswith("bytes_"):
        return f"File, {column.removeprefix('bytes_')}"
    return TITLES.get(column, column.replace("_", " ").capitalize())


def cell_text(column: str, value: object) -> str:
    """A value of a row as the table shows it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return short_bytes(value) if column.startswith("bytes") else whole(value)
    return shown(value)


def _titled(name: str, most: float) -> Cost:
    if name == "ms":
        return Cost(name, "Measured ms, median")
    if name.startswith("bytes"):
        scale, unit = next(
            (pair for pair in ((1e6, "MB"), (1e3, "kB")) if most >= pair[0]), (1.0, "bytes")
        )
        kind = name.removeprefix("bytes").removeprefix("_")
        return Cost(name, f"File{', ' + kind if kind else ''} ({unit})", scale)
    scale, letter = next(
        (pair for pair in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if most >= pair[0]), (1.0, "")
    )
    title = "MACs" if name == "macs" else "Nonzero parameters"
    return Cost(name, f"{title} ({letter})" if letter else title, scale)
