"""Scores of Gaussians, against sums over the plain way's pixels."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.lp3dgs.raster.plain import plain
from prune3d_gui.plugins.lp3dgs.scoring.scores import SCORES, kept_at, ranking, scores_of
from prune3d_gui.plugins.lp3dgs.scoring.sensitivity import sensitivity
from prune3d_gui.plugins.lp3dgs.scoring.shares import shares_of

from .scenes import camera, joined, random, single, tensors

VIEWS = (camera(0.0), camera(1.5, 2.5), camera(3.0))
SCENE = joined(random(120, 4), single((0, 90.0, 0), harmonics=np.zeros((1, 4, 3))))


@pytest.fixture(scope="module")
def plain_shares():
    return torch.stack([plain(*tensors(SCENE), view)[2].detach() for view in VIEWS]).numpy()


def test_shares_are_the_largest_and_the_sum_over_all_pixels(plain_shares):
    found = shares_of(SCENE, VIEWS)
    np.testing.assert_allclose(found.largest, plain_shares[:, 0].max(0), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(found.total, plain_shares[:, 1].sum(0), rtol=1e-5, atol=1e-6)
    assert np.abs(found.pixels - plain_shares[:, 2].sum(0)).max() <= 1  # at 1/255, by rounding
    assert found.unseen[-1]
    np.testing.assert_array_equal(found.unseen, found.largest == 0)
    for name in ("largest", "total"):
        np.testing.assert_array_equal(scores_of(name, SCENE, VIEWS), getattr(found, name))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_gpu_finds_the_same_shares():
    here, there = (shares_of(SCENE, VIEWS, device=name) for name in ("cpu", "cuda"))
    np.testing.assert_allclose(there.largest, here.largest, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(there.total, here.total, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("background", [(0.0, 0.0, 0.0), (1.0, 0.5, 0.2)])
@pytest.mark.parametrize("terms", [1, 9])
def test_sensitivity_is_the_log_determinant_of_all_derivatives_squared(terms, background):
    scene = joined(
        random(12, terms, 2, 0.3), single((0, 90.0, 0), harmonics=np.zeros((1, terms, 3)))
    )
    views = [camera(turn, width=9, height=7) for turn in (0.0, 1.0)]
    wanted = np.zeros((13, 6, 6))
    for view in views:
        means, scales, *others = (part.detach() for part in tensors(scene))

        def made(means, logarithms, view=view, others=others):
            colours, left, _ = plain(means, logarithms.exp(), *others, view)
            return (colours + left[..., None] * torch.tensor(background).double()).flatten()

        pair = torch.autograd.functional.jacobian(made, (means, scales.log()))
        slopes = torch.cat(pair, -1).numpy()  # (values, N, 6)
        wanted += np.einsum("vnp,vnq->npq", slopes, slopes)
    sign, logarithm = np.linalg.slogdet(wanted)
    found = sensitivity(scene, views, background=background)
    seen = sign > 0
    assert seen.sum() >= 8
    assert found[-1] == -np.inf
    sound = seen & (np.linalg.cond(wanted + np.eye(6) * ~seen[:, None, None]) < 1e8)
    np.testing.assert_allclose(found[sound], logarithm[sound], atol=1e-4)
    assert sound.sum() >= 6


def test_scores_that_look_at_no_picture_are_formulas():
    opacity = 1 / (1 + np.exp(-SCENE.logits.astype(float)))
    np.testing.assert_allclose(scores_of("opacity", SCENE), opacity, rtol=1e-6)
    volume = np.exp(SCENE.log_scales.astype(float)).prod(1)
    np.testing.assert_allclose(scores_of("volume", SCENE), opacity * volume, rtol=1e-5)
    one, two, other = (scores_of("random", SCENE, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", SCORES)
def test_every_score_ranks_every_gaussian_and_prunes_a_beginning(name):
    found = scores_of(name, SCENE, VIEWS[:1])
    assert found.shape == (121,)
    assert not np.isnan(found).any()
    ranked = ranking(found)
    assert sorted(ranked) == list(range(121))
    assert (np.diff(found[ranked[np.isfinite(found[ranked])]]) >= 0).all()
    for rate, left in ((0, 121), (50, 61), (100, 0)):
        assert kept_at(ranked, rate).sum() == left
    assert (kept_at(ranked, 60) <= kept_at(ranked, 30)).all()


def test_ties_go_by_number():
    assert ranking(np.array([1.0, 0, 1, 0, -np.inf])).tolist() == [4, 1, 3, 0, 2]


def test_progress_is_told_view_by_view_and_work_may_be_stopped():
    for name in ("largest", "sensitivity"):
        told, token = [], CancelToken()
        scores_of(name, SCENE, VIEWS, report=told.append)
        assert [(one.done, one.total) for one in told] == [(1, 3), (2, 3), (3, 3)]
        with pytest.raises(Cancelled):
            scores_of(
                name, SCENE, VIEWS, report=lambda _, token=token: token.cancel(), cancel=token
            )


@pytest.mark.parametrize(
    ("name", "match"),
    [("size", "no score 'size'.*largest"), ("total", "'total' looks at pictures")],
)
def test_a_score_that_cannot_be_had_is_refused(name, match):
    with pytest.raises(BadInput, match=match):
        scores_of(name, SCENE)
