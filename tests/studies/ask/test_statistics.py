import math

import numpy as np
import pytest

from prune3d_gui.studies.ask.statistics import (
    knee,
    largest_passing,
    paired_interval,
    passes,
    passing_run,
    smallest_detectable,
)

RATES = np.arange(0, 100, 10)


def test_the_knee_is_where_the_error_begins_to_rise():
    flat_then_steep = np.array([1, 1, 1, 1, 1, 1, 3, 5, 7, 9.0])
    assert knee(RATES, flat_then_steep) == 5
    assert knee(RATES, -flat_then_steep, "higher") == 5
    order = np.random.default_rng(0).permutation(10)
    assert order[knee(RATES[order], flat_then_steep[order])] == 5


def test_a_knee_does_not_depend_on_units():
    values = np.exp(RATES / 20.0)
    assert knee(RATES, values) == knee(RATES / 100, 1000 * values)


def test_a_knee_leaves_out_what_is_not_finite():
    values = np.array([1, 1, np.nan, 1, 1, 1, 3, 5, np.inf, np.nan])
    assert knee(RATES, values) == 5


@pytest.mark.parametrize(
    "values", [[], [1.0, 2.0], [1.0, 1.0, 1.0], [1.0, 2.0, 3.0], [0.0, 3.0, 4.0], [np.nan] * 4]
)
def test_some_curves_have_no_knee(values):
    assert knee(np.arange(len(values)), np.array(values)) is None


def test_the_largest_value_that_passes():
    found = zip(RATES, [2.0, 2.1, 2.2, 4.0, 2.9, np.nan, 7, 8, 9, 9], strict=True)
    rows = [{"rate": float(rate), "error": error} for rate, error in found]
    rows.append({"rate": "all", "error": 1.0})
    assert largest_passing(rows, "rate", "error", 3.0)["rate"] == 40
    assert largest_passing(rows, "rate", "error", 1.5) is None
    assert largest_passing(rows, "rate", "error", 8.0, "higher")["rate"] == 90


def test_a_run_ends_at_the_first_that_does_not_pass():
    rows = [{"rate": r, "error": e} for r, e in ((30, 2.0), (10, 1.0), (20, 4.0), (40, math.nan))]
    assert [row["rate"] for row in passing_run(rows, "rate", "error", 3.0)] == [10]
    assert largest_passing(rows, "rate", "error", 3.0)["rate"] == 30
    assert [row["rate"] for row in passing_run(rows, "rate", "error", 4.0)] == [10, 20, 30]
    assert passing_run(rows, "rate", "error", 0.5) == []
    assert passing_run(rows, "rate", "error", 1.5, "higher") == []


def test_nothing_passes_as_nan():
    assert not passes(np.nan, 1.0, "lower")
    assert not passes(np.nan, 1.0, "higher")
    assert passes(1.0, 1.0, "lower")
    assert passes(1.0, 1.0, "higher")


def test_pairs_tell_more_than_two_means():
    rng = np.random.default_rng(1)
    hard = rng.uniform(1, 20, 40)
    values, others = hard + 0.5 + rng.normal(0, 0.1, 40), hard
    apart, low, high = paired_interval(values, others)
    assert low < apart < high
    assert apart == pytest.approx(np.mean(values - others))
    assert low > 0.4, "though the samples differ by far more"
    assert high < 0.6
    assert paired_interval(values, values) == (0, 0, 0)
    assert np.isnan(paired_interval([np.nan, 1.0], [1.0, 1.0])).all()
    assert np.isnan(paired_interval([], [])).all()


def test_more_samples_detect_less():
    draws = np.random.default_rng(2).normal(0, 1, 400)
    few, many = smallest_detectable(draws[:25]), smallest_detectable(draws)
    assert many == pytest.approx(2.8 * draws.std(ddof=1) / 20, rel=1e-2)
    assert many < few
    assert np.isnan(smallest_detectable([1.0]))
