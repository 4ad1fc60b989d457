"""Points visited: what full-quality frames scored, per curve."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..core.frames import Footprint, Frame
from ..core.knobs import Knob
from ..core.plans import Plan, Query
from ..core.scores import Scores

CURVES = 64

Key = tuple[str, Plan, Query]


@dataclass(frozen=True, eq=False, slots=True)
class Visit:
    """One scored plan: its place on the primary knob, its numbers, and the way back."""

    value: float
    plan: Plan
    query: Query
    scores: Scores | None
    footprint: Footprint

    def score(self, metric: str) -> float | None:
        """Value of a metric, if it was scored."""
        return self.scores.values.get(metric) if self.scores else None


class Visited:
    """Visits by curve: one curve per sample and setting of all but the primary knob.

    Knobs that only draw make no difference.
    """

    def __init__(self, primary: Knob, knobs: Iterable[Knob] = ()) -> None:
        self.primary = primary
        self._knobs = tuple(knobs)
        self._curves: OrderedDict[Key, dict[float, Visit]] = OrderedDict()

    def key(self, sample: str, plan: Plan, query: Query) -> Key:
        """Name of the curve that a plan lies on."""
        values = tuple(pair for pair in plan.values if pair[0] != self.primary.id)
        return sample, replace(plan, values=values), query.lasting(self._knobs)

    def add(self, frame: Frame) -> bool:
        """Take in a frame; previews and unpruned frames are passed by."""
        if frame.quality != "full" or frame.role != "pruned":
            return False
        request = frame.request
        value = float(request.plan.value(self.primary))
        key = self.key(request.sample, request.plan, request.query)
        curve = self._curves.setdefault(key, {})
        self._curves.move_to_end(key)
        light = replace(frame.scores, arrays={}, on_reference={}) if frame.scores else None
        curve[value] = Visit(value, request.plan, request.query, light, frame.footprint)
        while len(self._curves) > CURVES:
            self._curves.popitem(last=False)
        return True

    def curve(self, sample: str, plan: Plan, query: Query) -> tuple[Visit, ...]:
        """Visits on the curve of `plan`, in order of the primary knob."""
        curve = self._curves.get(self.key(sample, plan, query), {})
        return tuple(curve[value] for value in sorted(curve))

    def of(self, sample: str) -> tuple[Visit, ...]:
        """Visits of a sample on whatever curve."""
        curves = (curve for key, curve in self._curves.items() if key[0] == sample)
        return tuple(visit for curve in curves for visit in curve.values())
