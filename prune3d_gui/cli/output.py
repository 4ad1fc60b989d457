"""Rows on their way out: an aligned table, a list of fields, or JSON."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from ..core.errors import BadInput
from ..core.moment import Moment
from ..core.plan.artifacts import in_words
from ..files import paths
from ..files.tables import columns, json_text, write_json
from .streams import leads_nowhere, write_out

Rows = Sequence[Mapping[str, Any]]
MISSING = "—"
ROUND = {"samples", "seed"}  # counts that read better without thousands separators


def emit(
    rows: Rows,
    json: str | None,
    notes: Sequence[str] = (),
    stream: TextIO | None = None,
    layout: Callable[[Rows], list[str]] | None = None,
    keep: Sequence[str] = (),
    moment: Moment | None = None,
) -> None:
    """Write rows where a person asked for them.

    Parameters
    ----------
    rows : sequence of flat mappings
    json : str or None
        ``-`` for JSON on standard output and nothing else there, a file name for a
        JSON file beside the table.
    notes : sequence of str
        Lines beneath the table: definitions, seed, sample count.
    stream : file, optional
        Standard output, where it was put aside.
    layout : callable, optional
        Makes the lines people read; by default a table, or fields for a single row.
    keep : sequence of str
        Columns of the table to show even where they never change.
    moment : Moment or None
        What they were made from; a JSON file has it, standard output does not.
    """
    stream = stream or sys.stdout
    if json == "-":
        write_out(json_text(rows), stream)
    else:
        if json:
            write_json(json, rows, moment)
        if layout is not None:
            body = layout(rows)
        else:
            body = fields(rows[0]) if len(rows) == 1 else table(rows, keep)
        lines = [*body, *([""] if notes and body else []), *notes]
        write_out("".join(f"{line}\n" for line in lines), stream)


def check_target(path: str | None) -> None:
    """Refuse a file that cannot be written before any work is done for it.

    Parameters
    ----------
    path : str or None
        A file, ``-`` for standard output, or nothing.

    Raises
    ------
    BadInput
        If standard output is closed, or as `files.paths.check_target`.
    """
    if path == "-" and leads_nowhere(sys.stdout):
        raise BadInput("'--json -' asks for standard output, which is closed; give --json FILE.")
    if path and path != "-":
        paths.check_target(path)


def table(rows: Rows, keep: Sequence[str] = ()) -> list[str]:
    """Lines of an aligned table; columns that never change, but `keep`, are told beneath it."""
    if not rows:
        return ["(nothing)"]
    rows = in_words(rows)
    names = columns(rows)
    fixed = [name for name in names if len({_key(row.get(name)) for row in rows}) == 1]
    fixed = [name for name in fixed if name not in keep]
    if len(fixed) == len(names) or len(names) <= 6:
        fixed = []
    shown = [name for name in names if name not in fixed]
    cells = {name: column(name, [row.get(name) for row in rows]) for name in shown}
    numeric = {name: _numeric([row.get(name) for row in rows]) for name in shown}
    widths = {name: max(len(name), *map(len, cells[name])) for name in shown}

    def line(texts: Mapping[str, str]) -> str:
        parts = [
            texts[name].rjust(widths[name]) if numeric[name] else texts[name].ljust(widths[name])
            for name in shown
        ]
        return "  ".join(parts).rstrip()

    lines = [line({name: name for name in shown}), "  ".join("-" * widths[n] for n in shown)]
    lines += [line({name: cells[name][i] for name in shown}) for i in range(len(rows))]
    if fixed:
        same = ", ".join(f"{name} {_single(name, rows[0].get(name))}" for name in fixed)
        lines += ["", f"In every row: {same}."]
    return lines


def fields(row: Mapping[str, Any]) -> list[str]:
    """Lines ``name  value`` for a single row."""
    width = max(map(len, row), default=0)
    return [f"{name.ljust(width)}  {_single(name, value)}" for name, value in row.items()]


def column(name: str, values: Sequence[Any]) -> list[str]:
    """Texts of one column: whole numbers with separators, floats with shared decimals."""
    values = [value.item() if hasattr(value, "item") else value for value in values]
    floats = [v for v in values if isinstance(v, float) and math.isfinite(v)]
    whole = all(v == round(v) for v in floats)
    least = min((abs(v) for v in floats if v), default=1.0)
    small = not whole and least < 1e-3
    needed = max((len(f"{v:.4f}".rstrip("0").partition(".")[2]) for v in floats), default=0)
    decimals = 0 if whole else min(needed, 4, max(1, 3 - math.floor(math.log10(least))))

    def text(value: Any) -> str:
        if value is None:
            return MISSING
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return str(value) if name in ROUND else f"{value:,}"
        if isinstance(value, float) and math.isfinite(value):
            return f"{value:.4g}" if small else f"{value:.{decimals}f}"
        return str(value)

    return [text(value) for value in values]


def _single(name: str, value: Any) -> str:
    """Text of a value on its own: six digits, with no zeros at the end."""
    value = value.item() if hasattr(value, "item") else value
    return f"{value:.6g}" if isinstance(value, float) else column(name, [value])[0]


def _numeric(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and not any(isinstance(value, str | bool) for value in known)


def _key(value: Any) -> Any:
    return "nan" if isinstance(value, float) and math.isnan(value) else value
