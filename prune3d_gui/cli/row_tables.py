"""Rows made ready for tables: half intervals beside means, and a table for each kind of part."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.jobs import Row
from ..core.score.scores import Metric
from ..reports.rows.curves import varied
from ..studies.ask.questions import Case
from .output import table


def with_halves(row: Row, metrics: Sequence[Metric]) -> Row:
    """A row with half of the interval beside each plotted mean, and neither ends nor floors."""
    hidden = {f"{m.id}_{end}" for m in metrics for end in ("low", "high", "floor")}
    plotted = {m.id for m in metrics if m.plot}
    found: Row = {}
    for name, value in row.items():
        if name in hidden:
            continue
        found[name] = value
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        many = row.get("samples", 0) > 1 or "interval_over" in row
        if name in plotted and low is not None and many:
            found[f"± {name}"] = (high - low) / 2
    return found


def part_tables(
    rows: Sequence[Row], metrics: Sequence[Metric], cases: Sequence[Case] = ()
) -> list[str]:
    """Lines of a table for each kind of part, an empty line before each.

    Parameters
    ----------
    rows : sequence of flat rows
        Of parts alone.
    metrics : sequence of Metric
    cases : sequence of Case
        Of their columns those are shown that tell some from others.
    """
    keep = (*varied(cases), "part", *(metric.id for metric in metrics))
    halves = tuple(f"± {metric.id}" for metric in metrics)
    lines: list[str] = []
    for kind in dict.fromkeys(row["part_kind"] for row in rows):
        slim = [with_halves(row, metrics) for row in rows if row["part_kind"] == kind]
        shown = (*keep, *halves, "samples", "undefined")
        told = [{k: v for k, v in row.items() if k in shown} for row in slim]
        lines += ["", f"By {kind}:", "", *table(told, keep)]
    return lines
