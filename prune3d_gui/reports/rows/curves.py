"""Curves: which rows make one, what tells it from others, and what it is called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from ...core.jobs import Row
from ...core.plan import artifacts
from ...core.plan.axes import seeds_of
from ...core.plan.knobs import Knob
from ...core.plan.units import Unit
from ...core.score.scores import Metric
from ...studies.ask.questions import SEED, Case
from .values import value_of

DRAWN = "drawn"
"""Column that `by_column` and `trials` add: the name of the curve a row belongs to."""
TELLING = ("unit", "role", "reading", "stage", "method", "part")
"""Text columns that name a line where a question did not say beforehand what it asks."""
_NOT_CURVES = {"paper", "full"}


def by_column(
    rows: Sequence[Row], metric: Metric, axis: str, own: str, metrics: Sequence[Metric] = ()
) -> list[Row]:
    """Rows with a curve for each column that is another reading of the metric.

    A column ``one_shot_<metric>`` becomes the curve "one shot", unless it is one of `metrics`;
    the metric's own column is called `own`. Without such columns nothing is returned.
    """
    ending = f"_{metric.id}"
    known = {each.id for each in metrics} | {f"{name}{ending}" for name in _NOT_CURVES}
    columns = dict.fromkeys(name for row in rows for name in row if name.endswith(ending))
    readings = {
        name.removesuffix(ending).replace("_", " "): name for name in columns if name not in known
    }
    if not readings:
        return []
    kept = (axis, "samples", SEED, "threshold", f"full{ending}")
    return [
        {key: row[key] for key in kept if key in row} | {DRAWN: name, metric.id: row[column]}
        for name, column in ({own: metric.id} | readings).items()
        for row in rows
        if row.get(column) is not None
    ]


def trials(rows: Sequence[Row], knobs: Iterable[Knob]) -> list[Row]:
    """Plans that a search tried, named by what they are; what single units gave is left out.

    A search says what a plan takes away in ``objective_percent``; rows without it are none.
    """
    names = {knob.id for knob in knobs}
    found = []
    for row in rows:
        role = row.get("role")
        if row.get("objective_percent") is None or role in ("curve", "move", "full"):
            continue
        if role == "held-out":
            if not row["objective_percent"]:
                continue
            name = "on held-out samples"
        elif role in ("uniform", "best"):
            name = {"uniform": "largest uniform plan", "best": "best plan"}[role]
        else:
            name = "by unit, tried" if names.isdisjoint(row) else "uniform, tried"
        found.append(row | {DRAWN: name})
    order = ("uniform, tried", "by unit, tried", "largest uniform plan", "best plan")
    return sorted(found, key=lambda row: order.index(row[DRAWN]) if row[DRAWN] in order else 9)


def telling_columns(
    rows: Sequence[Row], cases: Sequence[Case], axis: str, knobs: Iterable[Knob]
) -> tuple[str, ...]:
    """Columns whose values tell curves apart; a seed never does.

    Parameters
    ----------
    cases : sequence of Case
        What a question said beforehand that it asks; empty where it did not.
    """
    if not cases:
        names = dict.fromkeys(name for row in rows for name in row if name in TELLING)
        return tuple(name for name in names if len({row.get(name) for row in rows}) > 1)
    parts = ["part"] * any("part" in row for row in rows)
    silent = {axis, SEED, *seeds_of(knobs)}
    return tuple(name for name in (*varied(cases), *parts) if name not in silent)


def varied(cases: Iterable[Case]) -> tuple[str, ...]:
    """Columns of which cases have several values."""
    values: dict[str, set] = {}
    for case in cases:
        for name, value in case.values:
            values.setdefault(name, set()).add(value)
    return tuple(name for name, seen in values.items() if len(seen) > 1)


def axis_of(rows: Sequence[Row], wanted: str, metrics: Iterable[Metric]) -> str:
    """The column `wanted`, or the first one of numbers where no row has that."""
    if not rows or any(math.isfinite(value_of(row, wanted)) for row in rows):
        return wanted
    known = {metric.id for metric in metrics}
    numbers = (n for n in rows[0] if n not in known and math.isfinite(value_of(rows[0], n)))
    return next(numbers, wanted)


def label_of(knobs: Iterable[Knob], name: str, value: str) -> str:
    """A value of a column as the panel of its knob calls it."""
    for knob in knobs:
        if knob.id == name:
            if knob.kind == "artifact":
                return artifacts.shown(value)
            return next((c.title for c in knob.choices if c.id == value), value)
    return value


def parts_of(units: Sequence[Unit]) -> Mapping[str, str]:
    """The part of the network each unit is in, in order; empty where all are in one."""
    depth = next((d for d in range(8) if len({u.path[: d + 1] for u in units}) > 1), None)
    if depth is None:
        return {unit.id: "" for unit in units}
    return {unit.id: "/".join(unit.path[depth : depth + 1]) for unit in units}


def in_order(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Names, each once: those that are known first and in that order."""
    found = dict.fromkeys(names)
    first = [name for name in known if name in found]
    return first + [name for name in found if name not in first]
