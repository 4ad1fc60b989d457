"""Plans and queries: values that hash, and changes that make new ones."""

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan, Query, Request, resolve

RATE = Knob("rate", "Rate", "rate", 0.0)
ISO = Knob("iso", "Iso value", "log", 0.5, "reconstruct", 0.1, 1.0)


def test_equal_plans_hash_alike_whatever_the_order():
    one = Plan().with_rate("C2", 10).with_rate("C1", 5).with_lock("C9", True)
    two = Plan().with_lock("C9", True).with_rate("C1", 5).with_rate("C2", 10)
    assert one == two
    assert hash(Request("s", one)) == hash(Request("s", two))


def test_changes_make_new_plans():
    plan = Plan().with_value(RATE, 45)
    assert Plan().value(RATE) == 0.0
    assert plan.value(RATE) == 45.0
    assert plan.with_rate("C1", 5).with_rate("C1", None) == plan
    assert plan.with_lock("C1", True).with_lock("C1", False) == plan


@pytest.mark.parametrize("rate", [-1, 101, float("nan")])
def test_unit_rates_are_checked(rate):
    with pytest.raises(BadInput, match="C1"):
        Plan().with_rate("C1", rate)


def test_resolve_sorts_values_by_what_they_invalidate():
    plan, query = resolve((RATE, ISO), {"rate": 45, "iso": 0.2})
    assert plan == Plan().with_value(RATE, 45)
    assert query == Query().with_value(ISO, 0.2)
    with pytest.raises(BadInput, match="There is no knob"):
        resolve((RATE,), {"nothing": 1})


def test_bare_plans_and_queries_have_one_form():
    knob = Knob("rate", "Rate", "rate", 0.0)
    look = Knob("time", "Time", "linear", 0.5, "reconstruct", 0.0, 1.0)
    assert Plan().with_value(knob, 0).bare([knob]) == Plan()
    assert Plan().with_value(knob, 3).bare([knob]) == Plan().with_value(knob, 3)
    kept = Plan().with_value(knob, 0).with_rate("C1", 0).with_lock("C2", True).bare([knob])
    assert kept == Plan(rates=(("C1", 0.0),), locks=("C2",))
    assert Query().with_value(look, 0.5).bare([look]) == Query()
