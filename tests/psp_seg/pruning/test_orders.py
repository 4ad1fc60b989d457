"""Pruning orders: how they are made, walked, kept and read."""

import json

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.psp_seg.pruning.orders import (
    as_text,
    ascending,
    gone,
    in_rounds,
    read_order,
    shuffled,
)

UNITS = tuple((name, place) for name in ("encoder.1", "bottleneck") for place in range(3))
SCORES = dict(zip(UNITS, (5.0, 1.0, 3.0, 0.5, 1.0, 9.0), strict=True))


def test_the_least_goes_first_and_what_is_alike_in_the_networks_order():
    assert ascending(SCORES, UNITS) == (
        ("bottleneck", 0), ("encoder.1", 1), ("bottleneck", 1),
        ("encoder.1", 2), ("encoder.1", 0), ("bottleneck", 2),
    )  # fmt: skip


def test_in_rounds_every_module_loses_one_before_any_loses_two():
    order = in_rounds(SCORES, UNITS)
    assert order == (
        ("encoder.1", 1), ("bottleneck", 0), ("encoder.1", 2),
        ("bottleneck", 1), ("encoder.1", 0), ("bottleneck", 2),
    )  # fmt: skip
    uneven = UNITS[2:]
    assert sorted(in_rounds(SCORES, uneven)) == sorted(uneven)
    assert in_rounds(SCORES, ()) == ()


def test_chance_is_that_of_its_seed():
    assert shuffled(UNITS, 3) == shuffled(UNITS, 3)
    assert sorted(shuffled(UNITS, 3)) == sorted(UNITS)
    assert len({shuffled(UNITS, seed) for seed in range(10)}) > 5


def test_walking_takes_one_branch_after_the_other():
    order = ascending(SCORES, UNITS)
    before = frozenset()
    for left in range(len(order), -1, -1):
        away = gone(order, left, {}, ())
        assert len(away) == len(order) - left
        assert before <= away
        before = away


def test_locked_branches_stay_and_toggled_ones_count():
    order = ascending(SCORES, UNITS)
    first, second, third = order[:3]
    assert gone(order, 5, {}, [first]) == {second}
    assert gone(order, 0, {}, [first]) == set(UNITS) - {first}
    assert gone(order, 6, {third: 100.0}, ()) == {third}
    assert gone(order, 5, {third: 100.0}, ()) == {third}
    assert gone(order, 4, {third: 100.0}, ()) == {third, first}
    assert gone(order, 5, {first: 0.0}, ()) == {second}
    assert gone(order, 6, {first: 100.0}, [first]) == frozenset()


def test_an_order_comes_back_as_it_was():
    order = shuffled(UNITS, 1)
    assert read_order(as_text(order), UNITS) == order


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "damaged"),
        ("{", "damaged"),
        ("[1, 2]", "damaged"),
        ("3", "damaged"),
        (json.dumps([["encoder.1", "two"]]), "damaged"),
        (json.dumps([["encoder.1", 0]]), "of 1 branches, which are not the 6"),
        (as_text((*UNITS[:-1], UNITS[0])), "not the 6 of this network"),
    ],
)
def test_what_is_no_order_of_the_network_is_refused(text, words):
    with pytest.raises(BadInput, match=words):
        read_order(text, UNITS)
