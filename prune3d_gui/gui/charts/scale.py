"""The scale of an axis: evenly, or by logarithms."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

DECADES = 0.2
"""Least range of a logarithmic axis, so that noise does not fill it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values stand on an axis."""

    log: bool = False

    def fits(self, value: float | None) -> bool:
        """Whether a value has a place."""
        return value is not None and math.isfinite(value) and (value > 0 or not self.log)

    def place(self, value: float) -> float:
        """Place of a value that fits."""
        return math.log10(value) if self.log else value

    def value(self, place: float) -> float:
        """The value at a place."""
        return 10**place if self.log else place

    def span(self, places: Iterable[float]) -> tuple[float, float]:
        """The range that shows all of `places`, and some of the axis where they are alike."""
        known = [place for place in places if math.isfinite(place)]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        least = DECADES if self.log else 1e-9 + 0.1 * abs(high) * (high == low)
        more = max(least - (high - low), 0) / 2
        return low - more, high + more
