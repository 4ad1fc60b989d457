"""Words and numbers about the rows of a study."""

from __future__ import annotations

from ...core.plan.artifacts import SHORT
from ...core.plan.knobs import is_hash
from ...core.score.scores import Metric
from ...studies.ask.answers import RowFound
from ..dress.numbers import number
from .record import Record


def words_of(record: Record, metric: Metric, found: RowFound) -> str:
    """What is known of a row, in lines of plain text."""
    row = found.row
    value = row.get(metric.id)
    lines = [f"{metric.title}: {shown(value)}"]
    low, high = row.get(f"{metric.id}_low"), row.get(f"{metric.id}_high")
    if low is not None and low != high:
        lines[0] += f"  (95 %: {shown(low)} to {shown(high)})"
    names = dict(found.case.values) if found.case is not None else {}
    told = [f"{name} {shown(names[name])}" for name in names if name in ("unit", record.axis)]
    told += [f"{row['part_kind']} {row['part']}"] if "part" in row else []
    if told:
        lines.insert(0, ", ".join(told))
    for name in ("zeroed", "removed"):
        if row.get(name):
            lines.append(f"{shown(row[name])} of {shown(row.get('total'))} {name}")
    if row.get("ms") is not None:
        lines.append(f"{shown(row['ms'])} ms")
    lines.append(f"{row.get('samples', 1)} samples, seed {row.get('seed', 0)}")
    return "\n".join(lines)


def shown(value: object) -> str:
    """A value of a row as people read it; not-a-number says so."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return value[:SHORT] if is_hash(value) else "" if value is None else str(value)
    if value != value:
        return "NaN"
    return f"{value:.4g}" if 0 < abs(value) < 1 else number(value)
