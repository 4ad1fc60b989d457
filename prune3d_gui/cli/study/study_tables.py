"""Tables of studies: what a person reads of their rows, and what the numbers mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...core.jobs import Row
from ...core.model import Model
from ...core.plan.units import Unit
from ...core.score.scores import Metric
from ...metrics.intervals import LEVEL, RESAMPLES
from ...reports.rows.captions import seeds
from ...studies.ask.answers import RowFound
from ...studies.ask.losses import told_losses
from ...studies.ask.questions import Study
from ..commands import definitions
from ..output import table


def pivot(rows: Sequence[Row], units: Sequence[Unit], axis: str, metric: Metric) -> list[str]:
    """Lines of a table with a line for each unit, a column for each value, and one metric."""
    cells: dict[str, dict[str, float]] = {}
    for row in rows:
        value = row[axis]
        name = f"{value:g}" if isinstance(value, float) else str(value)
        cells.setdefault(row["unit"], {})[name] = row[metric.id]
    order = {unit.id: place for place, unit in enumerate(units)}
    return table(
        [{"unit": unit, **cells[unit]} for unit in sorted(cells, key=order.__getitem__)],
        keep=tuple({name for found in cells.values() for name in found}),
    )


def counted(model: Model, study: Study, found: Sequence[RowFound]) -> list[str]:
    """What the numbers mean: definitions, samples and seed, intervals, floors, what vanished."""
    rows = [one.row for one in found]
    lines = [
        *definitions(model, rows),
        f"Means over {len(study.samples)} samples ({study.words}), seed {seeds(rows)}.",
    ]
    within = next((row["interval_over"] for row in rows if "interval_over" in row), "")
    if within or len(study.samples) > 1:
        over = f"the parts ({within}) of the one sample" if within else "samples"
        interval = f"{100 * LEVEL:g} % bootstrap interval of the mean over {over}"
        drawn = f"({RESAMPLES:,} resamples, seed 0)"
        shown = study.kind == "sweep"
        lines.append(
            f"±: half of the {interval} {drawn}; --json has both ends."
            if shown
            else f"--json has the {interval} {drawn} and all metrics."
        )
    floors = {m.id: [r[k] for r in rows if (k := f"{m.id}_floor") in r] for m in model.metrics}
    known = ", ".join(f"{name} {np.mean(found):.4g}" for name, found in floors.items() if found)
    if known:
        lines.append(f"Sampling floor, the mean over samples: {known}.")
    lines += undefined_parts(found)
    if lost := told_losses(model.metrics, found, study.axis):
        lines.append(lost)
    if study.repeats:
        lines.append(
            f"ms: median of {study.repeats} runs on {study.samples[0]} with one thread on "
            f"{model.device}; ms_spread: between the quartiles."
        )
    return lines


def undefined_parts(found: Sequence[RowFound]) -> list[str]:
    """How many parts have no value, in a sentence; none where all have."""
    rows = [one.row for one in found if one.row.get("undefined")]
    if not rows:
        return []
    most = max(row["undefined"] for row in rows)
    return [f"undefined: parts without a value, left out of the means; up to {most:,} in a row."]
