"""Points visited: what full-quality frames scored, per curve."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ...core.frames import Footprint, Frame, Timings
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Query
from ...core.score.scores import Scores

VISITS = 2048

Key = tuple[str, Plan, Query]


@dataclass(frozen=True, eq=False, slots=True)
class Visit:
    """One scored plan: its place on the axis, its numbers, and the way back."""

    value: float
    plan: Plan
    query: Query
    scores: Scores | None
    footprint: Footprint
    timings: Timings = field(default_factory=Timings)

    def score(self, metric: str) -> float | None:
        """Value of a metric, if it was scored."""
        return self.scores.values.get(metric) if self.scores else None


class Visited:
    """Visits by curve: one curve per sample and setting of all but the axis.

    Knobs that only draw make no difference. The visits longest ago are forgotten.

    Parameters
    ----------
    axis : Knob
        The number knob that curves run along.
    knobs : iterable of Knob
        All knobs of the model.
    """

    def __init__(self, axis: Knob, knobs: Iterable[Knob] = ()) -> None:
        self.axis = axis
        self._knobs = tuple(knobs)
        self._visits: OrderedDict[Key, Visit] = OrderedDict()
        self._curves: dict[Key, dict[float, Visit]] = {}

    def __len__(self) -> int:
        return len(self._visits)

    def turn(self, axis: Knob) -> None:
        """Let the curves run along another knob."""
        self.axis, self._curves = axis, {}
        for (sample, _, _), visit in self._visits.items():
            self._lay(sample, visit)

    def key(self, sample: str, plan: Plan, query: Query) -> Key:
        """Name of the curve that a plan lies on."""
        values = tuple(pair for pair in plan.values if pair[0] != self.axis.id)
        return sample, replace(plan, values=values), query.lasting(self._knobs)

    def add(self, frame: Frame) -> bool:
        """Take in a frame; previews and unpruned frames are passed by."""
        if frame.quality != "full" or frame.role != "pruned":
            return False
        request = frame.request
        sample, plan, query = request.sample, request.plan, request.query
        light = replace(frame.scores, arrays={}, on_reference={}) if frame.scores else None
        visit = Visit(
            float(plan.value(self.axis)), plan, query, light, frame.footprint, frame.timings
        )
        place = sample, plan, query.lasting(self._knobs)
        self._visits[place] = visit
        self._visits.move_to_end(place)
        self._lay(sample, visit)
        while len(self._visits) > VISITS:
            (gone, _, _), old = self._visits.popitem(last=False)
            key = self.key(gone, old.plan, old.query)
            self._curves.get(key, {}).pop(float(old.plan.value(self.axis)), None)
            if not self._curves.get(key):
                self._curves.pop(key, None)
        return True

    def curve(self, sample: str, plan: Plan, query: Query) -> tuple[Visit, ...]:
        """Visits on the curve of `plan`, in order of the axis."""
        curve = self._curves.get(self.key(sample, plan, query), {})
        return tuple(curve[value] for value in sorted(curve))

    def of(self, sample: str) -> tuple[Visit, ...]:
        """Visits of a sample on whatever curve."""
        return tuple(visit for key, visit in self._visits.items() if key[0] == sample)

    def _lay(self, sample: str, visit: Visit) -> None:
        value = float(visit.plan.value(self.axis))
        curve = self._curves.setdefault(self.key(sample, visit.plan, visit.query), {})
        curve[value] = replace(visit, value=value)
