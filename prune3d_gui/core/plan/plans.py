"""Plans (what to prune), queries (how to look) and requests (both, for one sample)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .knobs import Knob, Value, knob_named
from .units import Unit

Pairs = tuple[tuple[str, Value], ...]
Quality = Literal["preview", "full"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is pruned: knob values, per-unit rates and locks.

    Equal plans hash alike, so a plan is a cache key.

    Parameters
    ----------
    values : tuple of (knob id, value)
        Values of the knobs that prune, sorted by id.
    rates : tuple of (unit id, percent)
        Units with a rate of their own; they leave the common ranking.
    locks : tuple of unit id
        Units that are never touched.
    """

    values: Pairs = ()
    rates: tuple[tuple[str, float], ...] = ()
    locks: tuple[str, ...] = ()

    def value(self, knob: Knob) -> Value:
        """Value of `knob` in this plan, or its default."""
        return dict(self.values).get(knob.id, knob.default)

    def with_value(self, knob: Knob, value: Value) -> Plan:
        """Return a plan that differs in one knob; the value is checked."""
        return replace(self, values=_set(self.values, knob.id, knob.check(value)))

    def with_rate(self, unit: str | Unit, rate: float | None) -> Plan:
        """Return a plan in which `unit` has a rate of its own (percent); None takes it away.

        Raises
        ------
        BadInput
            If the rate is out of range or, where the `Unit` itself is given, a fraction of one
            that goes as a whole.
        """
        rates = dict(self.rates)
        known = unit if isinstance(unit, Unit) else Unit(unit, "", (), 0)
        rates.pop(known.id, None)
        if rate is not None:
            rates[known.id] = float(known.check_rate(rate))
        return replace(self, rates=tuple(sorted(rates.items())))

    def with_lock(self, unit: str, locked: bool) -> Plan:
        """Return a plan in which `unit` is locked, or free again."""
        return replace(
            self, locks=tuple(sorted({*self.locks, unit} - (set() if locked else {unit})))
        )

    def as_fields(self) -> dict[str, Any]:
        """Return ``values``, ``rates`` and ``locks`` in values that JSON holds."""
        return {
            "values": dict(self.values),
            "rates": dict(self.rates),
            "locks": list(self.locks),
        }

    def bare(self, knobs: Iterable[Knob]) -> Plan:
        """Return the plan without values that are defaults: one form for equal plans."""
        return replace(self, values=_telling(self.values, knobs))


@dataclass(frozen=True, slots=True)
class Preset:
    """A plan that a person may want to begin with, such as that of a paper.

    Parameters
    ----------
    title : str
        A few words, such as ``Paper's rates``.
    plan : Plan
    help : str
        Where it comes from, in a sentence.
    """

    title: str
    plan: Plan
    help: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """How to look at the result: values of the knobs that do not prune."""

    values: Pairs = ()

    def value(self, knob: Knob) -> Value:
        """Value of `knob` in this query, or its default."""
        return dict(self.values).get(knob.id, knob.default)

    def with_value(self, knob: Knob, value: Value) -> Query:
        """Return a query that differs in one knob; the value is checked."""
        return replace(self, values=_set(self.values, knob.id, knob.check(value)))

    def bare(self, knobs: Iterable[Knob]) -> Query:
        """Return the query without values that are defaults: one form for equal queries."""
        return replace(self, values=_telling(self.values, knobs))

    def lasting(self, knobs: Iterable[Knob]) -> Query:
        """Return the query without the knobs that only show or draw: they change no number."""
        return self._without(knob.id for knob in knobs if not knob.counts)

    def asked(self, knobs: Iterable[Knob]) -> Query:
        """Return the query without the knobs that only draw: what a model is asked for."""
        return self._without(knob.id for knob in knobs if knob.invalidates == "draw")

    def reconstructed(self, knobs: Iterable[Knob]) -> Query:
        """Return the query without the knobs that only score or draw: what a result depends on."""
        return self._without(k.id for k in knobs if k.invalidates in ("score", "draw"))

    def _without(self, names: Iterable[str]) -> Query:
        left_out = set(names)
        return replace(self, values=tuple(p for p in self.values if p[0] not in left_out))


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to compute: a plan, a sample, a query and the quality wanted."""

    sample: str
    plan: Plan = Plan()
    query: Query = Query()
    quality: Quality = "full"


def resolve(knobs: Iterable[Knob], values: Mapping[str, Any]) -> tuple[Plan, Query]:
    """Sort loose knob values into a plan and a query.

    Raises
    ------
    BadInput
        If a name is unknown or a value does not fit its knob.
    """
    plan, query = Plan(), Query()
    knobs = tuple(knobs)
    for name, value in values.items():
        knob = knob_named(knobs, name)
        if knob.invalidates == "prune":
            plan = plan.with_value(knob, value)
        else:
            query = query.with_value(knob, value)
    return plan, query


def _set(pairs: Pairs, key: str, value: Value) -> Pairs:
    return tuple(sorted({**dict(pairs), key: value}.items()))


def _telling(pairs: Pairs, knobs: Iterable[Knob]) -> Pairs:
    defaults = {knob.id: knob.default for knob in knobs}
    return tuple((name, value) for name, value in pairs if defaults.get(name) != value)
