"""Learning a mask: what is hidden goes, there is no chance in the cut, and it resumes."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.lp3dgs.training.masking import READINGS, Masking, MaskSettings
from tests.lp3dgs.balls import hiding
from tests.lp3dgs.training.test_fitting import targets

__all__ = ["targets"]
HIDDEN = 60


@pytest.fixture
def scene():
    """The ball that the pictures are of, and small ones in its middle that nothing shows."""
    return hiding(300, HIDDEN)


def masking(scene, targets, path, again=None, **settings):
    scores = np.concatenate([np.full(300, 0.6), np.zeros(HIDDEN)])
    return Masking(
        scene, targets, again or (lambda shares, cancel: scores), MaskSettings(**settings),
        (1.0, 1.0, 1.0), path,
    )  # fmt: skip


@pytest.mark.parametrize("reading", READINGS)
def test_what_no_picture_shows_goes(scene, targets, tmp_path, reading):
    work = masking(scene, targets, tmp_path / "m.pt", steps=30, reading=reading)
    work.run()
    kept = work.kept()
    assert not kept[300:].any()
    if reading != "paper":  # log (m S) is below 0 at first, since S is below 1
        assert kept[:300].mean() > 0.6
    assert work.rows[-1]["kept"] == pytest.approx(kept.mean())


def test_a_large_weight_keeps_next_to_nothing(scene, targets, tmp_path):
    work = masking(scene, targets, tmp_path / "m.pt", steps=60, weight=1e3)
    work.run()
    assert work.kept().mean() < 0.05


def test_scores_are_refreshed_with_the_opacities_of_the_mask(scene, targets, tmp_path):
    seen = []

    def refresh(shares, cancel):
        seen.append(shares.copy())
        return np.full(len(shares), 0.5)

    masking(scene, targets, tmp_path / "m.pt", refresh, steps=25, refresh=10).run()
    assert len(seen) == 3
    assert (seen[0] == 1).all()
    assert (seen[1] < 1).all()


def test_the_cut_is_the_same_again_and_after_a_stop(scene, targets, tmp_path):
    whole = masking(scene, targets, tmp_path / "a.pt", steps=20, seed=3)
    first = whole.run()
    token = CancelToken()
    work = masking(scene, targets, tmp_path / "b.pt", steps=20, seed=3)
    learn = work.learn

    def stopping(cancel):
        if work.step == 9:
            token.cancel()
        return learn(cancel)

    work.learn = stopping
    with pytest.raises(Cancelled):
        work.run(cancel=token)
    again = masking(scene, targets, tmp_path / "b.pt", steps=20, seed=3)
    assert again.step == 10
    np.testing.assert_array_equal(again.run(), first)
    np.testing.assert_array_equal(again.kept(), whole.kept())


def test_noise_is_logistic_and_the_sparsity_that_of_its_reading(scene, targets, tmp_path):
    work = masking(scene, targets, tmp_path / "m.pt", temperature=1.0)
    work.scores = torch.zeros(len(work.mask))
    drawn = torch.cat([work.shares().detach() for _ in range(40)]).numpy()
    assert np.allclose(np.quantile(drawn, (0.1, 0.5, 0.9)), (0.1, 0.5, 0.9), atol=0.02)
    assert float(work.sparsity().detach()) == pytest.approx(1 / (1 + np.exp(-1)))
    paper = masking(scene, targets, tmp_path / "p.pt", reading="paper")
    assert float(paper.sparsity().detach()) == 1.0


def test_settings_say_what_is_wrong():
    for wrong, words in (
        ({"reading": "loud"}, "'loud'"), ({"steps": 0}, "0 steps"), ({"rate": 0.0}, "rate of 0"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=words):
            MaskSettings(**wrong)
