import itertools

import numpy as np
import pytest

from prune3d_gui.studies.search.allocation import (
    GRID,
    Move,
    UnitCurve,
    allocate,
    best_moves,
    mixed,
    moved,
    scaled,
)

RATES = (20, 50, 80, 95)


def curve(name, count, steepness):
    costs = [steepness * (rate / 100) ** 6 for rate in RATES]
    return UnitCurve.of(name, RATES, costs, [count * rate / 100 for rate in RATES], 6)


def test_a_curve_goes_through_its_points_and_rises():
    made = UnitCurve.of("C1", RATES, [-0.1, 0.3, 1.0, 20.0], [20, 50, 80, 95], 6)
    at = [int(np.searchsorted(GRID, rate)) for rate in RATES]
    assert made.costs[at[1:]] == pytest.approx([0.3, 1.0, 20.0])
    assert 0 < made.costs[at[0]] < 0.01, "a cost within the noise is that of the power"
    assert (np.diff(made.costs) >= 0).all()
    assert made.costs[0] == 0
    assert made.gains[at] == pytest.approx([20, 50, 80, 95])
    assert made.costs[-1] > 1e5, "nothing is known beyond the last rate"


def test_a_curve_takes_nothing_from_where_it_is_nan():
    made = UnitCurve.of("C1", RATES, [0.0, 0.3, np.nan, 0.1], [20, 50, 80, 95], 6)
    assert made.costs[GRID >= 80].min() > 1e5


def test_the_sturdy_and_the_large_are_pruned_more():
    curves = [curve("weak", 100, 50), curve("sturdy", 100, 1), curve("large", 1000, 50)]
    rates = allocate(curves, 1.0)
    assert rates["sturdy"] > rates["weak"]
    assert rates["large"] > rates["weak"]
    total = sum(float(np.interp(rates[c.unit], GRID, c.costs)) for c in curves)
    assert total <= 1.0
    more = allocate(curves, 2.0)
    assert all(more[name] >= rate for name, rate in rates.items())


def test_moves_are_as_good_as_any_within_the_budget():
    rng = np.random.default_rng(0)
    moves = []
    for unit in "abcd":
        moves.append(Move(unit, 0.2, float(rng.uniform(0.1, 1)), float(rng.uniform(1, 9))))
        moves.append(Move(unit, -0.2, -float(rng.uniform(0.1, 1)), -float(rng.uniform(1, 9))))
    chosen = best_moves(moves, 0.3)

    def worth(picked):
        return sum(m.gain for m in picked), sum(m.cost for m in picked)

    mine = [m for m in moves if chosen[m.unit] == m.by]
    gain, cost = worth(mine)
    assert cost <= 0.3
    options = [[m for m in moves if m.unit == u] + [Move(u, 0, 0, 0)] for u in "abcd"]
    found = [worth(picked) for picked in itertools.product(*options)]
    assert gain > 0
    # A Lagrangian finds what is best for the budget that its own choice uses up.
    assert gain == pytest.approx(max(g for g, c in found if c <= cost + 1e-12))


def test_a_lucky_dip_is_not_spent():
    lucky = [Move("a", 0.2, -0.5, 5.0), Move("b", 0.2, 0.4, 9.0)]
    assert best_moves(lucky, 0.1) == {"a": 0.2, "b": 0.0}


def test_rates_are_scaled_mixed_and_moved_by_what_they_keep():
    rates, others = {"a": 50.0, "b": 0.0}, {"a": 80.0, "b": 36.0}
    assert scaled(rates, 2.0) == pytest.approx({"a": 75.0, "b": 0.0})
    assert scaled(rates, 1.0) == pytest.approx(rates)
    assert mixed(rates, others, 0.0) == pytest.approx(rates)
    assert mixed(rates, others, 1.0) == pytest.approx(others)
    assert mixed(rates, others, 0.5)["b"] == pytest.approx(20.0)
    assert moved(rates, {"a": np.log(2)})["a"] == pytest.approx(75.0)
    assert moved(rates, {"a": -5.0, "b": -1.0}) == pytest.approx({"a": 0.0, "b": 0.0})
    assert scaled({"a": 100.0}, 0.999)["a"] > 99.99
