"""Rows of jobs choose every artifact that they name."""

from types import SimpleNamespace

from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.gui.study.controller import _made_case

KNOBS = (
    Knob("order", "Order", "artifact", "", takes="order"),
    Knob("network", "Network", "artifact", "", takes="network"),
)
ONE, OTHER = "a" * 64, "b" * 64


def case(**row):
    return _made_case(SimpleNamespace(card=SimpleNamespace(knobs=KNOBS)), SimpleNamespace(row=row))


def test_a_network_and_its_order_are_chosen_together():
    assert dict(case(network=ONE, order=OTHER, dice=0.9).plan.values) == {
        "network": ONE,
        "order": OTHER,
    }


def test_a_row_that_names_a_file_or_nothing_chooses_none():
    assert case(network="/tmp/own.safetensors") is None
    assert case(dice=0.9) is None


def test_a_row_turns_the_knob_that_what_it_made_was_made_for():
    rate = Knob("rate", "Rate", "rate", 0.0)
    mask = Knob("mask", "Mask", "artifact", "", takes="mask", sets="rate")
    card = SimpleNamespace(knobs=(rate, mask))

    def case(**row):
        return _made_case(SimpleNamespace(card=card), SimpleNamespace(row=row))

    assert dict(case(mask=ONE, rate=20.9).plan.values) == {"mask": ONE, "rate": 20.9}
    assert dict(case(mask=ONE).plan.values) == {"mask": ONE}
    assert case(rate=20.9) is None
