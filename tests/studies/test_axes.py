"""Axes, groups and whole units in questions and searches."""

from dataclasses import replace

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.axes import axes_of, axis_named, baseline_of, units_along
from prune3d_gui.core.plan.knobs import Knob, knob_named
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.plan.units import Unit, noun_of
from prune3d_gui.studies.ask.questions import OWN_RATE, cases, own_axis, sensitivity_cases
from tests.systems.rooms import GRID, RoomsModel
from tests.toy import ToyModel

KNOBS, UNITS = RoomsModel.knobs, RoomsModel.units
COARSE = knob_named(KNOBS, "coarse")


def test_curves_run_along_number_knobs_that_prune_and_never_along_a_seed():
    assert [knob.id for knob in axes_of(KNOBS)] == ["coarse", "middle", "fine"]
    assert [knob.id for knob in axes_of(KNOBS, looking=True)][-1] == GRID.id
    assert axis_named(KNOBS, "fine").group == "Fine"
    for name in ("lot", "order", "grid", "nothing"):
        with pytest.raises(BadInput, match="take one of coarse, middle, fine"):
            axis_named(KNOBS, name)


def test_a_knob_is_told_from_its_like_in_other_groups():
    assert (COARSE.label, COARSE.words) == ("Coarse rate", "Coarse rate")
    assert (GRID.label, GRID.words) == ("Grid", "grid")


def test_a_baseline_is_found_by_what_seeds_it_and_not_by_its_name():
    found = baseline_of(KNOBS)
    assert (found.knob.id, found.choice.id, found.seed.id) == ("order", "drawn", "lot")
    assert baseline_of(ToyModel.knobs) is None
    (case,) = cases(KNOBS, {"order": ("drawn",), "lot": (7,)})
    assert dict(case.values)["seed"] == 7


def test_a_knob_prunes_the_units_of_its_group_or_all():
    assert {unit.path for unit in units_along(COARSE, UNITS)} == {("Coarse",)}
    assert units_along(replace(COARSE, group=""), UNITS) == UNITS
    assert units_along(replace(COARSE, group="Elsewhere"), UNITS) == UNITS


def test_a_whole_unit_has_no_fraction():
    unit = UNITS[0]
    with pytest.raises(BadInput, match=r"C1 stays or goes as a whole, so it has no rate 40"):
        Plan().with_rate(unit, 40)
    assert Plan().with_rate(unit, 100).rates == (("C1", 100.0),)
    assert Plan().with_rate("C1", 40).rates == (("C1", 40.0),), "only where the unit is known"
    assert unit.rates((0.0, 20.0, 40.0)) == (0.0, 100.0)
    assert replace(unit, whole=False).rates((0.0, 20.0)) == (0.0, 20.0)


def test_what_is_counted_has_one_name_or_none():
    assert noun_of(UNITS) == "waves"
    assert noun_of((*UNITS, Unit("x", "x", (), 1))) == noun_of(()) == "elements"


def test_sensitivity_takes_whole_units_out_once():
    found = sensitivity_cases(KNOBS, UNITS, "coarse", (0.0, 25.0, 50.0))
    assert len(found) == 2 * len(UNITS)
    assert {rate for case in found for _, rate in case.plan.rates} == {0.0, 100.0}
    chosen = units_along(COARSE, UNITS)
    found = sensitivity_cases(KNOBS, UNITS, "coarse", (25.0,), chosen=chosen)
    assert [dict(case.values) for case in found] == [
        {"unit": unit, "coarse": 100.0} for unit in ("C4", "C3", "C2", "C1")
    ]


def test_whole_units_are_taken_out_where_the_axis_is_no_rate():
    walked = Knob("left", "Branches left", "steps", 12, minimum=0, maximum=12)
    assert walked.falls
    assert own_axis(walked, UNITS) == OWN_RATE
    found = sensitivity_cases((walked,), UNITS, "left", (3, 6, 9))
    assert len(found) == len(UNITS)
    assert dict(found[0].values) == {"unit": "F4", OWN_RATE: 100.0}
    parts = tuple(replace(unit, whole=False) for unit in UNITS)
    found = sensitivity_cases((walked,), parts, "left", (3, 6, 9))
    assert own_axis(walked, parts) == "left"
    assert len(found) == 3 * len(UNITS)
    assert len(found[0].plan.locks) == len(UNITS) - 1
