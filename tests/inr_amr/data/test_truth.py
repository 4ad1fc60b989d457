import itertools

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.data.fields import GENERATORS
from prune3d_gui.plugins.inr_amr.data.truth import GeneratedTruth, VolumeTruth, read_truth, truth_of


def _linear(shape):
    """A volume whose values are a + b . place, and that function of the unit box."""
    slopes = np.array([2.0, -3.0, 0.5, 7.0])[: len(shape)]
    axes = np.meshgrid(*(np.linspace(0, 1, n) for n in shape), indexing="ij")
    values = 1.5 + sum(s * a for s, a in zip(slopes, axes, strict=True))
    return values.astype(np.float32), lambda unit: 1.5 + unit @ slopes


@pytest.mark.parametrize("shape", [(3, 5), (4, 3, 6), (2, 2, 2)])
def test_a_linear_volume_is_given_back_exactly(shape):
    values, exact = _linear(shape)
    unit = np.random.default_rng(0).random((500, len(shape)))
    np.testing.assert_allclose(VolumeTruth(values).values(unit), exact(unit), atol=1e-5)


def test_time_is_interpolated_like_space():
    values, exact = _linear((3, 4, 5, 6))
    truth = VolumeTruth(values, 6)
    random = np.random.default_rng(0)
    unit, times = random.random((300, 3)), random.random(300)
    expected = exact(np.column_stack([unit, times]))
    np.testing.assert_allclose(truth.values(unit, times), expected, atol=1e-5)
    np.testing.assert_allclose(truth.values(unit[:1], 1.0), exact(np.r_[unit[0], 1.0]), atol=1e-5)


def test_voxels_lie_where_the_docstring_says_and_nothing_is_extrapolated():
    values = np.random.default_rng(0).random((3, 4, 5)).astype(np.float32)
    truth = VolumeTruth(values)
    corners = np.array(list(itertools.product(*(np.linspace(0, 1, n) for n in values.shape))))
    np.testing.assert_allclose(truth.values(corners), values.ravel(), atol=1e-6)
    np.testing.assert_allclose(truth.values(corners * 1.2 - 0.1).max(), values.max(), atol=0.3)
    assert truth.values(np.full((1, 3), 1.5))[0] == values[-1, -1, -1]


@pytest.mark.parametrize(
    ("shape", "times"), [((5,), 1), ((1, 4, 4), 1), ((2, 2, 2, 2), 1), ((4, 4, 4, 3), 2)]
)
def test_a_volume_that_is_none_is_refused_by_its_shape(shape, times):
    with pytest.raises(BadInput, match=" x ".join(map(str, shape))):
        VolumeTruth(np.zeros(shape, np.float32), times)


def test_a_volume_with_nan_is_refused():
    values = np.zeros((3, 3, 3), np.float32)
    values[1, 1, 1] = np.nan
    with pytest.raises(BadInput, match="NaN"):
        VolumeTruth(values)


def test_the_generators_are_their_own_truth():
    unit = np.random.default_rng(0).random((100, 3))
    truth = truth_of({"truth": "breathing"})
    expected = GENERATORS["breathing"].values(unit, 0.4)
    assert np.array_equal(truth.values(unit, 0.4), expected)
    with pytest.raises(BadInput, match="'thorax'"):
        GeneratedTruth("thorax")


def test_a_file_that_names_no_reference_has_none(tmp_path):
    assert truth_of({}) is None
    assert truth_of({"truth": "volume", "trained_on": str(tmp_path / "gone.npy")}) is None
    (tmp_path / "bad.npy").write_bytes(b"no volume")
    assert truth_of({"truth": "volume", "trained_on": str(tmp_path / "bad.npy")}) is None


def test_a_volume_is_read_with_its_place_in_the_world(tmp_path):
    values, exact = _linear((4, 5, 6))
    np.save(tmp_path / "linear.npy", values)
    truth, domain, notices = read_truth(tmp_path / "linear.npy")
    unit = np.random.default_rng(0).random((50, 3))
    np.testing.assert_allclose(truth.values(unit), exact(unit), atol=1e-5)
    assert notices == ()
    assert domain.size == pytest.approx((3, 4, 5))
    assert (domain.low, domain.high) == pytest.approx((values.min(), values.max()))
    assert (domain.dimension, domain.times, len(domain.lower)) == (3, 1, 3)
    known = truth_of({"truth": "volume", "trained_on": str(tmp_path / "linear.npy")})
    assert np.array_equal(known.values(unit), truth.values(unit))
