"""Training a scene on pictures: it learns, resumes with the same bits, and changes its number."""

import math

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.plugins.lp3dgs.placing import cameras_round
from prune3d_gui.plugins.lp3dgs.training.density import RESET, Density, Rules, turned
from prune3d_gui.plugins.lp3dgs.training.fitting import Fitting, Settings, Target, begun
from prune3d_gui.plugins.lp3dgs.training.trained import NAMES, Trained
from tests.lp3dgs.balls import ball, picture

SIDE = 40


@pytest.fixture(scope="module")
def targets():
    """Pictures of a ball of 300 Gaussians, from all round, over white."""
    scene = ball(300)
    cameras = cameras_round(scene, 8, SIDE)
    made = []
    for number, name in enumerate(cameras.names):
        camera = cameras.camera(number)
        made.append(Target(name, camera, torch.from_numpy(picture(scene, camera))))
    return made


@pytest.fixture
def start():
    random = np.random.default_rng(3)
    return begun(random.uniform(-1, 1, (80, 3)), random.random((80, 3)), 1)


def fitting(start, targets, path, **settings):
    rules = settings.pop("rules", Rules(first=0.1, every=10, reset=30, most=150))
    return Fitting(start, targets, Settings(rules=rules, degree=1, **settings), path)


def test_pictures_become_like_those_trained_on(start, targets, tmp_path):
    rules = Rules(first=0.1, every=10, reset=1000, most=150)
    work = fitting(start, targets, tmp_path / "a.pt", steps=100, rules=rules)
    before = [float((work.picture(t.camera, 1).detach() - t.pixels).abs().mean()) for t in targets]
    work.run()
    after = [float((work.picture(t.camera, 1).detach() - t.pixels).abs().mean()) for t in targets]
    assert np.mean(after) < 0.6 * np.mean(before)
    assert len(work.trained) <= 150
    assert work.rows[-1]["gaussians"] == len(work.trained)


def test_a_stopped_training_goes_on_with_the_same_bits(start, targets, tmp_path):
    whole = fitting(start, targets, tmp_path / "whole.pt", steps=45).run()
    token = CancelToken()
    work = fitting(start, targets, tmp_path / "parts.pt", steps=45)
    learn = work.learn

    def stopping(cancel):
        if work.step == 22:
            token.cancel()
        return learn(cancel)

    work.learn = stopping
    with pytest.raises(Cancelled):
        work.run(cancel=token)
    assert 0 < work.step < 45
    again = fitting(start, targets, tmp_path / "parts.pt", steps=45)
    assert again.step == work.step
    resumed = again.run()
    for name in ("means", "log_scales", "quaternions", "logits", "harmonics"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))
    with pytest.raises(BadInput, match="another"):
        fitting(start, targets, tmp_path / "parts.pt", steps=46)


def test_those_pulled_are_cloned_or_split_and_the_faint_go():
    scene = ball(4)
    sizes = np.log(np.float32([[0.001] * 3, [0.05] * 3, [0.001] * 3, [0.001] * 3]))
    logits = np.float32([3, 3, 3, -9])
    trained = Trained(
        Gaussians(scene.means, sizes, scene.quaternions, logits, scene.harmonics), extent=1.0
    )
    trained.tensors["means"].grad = torch.ones(4, 3)
    trained.step()
    density = Density(Rules(pull=0.1, small=0.01, most=10), 4, torch.device("cpu"))
    gradient = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]])
    density.watch(gradient, torch.ones(4), 1.0, 2.0)
    came, went = density.change(trained, torch.Generator().manual_seed(0))
    assert (came, went) == (3, 2), "one is cloned, one split in two, and the faint one goes"
    assert len(trained) == 5
    scales = trained.scales.detach()[:, 0].tolist()
    assert sorted(scales) == pytest.approx([0.001, 0.001, 0.001, 0.05 / 1.6, 0.05 / 1.6], rel=1e-3)
    moments = trained.optimizer.state[trained.tensors["means"]]["exp_avg"]
    assert moments[:2].abs().sum() > 0
    assert moments[2:].abs().sum() == 0, "new ones have no past"
    density.fade(trained)
    assert trained.opacities.max() <= RESET + 1e-6


def test_there_are_never_more_than_the_most(targets, start, tmp_path):
    rules = Rules(first=0.0, until=1.0, every=5, pull=0.0, reset=1000, most=97)
    work = fitting(start, targets, tmp_path / "most.pt", steps=30, rules=rules)
    work.run()
    assert len(work.trained) <= 97


def test_vectors_are_turned_as_rotation_matrices_turn_them():
    from scipy.spatial.transform import Rotation

    turns = np.random.default_rng(0).normal(size=(20, 4))
    offsets = np.random.default_rng(1).normal(size=(20, 3))
    wanted = Rotation.from_quat(turns, scalar_first=True).apply(offsets)
    found = turned(torch.from_numpy(turns), torch.from_numpy(offsets))
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)


def test_a_training_begins_at_points_and_says_what_it_cannot_do(targets, tmp_path):
    points = np.random.default_rng(0).random((50, 3))
    made = begun(points, np.full((50, 3), 0.25), 2)
    assert made.harmonics.shape == (50, 9, 3)
    np.testing.assert_allclose(0.5 + 0.28209479 * made.harmonics[:, 0], 0.25, atol=1e-6)
    np.testing.assert_allclose(made.opacities, 0.1, rtol=1e-5)
    with pytest.raises(BadInput, match="too few"):
        begun(points[:2], points[:2], 0)
    with pytest.raises(BadInput, match="no picture"):
        Fitting(made, [], Settings(), tmp_path / "none.pt")
    with pytest.raises(BadInput, match="degree of 4"):
        Settings(degree=4)
    assert set(NAMES) == set(Trained(made, 1.0).tensors)
    assert math.isclose(Settings(steps=10, late=0.9).share_at(5), 0.95)
