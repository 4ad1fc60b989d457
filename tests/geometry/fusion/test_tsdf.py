"""Depth maps are fused as the definition says, and as VoRTX stores it."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.geometry.fusion import plain
from prune3d_gui.geometry.fusion.boxes import box_of, seen_box, unprojected
from prune3d_gui.geometry.fusion.tsdf import fuse, fuse_levels, tsdf_surface

K = np.array(((40.0, 0, 32), (0, 40, 24), (0, 0, 1)))
WIDTH, HEIGHT = 64, 48


def looking(yaw, pitch=-0.3, place=(0, 0, 1.4)):
    """A pose in a world whose z is up: OpenCV's axes, turned about z, then down."""
    front = np.array((np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)))
    right = np.cross(front, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.column_stack([right, np.cross(front, right), front])
    pose[:3, 3] = place
    return pose


def sphere_depth(pose, centre, radius):
    """Depth of a sphere by the closed formula; 0 beside it."""
    v, u = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    rays = np.stack([(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones_like(u)], -1)
    c = np.linalg.inv(pose)[:3] @ (*centre, 1)
    a, b = (rays**2).sum(-1), rays @ c
    root = b**2 - a * (c @ c - radius**2)
    return np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / a, 0)


def wall(distance, shape=(HEIGHT, WIDTH)):
    return np.full(shape, distance, np.float32)


def test_the_loop_agrees_with_the_reference():
    rng = np.random.default_rng(2)
    poses = np.stack(
        [looking(yaw, pitch) for yaw, pitch in rng.uniform((-3, -0.8), (3, 0.4), (5, 2))]
    )
    depths = rng.uniform(0.3, 3.4, (5, HEIGHT, WIDTH))
    depths[rng.random(depths.shape) < 0.1] = 0
    depths[0, :5] = np.nan
    depths[1, :5] = np.inf
    given = depths, K, poses, (-1.6, -1.5, -0.2), (33, 31, 29), 0.1
    found, wanted = fuse(*given), plain.fuse(*given)
    same = found.counts == wanted.counts
    assert (~same).sum() <= 3  # a voxel on the border of two pixels
    assert 0.1 < (found.counts > 0).mean() < 0.95
    np.testing.assert_allclose(found.values[same], wanted.values[same], atol=1e-5)


def test_values_are_those_vortx_stores():
    pose = np.eye(4)
    found = fuse([wall(1.0)], K, pose[None], (0, 0, 0.5), (1, 1, 100), 0.01)
    z = 0.5 + 0.01 * np.arange(100)
    column = found.values[0, 0]
    assert (column[z < 0.969] == -1).all()  # free
    assert (column[z > 1.031] == 1).all()  # never seen
    near = np.abs(z - 1) < 0.029
    np.testing.assert_allclose(column[near], (z[near] - 1) / 0.03, atol=1e-5)
    assert found.counts[0, 0][z < 1.029].all()
    assert not found.counts[0, 0][z > 1.031].any()


def test_what_is_beyond_the_cut_says_nothing():
    found = fuse([wall(3.1)], K, np.eye(4)[None], (0, 0, 0.5), (1, 1, 9), 0.2)
    assert not found.counts.any()
    assert (found.values == 1).all()
    assert fuse([wall(3.1)], K, np.eye(4)[None], (0, 0, 0.5), (1, 1, 9), 0.2, cut=4.0).counts.any()


def test_a_sphere_comes_back_as_its_surface_looking_out():
    centre, radius = np.array((0.1, 0.2, 1.0)), 0.5
    places = [
        (1.6 * np.cos(t), 1.6 * np.sin(t), h) for t in np.arange(0, 6.2, 0.5) for h in (0.6, 1.5)
    ]
    poses = np.stack(
        [
            looking(np.arctan2(0.2 - y, 0.1 - x), np.arctan2(1 - z, 1.6), (x, y, z))
            for x, y, z in places
        ]
    )
    depths = [sphere_depth(pose, centre, radius) for pose in poses]
    origin, dims = seen_box(depths, K, poses, 0.04)
    mesh = fuse(iter(depths), K, poses, origin, dims).surface()
    away = np.linalg.norm(mesh.points - centre, axis=1)
    assert len(mesh.faces) > 1000
    assert abs(np.median(away) - radius) < 0.01
    assert (np.abs(away - radius) < 0.05).mean() > 0.99
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    outwards = (np.cross(b - a, c - a) * ((a + b + c) / 3 - centre)).sum(1)
    assert (outwards > 0).mean() > 0.99


def test_no_face_where_nothing_was_seen():
    found = fuse([wall(1.0)], K, np.eye(4)[None], (-1, -1, 0.5), (50, 50, 25), 0.04)
    mesh = found.surface()
    np.testing.assert_allclose(mesh.points[:, 2], 1, atol=0.005)
    np.testing.assert_allclose(tsdf_surface(found.values, found.origin, 0.04).points, mesh.points)
    assert not len(fuse([wall(0.0)], K, np.eye(4)[None], (0, 0, 0), (9, 9, 9)).surface().faces)


def test_levels_are_the_same_as_one_by_one():
    poses = np.stack([looking(0.2), looking(0.9)])
    depths = [wall(1.3), wall(1.1)]
    levels = fuse_levels(iter(depths), K, poses, (-1, -1, 0), (75, 60, 50))
    assert [level.values.shape for level in levels] == [(75, 60, 50), (38, 30, 25), (19, 15, 13)]
    for level in levels:
        one = fuse(depths, K, poses, (-1, -1, 0), level.values.shape, level.voxel)
        np.testing.assert_array_equal(one.values, level.values)


def test_the_box_holds_what_is_seen_and_begins_on_the_lattice():
    pose = looking(0.4)
    points = unprojected(wall(1.2), K, pose)
    origin, dims = seen_box([wall(1.2)], K, pose[None], 0.04)
    middles = origin / 0.04
    np.testing.assert_allclose(middles, np.round(middles), atol=1e-9)
    last = origin + 0.04 * (np.array(dims) - 1)
    assert (points > origin).all()
    assert (points < last).all()
    view = np.linalg.inv(pose)
    np.testing.assert_allclose((points @ view[:3, :3].T + view[:3, 3])[:, 2], 1.2)
    assert box_of(np.zeros(3), np.ones(3), 0.5, 0.5)[1] == (5, 5, 5)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"depths": [wall(1)]}, "2 poses for 1 depth maps"),
        ({"depths": [wall(1)] * 3}, "2 poses, and depth maps: more than 2"),
        ({"depths": [np.zeros(3)] * 2}, r"\(3,\); give one"),
        ({"poses": np.full((2, 4, 4), np.nan)}, "not finite; leave its frame out"),
        ({"poses": np.eye(4)}, r"shape \(4, 4\); give \(N, 4, 4\)"),
        ({"intrinsics": np.eye(2)}, "intrinsics have the shape"),
        ({"dims": (4000, 4000, 4000)}, "4000 x 4000 x 4000 voxels of 0.04 m is too large.*0.2 m"),
    ],
)
def test_what_cannot_be_fused_is_said(change, match):
    given = {"depths": [wall(1)] * 2, "intrinsics": K, "poses": np.stack([np.eye(4)] * 2)}
    given |= {"origin": (0, 0, 0), "dims": (4, 4, 4)} | change
    with pytest.raises(BadInput, match=match):
        fuse(**given)


def test_nothing_near_is_said_and_fusing_stops_on_request():
    with pytest.raises(BadInput, match="No depth map shows anything nearer than 3 m"):
        seen_box([wall(5)], K, np.eye(4)[None])
    token = CancelToken()

    def frames():
        yield wall(1)
        token.cancel()
        yield wall(1)

    with pytest.raises(Cancelled):
        fuse(frames(), K, np.stack([np.eye(4)] * 2), (0, 0, 0), (4, 4, 4), cancel=token)
