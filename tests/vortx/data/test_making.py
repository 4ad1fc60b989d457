"""A room from its seed: the same every time, and depth, mesh and volume agree."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from prune3d_gui.core.errors import BadInput
from prune3d_gui.geometry.fusion.samples import sampled
from prune3d_gui.plugins.vortx.data.making import Wanted, make_room
from prune3d_gui.plugins.vortx.data.tracing.casting import tree_of
from prune3d_gui.plugins.vortx.data.tracing.meshes import whole_mesh

from .rays import first_met, pixel_rays


def test_a_number_is_one_room_to_the_bit():
    wanted = Wanted("val", frames=4, side=64, samples=2, depth_noise=1.0, pose_noise=0.01)
    one, again = make_room(wanted, 1), make_room(wanted, 1)
    other = make_room(wanted, 2)
    for a, b in ((one, again),):
        assert np.array_equal(a.recording.pictures, b.recording.pictures)
        assert np.array_equal(a.recording.depths, b.recording.depths)
        assert np.array_equal(a.recording.poses, b.recording.poses)
        assert np.array_equal(a.layers[0].values, b.layers[0].values)
        assert np.array_equal(a.mesh.points, b.mesh.points)
    assert not np.array_equal(one.recording.pictures, other.recording.pictures)


def test_depth_is_the_distance_to_the_exact_mesh_by_other_rays(made):
    """Along rays to the triangles of all solids; round ones are off by their sagitta."""
    mesh = whole_mesh(tree_of(made.room.solids))
    rng = np.random.default_rng(0)
    for frame in (0, 9, 20):
        pose, depth = made.recording.poses[frame], made.recording.depths[frame]
        rows, columns = (rng.integers(0, side, 60) for side in depth.shape)
        rays = pixel_rays(made.recording.intrinsics, pose, rows, columns)
        off = np.abs(first_met(mesh, pose[:3, 3], rays) - depth[rows, columns])
        assert np.quantile(off, 0.9) < 2e-3
        assert np.median(off) < 1e-4


def test_what_is_seen_is_in_the_mesh_of_what_is_seen(made):
    """Every pixel up to 3 m, minus what is beside a cell's middle that is hidden."""
    rng = np.random.default_rng(1)
    near, total = 0, 0
    for frame in (2, 12):
        pose, depth = made.recording.poses[frame], made.recording.depths[frame]
        rows, columns = (rng.integers(0, side, 80) for side in depth.shape)
        seen = depth[rows, columns]
        rays = pixel_rays(made.recording.intrinsics, pose, rows, columns)
        off = np.abs(first_met(made.mesh, pose[:3, 3], rays) - seen)[seen < 2.9]
        near, total = near + (off < 5e-3).sum(), total + len(off)
    assert total > 60
    assert near / total > 0.93


def test_the_mesh_faces_the_cameras_and_has_nothing_hidden(made):
    a, b, c = (made.mesh.points[made.mesh.faces[:, k]].astype(float) for k in range(3))
    middle, normal = (a + b + c) / 3, np.cross(b - a, c - a)
    eyes = made.recording.poses[:, :3, 3]
    facing = (((eyes[:, None] - middle) * normal).sum(2) > 0).any(axis=0)
    assert facing.mean() > 0.99
    whole = whole_mesh(tree_of(made.room.solids))
    area = [np.linalg.norm(np.cross(*np.diff(m.points[m.faces].astype(float), axis=1)
                                    .transpose(1, 0, 2)), axis=1).sum()
            for m in (made.mesh, whole)]  # fmt: skip
    assert 0.02 < area[0] / area[1] < 0.5


def test_the_fused_reference_lies_on_the_exact_mesh(made):
    volume = made.layers[0]
    assert volume.voxel == 0.04
    assert [layer.voxel for layer in made.layers] == [0.04, 0.08, 0.16]
    values = volume.values
    assert values.min() == -1
    assert values.max() == 1
    near = values[np.abs(values) < 0.999]
    assert 0.02 < near.size / values.size < 0.4
    exact = sampled(made.mesh, 60_000)
    fused = volume.surface().points
    assert np.median(cKDTree(exact).query(fused)[0]) < 0.02
    assert np.median(cKDTree(fused).query(exact)[0]) < 0.03
    for pose in made.recording.poses[::6]:  # cameras stand in observed free space
        ahead = pose[:3, 3] + 0.6 * pose[:3, 2]
        i, j, k = np.round((ahead - volume.origin) / volume.voxel).astype(int)
        if (np.array((i, j, k)) >= 0).all() and (np.array((i, j, k)) < values.shape).all():
            assert values[i, j, k] < 0


def test_an_unknown_split_is_refused():
    with pytest.raises(BadInput, match=r"split 'tests' is unknown; take one of train, val, test"):
        Wanted("tests")
