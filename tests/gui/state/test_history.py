"""Undo and visits, without a window."""

from dataclasses import replace

from prune3d_gui.core.frames import Footprint, Frame, Recipe, Timings
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.plans import Plan, Query, Request
from prune3d_gui.core.score.scores import Scores
from prune3d_gui.gui.state.history import LIMIT, History
from prune3d_gui.gui.state.visited import VISITS, Visited
from tests.toy import SCOPE, TOLERANCE

LOOK = (("coloured", True), ("style", "points"))


def plan(value, scope="all"):
    return Plan().with_value(TOLERANCE, value).with_value(SCOPE, scope)


def moments():
    return History(Moment(), lambda moment: moment.state)


def test_history_steps_back_and_forth():
    history = moments()
    steps = [Moment(plan=plan(value)) for value in (0.1, 0.2, 0.3)]
    assert [history.push(step) for step in steps] == [True] * 3
    assert not history.push(steps[-1])
    assert [history.undo(), history.undo(), history.undo(), history.undo()] == [
        steps[1],
        steps[0],
        Moment(),
        Moment(),
    ]
    assert not history.can_undo
    assert history.redo() == steps[0]
    history.push(Moment(plan=plan(0.9)))
    assert not history.can_redo
    assert history.undo() == steps[0]


def test_steps_differ_in_what_undo_is_about():
    history = moments()
    assert not history.push(Moment(cameras=(("space", ()),), command="prune3d"))
    for step in (Moment(sample="s1"), Moment(query=Query((("grid", 12),))), Moment(look=LOOK)):
        assert history.push(step)
    assert len(history) == 4


def test_history_is_bounded():
    history = moments()
    for number in range(3 * LIMIT):
        history.push(Moment(plan=plan(0.001 + number / 1e4)))
    steps = 0
    while history.can_undo:
        history.undo()
        steps += 1
    assert steps == LIMIT - 1


def test_history_forgets_what_cannot_be_gone_to():
    history = moments()
    for name in ("s0", "gone", "s1", "s2"):
        history.push(Moment(sample=name))
    history.undo()
    history.sift(lambda step: step.sample in ("s0", "s2"))
    assert history.present.sample == "s1"
    assert history.undo().sample == "s0"
    assert not history.can_undo
    assert [history.redo().sample, history.redo().sample] == ["s1", "s2"]


def frame(value, quality="full", role="pruned", sample="s0", scope="all"):
    size = Footprint(84, 84, 0, 0, 336, "npz", 1, "grid")
    scores = Scores({"l2": value}, {}, {"field": {"error": None}})
    request = Request(sample, plan(value, scope))
    return Frame(request, 1, role, quality, None, scores, size, Timings(), Recipe("t", "m", "", ""))


def test_only_full_pruned_frames_join_a_curve():
    visited = Visited(TOLERANCE)
    assert visited.add(frame(0.5))
    assert visited.add(frame(0.1))
    assert not visited.add(frame(0.2, quality="preview"))
    assert not visited.add(frame(0.3, role="full"))
    curve = visited.curve("s0", plan(0.9), Query())
    assert [visit.value for visit in curve] == [0.1, 0.5]
    assert curve[0].scores.arrays == {}
    assert visited.curve("s1", plan(0.9), Query()) == ()
    assert visited.curve("s0", plan(0.9, "detail"), Query()) == ()
    assert visited.curve("s0", replace(plan(0.9), locks=("low",)), Query()) == ()


def test_curves_are_bounded():
    visited = Visited(TOLERANCE)
    for number in range(2 * VISITS):
        visited.add(frame(0.5, sample=f"s{number}"))
    assert visited.curve("s0", plan(0.5), Query()) == ()
    assert len(visited.curve(f"s{2 * VISITS - 1}", plan(0.5), Query())) == 1


def test_knobs_that_only_draw_start_no_curve_of_their_own():
    colour = Knob("colour", "Colour", "choice", "a", "draw", choices=(Choice("a", "A"),))
    visited = Visited(TOLERANCE, (TOLERANCE, colour))
    visited.add(frame(0.5))
    assert len(visited.curve("s0", plan(0.5), Query((("colour", "b"),)))) == 1
    assert visited.curve("s0", plan(0.5), Query((("grid", 12),))) == ()


def test_curves_run_along_the_knob_that_is_turned():
    keep = Knob("keep", "Keep", "rate", 100.0)
    visited = Visited(TOLERANCE, (TOLERANCE, keep))
    for tolerance, kept in ((0.1, 100.0), (0.5, 100.0), (0.5, 40.0), (0.5, 20.0)):
        asked = Plan().with_value(TOLERANCE, tolerance).with_value(keep, kept)
        made = frame(tolerance)
        visited.add(replace(made, request=replace(made.request, plan=asked)))
    assert [visit.value for visit in visited.curve("s0", asked, Query())] == [0.5]
    visited.turn(keep)
    assert [visit.value for visit in visited.curve("s0", asked, Query())] == [20, 40, 100]
    visited.turn(TOLERANCE)
    whole = asked.with_value(keep, 100.0)
    assert [visit.value for visit in visited.curve("s0", whole, Query())] == [0.1, 0.5]
