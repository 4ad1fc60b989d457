"""The answer of a search in sentences: shares, intervals, verdicts, and no ids."""

from dataclasses import replace

from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.reports.rows.answers import found_by, told
from prune3d_gui.studies.ask.answers import RowFound
from prune3d_gui.studies.ask.questions import Case

METRIC = Metric("chamfer_x1000", "Chamfer", "lower", "Mean distance.")


def row(role, amount, value, rate, **more):
    first = {"role": role, "plan": f"rate {rate}", "objective": amount}
    own = {"objective_percent": amount / 10, "objective_of": "parameters zeroed or removed"}
    numbers = {"chamfer_x1000": value, "threshold": 2.5, "passes": value <= 2.5}
    return RowFound(first | own | numbers | more, Case(Plan((("rate", rate),)), Query(), ()))


FULL, UNIFORM = row("full", 0, 2.0, 0.0), row("uniform", 400, 2.4, 40.0)
ENDS = {"chamfer_x1000_low": 2.2, "chamfer_x1000_high": 2.6}
BEST = row("best", 600, 2.45, 60.0, **ENDS)
HELD = [replace(one, row=one.row | {"role": "held-out"}) for one in (FULL, UNIFORM, BEST)]


def test_a_search_that_has_not_ended_has_no_answer():
    assert found_by([]) is None
    assert found_by([FULL, row("tried", 300, 2.1, 30.0)]) is None


def test_the_best_plan_is_told_against_the_uniform_one_with_its_error():
    found = found_by([FULL, UNIFORM, BEST, *HELD])
    assert found.better
    assert found.held is HELD[2]
    assert told(found, METRIC, "val:16", "val:8") == (
        "60.0 % can go: 600 parameters zeroed or removed.",
        "That is 50.0 % more than the largest uniform plan takes (rate 40.0, 40.0 %).",
        "Chamfer 2.45 (95 %: 2.2 to 2.6) over val:16; the limit is 2.5.",
        "On samples that the search has not seen (val:8): Chamfer 2.45 (95 %: 2.2 to 2.6), "
        "which passes there.",
    )


def test_a_uniform_search_and_a_draw_say_nothing_of_more():
    alone = found_by([FULL, UNIFORM])
    assert not alone.better
    assert told(alone, METRIC, "val:16") == (
        "40.0 % can go: 400 parameters zeroed or removed.",
        "Chamfer 2.4 over val:16; the limit is 2.5.",
    )
    drawn = found_by([FULL, UNIFORM, replace(UNIFORM, row=UNIFORM.row | {"role": "best"})])
    assert "No plan that was tried takes more" in told(drawn, METRIC, "val:16")[1]
