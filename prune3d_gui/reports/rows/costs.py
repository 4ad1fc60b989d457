"""Costs: what a network takes, by columns of the rows, and what was taken away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.jobs import Row
from ...core.plan.units import Unit, noun_of
from .values import value_of

NONZERO = "nonzero"
_BYTES = ((1e6, "MB"), (1e3, "kB"), (1.0, "Bytes"))
_COUNTS = ((1e9, ", billions"), (1e6, ", millions"), (1e3, ", thousands"), (1.0, ""))
_MACS, _PARAMETERS = "Multiply-accumulates", "parameters"
_TIMED = ("Milliseconds for one result, measured", "measured milliseconds")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network costs, by a column of the rows.

    Parameters
    ----------
    column : str
    title : str
        Of an axis, with its unit.
    words : str
        What it is, within a sentence.
    scale : float
        What one of that unit is.
    changes : bool
        Whether rows differ in it.
    """

    column: str
    title: str
    words: str
    scale: float = 1.0
    changes: bool = True

    def read(self, row: Row) -> float:
        """The cost of a row in the unit of the title."""
        return _read(self.column, row) / self.scale


def cost_of(
    rows: Sequence[Row], column: str, sizes: Mapping[str, str], units: Sequence[Unit] = ()
) -> Cost:
    """The cost that a column says.

    Parameters
    ----------
    sizes : mapping of column to str
        What the model says of its columns of bytes; see `described`.
    units : sequence of Unit
        Of the model; what is counted is called by their word.
    """
    values = [v for row in rows if math.isfinite(v := _read(column, row))]
    most, changes = max(values, default=0.0), len(set(values)) > 1
    if is_size(column):
        scale, unit = next((pair for pair in _BYTES if most >= pair[0]), _BYTES[-1])
        what = described(column, sizes)
        end = f" on disk{', ' if what else ''}{what}"
        return Cost(column, unit + end, f"bytes{end}", scale, changes)
    if column in ("macs", NONZERO):
        scale, unit = next((pair for pair in _COUNTS if most >= pair[0]), _COUNTS[-1])
        title = _MACS if column == "macs" else _left(rows, units)
        return Cost(column, title + unit, title.lower(), scale, changes)
    title, words = _TIMED if column == "ms" else (column, column)
    return Cost(column, title, words, changes=changes)


def costs_of(
    rows: Sequence[Row], sizes: Mapping[str, str], units: Sequence[Unit] = ()
) -> tuple[Cost, ...]:
    """Costs that the rows have: those that change come first."""
    names = dict.fromkeys(name for row in rows for name in row)
    wanted = ("ms", "macs", "bytes", *(n for n in names if n.startswith("bytes_")), NONZERO)
    told = [n for n in wanted if any(math.isfinite(_read(n, row)) for row in rows)]
    costs = (cost_of(rows, name, sizes, units) for name in told)
    return tuple(sorted(costs, key=lambda cost: not cost.changes))


def is_size(column: str) -> bool:
    """Whether a column counts bytes."""
    return column == "bytes" or column.startswith("bytes_")


def described(column: str, sizes: Mapping[str, str]) -> str:
    """What a column of bytes is of: as the model says, else by its name; empty for the plain one.

    Parameters
    ----------
    sizes : mapping of column to str
        See `Model.sizes`.
    """
    return sizes.get(column) or column.removeprefix("bytes").removeprefix("_").replace("_", " ")


def taken(row: Row) -> float:
    """Elements that a plan zeroed or removed."""
    return value_of(row, "zeroed") + float(row.get("removed") or 0)


def taken_words(rows: Sequence[Row]) -> str:
    """How elements were taken away in `rows`: ``Zeroed``, ``Removed`` or both."""
    names = [name for name in ("zeroed", "removed") if any(row.get(name) for row in rows)]
    return " or ".join(names or ["zeroed"]).capitalize()


def elements_of(rows: Sequence[Row], units: Sequence[Unit]) -> str:
    """What `rows` count: elements of the units where those are all there is, else parameters."""
    every = sum(unit.count for unit in units)
    return noun_of(units) if any(row.get("total") == every for row in rows) else _PARAMETERS


def _left(rows: Sequence[Row], units: Sequence[Unit]) -> str:
    what = elements_of(rows, units)
    if what == _PARAMETERS and any(row.get("zeroed") for row in rows):
        return f"Nonzero {what}"  # zeroed ones are there, too
    return f"{what[:1].upper()}{what[1:]} left"


def _read(column: str, row: Row) -> float:
    if column == NONZERO:
        return value_of(row, "total") - taken(row)
    return value_of(row, column)
