"""Values of rows: as numbers, and as people read them."""

from __future__ import annotations

import math
from typing import Any

from ...core.jobs import Row
from ...core.plan.artifacts import SHORT
from ...core.plan.knobs import is_hash

UNGROUPED = {"seed", "samples"}
"""Columns of whole numbers that are written without separators."""


def value_of(row: Row, name: str) -> float:
    """A number of a row; NaN where it has none (JSON keeps NaN as null)."""
    value = row.get(name)
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return math.nan
    return float(value)


def short(value: float) -> str:
    """Three digits, with separators and no exponent where that is readable."""
    if math.isnan(value):
        return "NaN"
    if value and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.2g}".replace("e+0", "e").replace("e-0", "e-")
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def word(value: Any) -> str:
    """A value that tells rows apart, short where it is a number."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def shown(value: Any, column: str = "") -> str:
    """Whole numbers with separators, others with four digits; NaN says so, a hash is cut."""
    value = value.item() if hasattr(value, "item") else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if column in UNGROUPED else f"{value:,}"
    if not isinstance(value, float):
        return value[:SHORT] if is_hash(value) else str(value)
    if math.isnan(value):
        return "NaN"
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e15 else f"{value:.4g}"
