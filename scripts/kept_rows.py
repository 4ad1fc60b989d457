"""Rows of a recipe as numbers and tables of the texts take them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from rows import rows


@cache
def some(name: str) -> tuple[dict, ...]:
    """All rows of a recipe."""
    found = tuple(rows(name))
    if not found:
        raise LookupError(f"no rows of {name}")
    return found


def one(name: str, **where: object) -> dict:
    """The one row that has these values."""
    found = [row for row in some(name) if all(row.get(k) == v for k, v in where.items())]
    if not found:
        raise LookupError(f"no row of {name} has {where}")
    return found[0]


def figure(value: float) -> str:
    """Three digits, or all of those before the point."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def measured(row: dict) -> tuple[str, str, str, str]:
    """What a row of a bench measured, its value, what was aimed at, and the note beside it."""
    aim = row.get("limit") or row.get("target") or ""
    name = row["measure"].replace("_", " ")
    return name, f"{figure(row['value'])} {row['unit']}".rstrip(), aim, row.get("note") or ""


def lines(head: Iterable[str], body: Iterable[Iterable[str]], right: int = 1) -> str:
    """A Markdown table; columns from number `right` on are aligned to the right."""
    names = list(head)
    rule = ["---" if place < right else "---:" for place in range(len(names))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (names, rule, *body))
