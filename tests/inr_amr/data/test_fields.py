import numpy as np
import pytest

from prune3d_gui.plugins.inr_amr.data.fields import ALPHA, GENERATORS
from prune3d_gui.plugins.inr_amr.data.thorax import vessels


def _points(generator, count=4000, seed=1):
    return np.random.default_rng(seed).random((count, generator.domain.dimension))


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)
def test_values_are_finite_repeat_and_stay_in_the_range_of_the_domain(generator):
    unit = _points(generator)
    values = generator.values(unit, 0.3)
    assert values.dtype == np.float32
    assert values.shape == (len(unit),)
    assert np.isfinite(values).all()
    assert generator.domain.low <= values.min() < values.max() <= generator.domain.high
    assert np.array_equal(values, generator.values(unit, 0.3))


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)
def test_a_value_depends_on_its_own_point_only(generator):
    unit = _points(generator)
    alone = np.concatenate([generator.values(unit[k : k + 1], 0.3) for k in range(50)])
    np.testing.assert_allclose(alone, generator.values(unit, 0.3)[:50], atol=2e-3)


def test_the_oscillation_is_the_benchmark_function():
    unit = np.array([[0, 0], [1, 0], [0.3, 0.4]])
    expected = np.sin(1 / (ALPHA + np.array([0, 1, 0.5])))
    np.testing.assert_allclose(GENERATORS["oscillation"].values(unit), expected, atol=1e-6)


def test_the_oscillation_is_drawn_more_densely_near_its_corner():
    points = GENERATORS["oscillation"].draw(np.random.default_rng(0), 30_000)
    assert points.shape == (30_000, 2)
    assert points.min() >= 0
    assert points.max() < 1
    near = np.mean(np.hypot(*points.T) < 0.03)
    assert near > 20 * np.pi / 4 * 0.03**2


@pytest.mark.parametrize(
    ("place", "low", "high"),
    [
        ((-150, -110, 0), -1001, -999),  # air around the body
        ((-96, -10, 30), -910, -800),  # right lung
        ((75, 10, 20), -910, -800),  # left lung
        ((0, 14, 90), -1000, -950),  # windpipe
        ((0, 46, 13), 200, 320),  # middle of a vertebra
        ((22, 36, 0), 190, 225),  # aorta
        ((-78, 18, 22), 20, 45),  # nodule
        ((-60, 0, -90), 100, 120),  # liver
        ((62, -45, -80), -960, -800),  # gas in the stomach
    ],
)
def test_the_chest_has_its_organs_where_they_belong(place, low, high):
    chest = GENERATORS["chest"]
    unit = (np.array([place]) - chest.domain.origin) / chest.domain.size
    assert low <= chest.values(unit)[0] <= high


def test_the_edges_of_the_chest_are_as_wide_as_those_of_a_scan():
    chest = GENERATORS["chest"]
    unit = _points(chest, 20_000)
    step = 0.05 / np.array(chest.domain.size)
    slopes = [
        np.abs(chest.values(unit + axis * step) - chest.values(unit)).max() / 0.05
        for axis in np.eye(3)
    ]
    assert max(slopes) < 900, "HU per mm; a step of 1,600 HU over less than 2 mm is a jump"


def test_the_vessels_follow_their_seed():
    assert np.array_equal(vessels(1, 0).end, vessels.__wrapped__(1, 0).end)
    assert not np.array_equal(vessels(1, 0).end, vessels(1, 1).end)


def test_breathing_repeats_after_one_period_and_starts_as_the_chest():
    breathing, chest = GENERATORS["breathing"], GENERATORS["chest"]
    unit = _points(breathing)
    np.testing.assert_allclose(breathing.values(unit, 0), breathing.values(unit, 1), atol=0.05)
    assert np.array_equal(breathing.values(unit, 0), chest.values(unit))


def test_breathing_in_lowers_the_diaphragm_and_leaves_the_spine():
    breathing = GENERATORS["breathing"]
    places = np.array([(-62, -14, -44), (0, 46, 13)])
    unit = (places - breathing.domain.origin) / breathing.domain.size
    out, held = breathing.values(unit, 0), breathing.values(unit, 0.5)
    assert out[0] > 0 > -700 > held[0], "liver when breathed out, lung when breathed in"
    assert abs(out[1] - held[1]) < 30


def test_each_point_may_have_its_own_time():
    breathing = GENERATORS["breathing"]
    unit, times = _points(breathing, 200), np.linspace(0, 1, 200)
    together = breathing.values(unit, times)
    alone = [breathing.values(unit[k : k + 1], times[k])[0] for k in range(0, 200, 20)]
    np.testing.assert_allclose(together[::20], alone, atol=2e-3)
