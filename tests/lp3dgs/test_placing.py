"""Cameras round a scene without any: they see it, upright, whole, and from all round."""

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.plugins.lp3dgs.placing import SHARE, UP, cameras_round


def scene(means, logits=4.0):
    means = np.float32(means)
    count = len(means)
    turns = np.tile(np.float32((1, 0, 0, 0)), (count, 1))
    sizes = np.full((count, 3), -3, np.float32)
    solid = np.broadcast_to(np.float32(logits), count).copy()
    return Gaussians(means, sizes, turns, solid, np.zeros((count, 1, 3), np.float32))


@pytest.fixture
def ball():
    points = np.random.default_rng(0).normal(size=(500, 3))
    return 2 * points / np.linalg.norm(points, axis=1, keepdims=True) + (5, -3, 1)


def test_every_camera_sees_the_scene_upright(ball):
    cameras = cameras_round(scene(ball), 12, 100)
    for number in range(12):
        camera = cameras.camera(number)
        x, y, z = (ball @ camera.world_to_camera[:3, :3].T + camera.world_to_camera[:3, 3]).T
        across = camera.fx * x / z + camera.cx
        down = camera.fy * y / z + camera.cy
        seen = (across >= 0) & (across <= 100) & (down >= 0) & (down <= 100)
        assert (z > 0).all()
        assert seen.mean() >= SHARE
        assert np.ptp(across) > 60, "it fills the picture"
        assert np.linalg.det(cameras.poses[number]) == pytest.approx(1)
        assert cameras.poses[number][:3, 1] @ UP < 0, "down in the picture is down in the world"


def test_they_stand_all_round_and_at_several_heights(ball):
    places = np.array([pose[:3, 3] for pose in cameras_round(scene(ball), 32).poses])
    offset = places - np.median(ball, axis=0)
    turns = np.sort(np.degrees(np.arctan2(offset[:, 2], offset[:, 0])) % 360)
    assert np.diff([*turns, turns[0] + 360]).max() < 25
    heights = offset @ UP / np.linalg.norm(offset, axis=1)
    assert heights.min() < 0.05
    assert heights.max() > 0.8


def test_floaters_and_faint_ones_do_not_push_them_away(ball):
    alone = cameras_round(scene(ball)).poses
    far = np.full((40, 3), 1e4)
    floaters = cameras_round(scene([*ball, *far[:2]])).poses
    np.testing.assert_allclose(floaters, alone, atol=0.3)
    logits = np.concatenate([np.full(500, 4.0), np.full(40, -6.0)])
    faint = cameras_round(scene([*ball, *far], logits)).poses
    np.testing.assert_array_equal(faint, alone)


def test_one_gaussian_is_looked_at_and_none_is_refused():
    cameras = cameras_round(scene([(1, 2, 3)]), 4)
    assert np.isfinite(cameras.poses).all()
    with pytest.raises(BadInput, match="no Gaussian"):
        cameras_round(scene(np.zeros((0, 3))))
