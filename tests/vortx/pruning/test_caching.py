"""What a change of one module makes again of a scene."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.plugins.vortx.pruning.pruner import Pruner
from prune3d_gui.plugins.vortx.volumes.caches import Caches
from prune3d_gui.plugins.vortx.volumes.photographs import Photographs
from prune3d_gui.plugins.vortx.volumes.scene import reconstruct
from prune3d_gui.plugins.vortx.volumes.tiles import Box

from .shapes import plan, tiny


@pytest.fixture(scope="module")
def scene():
    """Two photographs from above of a box of 16 voxels."""
    poses = np.tile(np.diag((1.0, -1.0, -1.0, 1.0)), (2, 1, 1))
    poses[:, :3, 3] = [(0.3, 0.3, 1.6), (0.4, 0.3, 1.6)]
    intrinsics = np.tile((40.0, 40.0, 24.0, 16.0), (2, 1))
    cameras = Cameras(poses, intrinsics, np.array([(48, 32)] * 2), ("a", "b"))
    pictures = np.random.default_rng(0).integers(0, 255, (2, 32, 48, 3)).astype(np.uint8)
    return Photographs(pictures, cameras), Box((0.0, 0.0, 0.0), (16, 16, 16), 0.04)


@pytest.mark.parametrize(
    ("values", "features", "fused"),
    [
        ({"rate3d": 50}, False, False),
        ({"rate_ff": 50}, False, True),
        ({"width_ff": 50}, False, True),
        ({"rate2d": 50}, True, True),
    ],
)
def test_what_is_made_again(scene, values, features, fused):
    pruner, caches = Pruner(tiny(), name="tiny"), Caches()

    def coarse(effective):
        levels = reconstruct(
            effective.network, *scene, views=2, keys=effective.caching, caches=caches
        )
        return next(levels).logits

    whole = coarse(pruner.effective(plan()))
    before = caches.looked, caches.fused
    changed = pruner.effective(plan(**values))
    found = coarse(changed)
    assert (caches.looked > before[0], caches.fused > before[1]) == (features, fused)
    assert not np.array_equal(found, whole)
    fresh = next(reconstruct(changed.network, *scene, views=2)).logits
    np.testing.assert_array_equal(found, fresh)
    assert torch.equal(torch.from_numpy(coarse(pruner.effective(plan()))), torch.from_numpy(whole))
