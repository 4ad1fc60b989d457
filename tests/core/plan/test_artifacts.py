"""Artifacts in plans: a value like any other."""

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.artifacts import artifacts_in, shown
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.plans import Plan, Query

MASK = Knob("mask", "Mask", "artifact", "", takes="mask")
REGION = Knob("region", "Region", "artifact", "", "reconstruct", takes="region")
SCOPE = Knob("scope", "Scope", "choice", "a", choices=(Choice("a", "A"),), units_allowed=True)
ONE, TWO = "1" * 64, "ab" * 32


def test_its_value_is_the_hash_and_nothing_is_none():
    assert MASK.check(ONE) == ONE
    assert MASK.check("none") == MASK.check("") == ""
    assert MASK.series(f"none,{ONE}, {TWO}") == ("", ONE, TWO)
    assert not MASK.number
    for wrong in ("abc", ONE[:-1], ONE[:-1] + "g", 3, True):
        with pytest.raises(BadInput, match="is not the hash of an artifact"):
            MASK.check(wrong)


def test_a_plan_names_it_and_none_is_the_empty_plan():
    plan = Plan().with_value(MASK, ONE).with_value(SCOPE, "C1,C2")
    query = Query().with_value(REGION, TWO)
    assert artifacts_in(plan, query) == (ONE, TWO)
    assert artifacts_in(plan.with_value(MASK, TWO), query) == (TWO,)
    assert artifacts_in(Plan()) == ()
    assert plan.with_value(MASK, "none").with_value(SCOPE, "a").bare((MASK, SCOPE)) == Plan()
    assert (shown(ONE), shown("")) == ("1" * 12, "none")
