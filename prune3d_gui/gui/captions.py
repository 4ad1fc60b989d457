"""What is said of a plan above its result."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.numerals import with_unit
from ..core.plan.artifacts import Artifact, artifacts_in, shown
from ..core.plan.axes import turned_of
from ..core.plan.knobs import Knob
from ..core.plan.plans import Plan
from ..studies.live.events import ModelCard
from .dress.numbers import exact, whole


def caption_of(plan: Plan, card: ModelCard, axis: Knob, artifacts: Iterable[Artifact] = ()) -> str:
    """A plan in words: its knobs, units that are set apart, and artifacts that it chooses."""
    return told(plan, card, axis) + _special(plan, len(card.units)) + _made(plan, artifacts)


def told(plan: Plan, card: ModelCard, axis: Knob) -> str:
    """Values of the knobs that curves can run along: the axis, and those that are turned."""
    knobs = turned_of(card.knobs, plan, axis.id)
    values = [float(plan.value(knob)) for knob in knobs]
    texts = [exact(value) if value < 1e4 else whole(round(value)) for value in values]
    return ", ".join(
        f"{knob.words} {with_unit(text, knob.suffix)}"
        for knob, text in zip(knobs, texts, strict=True)
    )


def _made(plan: Plan, artifacts: Iterable[Artifact]) -> str:
    """The artifacts that a plan chooses, by title where it is known."""
    titles = {artifact.hash: artifact.title for artifact in artifacts}
    return "".join(f", {titles.get(digest, shown(digest))}" for digest in artifacts_in(plan))


def _special(plan: Plan, count: int) -> str:
    """Units with a rate of their own, or those that alone are not locked, in few words."""
    rates = [f"{unit} {exact(rate)} %" for unit, rate in plan.rates]
    told = rates[:2] + ([f"{len(rates) - 2} more"] if len(rates) > 2 else [])
    if plan.locks:
        told.append(f"{len(plan.locks)} of {count} locked")
    return "".join(f", {words}" for words in told)
