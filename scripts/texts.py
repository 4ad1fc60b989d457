"""Numbers and tables in the texts, each held to its rows.

In a text, ``2.00<!--pgn-full-->`` is a number that `numbers.NUMBERS` makes from rows, and what
stands between ``<!--table pgn-table2-->`` and ``<!--end-->`` is a table that `numbers.TABLES`
makes. `filled` puts both in their place; every other number of a text must be a constant that
``docs/rows/constants.txt`` lists, so that none can be changed unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXTS = ("README.md", *sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/*.md")))
CONSTANTS = ROOT / "docs" / "rows" / "constants.txt"

_MARKED = re.compile(r"(?P<number>[−+-]?[\d.,]*\d)(?P<mark><!--(?P<name>[\w-]+)-->)")
_TABLE = re.compile(r"(<!--table (?P<name>[\w-]+)-->\n).*?(<!--end-->)", re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|<!--.*?-->", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\w])")


def filled(
    text: str,
    numbers: Mapping[str, Callable[[], str]],
    tables: Mapping[str, Callable[[], str]],
) -> str:
    """Return a text with every number and table as the rows have it.

    Raises
    ------
    KeyError
        If a mark names none.
    """
    text = _TABLE.sub(lambda m: f"{m[1]}{tables[m['name']]()}{m[3]}", text)
    return _MARKED.sub(lambda m: numbers[m["name"]]() + m["mark"], text)


def unmarked(text: str) -> set[str]:
    """Numbers that no mark holds: with a fraction or thousands, outside of code and tables."""
    rest = _MARKED.sub("", _TABLE.sub("", text))
    return set(_NUMBER.findall(_CODE.sub("", rest)))


def constants() -> set[str]:
    """Numbers that a text may have without rows: of papers, formulas and definitions."""
    lines = CONSTANTS.read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
