"""Columns of rows: what they are called, and which come first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...core.jobs import Row
from ...core.plan.knobs import Knob
from ...core.score.scores import Metric
from ...studies.ask.questions import Case
from .costs import described, is_size

TITLES = {
    "locks": "Locked",
    "prunable": "In scope",
    "total": "Parameters",
    "ms": "ms",
    "ms_spread": "ms spread",
    "macs": "MACs",
    "undefined": "Undefined parts",
    "part_kind": "Kind of part",
    "objective": "Taken away",
    "objective_percent": "Taken away, % of the network",
    "objective_of": "Counted as",
}
GROUPS = {
    "zeroed": ("Elements", "zeroed"),
    "removed": ("Elements", "removed"),
    "macs": ("Work", "MACs"),
    "ms": ("Milliseconds", "median"),
    "ms_spread": ("Milliseconds", "spread"),
}
"""What a network costs: heading of several columns, and name of each beneath it."""
EARLY = ("step", "role", "round", "unit", "rate", "part")
ENDS = {"_low": "low", "_high": "high", "_floor": "floor"}


def heading(
    column: str, metrics: Iterable[Metric], knobs: Iterable[Knob], sizes: Mapping[str, str]
) -> str:
    """What a column is called by itself.

    Parameters
    ----------
    sizes : mapping of column to str
        What the model says of its columns of bytes.
    """
    for metric in metrics:
        if column == metric.id:
            return metric.title
        for end, word in ENDS.items():
            if column == metric.id + end:
                return f"{metric.title} {word}"
    for knob in knobs:
        if knob.id == column:
            return knob.label
    if is_size(column):
        what = described(column, sizes)
        return f"File, {what}" if what else "File"
    return TITLES.get(column, column.replace("_", " ").capitalize())


def grouped(column: str, sizes: Mapping[str, str]) -> tuple[str, str] | None:
    """Heading and name of a column that says what a network costs; None for any other."""
    if is_size(column):
        return "Bytes on disk", described(column, sizes) or "plain"
    return GROUPS.get(column)


def in_reading_order(
    rows: Iterable[Row], cases: Iterable[Case], metrics: Sequence[Metric]
) -> tuple[str, ...]:
    """Columns of rows: what was asked, the metrics, sizes and time, then the rest."""
    asked = {name for case in cases for name, _ in case.values}
    ids = [metric.id for metric in metrics]

    def rank(name: str) -> int:
        if name in asked or name in EARLY:
            return 0
        if name in ids:
            return 1
        return 3 if any(name == m + end for m in ids for end in ENDS) else 2

    return tuple(sorted(dict.fromkeys(name for row in rows for name in row), key=rank))
