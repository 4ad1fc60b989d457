"""Rows made ready for a chart: what is a curve, a band, a trial, and what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..core.jobs import Row
from ..core.plan.knobs import Knob
from ..core.plan.units import Unit
from ..core.score.scores import Metric
from .canvas import number

DRAWN = "drawn"
"""Column that `by_column` and `trials` add: the name of the curve a row belongs to."""
_NOT_CURVES = {"paper", "full"}


def split_seeds(
    rows: Sequence[Row], axis: str, series: str
) -> tuple[list[Row], dict[str, list[Row]]]:
    """Rows of curves with one seed, and those of curves that were repeated with several.

    Returns
    -------
    lines : list of row
    bands : mapping of series value to rows
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row.get(series, "")), []).append(row)
    lines: list[Row] = []
    bands: dict[str, list[Row]] = {}
    for name, mine in groups.items():
        seeds = {row.get("seed") for row in mine}
        if len(seeds) > 1 and len({row.get(axis) for row in mine}) < len(mine):
            bands[name] = mine
        else:
            lines += mine
    return lines, bands


def baseline(rows: Sequence[Row], metric: Metric) -> float | None:
    """Value of the unpruned network, if a row says it."""
    for row in rows:
        if f"full_{metric.id}" in row:
            return number(row, f"full_{metric.id}")
    taken = ("zeroed", "removed", "changed")
    untouched = (row for row in rows if not any(row.get(name) for name in taken))
    return next((number(row, metric.id) for row in untouched if metric.id in row), None)


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
    kept = (axis, "samples", "seed", "threshold", f"full{ending}")
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


def axis_title(knob: Knob) -> str:
    """Title of an axis: the knob and its unit."""
    return f"{knob.label} ({knob.suffix})" if knob.suffix else knob.label


def parts_of(units: Sequence[Unit]) -> Mapping[str, str]:
    """The part of the network each unit is in, in order; empty where all are in one."""
    depth = next((d for d in range(8) if len({u.path[: d + 1] for u in units}) > 1), None)
    if depth is None:
        return {unit.id: "" for unit in units}
    return {unit.id: "/".join(unit.path[depth : depth + 1]) for unit in units}
