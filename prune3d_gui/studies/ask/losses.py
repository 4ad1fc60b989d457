"""Losses: which parts that the full model has a study's plans lost, and where first."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from ...core.jobs import Row
from ...core.plan.plans import Query
from ...core.score.parts import Part
from ...core.score.scores import Metric, vanished
from .answers import RowFound
from .outcomes import untouched

SHOWN = 6
"""Parts that a sentence names."""


def told_losses(metrics: Sequence[Metric], found: Iterable[RowFound], axis: str) -> str:
    """One sentence on the parts that vanished, each with the `axis` nearest the full model's.

    A plan is compared with the unpruned result under the same query, so nothing is said where a
    study has no such row; empty where no part vanished.

    Parameters
    ----------
    metrics : sequence of Metric
    found : iterable of RowFound
    axis : str
        Column of the horizontal axis.
    """
    rows = [one for one in found if one.parts]
    full: dict[Query | None, RowFound] = {}
    for one in rows:
        if untouched(one.row):
            full.setdefault(_query(one), one)
    first: dict[tuple[str, str], Row] = {}
    start = min((_place(one.row, axis) for one in full.values()), default=0.0)
    for one in sorted(rows, key=lambda one: abs(_place(one.row, axis) - start)):
        base = full.get(_query(one))
        stands_in = one.row.get("against") == "full"
        if stands_in or (base is not None and base is not one):
            known = None if stands_in or base is None else _parts(metrics, base)
            for part in vanished(metrics, known, _parts(metrics, one)):
                first.setdefault((part.kind, part.name), one.row)
    named = [f"{kind} {name}{_where(row, axis)}" for (kind, name), row in first.items()]
    return lost_sentence(named)


def lost_sentence(named: Sequence[str]) -> str:
    """One sentence that these parts, each in words, vanished; empty for none."""
    if not named:
        return ""
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"Vanished, against the full model: {', '.join(named[:SHOWN])}{more}."


def _query(one: RowFound) -> Query | None:
    return one.case.query if one.case is not None else None


def _place(row: Row, axis: str) -> float:
    value = row.get(axis)
    return float(value) if isinstance(value, int | float) else sys.float_info.max


def _where(row: Row, axis: str) -> str:
    value = row.get(axis, row.get("plan"))
    if value is None:
        return ""
    return f" (first at {axis} {value:g})" if isinstance(value, int | float) else f" ({value})"


def _parts(metrics: Sequence[Metric], one: RowFound) -> list[Part]:
    return [
        Part(row["part_kind"], row["part"], {m.id: row[m.id] for m in metrics if m.id in row})
        for row in one.parts
    ]
