"""Comparison: a paper's numbers beside ours, which counts agree, and how far ours could go."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ...core.experiments import Experiment, Printed
from ...core.jobs import Row
from ...core.numerals import with_unit
from ...core.plan.axes import axes_of
from ...core.plan.knobs import Knob
from ...core.score.scores import Metric
from ...studies.ask.statistics import largest_passing, passes, passing_run

FEW_LINES = 2
"""Lines of which the sentence gives the counts too; those of more stand in the rows alone."""


def beside(printed: Printed, found: Row, compared: Iterable[str]) -> Row:
    """One row: what tells it from others, then our columns, each beside the paper's.

    Parameters
    ----------
    printed : Printed
    found : flat row
        Ours.
    compared : iterable of column
        Columns that the paper has; what it did not print, or is not known, is None.
    """
    paper = dict(printed.paper)
    row: Row = dict(printed.values)
    for column in compared:
        row |= {column: found.get(column), f"paper_{column}": paper.get(column)}
    skipped = ("unit_rates", "locks", "prunable", "total")
    row |= {k: v for k, v in found.items() if k not in row and k not in skipped}
    return row | ({"note": printed.note} if printed.note else {})


def at_words(row: Row, knobs: Sequence[Knob]) -> str:
    """Where a row stands, by the number knobs that it tells of: `` at 30 %``; empty for none."""
    told = [k.told(row[k.id]) for k in axes_of(knobs) if k.id in row]
    return f" at {', '.join(told)}" if told else ""


def agreement(rows: Sequence[Row], knobs: Sequence[Knob]) -> list[str]:
    """Say how many of our whole numbers equal the printed ones, and which do not.

    Parameters
    ----------
    rows : sequence of flat rows
        With a column ``paper_c`` for a column ``c``.
    knobs : sequence of Knob
        Those of the model: rows are told apart by the values they have of them.
    """
    pairs = [
        (row, column, row[column], row[f"paper_{column}"])
        for row in rows
        for column in row
        if isinstance(row.get(f"paper_{column}"), int) and isinstance(row[column], int)
    ]
    if not pairs:
        return []
    wrong = [pair for pair in pairs if pair[2] != pair[3]]
    lines = [f"{len(pairs) - len(wrong)} of {len(pairs)} counts equal the paper's."]
    for row, column, ours, theirs in wrong:
        name = " ".join(str(value) for value in list(row.values())[:3] if isinstance(value, str))
        why = row.get("note") or "this network is not the paper's, or the rule is another."
        lines.append(f"{name}{at_words(row, knobs)}, {column}: {ours:,} and not {theirs:,}; {why}")
    return lines


def with_limits(
    experiment: Experiment,
    metric: Metric,
    full: float,
    rows: Sequence[Row],
    tried: Sequence[tuple[Printed, Row | None]],
    words: str,
    unit: str,
) -> tuple[list[Row], list[str]]:
    """Say how far ours could go before it breaks the threshold, line by line.

    Parameters
    ----------
    experiment : Experiment
        With a column that `climbs`.
    metric : Metric
    full : float
        The full model's own mean.
    rows : sequence of flat rows
    tried : sequence of (Printed, flat row or None)
        What the answer is taken from; None was not measured.
    words : str
        The samples, as a person named them.
    unit : str
        Behind the values of the column that climbs.

    Returns
    -------
    rows : list of flat rows
        With ``threshold`` and ``passes``, and for their line ``own_most_<column>``, the largest
        value up to which every value tried passes, ``own_most_zeroed`` there, and
        ``own_all_pass``. The first two are None where not even the smallest value passes, and
        all three where not all were measured.
    sentences : list of str
    """
    threshold, column = metric.slack.at(full) if metric.slack else math.nan, experiment.climbs
    if not math.isfinite(threshold) or not threshold:
        why = "" if metric.slack else ", and the metric does not say how much worse still passes"
        said = (
            f"The full model's own {metric.id} is {full:g} on {words}{why}; nothing can be judged "
            "by it."
        )
        return list(rows), [said]
    lines: dict[str, list[Row | None]] = {_line(experiment, row): [] for row in rows}
    for printed, found in tried:
        values = dict(printed.values)
        lines.setdefault(_line(experiment, values), []).append(found and values | found)
    limits, told = {}, []
    for name, ladder in lines.items():
        limits[name], most = _limit(
            ladder, column, metric, threshold, len(lines) <= FEW_LINES, unit
        )
        told.append(f"{name} {most}".lstrip())
    judged = []
    for row in rows:
        inside = passes(row.get(metric.id, math.nan), threshold, metric.better)
        limit = limits[_line(experiment, row)]
        judged.append(row | {"threshold": threshold, "passes": inside} | limit)
    whole = [name for name, limit in limits.items() if limit["own_all_pass"]]
    said = [
        f"Threshold for ours: {threshold:.4g} of {metric.id}, {threshold / full:.5g} times its "
        f"full model's own {full:.4g} on {words}.",
        f"The largest {column} up to which every {column} tried passes (own_most_{column}): "
        f"{', '.join(told)}.",
    ]
    if whole:
        which = "" if len(whole) == len(limits) else f" of {', '.join(whole)}"
        said.append(
            f"Every {column} tried{which} passes, so it may be able to lose more (own_all_pass)."
        )
    return judged, said


def _line(experiment: Experiment, row: Row) -> str:
    return str(row.get(experiment.series, ""))


def _limit(
    ladder: Sequence[Row | None],
    column: str,
    metric: Metric,
    threshold: float,
    counts: bool,
    unit: str,
) -> tuple[Row, str]:
    """Columns of one line, and words for them."""
    names = (f"own_most_{column}", "own_most_zeroed", "own_all_pass")
    known = [row for row in ladder if row is not None]
    if len(known) < len(ladder):
        return dict.fromkeys(names), "not known (stopped before all were measured)"
    judged = (known, column, metric.id, threshold, metric.better)
    run, best = passing_run(*judged), largest_passing(*judged)
    most = run[-1] if run else {}
    words = with_unit(f"{most[column]:g}", unit) if run else "none"
    if run and counts:
        words += f" ({most['zeroed']:,} zeroed)"
    if best is not None and (not run or best[column] > most[column]):
        again = with_unit(f"{best[column]:g}", unit)
        words += f" ({again} passes again)"
    values = (most.get(column), most.get("zeroed"), bool(run) and len(run) == len(known))
    return dict(zip(names, values, strict=True)), words
