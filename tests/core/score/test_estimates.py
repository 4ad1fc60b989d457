"""Estimates: what a preview says of the full result, or nothing."""

import math

import pytest

from prune3d_gui.core.score.estimates import estimate, estimated
from prune3d_gui.core.score.parts import Part
from prune3d_gui.core.score.scores import Metric, Scores
from prune3d_gui.core.score.thresholds import Threshold

ERROR = Metric("error", "Error", "lower", "An error.", slack=Threshold(1.33, "factor"))
SHARE = Metric("share", "Share", "higher", "A share.", slack=Threshold(0.75, "factor"))
LEVEL = Metric("level", "Level", "higher", "In dB.", "dB", slack=Threshold(-1.0, "difference"))


def test_an_unpruned_preview_tells_the_full_result():
    for metric in (ERROR, SHARE, LEVEL):
        assert estimate(metric, 0.3, 0.3, 0.5) == 0.5


def test_it_lies_between_the_factor_and_the_difference_where_they_agree():
    assert estimate(ERROR, 3.3, 3.0, 2.0) == pytest.approx((2.2 + 2.3) / 2)
    assert estimate(LEVEL, 29.0, 31.0, 32.0) == pytest.approx(29.5)


def test_there_is_none_where_they_disagree():
    assert estimate(ERROR, 9.0, 3.0, 2.0) is None  # 6 or 8
    assert estimate(SHARE, 0.05, 0.25, 0.66) is None  # 0.13 or 0.46
    assert estimate(LEVEL, 10.0, 31.0, 35.0) is None


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_there_is_none_of_what_is_no_number(odd):
    for values in ((odd, 1.0, 1.0), (1.0, odd, 1.0), (1.0, 1.0, odd)):
        assert estimate(ERROR, *values) is None


def test_zeros_are_no_divisors():
    assert estimate(ERROR, 0.5, 0.0, 0.0) is None
    assert estimate(ERROR, 0.0, 0.0, 0.0) == 0.0
    assert estimate(SHARE, 0.0, 0.3, 0.6) is None


def test_a_share_of_few_points_tells_nothing():
    assert estimate(SHARE, 0.1002, 0.1, 0.17) is None
    assert estimate(SHARE, 0.3, 0.302, 0.5) is not None


def test_a_share_stays_one():
    assert estimate(SHARE, 0.98, 0.95, 0.99) == 1.0


def test_parts_are_estimated_by_their_own():
    def scores(whole, one):
        return Scores({"error": whole}, parts=(Part("class", "bone", {"error": one}),))

    found = estimated((ERROR, SHARE), scores(3.3, 1.0), scores(3.0, 1.0), scores(2.0, 4.0))
    assert found.values == {"error": pytest.approx(2.25)}
    assert found.parts[0].values == {"error": 4.0}
    assert estimated((ERROR,), scores(3.3, 1.0), None, scores(2.0, 4.0)).values == {}
