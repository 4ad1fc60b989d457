"""Questions: which plans a study asks about, and of which samples."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...core.model import ModelRef
from ...core.plan.axes import seeds_of
from ...core.plan.knobs import Knob, Value, knob_named
from ...core.plan.plans import Plan, Query, resolve
from ...core.plan.units import Unit

SEED = "seed"
"""Column of the seed, whatever the knob is called that holds it."""
OWN_RATE = "rate"
"""Column of the rate, in percent, that a unit alone has of its own."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network that any process can open, and the weights it must find there."""

    ref: ModelRef
    weights_hash: str


@dataclass(frozen=True, slots=True)
class Case:
    """One row to be: a plan, a query, and the columns that tell it from others."""

    plan: Plan
    query: Query
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A fixed question: every case on every sample.

    Parameters
    ----------
    kind : {"sweep", "sensitivity", "experiment"}
        How its results are looked at; what is computed does not depend on it.
    title : str
    network : Network
    cases : tuple of Case
    samples : tuple of sample id
    words : str
        How a person named the samples, such as ``val:64``.
    axis : str
        Column on the horizontal axis: the number knob that a person chose, most often.
    series : str
        Column that tells curves apart, such as ``unit`` or ``scope``; empty for one curve.
    repeats : int
        Timed runs of each case on the first sample; 0 measures no time.
    """

    kind: str
    title: str
    network: Network
    cases: tuple[Case, ...]
    samples: tuple[str, ...]
    words: str
    axis: str
    series: str = ""
    repeats: int = 0

    @property
    def id(self) -> str:
        """Hash of everything that the results depend on."""
        bare = replace(self.network, ref=ModelRef("", ""))
        asked = replace(self, title="", kind="", network=bare)
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]

    def answer(self, evaluator: Any) -> Generator[Any, None, None]:
        """Work it out with an `Evaluator`: rows as they become complete, and how far it is."""
        return evaluator.answers(self)


def cases(
    knobs: Iterable[Knob],
    series: Mapping[str, Sequence[Value]],
    *,
    innermost: str = "",
    rates: Mapping[str, float] | None = None,
    locks: Iterable[str] = (),
) -> tuple[Case, ...]:
    """Every combination of the values in `series`.

    Parameters
    ----------
    knobs : iterable of Knob
        Knobs of the model; those not in `series` stay at their default.
    series : mapping of knob id to sequence of values
    innermost : str
        Knob that varies fastest; knobs of the query vary slowest, for they change
        the unpruned result too.
    rates : mapping of unit id to percent, optional
        Units with a rate of their own in every plan.
    locks : iterable of unit id
        Units that no plan touches.

    Plans and queries leave defaults out, so that equal ones are found in the cache whoever asks.
    A knob that chooses no artifact in any case is no column.
    Beside a column for each knob stands ``seed``, the value of the knob that seeds a choice.

    Raises
    ------
    BadInput
        If a value does not fit its knob.
    """
    knobs = [knob for knob in knobs if knob.counts]
    seeds = seeds_of(knobs)
    order = sorted(knobs, key=lambda k: (k.invalidates == "prune") + 2 * (k.id == innermost))
    spans = [tuple(series.get(knob.id, (knob.default,))) for knob in order]
    told = [knob.id for knob in knobs if knob.kind != "artifact" or any(series.get(knob.id, ()))]
    found = []
    for combination in itertools.product(*spans):
        values = dict(zip((knob.id for knob in order), combination, strict=True))
        plan, query = resolve(knobs, values)
        for unit, rate in (rates or {}).items():
            plan = plan.with_rate(unit, rate)
        for unit in locks:
            plan = plan.with_lock(unit, True)
        columns = {name: values[name] for name in told}
        for name in sorted(seeds & columns.keys()):
            columns[SEED] = values[name]
        found.append(Case(plan.bare(knobs), query.bare(knobs), tuple(columns.items())))
    return tuple(found)


def own_axis(knob: Knob, units: Iterable[Unit]) -> str:
    """Column of the values of `sensitivity_cases`: the knob's id, most often.

    Where the knob is no rate and all units go as a whole, each unit's own rate is turned
    instead: a unit that is alone has no fraction for the knob to choose.
    """
    return OWN_RATE if not _is_rate(knob) and all(unit.whole for unit in units) else knob.id


def alone_at(
    knob: Knob, units: Sequence[Unit], values: Sequence[Value]
) -> dict[str, tuple[Value, ...]]:
    """Values at which `sensitivity_cases` prunes each unit; a whole one is taken out, once."""
    if own_axis(knob, units) != knob.id:
        return {unit.id: unit.rates(()) for unit in units}
    if not _is_rate(knob):
        return {unit.id: tuple(values) for unit in units}
    return {unit.id: unit.rates([float(value) for value in values]) for unit in units}


def _is_rate(knob: Knob) -> bool:
    """Whether a value of the knob is a rate that a unit can have of its own."""
    return knob.kind == "rate" and not knob.falls


def sensitivity_cases(
    knobs: Iterable[Knob],
    units: Sequence[Unit],
    axis: str,
    values: Sequence[Value],
    plan: Plan = Plan(),  # noqa: B008 - frozen
    query: Query = Query(),  # noqa: B008 - frozen
    chosen: Sequence[Unit] | None = None,
) -> tuple[Case, ...]:
    """Each unit alone at each value: the rows of a heat map.

    Where the knob on the axis is a rate, the unit gets that rate of its own; where it is
    anything else, every other unit is locked. A unit that goes as a whole has no fractions: it
    is taken out, once. Units come last first: what lies before the pruned unit is the same for
    all its values and for the units after it, so a model that keeps it computes it once.

    Parameters
    ----------
    knobs : iterable of Knob
    units : sequence of Unit
        All units of the model.
    axis : str
        Id of the knob on the axis.
    values : sequence
        Its values.
    plan, query
        What all cases start from: criterion and ranking, say.
    chosen : sequence of Unit, optional
        The units to prune; all by default.
    """
    knobs = tuple(knobs)
    knob, chosen = knob_named(knobs, axis), units if chosen is None else chosen
    column, wanted = own_axis(knob, chosen), alone_at(knob, chosen, values)
    query, found = query.bare(knobs), []
    for unit in reversed(chosen):
        others = [other.id for other in units if other.id != unit.id]
        for value in wanted[unit.id]:
            if _is_rate(knob) or column != knob.id:
                own = plan.with_rate(unit, float(value))
            else:
                own = plan.with_value(knob, value)
                for other in others:
                    own = own.with_lock(other, True)
            columns = (("unit", unit.id), (column, value))
            found.append(Case(own.bare(knobs), query, columns))
    return tuple(found)
