"""How the value of a number knob lies on the whole steps of a slider."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from ...core.plan.knobs import Knob

MOST_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Scale:
    """Positions 0..`positions` of a slider for the values of `knob`."""

    knob: Knob

    @property
    def positions(self) -> int:
        """The last position."""
        if self.knob.kind == "log":
            return MOST_STEPS
        whole = max(round(self._span / self._step), 1)
        return min(whole, MOST_STEPS) if self.knob.kind == "linear" else whole

    @property
    def decimals(self) -> int:
        """Digits behind the point that a step of the knob needs."""
        return max(0, -Decimal(f"{self._step:g}").normalize().as_tuple().exponent)

    def value(self, position: int) -> float:
        """Value at a position."""
        knob = self.knob
        if knob.kind == "log":
            share = position / MOST_STEPS
            value = knob.minimum * (knob.maximum / knob.minimum) ** share
            value = float(f"{value:.3g}")
        elif knob.kind == "linear":
            value = round(knob.minimum + position / self.positions * self._span, self.decimals)
            value = knob.maximum if position == self.positions else value
        else:
            value = round(knob.minimum + position * self._step, 10)
        return min(max(value, knob.minimum), knob.maximum)

    def position(self, value: float) -> int:
        """Position nearest to a value."""
        knob = self.knob
        if knob.kind == "log":
            span = math.log(knob.maximum / knob.minimum)
            return round(MOST_STEPS * math.log(max(value, knob.minimum) / knob.minimum) / span)
        if knob.kind == "linear":
            return round((value - knob.minimum) / self._span * self.positions)
        return round((value - knob.minimum) / self._step)

    @property
    def _span(self) -> float:
        return self.knob.maximum - self.knob.minimum

    @property
    def _step(self) -> float:
        return 1.0 if self.knob.kind == "steps" and self.knob.step < 1 else self.knob.step
