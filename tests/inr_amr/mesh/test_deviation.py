"""RMSE and how well it is known, against what other draws of points give."""

import math

import numpy as np
import pytest

from prune3d_gui.plugins.inr_amr.mesh.deviation import Deviation


@pytest.mark.parametrize("shape", ["normal", "peaked"])
def test_the_error_is_the_spread_of_the_rmse_over_draws(shape):
    random = np.random.default_rng(0)
    drawn = random.standard_normal((400, 4_096))
    if shape == "peaked":  # most of the error in a few places, as beside a corner
        drawn *= np.where(random.random(drawn.shape) < 0.05, 5.0, 0.1)
    found = [Deviation.of(wrong) for wrong in drawn]
    spread = np.std([d.rmse for d in found])
    assert np.mean([d.error for d in found]) == pytest.approx(spread, rel=0.1)
    plain = math.sqrt(np.mean(drawn[0] ** 2))
    assert found[0].rmse == pytest.approx(plain, rel=1e-12)
    # For a normal distribution the error is known: rmse / sqrt(2 n).
    if shape == "normal":
        assert found[0].error == pytest.approx(1 / math.sqrt(2 * 4_096), rel=0.1)


def test_columns_have_the_digits_that_are_known():
    assert Deviation(0.0296371, 0.0013149).columns() == {"rmse": 0.0296, "rmse_error": 0.0013}
    assert Deviation(123.456, 4.567).columns() == {"rmse": 123.5, "rmse_error": 4.6}
    assert Deviation(12345.6, 987.0).columns() == {"rmse": 12350.0, "rmse_error": 990.0}


def test_without_an_error_or_without_points():
    assert Deviation.of(np.zeros(10)).columns() == {"rmse": 0.0, "rmse_error": 0.0}
    assert Deviation.of(np.full(10, 0.3)).rmse == pytest.approx(0.3)
    for wrong in (np.empty(0), np.array([np.nan, 1.0]), np.array([np.inf])):
        assert not any(map(math.isfinite, Deviation.of(wrong).columns().values()))
