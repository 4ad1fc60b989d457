"""The bench of previews, on the toy."""

import math

import pytest

from prune3d_gui.cli.benches.previews import _rows, deviation, deviations, preview_rows, spread
from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.score.estimates import estimate
from prune3d_gui.studies.ask.defaults import usual_values
from tests.toy import TOLERANCE, Fields, Plugin, ToyModel


def tell(_):
    """Nobody listens."""


def test_deviations_are_those_of_the_estimates():
    model = ToyModel(Plugin(), "toy")
    found = [off for _, off in deviations(model, "s1", tell, NEVER)]
    assert len(found) == 8

    def score(value, quality):
        applied = model.apply(Plan().with_value(TOLERANCE, value))
        *_, stage = model.reconstruct(applied, "s1", Query(), quality, NEVER)
        return model.score(applied, "s1", Query(), stage, None).values["l2"]

    ends = [score(TOLERANCE.default, quality) for quality in ("preview", "full")]
    for value, off in ((usual_values(TOLERANCE)[1], found[0]), (1.0, found[-1])):
        full, told = (
            score(value, "full"),
            estimate(model.metrics[0], score(value, "preview"), *ends),
        )
        assert off == (None if told is None else pytest.approx(100 * abs(told / full - 1)))


def test_an_estimate_that_is_wrong_does_not_pass(monkeypatch):
    class Shifted(ToyModel):
        def score(self, applied, sample, query, stage, full, cancel=NEVER):
            scores = super().score(applied, sample, query, stage, full, cancel)
            if stage.quality == "preview" and applied.footprint.touched:
                scores.values["l2"] *= 1.5
            return scores

    monkeypatch.setattr(Plugin, "open", lambda self, ref, cancel=NEVER: Shifted(self, ref.title))
    drawn, worst = preview_rows(Plugin(), "cpu", tell, NEVER)
    assert drawn["value"] > 0
    assert worst["value"] > 10
    assert worst["met"] == "no"


def test_a_sample_that_is_a_network_is_opened_as_one():
    system = Fields()
    drawn, _ = preview_rows(system, "cpu", tell, NEVER)
    assert drawn["unit"] == "of 24"
    assert {ref.title.split()[-1] for ref in system.opened} == {"s0", "s1", "s2"}
    assert {ref.device for ref in system.opened} == {"cpu"}


def test_rows_say_how_many_are_drawn_and_the_worst():
    metric = ToyModel.metrics[0]
    drawn, worst = _rows(metric, [None, 3.0, 12.0], "note")
    assert (drawn["value"], drawn["unit"]) == (2, "of 3")
    assert (worst["value"], worst["met"]) == (12.0, "no")
    (none,) = _rows(metric, [None], "note")
    assert none["value"] == 0


def test_deviation_is_a_share_of_the_full_result():
    assert deviation(None, 2.0) is None
    assert deviation(2.2, 2.0) == pytest.approx(10)
    assert deviation(-1.8, -2.0) == pytest.approx(10)
    assert deviation(0.0, 0.0) == 0
    assert deviation(0.1, 0.0) == math.inf


def test_some_are_taken_evenly():
    assert spread([], 4) == []
    assert spread("abc", 4) == ["a", "b", "c"]
    assert spread(range(10), 4) == [0, 3, 6, 9]


def test_it_stops_and_needs_a_model(monkeypatch):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        preview_rows(Plugin(), "cpu", tell, token)
    monkeypatch.setattr(Plugin, "bundled", lambda self: ())
    assert preview_rows(Plugin(), "cpu", tell, NEVER) == []
