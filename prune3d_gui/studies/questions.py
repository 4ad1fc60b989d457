"""Questions: which plans a study asks about, and of which samples."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.knobs import Knob, Value, knob_named
from ..core.plans import Plan, Query, resolve
from ..core.system import ModelRef
from ..core.units import Unit


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
        Column on the horizontal axis: the primary knob, most often.
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

    def answer(self, evaluator: Any) -> Iterator[Any]:
        """Work it out with an `Evaluator`: rows as they become complete, and how far it is."""
        from .studying import answers

        return answers(self, evaluator)


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

    Raises
    ------
    BadInput
        If a value does not fit its knob.
    """
    knobs = [knob for knob in knobs if knob.invalidates != "draw"]
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
        columns = tuple((name, values[name]) for name in told)
        found.append(Case(plan.bare(knobs), query.bare(knobs), columns))
    return tuple(found)


def sensitivity_cases(
    knobs: Iterable[Knob],
    units: Sequence[Unit],
    primary: str,
    values: Sequence[Value],
    plan: Plan = Plan(),  # noqa: B008 - frozen
    query: Query = Query(),  # noqa: B008 - frozen
) -> tuple[Case, ...]:
    """Each unit alone at each value: the rows of a heat map.

    Where the primary knob is a rate, the unit gets that rate of its own; where it is anything
    else, every other unit is locked. Units come last first: what lies before the pruned unit
    is the same for all its values and for the units after it, so a model that keeps it
    computes it once.

    Parameters
    ----------
    knobs : iterable of Knob
    units : sequence of Unit
    primary : str
        Id of the knob on the axis.
    values : sequence
        Its values.
    plan, query
        What all cases start from: criterion and ranking, say.
    """
    knobs = tuple(knobs)
    knob = knob_named(knobs, primary)
    query, found = query.bare(knobs), []
    for unit in reversed(units):
        others = [other.id for other in units if other.id != unit.id]
        for value in values:
            if knob.kind == "rate":
                own = plan.with_rate(unit.id, float(value))
            else:
                own = plan.with_value(knob, value)
                for other in others:
                    own = own.with_lock(other, True)
            columns = (("unit", unit.id), (knob.id, value))
            found.append(Case(own.bare(knobs), query, columns))
    return tuple(found)
