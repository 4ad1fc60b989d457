"""Limits: what is wanted of a measured value, in words, and whether it is so."""

from __future__ import annotations

import math

from .jobs import Row


def meets(value: float | None, limit: str) -> bool:
    """Whether `value` is as `limit` wants it; what is not there, or no number, never is.

    Parameters
    ----------
    value : float or None
    limit : str
        ``at most 5``, ``at least 0.8``, ``below 2``, or ``0.95 to 1.05`` with both ends.

    Raises
    ------
    ValueError
        If `limit` is none of these.
    """
    words = limit.split()
    if len(words) == 3 and words[1] == "to":
        low, high = float(words[0]), float(words[2])
        return value is not None and low <= value <= high
    word, end = limit.rpartition(" ")[::2]
    if word not in ("at most", "at least", "below"):
        raise ValueError(f"{limit!r} is no limit; write 'at most 5', 'at least 5' or '4 to 5'")
    bound = float(end)
    if value is None or math.isnan(value):
        return False
    if word == "below":
        return value < bound
    return value <= bound if word == "at most" else value >= bound


def limited(row: Row, limit: str, column: str = "value") -> Row:
    """`row` with ``limit``, and ``met``: ``yes`` or ``no``; as it is where `limit` is empty.

    Parameters
    ----------
    row : dict
    limit : str
        As `meets` reads it.
    column : str
        What is held to it; where that is not ``value``, ``limit`` names it.
    """
    if not limit:
        return row
    told = limit if column == "value" else f"{column} {limit}"
    return row | {"limit": told, "met": "yes" if meets(row[column], limit) else "no"}
