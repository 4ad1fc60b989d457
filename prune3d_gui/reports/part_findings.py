"""What a report says of parts: a curve for each, a table for each kind, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.jobs import Row
from ..core.score.scores import Metric
from .charts import draw_curves
from .drawn import both
from .finding import Card, Finding
from .report import Chart
from .tables import Table


def part_charts(card: Card, finding: Finding, metric: Metric) -> list[Chart]:
    """A chart of the metric for each kind of part, with a curve for each part.

    Where a study has several curves, the parts are those of the first of them.
    """
    rows = [row for row in finding.parts if metric.id in row and row.get(finding.axis) is not None]
    if finding.kind == "sensitivity" or len({row[finding.axis] for row in rows}) < 2:
        return []
    first = next((row.get(finding.series) for row in rows), None)
    rows = [row for row in rows if row.get(finding.series) == first]
    seed = rows[0].get("seed")
    knob = next((k for k in card.knobs if k.id == finding.axis), None)
    charts = []
    for kind in dict.fromkeys(row["part_kind"] for row in rows):
        mine = [row for row in rows if row["part_kind"] == kind and row.get("seed") == seed]
        alone = f", {first}" if finding.series and first is not None else ""
        charts.append(
            both(
                draw_curves,
                mine,
                x=finding.axis,
                metric=metric,
                series="part",
                title=f"{metric.title} by {kind}{alone}",
                x_title=knob.axis_title if knob else finding.axis,
                log_x=bool(knob) and knob.kind == "log",
                knees=False,
                words=finding.words,
            )
        )
    return charts


def part_tables(card: Card, finding: Finding) -> list[Table]:
    """The rows of the parts of a finding, a table for each kind."""
    kinds: dict[str, list[Row]] = {}
    for row in finding.parts:
        kinds.setdefault(row["part_kind"], []).append(row)
    return [
        Table(f"{finding.title}, by {kind}", rows, sizes=card.sizes) for kind, rows in kinds.items()
    ]


def counted(findings: Sequence[Finding]) -> list[str]:
    """Say how many parts without a value were left out of means, and what intervals are over."""
    rows = [row for finding in findings for row in finding.rows]
    most = max((row.get("undefined", 0) for row in rows), default=0)
    told = []
    if most:
        told.append(f"Up to {most:,} parts in a row have no value; they are left out of the means.")
    kinds = dict.fromkeys(row["interval_over"] for row in rows if "interval_over" in row)
    told += [f"With one sample, intervals are over its parts ({kind})." for kind in kinds]
    return told
