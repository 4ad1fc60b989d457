"""Scores of several rooms as rows: one for each room and protocol, and means with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row
from prune3d_gui.core.score.parts import Part
from prune3d_gui.metrics.intervals import intervals
from prune3d_gui.metrics.surfaces import METRICS

from .whole import PROTOCOL, Entrant, Judge

NAMES = tuple(metric.id for metric in METRICS)


def rows_of(head: Row, parts: Iterable[Part]) -> list[Row]:
    """A row for each protocol: `head`, ``part_kind``, ``part`` and what is defined of metrics."""
    return [
        {**head, "part_kind": PROTOCOL, "part": part.name, **_defined(part)}
        for part in parts
    ]  # fmt: skip


def over_rooms(
    judges: Sequence[Judge],
    entrant: Entrant,
    views: int,
    device: str = "cpu",
    report: Report = lambda told: None,
    cancel: CancelToken = NEVER,
) -> list[Row]:
    """Have a network reconstruct rooms; gives the means, a row for each protocol."""
    by: dict[str, list[Row]] = {}
    for number, judge in enumerate(judges):
        said = f"{number} of {len(judges)} whole rooms scored, {entrant.title}"
        report(Progress(number, len(judges), said))
        made = judge.reconstruct(entrant, views, device, cancel)
        for row in rows_of({}, judge.score(made.mesh, cancel)):
            by.setdefault(row["part"], []).append(row)
    return [mean_of(rows, "rooms") for rows in by.values()]


def mean_of(rows: Sequence[Row], over: str) -> Row:
    """Means of metrics over rows of one protocol, with 95 % intervals from resampling them.

    Parameters
    ----------
    rows : sequence of row
        One for each room.
    over : str
        Column for how many they are.

    Returns
    -------
    row
        ``part_kind`` and ``part``; each metric with ``_low`` and ``_high``; ``undefined``, how many
        values no room could give, such as the precision of a room without a surface.
    """
    columns = {
        name: np.array([row[name] for row in rows if name in row], float) for name in NAMES
    }  # fmt: skip
    ends = intervals(list(columns.values()))
    row: Row = {"part_kind": PROTOCOL, "part": rows[0]["part"]}
    for (name, values), (low, high) in zip(columns.items(), ends, strict=True):
        if len(values):
            row |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
    missing = sum(len(rows) - len(values) for values in columns.values())
    return row | {over: len(rows), "undefined": missing}


def ahead_of(first: Sequence[Row], other: Sequence[Row], metric: str = NAMES[0]) -> Row:
    """How far rows are ahead of others of the same rooms, with a 95 % interval of the pairs.

    Returns
    -------
    row
        ``ahead``, ``ahead_low`` and ``ahead_high``.
    """
    apart = np.array([a[metric] - b[metric] for a, b in zip(first, other, strict=True)])
    ((low, high),) = intervals([apart])
    return {"ahead": float(apart.mean()), "ahead_low": low, "ahead_high": high}


def _defined(part: Part) -> Row:
    return {name: part.values[name] for name in NAMES if part.has(name)}
