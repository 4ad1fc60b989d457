import numpy as np
import pytest
import torch

from prune3d_gui.metrics.points import PointReference, nearest_squared, sampling_floor


@pytest.fixture
def draw():
    return np.random.default_rng(3)


def brute(a, b):
    """Squared nearest distances both ways in float64, by definition."""
    squared = ((a.astype(float)[:, None] - b.astype(float)[None]) ** 2).sum(2)
    return squared.min(1), squared.min(0)


def devices():
    missing = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
    return ["cpu", pytest.param("cuda", marks=missing)]


@pytest.mark.parametrize("device", devices())
def test_agrees_with_definition(draw, device):
    reference = draw.normal(size=(700, 3)).astype(np.float32) / 3
    points = reference[draw.integers(700, size=500)]
    points = points + draw.normal(size=(500, 3)).astype(np.float32) * 0.02
    there, back = brute(points, reference)
    scores = PointReference(reference).compare(torch.tensor(points, device=device))
    precision, recall = (there < 0.001).mean(), (back < 0.001).mean()
    assert 0.1 < precision < 0.95
    assert scores.chamfer == pytest.approx(there.mean() + back.mean(), rel=1e-5)
    assert scores.precision == precision
    assert scores.recall == recall
    assert scores.fscore == pytest.approx(2 * precision * recall / (precision + recall))
    np.testing.assert_allclose(scores.distance, np.sqrt(there), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(scores.reference_distance, np.sqrt(back), rtol=1e-5, atol=1e-7)
    assert scores.distance.dtype == scores.reference_distance.dtype == np.float32


def test_brute_force_search_agrees_with_tree(draw):
    reference = draw.normal(size=(5000, 3)).astype(np.float32)
    points = draw.normal(size=(3000, 3)).astype(np.float32)
    near = nearest_squared(torch.tensor(points), torch.tensor(reference))
    tree = PointReference(reference).compare(points).distance
    np.testing.assert_allclose(near.sqrt(), tree, rtol=1e-5)


def test_large_clouds(draw):
    points = draw.normal(size=(12_000, 3)).astype(np.float32)
    scores = PointReference(points).compare(points[::-1][:100])
    assert scores.precision == 1
    assert not scores.distance.any()


def test_same_cloud_is_perfect(draw):
    points = draw.normal(size=(100, 3)).astype(np.float32)
    scores = PointReference(points).compare(points)
    assert scores.chamfer == 0
    assert scores.fscore == scores.precision == scores.recall == 1


def test_symmetric_and_order_irrelevant(draw):
    a, b = draw.normal(size=(2, 200, 3)).astype(np.float32)
    forward, backward = PointReference(a).compare(b), PointReference(b).compare(a)
    shuffled = PointReference(a[draw.permutation(200)]).compare(b[draw.permutation(200)])
    assert forward.chamfer == pytest.approx(backward.chamfer)
    assert forward.chamfer == pytest.approx(shuffled.chamfer)
    assert (forward.precision, forward.recall) == (backward.recall, backward.precision)


def test_threshold_is_strict_and_on_squared_distance():
    reference = PointReference(np.zeros((1, 3)), threshold=0.25)
    assert reference.compare(np.array([[0.5, 0, 0]])).fscore == 0
    assert reference.compare(np.array([[0.499, 0, 0]])).fscore == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_points_that_are_not_finite(draw, bad):
    reference = PointReference(draw.normal(size=(50, 3)))
    points = draw.normal(size=(40, 3)).astype(np.float32)
    points[3, 1] = bad
    scores = reference.compare(points)
    assert np.isnan(scores.chamfer)
    assert np.isnan(scores.distance[3])
    assert np.isfinite(np.delete(scores.distance, 3)).all()
    nothing = reference.compare(np.full((4, 3), bad))
    assert np.isnan(nothing.chamfer)
    assert nothing.fscore == 0


@pytest.mark.parametrize("points", [np.zeros((0, 3)), np.zeros((5, 2)), np.full((2, 3), np.nan)])
def test_unusable_reference(points):
    with pytest.raises(ValueError, match="reference points"):
        PointReference(points)


def test_floor_falls_with_more_points_and_repeats(draw):
    sphere = draw.normal(size=(30_000, 3))
    sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
    few, many = (sampling_floor(sphere, n, n, seed=1).chamfer for n in (500, 2500))
    assert 0 < many < few / 3
    assert sampling_floor(sphere, 500, 500, seed=1).chamfer == few
    assert sampling_floor(sphere, 500, 500, seed=2).chamfer != few
