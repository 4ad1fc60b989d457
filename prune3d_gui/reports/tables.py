"""Tables of a report: rows as HTML that sorts, with sizes and times under headings of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..core.jobs import Row
from ..core.score.scores import Metric
from ..files.tables import columns
from .rows.columns import grouped
from .rows.values import shown

LONG = 40


@dataclass(frozen=True, eq=False)
class Table:
    """Rows under a title.

    Parameters
    ----------
    title : str
    rows : sequence of flat rows
    columns : tuple of str
        Those to show, in order; all by default.
    note : str
        What must be known of it.
    sizes : mapping of column to str
        What the model says of its columns of bytes.
    """

    title: str
    rows: Sequence[Row]
    columns: tuple[str, ...] = ()
    note: str = ""
    sizes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    group: str
    title: str
    about: str
    text: bool
    bounds: tuple[str, str] | None = None


def table_html(table: Table, metrics: Iterable[Metric] = ()) -> str:
    """Return a table that folds where it is long; each cell carries the whole number.

    Columns that never change, but sizes, times and metrics, are told in a line below.
    """
    kept, fixed = _columns(table, tuple(metrics))
    head = _head(kept)
    body = "\n".join(_line(row, kept) for row in table.rows)
    notes = [table.note] if table.note else []
    if fixed:
        notes.append(f"In every row: {', '.join(fixed)}.")
    below = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    count = len(table.rows)
    fold = "" if count > LONG else " open"
    return (
        f"<details{fold}><summary>{escape(table.title)} <span>· {count} rows</span></summary>"
        f'<div class="scroll"><table>\n{head}\n<tbody>\n{body}\n</tbody></table></div>'
        f"{below}</details>"
    )


def _columns(table: Table, metrics: tuple[Metric, ...]) -> tuple[list[_Column], list[str]]:
    known = columns(table.rows)
    wanted = [name for name in table.columns if name in known] or known
    titles = {metric.id: metric for metric in metrics}
    bounds = {f"{m}_{end}" for m in titles for end in ("low", "high")}
    kept, fixed = [], []
    for name in wanted:
        values = [row.get(name) for row in table.rows]
        text = any(isinstance(value, str | bool) for value in values)
        if name in bounds:
            continue
        if cost := grouped(name, table.sizes):
            kept.append(_Column(name, *cost, "", text))
        elif name in titles:
            metric = titles[name]
            kept.append(_Column(name, metric.title, "mean", metric.definition, text))
            ends = (f"{name}_low", f"{name}_high")
            if set(ends) <= set(known):
                kept.append(_Column(ends[0], metric.title, "95 % interval", "", False, ends))
            continue
        elif name.endswith("_floor") and name.removesuffix("_floor") in titles:
            group = titles[name.removesuffix("_floor")].title
            kept.append(_Column(name, group, "floor", "Sampling floor.", text))
        elif len(values) > 1 and len({shown(v, name) for v in values}) == 1:
            fixed.append(f"{name.replace('_', ' ')} {shown(values[0], name)}")
        else:
            kept.append(_Column(name, "", name.replace("_", " "), "", text))
    order = list(dict.fromkeys(column.group for column in kept))
    return sorted(kept, key=lambda column: order.index(column.group)), fixed


def _head(kept: Sequence[_Column]) -> str:
    groups: list[list[Any]] = []
    for column in kept:
        if groups and groups[-1][0] == column.group:
            groups[-1][1] += 1
        else:
            groups.append([column.group, 1])
    above = "".join(
        f'<th colspan="{span}"{_class(start=bool(number))}>{escape(group)}</th>'
        for number, (group, span) in enumerate(groups)
    )
    names = "".join(
        f'<th scope="col" title="{escape(column.about)}"'
        f"{_class(text=column.text, start=_starts(kept, i))}>{escape(column.title)}</th>"
        for i, column in enumerate(kept)
    )
    return f'<thead><tr class="groups">{above}</tr>\n<tr class="names">{names}</tr></thead>'


def _line(row: Row, kept: Sequence[_Column]) -> str:
    cells = []
    for i, column in enumerate(kept):
        value = row.get(column.name)
        text = shown(value, column.name)
        if column.bounds:
            text = " – ".join(shown(row.get(name), name) for name in column.bounds)
        kind = _class(text=column.text, start=_starts(kept, i), nan=text == "NaN")
        cells.append(f'<td data-value="{escape(_whole(value))}"{kind}>{escape(text)}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _starts(kept: Sequence[_Column], at: int) -> bool:
    return at > 0 and kept[at].group != kept[at - 1].group


def _class(**kinds: bool) -> str:
    names = " ".join(name for name, held in kinds.items() if held)
    return f' class="{names}"' if names else ""


def _whole(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return "" if value is None else str(value)
