"""Numbers as people read them."""

from __future__ import annotations

import math

_COUNTS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def short_count(value: float) -> str:
    """Three digits and a letter: ``2.36 M``."""
    for size, letter in _COUNTS:
        if abs(value) >= size:
            return f"{_three(value / size)} {letter}"
    return f"{value:.0f}"


def short_bytes(value: float) -> str:
    """Decimal bytes: ``25.5 MB``."""
    for size, unit in _BYTES:
        if abs(value) >= size:
            return f"{_three(value / size)} {unit}"
    return f"{value:.0f} B"


def number(value: float) -> str:
    """Four significant digits, without an exponent where that can be read; counts whole."""
    if value != value:
        return "–"
    if value == 0:
        return "0"
    if abs(value) < 1e9 and value == round(value):
        return f"{value:,.0f}"
    if 1e-3 <= abs(value) < 1e5:
        digits = max(0, 4 - len(f"{abs(value):.0f}")) if abs(value) >= 1 else 4
        return f"{value:.{digits}f}"
    return f"{value:.3g}"


def exact(value: float, least: int = 0) -> str:
    """Every digit that a value has, with a decimal point and at least so many decimals.

    Floating point noise beyond twelve digits is left out.
    """
    fixed = f"{value:.{least}f}"
    if math.isclose(float(fixed), value, rel_tol=1e-12) and (least or abs(value) < 1e9):
        return fixed
    texts = (f"{value:.{digits}g}" for digits in range(3, 13))
    return next((t for t in texts if math.isclose(float(t), value, rel_tol=1e-12)), f"{value:.12g}")


def whole(value: int) -> str:
    """All digits, in groups of three."""
    return f"{value:,}"


def _three(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 99.95 else f"{value:.3g}"
