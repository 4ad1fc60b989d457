"""Turning a moment, step by step, without a window."""

from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.gui.state.intention import Intention
from tests.toy import GRID, SCOPE, TOLERANCE

KNOBS = (TOLERANCE, SCOPE, GRID)


def plan(value):
    return Plan().with_value(TOLERANCE, value)


def test_quick_turns_of_one_source_are_one_step():
    asked = Intention(KNOBS)
    for value in (0.1, 0.2, 0.3):
        assert asked.turn("tolerance", plan=plan(value))
    assert asked.undoes == "tolerance"
    assert not asked.history.can_undo
    assert asked.turn("grid", query=Query((("grid", 30),)))
    asked.commit()
    assert asked.step(forward=False)
    assert (asked.plan, asked.query) == (plan(0.3), Query())
    assert asked.step(forward=False)
    assert asked.plan == Plan()
    assert not asked.step(forward=False)


def test_a_change_without_a_source_is_a_step_of_its_own():
    asked = Intention(KNOBS, Moment(sample="s0"))
    asked.turn(sample="s1")
    asked.turn(look=(("style", "points"),))
    asked.turn(plan=plan(0.2), query=Query((("grid", 30),)))
    assert len(asked.history) == 4
    asked.step(forward=False)
    assert (asked.plan, asked.query) == (Plan(), Query())
    asked.step(forward=False)
    assert (asked.moment.look, asked.moment.sample) == ((), "s1")


def test_defaults_are_no_change():
    asked = Intention(KNOBS)
    assert not asked.turn(plan=plan(TOLERANCE.default), query=Query((("grid", GRID.default),)))
    assert not asked.undoes


def test_a_beginning_is_no_step_and_what_a_model_is_called_stays():
    asked = Intention(KNOBS, Moment(model="Old"))
    asked.turn(plan=plan(0.2))
    asked.begin(sample="s2", model="New")
    assert len(asked.history) == 2
    asked.step(forward=False)
    assert (asked.moment.model, asked.plan) == ("New", Plan())


def test_it_says_what_undo_and_redo_are_about():
    asked = Intention(KNOBS, Moment(sample="s0", look=(("style", "mesh"),)))
    assert (asked.undoes, asked.redoes) == ("", "")
    told = []
    for change in (
        {"sample": "s1"},
        {"query": Query((("grid", 30),))},
        {"look": (("style", "points"),)},
        {"plan": Plan((), (("low", 10.0),))},
        {"plan": Plan((), (("low", 10.0),), ("mid",))},
        {"plan": Plan(), "query": Query()},
    ):
        asked.turn(**change)
        told.append(asked.undoes)
    assert told == ["sample", "grid", "style", "unit rates", "locks", "3 changes"]
    for wanted in reversed(told):
        asked.step(forward=False)
        assert asked.redoes == wanted
    assert not asked.undoes
