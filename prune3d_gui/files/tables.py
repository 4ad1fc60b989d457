"""Tables of flat rows, as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.names import sayable

from .atomic import writing
from .paths import reason_of
from .stamps import texts
from .texts import read_text

SUFFIXES = (".csv", ".json")


def columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of all columns of `rows`, in order of first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def json_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a JSON list, one row to a line; NaN and infinity become null."""
    lines = [json.dumps({key: _plain(value) for key, value in row.items()}) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def signed(rows: Sequence[Mapping[str, Any]], moment: Moment | None) -> Sequence[Mapping[str, Any]]:
    """Rows of which the first has what they were made from, in a column of its own, the last."""
    if moment is None:
        return rows
    return [{**row, **(texts(moment) if place == 0 else {})} for place, row in enumerate(rows)]


def write_json(
    path: str | Path, rows: Sequence[Mapping[str, Any]], moment: Moment | None = None
) -> None:
    """Write rows as JSON, whatever the ending of the file; see `signed` for the moment."""
    text = json_text(signed(rows, moment))
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_csv(
    path: str | Path, rows: Sequence[Mapping[str, Any]], moment: Moment | None = None
) -> None:
    """Write rows as CSV with a header; a missing value is empty, NaN is ``nan``."""
    rows = signed(rows, moment)
    with writing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        own = texts(moment)
        names = [name for name in columns(rows) if name not in own]
        writer = csv.DictWriter(file, [*names, *own], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _item(value) for key, value in row.items()} for row in rows)


def write_rows(
    path: str | Path, rows: Sequence[Mapping[str, Any]], moment: Moment | None = None
) -> None:
    """Write rows as the ending of `path` says: ``.csv`` or ``.json``.

    Raises
    ------
    BadInput
        If the ending is another one, or the file cannot be written.
    """
    writers = {".csv": write_csv, ".json": write_json}
    writers[_suffix(path)](path, rows, moment)


def read_rows(path: str | Path) -> list[dict[str, Any]]:
    """Read what `write_rows` wrote; numbers come back as numbers, in CSV as far as they can.

    Raises
    ------
    BadInput
        If the ending is another one, or the file is not a table.
    """
    suffix = _suffix(path)
    try:
        text = read_text(path)
        if suffix == ".csv":
            lines = csv.DictReader(io.StringIO(text, newline=""))
            return [{key: _read(cell) for key, cell in row.items()} for row in lines]
        rows = json.loads(text)
    except OSError as error:
        raise BadInput(f"'{path}' could not be read ({reason_of(error)}).") from error
    except (ValueError, RecursionError, csv.Error) as error:
        raise BadInput(f"'{path}' is not a table of rows: {error}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(f"'{path}' is not a table of rows: it is no list of objects.")
    return rows


def _suffix(path: str | Path) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"'{path}' does not end in {' or '.join(SUFFIXES)}; give one of these.")
    return suffix


def _item(value: Any) -> Any:
    """Return the Python number inside a NumPy or torch scalar, and text that any file can hold."""
    if isinstance(value, str):
        return sayable(value)
    return value.item() if hasattr(value, "item") else value


def _plain(value: Any) -> Any:
    value = _item(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def _read(cell: str | None) -> Any:
    if not cell:
        return None
    if cell in ("True", "False"):
        return cell == "True"
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell
