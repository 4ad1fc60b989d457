"""Captions: what must stand beside numbers: definitions, samples, seed, what bars are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...core.jobs import Row
from ...core.score.scores import Metric
from ...studies.ask.outcomes import compared
from ...studies.ask.questions import SEED
from .values import value_of

INTERVAL = "Bars: 95 % bootstrap interval of the mean."


def caption_of(
    rows: Sequence[Row], metrics: Iterable[Metric], words: str = "", more: Sequence[str] = ()
) -> str:
    """Definitions, samples, seed, what stood in for a reference, then `more`."""
    parts = [definition(metric) for metric in metrics]
    if told := means_over(rows, words):
        parts.append(f"{told}, seed {seeds(rows)}.")
    return " ".join([*parts, *compared(rows), *(text for text in more if text)])


def means_over(rows: Iterable[Row], words: str) -> str:
    """``Means over 16 samples (val:16)``; empty where rows do not count their samples."""
    count = sample_counts(rows)
    if not count:
        return ""
    counted = "One sample" if count == "1" else f"Means over {count} samples"
    return f"{counted} ({words})" if words else counted


def sample_counts(rows: Iterable[Row]) -> str:
    """How many samples rows are of: ``16``, or ``4 to 16``; empty where they do not say."""
    counts = sorted({int(row["samples"]) for row in rows if row.get("samples") is not None})
    return " to ".join(str(n) for n in dict.fromkeys((*counts[:1], *counts[-1:])))


def seeds(rows: Iterable[Row]) -> str:
    """Seeds of `rows`, each once."""
    found = dict.fromkeys(str(row[SEED]) for row in rows if row.get(SEED) is not None)
    return ", ".join(found) or "0"


def definition(metric: Metric) -> str:
    """One sentence: title, unit, definition, which way is better."""
    unit = f" ({metric.unit})" if metric.unit and metric.unit not in metric.title else ""
    return f"{metric.title}{unit}: {metric.defined}"


def interval_note(rows: Sequence[Row], name: str) -> str:
    """What the bars are, where there are any."""
    ends = ((value_of(row, f"{name}_low"), value_of(row, f"{name}_high")) for row in rows)
    return INTERVAL if any(high > low for low, high in ends) else ""
