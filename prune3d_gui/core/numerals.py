"""Numbers as people type them, with a decimal point or a decimal comma."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from .errors import BadInput

_NUMERAL = re.compile(r"([+-]?)([\d.,'\u2019_ ]+)(e[+-]?\d+)?", re.A | re.I)
_SPACES = "\u00a0\u2009\u202f"
_BLANKS = "'\u2019_ "


def read_number(
    text: str,
    what: str = "",
    *,
    whole: bool = False,
    low: float = -math.inf,
    high: float = math.inf,
    units: Iterable[str] = (),
    advice: str = "write one such as 0.5",
) -> float:
    """Read a number that a person typed.

    Point and comma both separate decimals. Groups of three may be set off by spaces,
    apostrophes or underscores, or by the separator that does not separate decimals. What can
    be read in two ways is refused, unless one of them is out of range; in a whole number,
    where nobody writes decimals, it is always refused.

    Parameters
    ----------
    text : str
    what : str
        Words before the quotation in a complaint.
    whole : bool
        Whether only whole numbers are right.
    low, high : float
        Ends of the range, which are right too.
    units : iterable of str
        What may stand behind the number.
    advice : str
        End of a complaint.

    Returns
    -------
    float
        Finite.

    Raises
    ------
    BadInput
        If the text is no number, is ambiguous or is out of range.
    """
    quoted = f"{what} {text!r}".strip()
    found = sorted(set(_readings(_bare(text, units), whole)))
    if not found:
        raise BadInput(f"{quoted} is not a number; {advice}.")
    inside = [value for value in found if low <= value <= high and math.isfinite(value)]
    if len(found) > 1 and (whole or len(inside) != 1):
        mark = "comma" if "," in text else "point"
        one, other = (f"{value:.12g}" for value in found)
        raise BadInput(f"{quoted} may be {one} or {other}; write it without a {mark}.")
    if not inside:
        raise BadInput(f"{what} {text.strip()} is out of range; {advice}.".strip())
    if whole and not inside[0].is_integer():
        raise BadInput(f"{quoted} is not a whole number; {advice}.")
    return inside[0]


def read_rate(text: str, what: str = "") -> float:
    """Read a percentage of its own, 0 to 100, with or without the sign.

    Raises
    ------
    BadInput
        If it is none.
    """
    advice = "give a percentage from 0 to 100"
    return read_number(text, what, low=0, high=100, units=("%",), advice=advice)


def with_unit(number: str, unit: str) -> str:
    """A number that is written out, and its unit where it has one: ``30 %``."""
    return f"{number} {unit}" if unit else number


def _bare(text: str, units: Iterable[str]) -> str:
    bare = text.strip().replace("\u2212", "-")
    for unit in units:
        if unit and bare.lower().endswith(unit.lower()):
            bare = bare[: -len(unit)].rstrip()
            break
    return bare.translate({ord(space): " " for space in _SPACES})


def _readings(bare: str, whole: bool) -> Iterable[float]:
    """All that a text may mean as a number; usually one, none for garbage."""
    match = _NUMERAL.fullmatch(bare)
    if match is None:
        return
    sign, body, power = match[1], match[2], match[3] or ""
    for digits in _plain(body, whole):
        yield float(f"{sign}{digits}{power}")


def _plain(body: str, whole: bool) -> Iterable[str]:
    """The digits of a numeral with a point before its decimals, in every way it can be read."""
    marks = [letter for letter in body if letter in ".,"]
    blanks = {letter for letter in body if letter in _BLANKS}
    last = marks[-1] if marks else ""
    if not blanks and marks.count(last) <= 1:
        before, _, after = body.rpartition(last) if last else (body, "", "")
        other = "." if last == "," else ","
        if before.isdigit() or (after and not before) or _grouped(before, other):
            yield f"{before.replace(other, '') or '0'}.{after or '0'}"
    if len(blanks) == 1 and len(marks) <= 1:
        (blank,) = blanks
        before, _, after = body.partition(last) if last else (body, "", "")
        if _grouped(before, blank) and blank not in after:
            yield f"{before.replace(blank, '')}.{after or '0'}"
    doubtful = last == "," or whole or len(marks) > 1
    if len(set(marks)) == 1 and not blanks and doubtful and _grouped(body, last):
        yield body.replace(last, "")


def _grouped(text: str, mark: str) -> bool:
    return re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", text, re.A) is not None
