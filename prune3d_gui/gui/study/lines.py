"""Lines of studies that are drawn together, each with its label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...reports.rows import lines as rows
from ...reports.rows.curves import label_of, telling_columns
from ...reports.rows.lines import Line
from ...reports.rows.values import word
from .record import Record


def lines_of(record: Record, metric: str, others: Iterable[Record] = ()) -> tuple[Line, ...]:
    """The rows of `record` as lines of `metric` against its axis, and those of others below."""
    others = tuple(others)
    lines = []
    for one in (record, *others):
        for line in _lines_of(one, metric, record.column):
            alone = not others or line.label == one.title
            label = line.label if alone else f"{line.label}, {one.title}"
            lines.append(replace(line, label=label))
    return tuple(lines)


def _lines_of(record: Record, metric: str, axis: str) -> Iterable[Line]:
    knobs = record.card.knobs
    names = telling_columns(record.rows, record.cases, record.axis, knobs)
    asked = (dict(case.values) for case in (record.cases if "part" not in names else ()))
    planned = [tuple(word(values.get(name, "")) for name in names) for values in asked]
    lines = rows.lines_of(record.found, axis, metric, names, planned)
    if "unit" in names:
        at = names.index("unit")
        order = {unit.id: number for number, unit in enumerate(record.card.units)}
        lines = sorted(lines, key=lambda line: order.get(line.key[at], len(order)))
    for line in lines:
        told = [label_of(knobs, name, value) for name, value in zip(names, line.key, strict=True)]
        yield replace(line, label=", ".join(filter(None, told)) or record.title)
