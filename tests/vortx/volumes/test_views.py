"""Where voxels are seen, and which photographs are looked at."""

import numpy as np
import pytest
import torch
from torch.nn.functional import grid_sample

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.network.directions import coded, rays_of
from prune3d_gui.plugins.vortx.network.tokens import tokens_of
from prune3d_gui.plugins.vortx.volumes import levels
from prune3d_gui.plugins.vortx.volumes.choosing import chosen_views, key_frames, sees
from prune3d_gui.plugins.vortx.volumes.tiles import Box, box_of, tiles_of
from prune3d_gui.plugins.vortx.volumes.views import Pinholes, sampled, seen_by, views_of

from .. import floors
from ..pruning.shapes import tiny


def pinholes():
    own = floors.cameras()
    return Pinholes(
        *(torch.from_numpy(np.asarray(part, np.float32))
          for part in (own.intrinsics, own.poses, own.sizes))
    )  # fmt: skip


def test_voxels_are_seen_where_the_house_s_camera_sees_them():
    own, cameras = pinholes(), floors.cameras()
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (50, 3))
    pixels, depths, valid = own.project(torch.from_numpy(points.astype(np.float32)))
    for view in range(len(own)):
        camera = cameras.camera(view)
        x, y, z = camera.world_to_camera[:3, :3] @ points.T + camera.world_to_camera[:3, 3:]
        np.testing.assert_allclose(depths[:, view], z, atol=1e-5)
        u, v = camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy
        inside = (z > 0) & (u >= 0) & (v >= 0) & (u < camera.width) & (v < camera.height)
        assert (valid[:, view].numpy() == inside).all()
        np.testing.assert_allclose(pixels[inside, view], np.stack((u, v), 1)[inside], atol=2e-3)


def test_features_see_along_the_rays_that_their_middles_are_seen_at():
    own = pinholes()
    for stride in (16, 8, 4):
        rays = rays_of(own.intrinsics, own.poses, stride, 3, 4)
        np.testing.assert_allclose(rays.norm(dim=1), 1, atol=1e-6)
        for view in (0, 4):
            points = own.poses[view, :3, 3] + 2.0 * rays[view].permute(1, 2, 0).reshape(-1, 3)
            pixels = own.project(points)[0][:, view].reshape(3, 4, 2)
            j, i = np.meshgrid(np.arange(4), np.arange(3))
            wanted = np.stack((j, i), -1) * stride + 0.5
            np.testing.assert_allclose(pixels, wanted, atol=1e-3)


def test_directions_are_told_by_27_numbers():
    rays = torch.nn.functional.normalize(torch.randn(2, 3, 4, 5), dim=1)
    code = coded(rays)
    assert code.shape == (2, 27, 4, 5)
    torch.testing.assert_close(code[:, :3], rays)
    torch.testing.assert_close(code[:, 21:24], (8 * np.pi * rays).sin())


def test_sampling_is_bilinear_between_the_middles_of_features():
    features = torch.randn(3, 5, 7, 4)
    own = torch.Generator().manual_seed(0)
    views = torch.randint(0, 3, (200,), generator=own)
    pixels = torch.rand(200, 2, generator=own) * torch.tensor([28.0, 20.0])
    found = sampled(features, views, pixels, 4)
    at = (pixels - 0.5) / 4
    grid = torch.stack((at[:, 0] / 6 * 2 - 1, at[:, 1] / 4 * 2 - 1), 1)
    for view in range(3):
        mine = views == view
        wanted = grid_sample(
            features[view].permute(2, 0, 1)[None], grid[mine][None, None],
            padding_mode="border", align_corners=True,
        )[0, :, 0].t()  # fmt: skip
        torch.testing.assert_close(found[mine], wanted, atol=1e-5, rtol=1e-4)


