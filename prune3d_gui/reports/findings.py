"""From the rows of studies to a report: which charts and tables each study asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ..core.jobs import Row
from ..core.plan.artifacts import in_words
from ..core.plan.knobs import Knob
from ..core.score.scores import Metric
from ..files.artifacts import ArtifactStore
from ..studies.ask.defaults import metric_named
from ..studies.ask.versions import versions
from .charts import draw_curves, draw_heat, draw_pareto, draw_scatter
from .drawn import both
from .finding import Card, Finding
from .part_findings import counted, part_charts, part_tables
from .report import Chart, Report
from .rows.captions import sample_counts, seeds
from .rows.costs import costs_of, elements_of, is_size, taken_words
from .rows.curves import DRAWN, by_column, label_of, parts_of, trials
from .rows.levels import baseline_of
from .rows.marks import Mark, marks_of
from .rows.values import value_of, word
from .tables import Table

MOST_CHARTS = 3


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
        first that is plotted by default.
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
    main = metric_named(card.metrics, metric or None)
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
            table
            for finding in shown
            for table in (_table(card, finding), *part_tables(card, finding))
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
    axis = knob.axis_title if knob else finding.axis
    if finding.kind == "sensitivity":
        return _layer_charts(card, finding, metric, threshold, axis)
    if tried := trials(rows, card.knobs):
        return [_search_chart(finding, tried, metric, threshold, baseline_of(rows, metric.id))]
    rows = [row for row in rows if row.get(finding.axis) is not None]
    if readings := by_column(
        rows, metric, finding.axis, finding.kind or metric.title, card.metrics
    ):
        rows, finding = readings, replace(finding, series=DRAWN)
    base = baseline_of(rows, metric.id)
    series = finding.series if len({row.get(finding.series) for row in rows}) > 1 else ""
    values = dict.fromkeys(word(row.get(series)) for row in rows if series)
    names = {value: label_of(card.knobs, series, value) for value in values}
    wanted = [m for m in card.metrics if m is metric or m.plot]
    wanted = [m for m in wanted if any(m.id in row for row in rows)][:MOST_CHARTS]
    charts = []
    for each in sorted(wanted, key=lambda m: m is not metric):
        level = threshold if each is metric else None
        charts.append(
            both(
                draw_curves,
                rows,
                x=finding.axis,
                metric=each,
                series=series,
                names=names,
                title=f"{each.title} against {knob.words if knob else finding.axis}",
                threshold=level,
                baseline=baseline_of(rows, each.id),
                x_title=axis,
                log_x=bool(knob) and knob.kind == "log",
                words=finding.words,
                marks=_marks(card, knob),
            )
        )
    costs = costs_of(rows, card.sizes, card.units)
    timed = [cost for cost in costs if cost.column == "ms"]
    sized = [cost for cost in costs if is_size(cost.column) and cost.changes]
    for cost in (*timed, *sized[:1]) if wanted else ():
        charts.append(
            both(
                draw_pareto,
                rows,
                cost=cost.column,
                sizes=card.sizes,
                metric=metric,
                series=series,
                names=names,
                title=f"{metric.title} against {cost.words}",
                point=finding.axis,
                threshold=threshold,
                baseline=base,
                words=finding.words,
            )
        )
    return charts


def _marks(card: Card, knob: Knob | None) -> tuple[Mark, ...]:
    """What artifacts of the model found along a knob, where it takes any."""
    if knob is None or not any(one.kind == "artifact" for one in card.knobs):
        return ()
    return marks_of(ArtifactStore().made_from(card.weights_hash), knob)


def _layer_charts(
    card: Card, finding: Finding, metric: Metric, threshold: float | None, axis: str
) -> list[Chart]:
    parts = parts_of(card.units)
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
        title=f"{taken_words(finding.rows)} against {metric.title}",
        x_title=f"{taken_words(finding.rows)} {elements_of(finding.rows, card.units)}",
        baseline=baseline_of(finding.rows, metric.id),
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


def _table(card: Card, finding: Finding) -> Table:
    note = "A mask is never a speed-up: bytes of the dense file and MACs stay as they are."
    masked = any(row.get("zeroed") for row in finding.rows)
    untimed = "" if any("ms" in row for row in finding.rows) else "No times were measured."
    return Table(
        finding.title,
        finding.rows,
        note=" ".join(text for text in (note if masked else "", untimed) if text),
        sizes=card.sizes,
    )


def _settings(
    card: Card, findings: Sequence[Finding], metric: Metric, threshold: float | None
) -> tuple[tuple[str, str], ...]:
    rows = [row for finding in findings for row in finding.rows]
    words = dict.fromkeys(f.words for f in findings if f.words)
    named = f" ({', '.join(words)})" if words else ""
    pairs = [("Samples", f"{sample_counts(rows)}{named}"), ("Seed", seeds(rows))]
    if threshold is not None:
        sign = "≤" if metric.better == "lower" else "≥"
        pairs.append(("Threshold", f"{metric.title} {sign} {threshold:g}"))
    pairs.append(("Device", card.device))
    pairs.append(("Versions", ", ".join(f"{k} {v}" for k, v in versions().items())))
    return tuple(pairs)


def _lost(card: Card, findings: Sequence[Finding]) -> list[str]:
    """Say which results are not numbers: they are kept, and never averaged away."""
    rows = [row for finding in findings for row in finding.rows]
    lost = sum(math.isnan(value_of(row, card.metrics[0].id)) for row in rows)
    short = [f for f in findings if len(f.rows) < f.expected]
    told = [f"{f.title}: {len(f.rows)} of {f.expected} rows are done." for f in short]
    if lost:
        told.append(f"{lost} rows have NaN as {card.metrics[0].title}; they are shown as NaN.")
    return told
