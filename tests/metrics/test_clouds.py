"""Many clouds at once against one by one."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.metrics.clouds import CLOSE, compare_many, nearest_both
from prune3d_gui.metrics.points import THRESHOLD, PointReference, nearest_squared

from .test_points import devices


@pytest.fixture
def draw():
    return np.random.default_rng(5)


def egg(draw, count, radius=1.0, noise=0.0):
    points = draw.normal(size=(count, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points = points * radius * (0.4, 0.7, 1.0) + noise * draw.normal(size=(count, 3))
    return points.astype(np.float32)


def half(draw):
    return np.concatenate([egg(draw, 600), egg(draw, 600, 1e-4)])


def far(draw):
    return np.concatenate([egg(draw, 1100), egg(draw, 100, 1e5)])


CLOUDS = {
    "good": lambda draw: egg(draw, 1200),
    "noisy": lambda draw: egg(draw, 1200, noise=0.03),
    "collapsed": lambda draw: egg(draw, 1200, 1e-3),
    "one point": lambda draw: np.full((1200, 3), 0.1, np.float32),
    "beside": lambda draw: egg(draw, 1200) + np.float32(3),
    "huge": lambda draw: egg(draw, 1200, 100.0),
    "half": half,
    "far": far,
}


def check(found, wanted):
    assert len(found) == len(wanted)
    for one, plain in zip(found, wanted, strict=True):
        assert one.chamfer == pytest.approx(plain.chamfer, rel=1e-5, nan_ok=True)
        for name in ("fscore", "precision", "recall"):
            assert getattr(one, name) == pytest.approx(getattr(plain, name), rel=1e-5), name


@pytest.mark.parametrize("device", devices())
@pytest.mark.parametrize("kind", CLOUDS)
def test_many_are_scored_as_one_by_one(draw, kind, device):
    points = np.stack([CLOUDS[kind](draw) for _ in range(5)])
    references = [PointReference(egg(draw, 1000)) for _ in points]
    wanted = [reference.compare(cloud) for reference, cloud in zip(references, points, strict=True)]
    for limit in (1, 512 << 20):
        found = compare_many(torch.tensor(points, device=device), references, limit=limit)
        check(found, wanted)


@pytest.mark.parametrize("shift", [0.0, 1e-6, 1e-5, 1e-4, 1e-3])
def test_where_a_product_cancels_differences_are_taken(draw, shift):
    points = np.stack([egg(draw, 1200) for _ in range(3)])
    moved = points + np.float32(shift) * draw.normal(size=points.shape).astype(np.float32)
    references = [PointReference(cloud) for cloud in moved]
    wanted = [reference.compare(cloud) for reference, cloud in zip(references, points, strict=True)]
    check(compare_many(torch.tensor(points), references), wanted)


def test_squares_at_the_threshold_are_those_of_differences(draw):
    points = torch.tensor(egg(draw, 4000))[None]
    others = torch.tensor(egg(draw, 3000, noise=0.02))[None]
    plain = nearest_squared(points[0], others[0]), nearest_squared(others[0], points[0])
    for threshold in (THRESHOLD, *plain[0][:20].tolist()):
        found = nearest_both(points, others, threshold)
        for mine, wanted in zip(found, plain, strict=True):
            assert torch.equal(mine[0] < threshold, wanted < threshold)
            torch.testing.assert_close(mine[0], wanted, rtol=1 / CLOSE, atol=0)


def test_references_of_several_sizes_and_thresholds_go_together(draw):
    sizes = (500, 700, 500, 700, 1)
    references = [
        PointReference(egg(draw, size), threshold=0.001 + 0.001 * (number == 2))
        for number, size in enumerate(sizes)
    ]
    points = np.stack([egg(draw, 600) for _ in sizes])
    wanted = [reference.compare(cloud) for reference, cloud in zip(references, points, strict=True)]
    check(compare_many(torch.tensor(points), references), wanted)


def test_what_is_not_finite_or_too_far_is_scored_plainly(draw):
    points = np.stack([egg(draw, 600) for _ in range(4)])
    points[1, 7] = np.nan
    points[2] = np.inf
    points[3, 0, 0] = 1e15
    references = [PointReference(egg(draw, 500)) for _ in points]
    wanted = [reference.compare(cloud) for reference, cloud in zip(references, points, strict=True)]
    found = compare_many(torch.tensor(points), references)
    check(found, wanted)
    assert np.isnan(found[1].chamfer)
    assert found[1].precision > 0


def test_it_stops_between_parts(draw):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        compare_many(torch.tensor(egg(draw, 50))[None], [PointReference(egg(draw, 50))], cancel)


def test_no_clouds_have_no_scores():
    assert compare_many(torch.empty(0, 10, 3), []) == []
