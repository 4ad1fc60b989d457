"""The best plan for a budget: rates per unit, proposed by curves and verified on the network."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ...core.plan.plans import Plan, Query
from ...core.plan.units import Unit
from ..ask.answers import Answer
from ..ask.questions import OWN_RATE, Case
from .allocation import (
    Move,
    Rates,
    UnitCurve,
    allocate,
    best_moves,
    mixed,
    moved,
    scaled,
)
from .trials import Trial, Trials, named

COARSE = (20.0, 40.0, 55.0, 70.0, 80.0, 90.0, 95.0)
"""Rates, in percent, at which each unit's curve is measured."""
CURVE_SAMPLES, MOVE_SAMPLES = 8, 16
"""Samples that curves and moves of single units are measured on, at most: they only propose."""
POWERS = (4.0, 6.0)
"""How steeply a curve may rise before its first cost that stands out."""
BUDGETS = (0.01, 3.0)
"""Summed costs of curves between which proposals are looked for: costs of units pruned
together do not add up, so the sum at which the threshold is met is far from 1."""
PROPOSED, MIXED, SCALED = 6, 4, 4
REACHES = (0.2, 0.1)
"""Moves of single units in each round of refinement: 0.2 takes 18 % of what a unit keeps."""
SHARES = (1.0, 0.5)
TOGGLE = 20.0
"""The move that takes a whole unit out, or back: its kept share is all or nothing."""
DOUBT = 0.5
"""Standard errors of a move's effect that it is charged for: luck of few samples is no gain."""
HALF = 50.0
"""Rate above which a whole unit is out, where plans are mixed or scaled."""
CLOSE = 0.01


def planned_evaluations(units: Sequence[Unit], samples: int) -> int:
    """About how many evaluations `BudgetSteps` takes on so many samples."""
    curves = sum(len(unit.rates(COARSE)) for unit in units) * min(samples, CURVE_SAMPLES)
    moves = len(REACHES) * 2 * len(units) * min(samples, MOVE_SAMPLES)
    tried = 1 + PROPOSED * len(POWERS) + MIXED + SCALED
    tried += len(REACHES) * (len(SHARES) + 1) * SCALED
    return curves + moves + tried * samples


