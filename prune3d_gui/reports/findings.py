"""From the rows of studies to a report: which charts and tables each study asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ..core.jobs import Row
from ..core.plan.artifacts import in_words
from ..core.score.scores import Metric
from ..studies.ask.versions import versions
from .canvas import number
from .charts import draw_curves, draw_heat, draw_pareto, draw_scatter
from .drawn import both
from .finding import Card, Finding
from .lines import DRAWN, axis_title, baseline, by_column, parts_of, split_seeds, trials
from .part_findings import counted, part_charts, part_tables
from .report import Chart, Report
from .tables import Table

MOST_CHARTS = 3
_COST_WORDS = {
    "ms": "measured milliseconds",
    "bytes": "bytes of the dense file",
    "bytes_sparse": "bytes of the compact sparse file",
}


def compose(
    card: Card,
    findings: Sequence[Finding],
    *,
    metric: str = "",
    threshold: float | None = None,
    pictures: Sequence[tuple[str, bytes]] = (),
    citation: str = "",
    command: str = "",
    cached: str = "",
    notices: Sequence[str] = (),
) -> Report:
    """Draw what the studies found and put it into a report.

    Parameters
    ----------
    card : Card
    findings : sequence of Finding
        Sensitivity studies become a heat map and a scatter, all others curves; where times
        were measured or the file shrinks, Pareto charts follow.
    metric : str
        Id of the metric that the threshold and the charts of single layers are of; the
        first by default.
    threshold : float, optional
    pictures : sequence of (caption, PNG)
    citation, command, cached : str
    notices : sequence of str
        Beside those of the network.
    """
    shown = [
        replace(found, rows=in_words(found.rows), parts=in_words(found.parts))
        for found in findings
        if found.rows
    ]
    main = next((m for m in card.metrics if m.id == metric), card.metrics[0])
    charts: list[Chart] = []
    for finding in shown:
        charts += charts_of(card, finding, main, threshold)
        charts += part_charts(card, finding, main)
    names = dict.fromkeys(finding.title for finding in shown)
    return Report(
        title=f"{card.title}: {', '.join(names)}" if names else card.title,
        network=card.title,
        weights_hash=card.weights_hash,
        note=card.note,
        metrics=card.metrics,
        settings=_settings(card, shown, main, threshold),
        command=command,
        figures=tuple(charts),
        pictures=tuple(pictures),
        tables=tuple(
            table for finding in shown for table in (_table(finding), *part_tables(finding))
        ),
        cached=cached,
        notices=(*card.notices, *_lost(card, shown), *counted(shown), *notices),
        citation=citation,
    )


def charts_of(
    card: Card, finding: Finding, metric: Metric, threshold: float | None = None
) -> list[Chart]:
    """Charts of one study, each for light and for dark pages."""
    rows = list(finding.rows)
    knob = next((k for k in card.knobs if k.id == finding.axis), None)
    axis = axis_title(knob) if knob else finding.axis
    if finding.kind == "sensitivity":
        return _layer_charts(card, finding, metric, threshold, axis)
    if tried := trials(rows, card.knobs):
        return [_search_chart(finding, tried, metric, threshold, baseline(rows, metric))]
    rows = [row for row in rows if row.get(finding.axis) is not None]
    if readings := by_column(
        rows, metric, finding.axis, finding.kind or metric.title, card.metrics
    ):
        rows, finding = readings, replace(finding, series=DRAWN)
    base = baseline(rows, metric)
    series = finding.series if len({row.get(finding.series) for row in rows}) > 1 else ""
    lines, bands = split_seeds(rows, finding.axis, series)
    wanted = [m for m in card.metrics if m is metric or m.plot]
    wanted = [m for m in wanted if any(m.id in row for row in rows)][:MOST_CHARTS]
    charts = []
    for each in sorted(wanted, key=lambda m: m is not metric):
        level = threshold if each is metric else None
        charts.append(
            both(
                draw_curves,
                lines or rows,
                x=finding.axis,
                metric=each,
                series=series,
                title=f"{each.title} against {knob.words if knob else finding.axis}",
                threshold=level,
                band=bands if lines else None,
                baseline=baseline(rows, each),
                x_title=axis,
                log_x=bool(knob) and knob.kind == "log",
                words=finding.words,
            )
        )
    for cost in _costs(rows) if wanted else ():
        charts.append(
            both(
                draw_pareto,
                rows,
                cost=cost,
                metric=metric,
                series=series,
                title=f"{metric.title} against {_cost_words(cost)}",
                point=finding.axis,
                threshold=threshold,
                baseline=base,
                words=finding.words,
            )
        )
    return charts


def _layer_charts(
    card: Card, finding: Finding, metric: Metric, threshold: float | None, axis: str
) -> list[Chart]:
    parts = parts_of(card.units)
    removed = "removed" if any(row.get("removed") for row in finding.rows) else "zeroed"
    about = {"metric": metric, "parts": parts, "threshold": threshold, "words": finding.words}
    heat = both(
        draw_heat,
        finding.rows,
        x=finding.axis,
        x_title=f"{axis} of that unit alone",
        title=f"What each unit can lose: {metric.title}",
        **about,
    )
    scatter = both(
        draw_scatter,
        finding.rows,
        removed=removed,
        title=f"{removed.capitalize()} against {metric.title}",
        baseline=baseline(finding.rows, metric),
        **about,
    )
    return [heat, scatter]


def _search_chart(
    finding: Finding,
    tried: Sequence[Row],
    metric: Metric,
    threshold: float | None,
    base: float | None,
) -> Chart:
    about = tried[0].get("objective_of", "what may be pruned")
    return both(
        draw_pareto,
        tried,
        cost="objective_percent",
        metric=metric,
        series=DRAWN,
        title=finding.title,
        threshold=tried[0].get("threshold", threshold),
        baseline=base,
        x_title=f"Taken away (% of {about})",
        gain=True,
        joined=False,
        words=finding.words,
    )


def _costs(rows: Sequence[Row]) -> list[str]:
    """What to draw the metric against: measured time, and the bytes that change most."""
    found = ["ms"] if any("ms" in row for row in rows) else []
    files = dict.fromkeys(name for row in rows for name in row if name.startswith("bytes_"))
    for cost in ("bytes", *files):
        values = {row[cost] for row in rows if cost in row}
        if len(values) > 1:
            return [*found, cost]
    return found


def _cost_words(cost: str) -> str:
    name = cost.removeprefix("bytes_")
    return _COST_WORDS.get(cost, f"bytes of the file as {name}")


def _table(finding: Finding) -> Table:
    note = "A mask is never a speed-up: bytes of the dense file and MACs stay as they are."
    masked = any(row.get("zeroed") for row in finding.rows)
    untimed = "" if any("ms" in row for row in finding.rows) else "No times were measured."
    return Table(
        finding.title,
        finding.rows,
        note=" ".join(text for text in (note if masked else "", untimed) if text),
    )


def _settings(
    card: Card, findings: Sequence[Finding], metric: Metric, threshold: float | None
) -> tuple[tuple[str, str], ...]:
    rows = [row for finding in findings for row in finding.rows]
    words = dict.fromkeys(f.words for f in findings if f.words)
    counts = sorted({int(row["samples"]) for row in rows if row.get("samples")})
    seeds = dict.fromkeys(str(row["seed"]) for row in rows if row.get("seed") is not None)
    number_of = " to ".join(str(n) for n in dict.fromkeys((*counts[:1], *counts[-1:])))
    named = f" ({', '.join(words)})" if words else ""
    pairs = [("Samples", f"{number_of}{named}"), ("Seed", ", ".join(seeds) or "0")]
    if threshold is not None:
        sign = "≤" if metric.better == "lower" else "≥"
        pairs.append(("Threshold", f"{metric.title} {sign} {threshold:g}"))
    pairs.append(("Device", card.device))
    pairs.append(("Versions", ", ".join(f"{k} {v}" for k, v in versions().items())))
    return tuple(pairs)


def _lost(card: Card, findings: Sequence[Finding]) -> list[str]:
    """Say which results are not numbers: they are kept, and never averaged away."""
    lost = sum(
        math.isnan(number(row, card.metrics[0].id)) for finding in findings for row in finding.rows
    )
    short = [f for f in findings if len(f.rows) < f.expected]
    told = [f"{f.title}: {len(f.rows)} of {f.expected} rows are done." for f in short]
    if lost:
        told.append(f"{lost} rows have NaN as {card.metrics[0].title}; they are shown as NaN.")
    return told
