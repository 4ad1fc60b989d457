"""A scene that others trained, in two packed formats: read, compared, and pruned by every score."""

from pathlib import Path

import numpy as np
import pytest

from prune3d_gui.core.model import ModelRef
from prune3d_gui.metrics.images import score_images
from prune3d_gui.plugins.lp3dgs.opening import open_model
from prune3d_gui.plugins.lp3dgs.scoring.scores import SCORES, kept_at, ranking, scores_of
from prune3d_gui.plugins.lp3dgs.scoring.shares import shares_of

DATA = Path(__file__).parents[3] / "shared/data/lp3dgs"
NAMES = ("biker.compressed.ply", "biker.spz")
SIDE, RATE = 128, 60.0

if not all((DATA / name).is_file() for name in NAMES):
    pytest.skip("the scene 'biker' is not here", allow_module_level=True)


def opened(name):
    return open_model(ModelRef("lp3dgs", name, str(DATA / name), "cpu"))


@pytest.fixture(scope="module")
def both():
    made = [opened(name) for name in NAMES]
    yield made
    for model in made:
        model.close()


@pytest.fixture(scope="module")
def quality(both):
    """Decibels against the full scene's own picture by file and score, at one held-out view."""
    return [dict(pruned(model)) for model in both]


def pruned(model):
    scene, whole, number = model.scene, model.whole, min(model.scene.held)
    cameras = [scene.camera(one, SIDE) for one in scene.training[::2]]
    shares = shares_of(whole.gaussians, cameras)
    full = whole.picture(number, None, scene.background, SIDE)
    for score in SCORES:
        found = getattr(shares, score, None)
        if found is None:  # a few views do for what is slow
            found = scores_of(score, whole.gaussians, cameras[::5])
        kept = kept_at(ranking(found), RATE)
        assert kept.sum() == len(kept) - round(RATE / 100 * len(kept))
        picture = whole.picture(number, kept, scene.background, SIDE)
        yield score, score_images(picture, full).psnr


def test_both_files_hold_the_same_scene_within_their_steps(both):
    one, other = (model.whole.gaussians for model in both)
    assert one.count == other.count
    # Neither keeps the order: SPZ is compared by the nearest of the other.
    from scipy.spatial import cKDTree

    away, near = cKDTree(one.means).query(other.means[::50])
    extent = np.ptp(one.means, axis=0).max()
    assert np.quantile(away, 0.99) < extent / 1000
    assert np.abs(one.opacities[near] - other.opacities[::50]).mean() < 0.02


def test_every_score_prunes_both_files_alike(quality):
    for score in SCORES:
        assert abs(quality[0][score] - quality[1][score]) < 2, score


def test_what_looks_at_pictures_beats_what_editors_delete_by(quality):
    for found in quality:
        assert found["largest"] > max(found["opacity"], found["volume"], found["random"]) + 5
        assert found["total"] > found["opacity"] + 5
