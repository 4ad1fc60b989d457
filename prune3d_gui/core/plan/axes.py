"""Axes: the knobs that curves and studies run along, and the choices that chance decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BadInput
from .knobs import Choice, Knob
from .plans import Plan
from .units import Unit


@dataclass(frozen=True, slots=True)
class Baseline:
    """A seeded choice: the knob that has it, and the knob that seeds it."""

    knob: Knob
    choice: Choice
    seed: Knob


def axes_of(knobs: Iterable[Knob], looking: bool = False) -> tuple[Knob, ...]:
    """Number knobs that a curve can run along: those that prune, but no seed.

    Parameters
    ----------
    knobs : iterable of Knob
    looking : bool
        Whether knobs count that change the result without pruning.
    """
    knobs = tuple(knobs)
    seeds = seeds_of(knobs)
    wanted = ("prune", "reconstruct") if looking else ("prune",)
    return tuple(k for k in knobs if k.number and k.invalidates in wanted and k.id not in seeds)


def axis_named(knobs: Iterable[Knob], name: str, looking: bool = False) -> Knob:
    """Find a knob of `axes_of` by id.

    Raises
    ------
    BadInput
        If no curve can run along a knob of that name.
    """
    known = axes_of(knobs, looking)
    for knob in known:
        if knob.id == name:
            return knob
    names = ", ".join(knob.id for knob in known) or "none that this model has"
    raise BadInput(f"The axis {name!r} is no number knob that prunes; take one of {names}.")


def turned_of(knobs: Iterable[Knob], plan: Plan, axis: str) -> tuple[Knob, ...]:
    """Knobs of `axes_of` that tell `plan` from others: the axis, and those off their default."""
    return tuple(k for k in axes_of(knobs) if k.id == axis or plan.value(k) != k.default)


def units_along(knob: Knob, units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Units that `knob` prunes: those of its group, or all where no unit is in that."""
    units = tuple(units)
    mine = tuple(unit for unit in units if knob.group and unit.path[:1] == (knob.group,))
    return mine or units


def baseline_of(knobs: Iterable[Knob]) -> Baseline | None:
    """The first seeded choice, where the model has one."""
    knobs = tuple(knobs)
    seeds = {knob.id: knob for knob in knobs if knob.kind == "steps"}
    for knob in knobs:
        for choice in knob.choices:
            if choice.seed in seeds:
                return Baseline(knob, choice, seeds[choice.seed])
    return None


def seeds_of(knobs: Iterable[Knob]) -> frozenset[str]:
    """Ids of the knobs that seed a choice."""
    return frozenset(choice.seed for knob in knobs for choice in knob.choices if choice.seed)
