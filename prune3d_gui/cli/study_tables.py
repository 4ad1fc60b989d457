"""Tables of studies: what a person reads of their rows, and what the numbers mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.jobs import Row
from ..core.knobs import Knob
from ..core.scores import Metric
from ..core.system import Model
from ..core.units import Unit
from ..studies.outcomes import LEVEL, RESAMPLES
from ..studies.questions import Study
from .commands import definitions
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
        if name in plotted and low is not None and row["samples"] > 1:
            found[f"± {name}"] = (high - low) / 2
    return found


def pivot(rows: Sequence[Row], units: Sequence[Unit], knob: Knob, metric: Metric) -> list[str]:
    """Lines of a table with a line for each unit, a column for each value, and one metric."""
    cells: dict[str, dict[str, float]] = {}
    for row in rows:
        value = row[knob.id]
        name = f"{value:g}" if isinstance(value, float) else str(value)
        cells.setdefault(row["unit"], {})[name] = row[metric.id]
    order = {unit.id: place for place, unit in enumerate(units)}
    return table(
        [{"unit": unit, **cells[unit]} for unit in sorted(cells, key=order.__getitem__)],
        keep=tuple({name for found in cells.values() for name in found}),
    )


def counted(model: Model, study: Study, rows: Sequence[Row]) -> list[str]:
    """What the numbers mean: definitions, samples and seed, intervals and floors."""
    seeds = ", ".join(dict.fromkeys(str(row["seed"]) for row in rows))
    lines = [
        *definitions(model, rows),
        f"Means over {len(study.samples)} samples ({study.words}), seed {seeds}.",
    ]
    if len(study.samples) > 1:
        interval = f"{100 * LEVEL:g} % bootstrap interval of the mean over samples"
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
    if study.repeats:
        lines.append(
            f"ms: median of {study.repeats} runs on {study.samples[0]} with one thread on "
            f"{model.device}; ms_spread: between the quartiles."
        )
    return lines
