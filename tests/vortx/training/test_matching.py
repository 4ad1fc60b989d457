"""Photographs matched with each other: codes of places match, others do not."""

import math

import numpy as np
import pytest
import torch

from prune3d_gui.plugins.vortx.network.features import LEVELS, STRIDES
from prune3d_gui.plugins.vortx.training import matching
from prune3d_gui.plugins.vortx.training.matching import HYPOTHESES, matching_losses
from prune3d_gui.plugins.vortx.volumes.views import Pinholes, Views

from .. import floors

CHANCE = math.log(HYPOTHESES)
CAMERAS = Pinholes(
    torch.tensor([[floors.FOCAL, floors.FOCAL, floors.WIDTH / 2, floors.HEIGHT / 2]] * 6),
    torch.from_numpy(floors.poses()).float(),
    torch.tensor([[floors.WIDTH, floors.HEIGHT]] * 6).float(),
)
ONE_ROOM = torch.zeros(6)
DEPTHS = tuple(torch.from_numpy(floors.depth_of(pose)) for pose in floors.poses())


def coded(code):
    """Views whose features are a code of the place on the floor that each sees."""
    places = np.stack([
        pose[:3, 3] + floors.rays(pose) * floors.depth_of(pose)[..., None]
        for pose in floors.poses()
    ])  # fmt: skip
    found = {}
    for level in LEVELS:
        stride = STRIDES[level]
        own = places[:, ::stride, ::stride].reshape(-1, 3)
        found[level] = (
            torch.from_numpy(code(own))
            .float()
            .reshape(6, *places[:, ::stride, ::stride].shape[1:3], -1)
        )
    return Views(CAMERAS, found)


def of_places(places):
    waves = np.random.default_rng(0).normal(0, 8, (3, 24))
    return np.sin(places @ waves)


def losses_of(views, seed=0, rooms=ONE_ROOM):
    drawn = torch.Generator().manual_seed(seed)
    return matching_losses(views, DEPTHS, rooms, floors.VOXEL, drawn)


def test_what_tells_places_is_matched():
    by_place = losses_of(coded(of_places))
    noise = np.random.default_rng(1)
    by_chance = losses_of(coded(lambda own: noise.normal(size=(len(own), 24))))
    blind = losses_of(coded(lambda own: np.ones((len(own), 24))))
    assert set(by_place) == {f"{level} match" for level in LEVELS}
    for level in ("medium", "fine"):  # a coarse pixel of so small a picture is half a metre
        name = f"{level} match"
        assert by_place[name] < 0.8 * blind[name]
        assert by_place[name] < by_chance[name]
        assert 2 < blind[name] <= CHANCE


def test_places_are_seen_where_cameras_see_them():
    """Each row by its own view, as all places by all views."""
    drawn = np.random.default_rng(3)
    places = torch.from_numpy(drawn.uniform(-1, 1, (20, 4, 3))).float()
    views = torch.from_numpy(drawn.integers(6, size=20))
    pixels, depths, valid = CAMERAS.taken(views).project_own(places)
    every, away, seen = CAMERAS.project(places.reshape(-1, 3))
    rows = torch.arange(80)
    own = views.repeat_interleave(4)
    torch.testing.assert_close(pixels.reshape(-1, 2), every[rows, own])
    torch.testing.assert_close(depths.reshape(-1), away[rows, own])
    assert torch.equal(valid.reshape(-1), seen[rows, own])


def test_rays_lead_to_pixels():
    pixels = torch.rand(12, 2) * CAMERAS.sizes[0]
    views = torch.arange(12) % 6
    places = CAMERAS.poses[views, :3, 3] + 1.7 * matching._rays(CAMERAS, views, pixels)
    found, depths, _ = CAMERAS.project(places)
    rows = torch.arange(12)
    torch.testing.assert_close(found[rows, views], pixels, atol=1e-3, rtol=0)
    torch.testing.assert_close(depths[rows, views], torch.full((12,), 1.7))


def test_the_same_is_drawn_again_and_it_teaches():
    views = coded(of_places)
    features = {level: own.requires_grad_() for level, own in views.features.items()}
    first, again = (sum(losses_of(Views(CAMERAS, features)).values()) for _ in range(2))
    assert first == again
    first.backward()
    assert all(own.grad.abs().sum() > 0 for own in features.values())


def test_photographs_of_other_rooms_are_not_matched():
    alone = losses_of(coded(of_places), rooms=torch.arange(6))
    assert all(float(loss) == 0 for loss in alone.values())
    two = losses_of(coded(of_places), rooms=torch.tensor([0, 0, 1, 1, 2, 2]))
    assert all(float(loss) > 0 for loss in two.values())


@pytest.mark.parametrize("left", [1, 0])
def test_nothing_to_match_is_no_loss(left):
    """One photograph, or none with a depth."""
    views = coded(of_places)
    few = Views(
        CAMERAS.taken(torch.arange(left or 6)),
        {level: own[: left or 6].requires_grad_() for level, own in views.features.items()},
    )
    depths = DEPTHS[:1] if left else tuple(torch.zeros_like(depth) for depth in DEPTHS)
    losses = matching_losses(few, depths, ONE_ROOM[: left or 6], floors.VOXEL, torch.Generator())
    assert all(float(loss.detach()) == 0 for loss in losses.values())
    sum(losses.values()).backward()
