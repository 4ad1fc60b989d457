"""How the value of a number knob lies on the whole steps of a slider."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..core.knobs import Knob

LOG_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Scale:
    """Positions 0..`positions` of a slider for the values of `knob`."""

    knob: Knob

    @property
    def positions(self) -> int:
        """The last position."""
        if self.knob.kind == "log":
            return LOG_STEPS
        return max(round((self.knob.maximum - self.knob.minimum) / self._step), 1)

    @property
    def decimals(self) -> int:
        """Digits behind the point that a step of the knob needs."""
        return max(0, math.ceil(-math.log10(self._step) - 1e-9)) if self._step < 1 else 0

    def value(self, position: int) -> float:
        """Value at a position."""
        knob = self.knob
        if knob.kind == "log":
            share = position / LOG_STEPS
            value = knob.minimum * (knob.maximum / knob.minimum) ** share
            value = float(f"{value:.3g}")
        else:
            value = round(knob.minimum + position * self._step, 10)
        return min(max(value, knob.minimum), knob.maximum)

    def position(self, value: float) -> int:
        """Position nearest to a value."""
        knob = self.knob
        if knob.kind == "log":
            span = math.log(knob.maximum / knob.minimum)
            return round(LOG_STEPS * math.log(max(value, knob.minimum) / knob.minimum) / span)
        return round((value - knob.minimum) / self._step)

    @property
    def _step(self) -> float:
        return 1.0 if self.knob.kind == "steps" and self.knob.step < 1 else self.knob.step
