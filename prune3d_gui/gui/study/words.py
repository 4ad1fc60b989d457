"""Words about the rows of a study: what hovering tells, and what cells of the table hold."""

from __future__ import annotations

from ...core.score.scores import Metric
from ...reports.rows.costs import is_size
from ...reports.rows.values import shown
from ...studies.ask.answers import RowFound
from ..dress.numbers import short_bytes
from .record import EVENT, Record


def words_of(record: Record, metric: Metric, found: RowFound) -> str:
    """What is known of a row, in lines of plain text."""
    row = found.row
    value = row.get(metric.id)
    lines = [f"{metric.title}: {shown(value)}"]
    low, high = row.get(f"{metric.id}_low"), row.get(f"{metric.id}_high")
    if low is not None and low != high:
        lines[0] += f"  (95 %: {shown(low)} to {shown(high)})"
    told = place_of(record, found)
    told += [f"{row['part_kind']} {row['part']}"] if "part" in row else []
    if told:
        lines.insert(0, ", ".join(told))
    for name in ("zeroed", "removed"):
        if row.get(name):
            lines.append(f"{shown(row[name])} of {shown(row.get('total'))} {name}")
    if row.get("ms") is not None:
        lines.append(f"{shown(row['ms'])} ms")
    if row.get(EVENT):
        lines.append(str(row[EVENT]))
    if found.case is not None or "samples" in row:
        lines.append(f"{row.get('samples', 1)} samples, seed {row.get('seed', 0)}")
    return "\n".join(lines)


def present_words(record: Record, metric: Metric, found: RowFound, pictured: str) -> str:
    """Whose number the row of the plan in the views has, and what the views show, in a line.

    Parameters
    ----------
    pictured : str
        Which sample they show, in a few words; empty where nobody knows.
    """
    row, place = found.row, ", ".join(place_of(record, found))
    value, words = f"{metric.title} {shown(row.get(metric.id))}", record.words_for(found)
    if row.get("samples", 1) > 1:
        value = f"mean {value} over {row['samples']} samples ({words})"
    elif words:
        value += f" on {words}"
    told = f"{place}: {value}" if place else value
    return f"{told}; {pictured}" if pictured else told


def place_of(record: Record, found: RowFound) -> list[str]:
    """Unit and place on the axis of the plan of a row; of a job's, its place alone."""
    if found.case is None:
        at = found.row.get(record.column)
        return [] if at is None else [f"{record.axis_title} {shown(at)}"]
    values = dict(found.case.values)
    return [f"{name} {shown(values[name])}" for name in values if name in ("unit", record.axis)]


def cell_text(column: str, value: object) -> str:
    """A value of a row as the table shows it."""
    count = isinstance(value, int) and not isinstance(value, bool)
    return short_bytes(value) if count and is_size(column) else shown(value, column)
