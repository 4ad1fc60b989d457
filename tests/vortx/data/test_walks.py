"""Walks: how key frames are apart, where the camera is, and that it sees what its pose says."""

import numpy as np
import pytest

from prune3d_gui.plugins.vortx.data.tracing.casting import cast, tree_of
from prune3d_gui.plugins.vortx.data.tracing.lighting import Lamp, lit
from prune3d_gui.plugins.vortx.data.tracing.solids import Draft, Material
from prune3d_gui.plugins.vortx.data.walks.depths import sensed
from prune3d_gui.plugins.vortx.data.walks.looking import Walk, key_frames
from prune3d_gui.plugins.vortx.data.walks.poses import unsteady
from prune3d_gui.plugins.vortx.data.walks.recording import intrinsics_of, record


def turned(poses):
    ahead = poses[:, :3, 2]
    return np.degrees(np.arccos(np.clip((ahead[1:] * ahead[:-1]).sum(1), -1, 1)))


def test_key_frames_are_apart_by_vortx_rule(made, wanted):
    poses = made.recording.poses
    assert poses.shape == (wanted.frames, 4, 4)
    moved = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1)
    angle = turned(poses)
    assert ((moved > 0.10) | (angle > 15)).all()
    assert moved.max() < 0.13  # the first pose beyond is taken
    assert angle.max() < 17
    assert len(key_frames(poses)) == len(poses)


def test_the_camera_is_in_a_hand(made):
    poses = made.recording.poses
    turns = poses[:, :3, :3]
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-9)
    assert np.allclose(np.linalg.det(turns), 1)
    own = made.room.to_own(poses[:, :3, 3])
    assert ((own[:, 2] >= 1.2) & (own[:, 2] <= 1.7)).all()
    pitch = np.degrees(np.arcsin(poses[:, 2, 2]))
    assert ((pitch <= -10 + 1e-6) & (pitch >= -35 - 1e-6)).all()
    roll = np.degrees(np.arcsin(poses[:, 2, 0]))  # of the axis to the right
    assert np.abs(roll).max() < 5
    assert (poses[:, 2, 1] < 0).all()  # y of the picture is down
    assert made.room.solids.distances(poses[:, :3, 3]).min() > 0.2


def test_depths_of_a_walk_keep_their_distance(made):
    depths = made.recording.depths
    assert depths.min() > 0.15
    assert (np.median(depths, axis=(1, 2)) > 0.8).mean() > 0.9


def test_a_bright_ball_is_seen_where_its_pose_and_the_intrinsics_put_it():
    draft = Draft()
    draft.box((-3, -3, -0.1), (3, 3, 0), Material("plain", (0.05, 0.05, 0.05)))
    spot = np.array([1.2, 0.4, 0.5])
    draft.ball(spot, (0.05, 0.05, 0.05), Material("plain", (1, 1, 1), glow=1.0))
    tree = tree_of(draft.solids())
    light = lit(tree, (Lamp("bulb", np.array([0, 0, 2.0]), np.full(3, 1e-3)),), (0,),
                lambda points: np.ones(len(points), bool))  # fmt: skip
    poses = np.tile(np.eye(4), (2, 1, 1))
    for number, (eye, to) in enumerate(
        (((-1, 0, 1.4), (1, 0, 0.4)), ((0.4, -1, 1.5), (1, 1, 0.2)))
    ):
        ahead = np.subtract(to, eye) / np.linalg.norm(np.subtract(to, eye))
        right = np.cross(ahead, (0, 0, 1)) / np.linalg.norm(np.cross(ahead, (0, 0, 1)))
        poses[number, :3, :3] = np.stack([right, np.cross(ahead, right), ahead], axis=1)
        poses[number, :3, 3] = eye
    taken = record(tree, light, Walk(poses, poses), 160, 4, (0,))
    k = intrinsics_of(160)
    assert k[0, 0] == pytest.approx(577 / 640 * 160)
    for pose, picture, depth in zip(poses, taken.pictures, taken.depths, strict=True):
        x, y, z = np.linalg.inv(pose)[:3] @ (*spot, 1)
        u, v = k[0, 0] * x / z + k[0, 2], k[1, 1] * y / z + k[1, 2]
        bright = picture.astype(float).mean(axis=2)
        bright[bright < 128] = 0
        rows, columns = np.indices(bright.shape) + 0.5
        assert (bright * columns).sum() / bright.sum() == pytest.approx(u, abs=0.4)
        assert (bright * rows).sum() / bright.sum() == pytest.approx(v, abs=0.4)
        assert depth[int(v), int(u)] == pytest.approx(z - 0.05, abs=0.01)


def test_sensors_noise_grows_with_the_square_of_depth_and_leaves_holes():
    flat = np.stack([np.full((60, 80), z, np.float32) for z in (1.0, 3.0)])
    assert sensed(flat, 0.0, (0,)) is flat
    near, far = sensed(flat, 1.0, (0,))
    ratio = (far[far > 0] - 3).std() / (near[near > 0] - 1).std()
    assert ratio == pytest.approx(9, rel=0.35)
    edge = np.where(np.arange(80) < 40, 1.0, 3.0)[None, None].repeat(60, 1).astype(np.float32)
    assert (sensed(edge, 1.0, (1,))[0, :, 39:41] == 0).mean() > 0.4
    assert (sensed(edge, 1.0, (1,))[0, :, 5:30] == 0).mean() < 0.1


def test_told_poses_are_off_by_as_much_as_asked():
    poses = np.tile(np.eye(4), (400, 1, 1))
    assert unsteady(poses, 0.0, (0,)) is poses
    off = unsteady(poses, 0.02, (0,))
    assert off[:, :3, 3].std() == pytest.approx(0.02, rel=0.1)
    assert np.allclose(off[:, :3, :3] @ off[:, :3, :3].transpose(0, 2, 1), np.eye(3))
    assert turned(np.stack([poses, off], 1).reshape(-1, 4, 4))[::2].mean() == pytest.approx(
        np.degrees(0.2 * 0.02) * np.sqrt(np.pi / 2), rel=0.1
    )


def test_rays_of_the_depths_are_those_of_the_pixels(made):
    pose, depth = made.recording.poses[5], made.recording.depths[5]
    k, tree = made.recording.intrinsics, tree_of(made.room.solids)
    ray = np.array([[(10.5 - k[0, 2]) / k[0, 0], (20.5 - k[1, 2]) / k[1, 1], 1.0]]) @ pose[:3, :3].T
    assert depth[20, 10] == pytest.approx(cast(tree, pose[None, :3, 3].copy(), ray)[0][0], rel=1e-6)
