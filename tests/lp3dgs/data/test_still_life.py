"""What stands on the table, and the cameras around it."""

import math

import numpy as np
import pytest
import torch

from prune3d_gui.plugins.lp3dgs.data.still_life.placing import GAP, STANDING, still_life
from prune3d_gui.plugins.lp3dgs.data.still_life.textures import Noise, linear
from prune3d_gui.plugins.lp3dgs.data.viewpoints import held_out, viewpoints

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_stands_on_the_table_and_apart(seed):
    _, placed = still_life(seed)
    assert len(placed) == len(STANDING) == 9
    for number, one in enumerate(placed):
        assert math.hypot(*one.place) + one.room < 0.95
        for other in placed[:number]:
            away = math.dist(one.place, other.place)
            assert away > one.room + other.room + GAP - 1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_feet_stay_within_the_room_that_they_have(seed):
    """Near the table, nothing but the napkin leaves its object's circle: seen from above."""
    bodies, placed = still_life(seed)
    x, y = torch.meshgrid(torch.linspace(-1, 1, 160), torch.linspace(-1, 1, 160), indexing="ij")
    x, y = x.flatten(), y.flatten()
    low = torch.stack([x, y, torch.full_like(x, 0.12)])
    down = torch.tensor([[0.0], [0.0], [-1.0]]).expand_as(low)
    met = bodies.meet(low, down)
    names = np.array([body.material.kind for body in bodies.each])
    assert set(names) == {"solid", "mirror", "glass"}
    height = 0.12 - met.distance.numpy()
    standing = (met.body.numpy() > 0) & (height > 0.004)
    circles = [
        (torch.hypot(x - one.place[0], y - one.place[1]) < one.room + 0.01).numpy()
        for one in placed
    ]
    assert standing.mean() > 0.05
    assert not (standing & ~np.any(circles, axis=0)).any()


def test_a_seed_is_one_scene_and_another_is_another():
    one, again, other = (still_life(seed)[1] for seed in (1, 1, 2))
    assert [vars(thing) for thing in one] == [vars(thing) for thing in again]
    assert [thing.place for thing in one] != [thing.place for thing in other]
    assert [thing.name for thing in one] == [thing.name for thing in other]


def test_cameras_are_all_around_above_the_table_and_look_at_its_middle():
    cameras = viewpoints(68, 0, 200)
    eyes = np.array([camera.place for camera in cameras])
    away = np.linalg.norm(eyes, axis=1)
    assert (eyes[:, 2] > 0.3).all()
    assert (away > 2.2).all()
    assert (away < 3.5).all()
    assert len(np.unique(away.round(1))) > 5
    height = np.degrees(np.arcsin(eyes[:, 2] / away))
    assert (height.min() < 16, height.max() > 68) == (True, True)
    turns = np.histogram(np.arctan2(eyes[:, 1], eyes[:, 0]), 8, (-math.pi, math.pi))[0]
    assert turns.min() >= 5
    for camera in cameras:
        matrix = camera.world_to_camera
        assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3))
        assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
        x, y, z = matrix[:3, :3] @ (0, 0, 0.1) + matrix[:3, 3]
        assert abs(camera.fx * x / z) < 10
        assert abs(camera.fy * y / z) < 10
        assert (matrix[:3, :3] @ (0, 0, 1))[1] < 0  # up is up: y points down
    again = viewpoints(68, 0, 200)
    assert all(np.array_equal(a.world_to_camera, b.world_to_camera)
               for a, b in zip(cameras, again, strict=True))  # fmt: skip


@pytest.mark.parametrize(("views", "held"), [(68, 8), (60, 8), (9, 8), (2, 1)])
def test_held_out_views_are_spread_over_the_spiral(views, held):
    found = held_out(views, held)
    assert len(set(found)) == held
    assert set(found) < set(range(views))
    assert found == held_out(views, held)
    assert (np.diff(found) > 0).all()
    assert (np.diff(found) < 2 * views / held).all()


def test_held_out_views_are_spread_over_the_sphere():
    eyes = np.array([camera.place for camera in viewpoints(68, 0, 200)])
    eyes = eyes / np.linalg.norm(eyes, axis=1, keepdims=True)
    chosen = list(held_out(68, 8))
    off = np.degrees(np.arccos(np.clip(eyes @ eyes[chosen].T, -1, 1)))
    assert off.min(axis=1).max() < 65  # one is near whatever is trained on
    assert (off[chosen] + 999 * np.eye(8)).min() > 30
    assert np.delete(off, chosen, axis=0).min(axis=0).max() < 25  # and something near each


def test_noise_repeats_lies_between_0_and_1_and_is_smooth():
    noise = Noise(np.random.default_rng(0))
    points = torch.rand((3, 4000), generator=torch.Generator().manual_seed(0)) * 40 - 20
    values = noise(points)
    assert 0 <= float(values.min()) < 0.1
    assert 0.9 < float(values.max()) <= 1
    assert torch.allclose(values, noise(points + 32), atol=1e-4)
    assert float((noise(points + 1e-3) - values).abs().max()) < 0.01


def test_colours_are_linear():
    assert linear("#ffffff") == pytest.approx((1, 1, 1))
    assert linear("#808080")[0] == pytest.approx(0.2158605)
