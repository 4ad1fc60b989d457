"""The largest uniform value that passes: a coarse scan, then bisection."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

from ...core.errors import BadInput
from ...core.jobs import Said
from ...core.plan.knobs import Knob, Value
from ...core.plan.plans import Plan, Query
from ..ask.answers import Answer
from ..ask.questions import Case
from .trials import Trial, Trials, named

COARSE = 10
NEAR = (2, 3, 5, 10, 15, 20)
"""How many places above the one found are tried too: the error is jagged near the threshold."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Places 0..`size` on the range of a knob, from where it prunes nothing.

    A rate, a whole number or any number goes in even steps, a tolerance in even factors.

    Parameters
    ----------
    knob : Knob
    size : int
        Number of the last place.

    Raises
    ------
    BadInput
        If the knob has no range.
    """

    knob: Knob
    size: int

    @classmethod
    def of(cls, knob: Knob, resolution: float = 0.001) -> Scale:
        """A scale as fine as `resolution`, a share of the knob's whole range."""
        if not knob.number:
            raise BadInput(f"The knob {knob.id!r} has no range to search; take another.")
        if not 0 < resolution <= 0.5:
            raise BadInput(f"A resolution of {resolution:g} is out of range; give 0 to 0.5.")
        size = round(1 / resolution)
        if knob.kind == "steps":
            size = min(size, round(knob.maximum - knob.minimum))
        return cls(knob, max(size, 1))

    def at(self, place: int) -> Value:
        """The knob's value at a place."""
        knob = self.knob
        share = 1 - place / self.size if knob.falls else place / self.size
        if share in (0.0, 1.0):
            return knob.check(knob.maximum if share else knob.minimum)
        if knob.kind == "log":
            value = knob.minimum * (knob.maximum / knob.minimum) ** share
            return knob.check(min(knob.maximum, max(knob.minimum, float(f"{value:.4g}"))))
        value = knob.minimum + share * (knob.maximum - knob.minimum)
        return knob.check(round(value) if knob.kind == "steps" else round(value, 10))


def planned_scan(scale: Scale) -> int:
    """About how many plans `largest_uniform` tries."""
    return (
        1 + min(COARSE, scale.size) + math.ceil(math.log2(max(2, scale.size / COARSE))) + len(NEAR)
    )


def largest_uniform(
    trials: Trials, scale: Scale, plan: Plan, query: Query
) -> Generator[Answer, None, Trial]:
    """Find the largest place of `scale` whose mean passes; returns its trial.

    Quality need not fall steadily, so the whole range is scanned in coarse steps first. The
    bracket from the last place that passes to the next is bisected, and some places above the one
    found are tried too. A value that passes between two coarse places that fail is not seen, nor
    a lone one between those tried.
    """
    knob = scale.knob

    def case(place: int) -> Case:
        value = scale.at(place)
        words = f"{knob.id} {value:g}"
        return named(plan.with_value(knob, value), query, words, (knob.id, value))

    def trying(places: list[int]) -> Generator[Answer, None, dict[int, Trial]]:
        found = yield from trials.measure([case(p) for p in places], message=f"uniform {knob.id}")
        return dict(zip(places, found, strict=True))

    coarse = sorted({round(i * scale.size / COARSE) for i in range(COARSE + 1)})
    tried = yield from trying(coarse)
    if not trials.passes(tried[0]):
        raise BadInput(
            f"The plan without {knob.id} already fails the threshold "
            f"{trials.allowed.threshold:.4g}; start from a plan that prunes less."
        )
    if trials.passes(tried[scale.size]):
        yield Said(
            f"Even {knob.id} {scale.at(scale.size):g} passes the threshold "
            f"{trials.allowed.threshold:.4g}, so it limits nothing; a stricter one would."
        )
        return tried[scale.size]
    low = max(place for place in coarse if trials.passes(tried[place]))
    high = min(place for place in coarse if place > low)
    while high - low > 1:
        middle = (low + high) // 2
        tried |= yield from trying([middle])
        low, high = (middle, high) if trials.passes(tried[middle]) else (low, middle)
    tried |= yield from trying([low + n for n in NEAR if low + n <= scale.size])
    best = max(place for place in tried if trials.passes(tried[place]))
    return tried[best]