def test_gradients_reach_the_features_that_were_sampled():
    features = torch.randn(2, 3, 4, 2, dtype=torch.float64, requires_grad=True)
    views = torch.tensor([0, 1, 1])
    pixels = torch.tensor([[3.0, 2.0], [0.1, 0.2], [15.9, 11.0]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda f: sampled(f, views, pixels, 4), (features,))


def test_a_single_row_or_column_of_features_is_sampled():
    features = torch.randn(1, 1, 1, 3)
    found = sampled(features, torch.zeros(2, dtype=torch.int64), torch.rand(2, 2) * 16, 16)
    torch.testing.assert_close(found, features[0, 0].expand(2, -1))


def test_tokens_are_the_pairs_that_are_seen():
    own = pinholes()
    points = torch.rand(60, 3) * 3 - 1.5
    _, depths, valid = own.project(points)
    seen = seen_by(own, points)
    assert len(seen.tokens) == int(valid.sum())
    at = (seen.tokens.voxels, seen.tokens.views)
    assert valid[at].all()
    torch.testing.assert_close(seen.depths, depths[at])


@pytest.mark.parametrize("most", [1, 7, 40, 10_000])
def test_pairs_are_cut_where_voxels_end(most):
    valid = torch.rand((60, 9), generator=torch.Generator().manual_seed(0)) < 0.4
    valid[:4] = False
    tokens = tokens_of(valid)
    parts = list(tokens.split(most))
    torch.testing.assert_close(torch.cat([tokens.order[v] for v, _, _ in parts]), tokens.order)
    for voxels, pairs, own in parts:
        assert len(own) <= max(most, len(own.sizes) - 1)
        torch.testing.assert_close(tokens.order[voxels][own.voxels], tokens.voxels[pairs])
        torch.testing.assert_close(own.views, tokens.views[pairs])
        assert sum(own.sizes) == len(own.order) == voxels.stop - voxels.start
    assert sum(len(own) for _, _, own in parts) == len(tokens)
    assert list(tokens_of(valid[:0]).split(5)) == []


@pytest.mark.parametrize("level", ["coarse", "fine"])
@torch.no_grad()
def test_voxels_fused_in_parts_are_those_fused_at_once(level, monkeypatch):
    network, cameras = tiny(), pinholes()
    views = views_of(network, torch.from_numpy(floors.pictures()), cameras)
    points = torch.rand((300, 3), generator=torch.Generator().manual_seed(0)) * 6 - 3
    seen = seen_by(cameras, points)
    assert seen.tokens.sizes[0], "some are not seen"
    wanted = levels.fused(network, level, views, seen, True)[0]
    monkeypatch.setattr(levels, "PART", 64)
    found = levels.fused_in_parts(network, level, views, seen, True)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def test_key_frames_are_10_cm_or_15_degrees_apart():
    poses = np.tile(np.eye(4), (40, 1, 1))
    poses[:20, 0, 3] = 0.03 * np.arange(20)
    poses[20:, 0, 3] = 0.57
    for number, angle in enumerate(np.radians(6.0 * np.arange(20))):
        turn = [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
        poses[20 + number, :3, :3] = turn
    kept = key_frames(poses)
    assert kept[:5].tolist() == [0, 4, 8, 12, 16]
    assert np.diff(kept[kept >= 24]).tolist() == [3] * (len(kept[kept >= 24]) - 1)
    assert key_frames(poses[:0]).tolist() == []


def test_views_are_chosen_that_see_everything_together():
    seen = np.zeros((30, 6), bool)
    seen[:20, 0] = seen[:19, 1] = seen[:18, 2] = True  # all the same
    seen[20:27, 3] = True
    seen[27:, 4] = True
    assert chosen_views(seen, 3).tolist() == [0, 1, 3]  # twice is better than once
    assert chosen_views(seen, 9).tolist() == [0, 1, 2, 3, 4]  # none that sees nothing
    assert (chosen_views(seen, 4) == chosen_views(seen.copy(), 4)).all()


def test_far_points_do_not_count():
    own = floors.cameras()
    parts = (own.intrinsics, own.poses, own.sizes)
    assert sees(np.zeros((1, 3)), *parts).all()
    assert not sees(np.zeros((1, 3)), *parts, far=0.5).any()


def test_the_box_holds_what_cameras_see():
    own = floors.cameras()
    box = box_of(own, far=1.0)
    low = np.asarray(box.origin)
    high = low + 0.04 * (np.asarray(box.dims) - 1)
    for pose in own.poses:
        for at in (pose[:3, 3], pose[:3, 3] + pose[:3, 2]):
            assert ((at >= low - 1e-9) & (at <= high + 1e-9)).all()


def test_tiles_cover_the_box_but_what_nobody_sees():
    own = floors.cameras()
    box = Box((-1, -1, -0.2), (50, 50, 20))
    tiles = list(tiles_of(box, own, 3, (32, 32, 16)))
    assert [len(tile.views) for tile in tiles] == [3] * 8
    cells = sum(np.prod(tile.last - tile.first) for tile in tiles)
    assert cells == np.prod(box.dims)
    far = Box((50, 50, 50), (32, 32, 16))
    assert list(tiles_of(far, own, 3)) == []


def test_boxes_that_cannot_be_are_one_sentence():
    with pytest.raises(BadInput, match="empty or not finite"):
        Box((0, 0, float("nan")), (10, 10, 10))
    with pytest.raises(BadInput, match="too large"):
        Box((0, 0, 0), (5000, 5000, 500))