@dataclass(eq=False)
class BudgetSteps:
    """The steps of a budget search, on the samples it may look at.

    1. Each unit's curve is measured alone, at coarse rates and on few samples.
    2. The curves propose plans by a Lagrangian; the multiplier is bisected on what the network
       really gives, for errors of units pruned together are far from adding up.
    3. The uniform plan's own counts are tried, and what lies between them and the best proposal.
    4. Each unit is moved up and down from the best plan, and the moves that gain most for no
       more error are made together; twice, the second time with smaller moves.
    5. After each step all kept shares are scaled together until the threshold is met.

    Every plan is measured; the best is the one that passes and removes most.

    Parameters
    ----------
    trials : Trials
    units : tuple of Unit
        Units that take a rate of their own.
    plan : Plan
        What every plan shares: the criterion, say.
    query : Query
    """

    trials: Trials
    units: tuple[Unit, ...]
    plan: Plan
    query: Query
    best: Trial = field(init=False)

    def run(self, uniform: Trial) -> Generator[Answer, None, Trial]:
        """Search from a uniform plan that passes; returns the best trial, never a worse one."""
        self.best = uniform
        curves = yield from self._curves()
        yield from self._propose(curves, self._rates(uniform))
        yield from self._scale("scaled", 1.0, 1.1)
        for number, reach in enumerate(REACHES, 1):
            yield from self._exchange(reach, f"exchange {number}")
        return self.best

    # -- proposals -----------------------------------------------------------------

    def _curves(self) -> Generator[Answer, None, dict[str, list[tuple[float, int]]]]:
        """Measure each unit alone, the last in the network first: costs and amounts removed."""
        few = self.trials.fewer(CURVE_SAMPLES)
        cases = [
            Case(self.plan.with_rate(unit, rate), self.query, values)
            for unit in reversed(self.units)
            for rate in unit.rates(COARSE)
            for values in [(("unit", unit.id), (OWN_RATE, rate))]
        ]
        tried = yield from few.measure(cases, "curve", "curves of single units")
        found: dict[str, list[tuple[float, int]]] = {}
        for case, trial in zip(cases, tried, strict=True):
            unit = str(dict(case.values)["unit"])
            found.setdefault(unit, []).append((few.cost(trial), trial.removed.amount))
        return found

    def _propose(
        self, points: Mapping[str, Sequence[tuple[float, int]]], own: Rates
    ) -> Generator[Answer, None, None]:
        """Try allocations by the curves, and what lies between the best of them and `own`."""
        yield from self._try(own, "uniform's own counts")
        low, high = (math.log(end) for end in BUDGETS)
        found: list[Rates] = []
        for power in POWERS:
            curves = self._unit_curves(points, power)

            family = partial(_allocated, curves)
            edge = yield from self._edge(family, f"by curves ^{power:g}", low, high, PROPOSED)
            found += [edge] if edge is not None else []
        if found:
            most = max(found, key=self._removed)
            between = mixed(own, most, 0.5)
            words = "between curves and uniform"
            yield from self._edge(partial(scaled, between), words, 0.95, 1.15, MIXED)

    def _unit_curves(
        self, points: Mapping[str, Sequence[tuple[float, int]]], power: float
    ) -> list[UnitCurve]:
        found = []
        for unit in self.units:
            none = self.trials.removal.of(self.plan.with_rate(unit, 0.0)).amount
            costs = [cost for cost, _ in points[unit.id]]
            gains = [amount - none for _, amount in points[unit.id]]
            rates = unit.rates(COARSE)
            found.append(UnitCurve.of(unit.id, rates, costs, gains, power, unit.whole))
        return found

    # -- refinement ----------------------------------------------------------------

    def _exchange(self, reach: float, words: str) -> Generator[Answer, None, None]:
        """Move each unit on its own, then make the moves that pay together."""
        start = self.best
        rates = self._rates(start)
        reaches = [(unit.id, TOGGLE if unit.whole else reach) for unit in self.units]
        moves = [(unit, by) for unit, most in reaches for by in (most, -most)]
        cases = [self._case(moved(rates, {u: by}), f"{words}: {u} {by:+g}") for u, by in moves]
        kept = [i for i, case in enumerate(cases) if self._changes(case, start)]
        if not kept:
            return
        few = self.trials.fewer(MOVE_SAMPLES)
        here = few.narrowed(start)
        tried = yield from few.measure([cases[i] for i in kept], "move", words)
        known = [_move(*moves[i], few, here, t) for i, t in zip(kept, tried, strict=True)]
        known = [move for move in known if math.isfinite(move.cost)]
        chosen = best_moves(known, max(0.0, 1.0 - self.trials.cost(start)))
        for share in SHARES:
            there = moved(rates, {unit: share * by for unit, by in chosen.items()})
            yield from self._edge(partial(scaled, there), words, 0.85, 1.15, SCALED)
        yield from self._scale(words, 1.0, 1.1)

    def _scale(self, words: str, low: float, high: float) -> Generator[Answer, None, None]:
        """Scale the best plan up until it stops passing, unless it is there already."""
        if self.trials.cost(self.best) > 1 - CLOSE:
            return
        rates = self._rates(self.best)
        yield from self._edge(partial(scaled, rates), words, low, high, SCALED)

    def _edge(
        self,
        family: Callable[[float], Rates],
        words: str,
        low: float,
        high: float,
        steps: int,
    ) -> Generator[Answer, None, Rates | None]:
        """Follow a family of plans to where it stops passing; returns the last that passes.

        `family` gives rates for a number that prunes more the larger it is. The place is looked
        for by the measured costs, as in a rule of false position that is kept off the ends of
        its bracket; where an end is unknown the middle is taken.
        """
        costs: dict[float, float] = {}
        found = None
        for _ in range(steps):
            share = 0.5
            if low in costs and high in costs:
                share = (1 - costs[low]) / max(costs[high] - costs[low], 1e-9)
            place = low + (high - low) * min(max(share, 0.2), 0.8)
            rates = family(place)
            trial = yield from self._try(rates, f"{words} {place:.3g}")
            cost = self.trials.cost(trial)
            costs[place] = math.inf if math.isnan(cost) else cost
            if self.trials.passes(trial):
                low, found = place, rates
                if costs[place] > 1 - CLOSE:
                    break
            else:
                high = place
        return found

    # -- trials --------------------------------------------------------------------

    def _try(self, rates: Rates, words: str) -> Generator[Answer, None, Trial]:
        (trial,) = yield from self.trials.measure([self._case(rates, words)], message=words)
        self._take([trial])
        return trial

    def _take(self, tried: Sequence[Trial]) -> None:
        for trial in filter(self.trials.passes, tried):
            if trial.removed.amount > self.best.removed.amount:
                self.best = trial

    def _case(self, rates: Rates, words: str) -> Case:
        """A plan of these rates; those that take the same elements are the same plan."""
        plan = self._plan(rates)
        counts = self.trials.removal.of(plan).counts
        exact = self._plan({u.id: 100 * counts[u.id] / u.count for u in self.units})
        same = self.trials.removal.of(exact).counts == counts
        return named(exact if same else plan, self.query, words)

    def _plan(self, rates: Rates) -> Plan:
        plan = self.plan
        for unit in self.units:
            rate = min(100.0, max(0.0, rates[unit.id]))
            if unit.whole:
                rate = 100.0 if rate > HALF else 0.0
            plan = plan.with_rate(unit, rate)
        return plan

    def _removed(self, rates: Rates) -> int:
        return self.trials.removal.of(self._case(rates, "").plan).amount

    def _changes(self, case: Case, trial: Trial) -> bool:
        return self.trials.removal.of(case.plan).counts != trial.removed.counts

    def _rates(self, trial: Trial) -> Rates:
        """The rates that take as many elements of each unit as `trial` does."""
        return {u.id: 100 * trial.removed.counts[u.id] / u.count for u in self.units}


def _allocated(curves: Sequence[UnitCurve], place: float) -> Rates:
    return allocate(curves, math.exp(place))


def _move(unit: str, by: float, trials: Trials, start: Trial, trial: Trial) -> Move:
    """What a move does in place, in doubt a little worse than it seems."""
    values, others = trial.pairs(start)
    apart = values - others
    spread = float(apart.std(ddof=1)) / math.sqrt(len(apart)) if len(apart) > 1 else 0.0
    worse = DOUBT * spread * (1 if trials.metric.better == "lower" else -1)
    cost = trials.allowed.cost(trial.mean + worse) - trials.cost(start)
    return Move(unit, by, cost, trial.removed.amount - start.removed.amount)
