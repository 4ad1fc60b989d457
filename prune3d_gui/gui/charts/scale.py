"""The scale of an axis: evenly, or by logarithms."""

from __future__ import annotations

import math
from dataclasses import dataclass


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
