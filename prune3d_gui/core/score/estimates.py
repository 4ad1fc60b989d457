"""What a preview says of the full result that will follow it.

A preview has fewer points, which shifts its scores; so do those of the full model, by as much
as is known once it was seen both ways. Two corrections follow from that, a difference and a
factor. An error that noise is added to wants the one, a share wants the other, and where they
agree either will do: only there is an estimate. Decibels, or whatever is told by its
differences, have no factor; there the other is no correction at all, for what the few points
miss of the full model drowns in a larger error.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .scores import Metric, Scores

AGREE = 0.05
"""Most that the two corrections may differ, as a share of their mean."""
LEAST = 0.15
"""Least share, such as an F-score, that a preview can tell: a smaller one stands on so few of its
points that chance alone moves it by a tenth."""


def estimated(
    metrics: Iterable[Metric], preview: Scores, full_preview: Scores | None, full: Scores | None
) -> Scores:
    """Scores that the full result of a plan is expected to have; none where that cannot be said.

    Parameters
    ----------
    metrics : iterable of Metric
    preview : Scores
        Of the plan's preview.
    full_preview, full : Scores or None
        Of the full model, in a preview and at full quality.
    """
    metrics = tuple(metrics)
    seen, known = (s.values if s else {} for s in (full_preview, full))
    seen_parts, known_parts = (
        {(p.kind, p.name): p.values for p in (s.parts if s else ())} for s in (full_preview, full)
    )
    parts = []
    for part in preview.parts:
        key = part.kind, part.name
        ends = seen_parts.get(key, {}), known_parts.get(key, {})
        parts.append(replace(part, values=_values(metrics, part.values, *ends)))
    values = _values(metrics, preview.values, seen, known)
    return replace(preview, values=values, parts=tuple(parts))


def _values(
    metrics: Iterable[Metric],
    preview: Mapping[str, float],
    full_preview: Mapping[str, float],
    full: Mapping[str, float],
) -> dict[str, float]:
    found = {}
    for metric in metrics:
        of = [values.get(metric.id, math.nan) for values in (preview, full_preview, full)]
        value = estimate(metric, *of)
        if value is not None:
            found[metric.id] = value
    return found


def estimate(metric: Metric, preview: float, full_preview: float, full: float) -> float | None:
    """The value expected at full quality; None where the corrections disagree."""
    if not all(map(math.isfinite, (preview, full_preview, full))):
        return None
    shifted = full + preview - full_preview
    if preview == full_preview:
        return full
    if metric.slack is not None and metric.slack.by == "difference":
        other = preview
    elif full_preview > 0:
        other = preview * full / full_preview
    else:
        return None
    value = (shifted + other) / 2
    if abs(shifted - other) > AGREE * abs(value):
        return None
    if not (metric.better == "higher" and max(preview, full_preview, full) <= 1):
        return value
    return min(value, 1.0) if min(preview, full_preview) >= LEAST else None
