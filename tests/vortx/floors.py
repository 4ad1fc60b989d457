"""A floor with a pattern, seen by cameras: what can be computed by hand."""

import numpy as np

from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.plugins.vortx.training.rooms import Room

VOXEL, SIDE, HIGH = 0.04, 48, 24
WIDTH, HEIGHT = 64, 48
FOCAL = 58.0
ORIGIN = np.array((-1.0, -1.0, -0.3))


def looking(place, at):
    """World from a camera at a place that looks at another: OpenCV's axes, z up."""
    forward = np.asarray(at, float) - place
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack((right, np.cross(forward, right), forward), axis=1)
    pose[:3, 3] = place
    return pose


def poses(count=6):
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([
        looking((1.2 * np.cos(a), 1.2 * np.sin(a), 1.2 + 0.1 * np.sin(3 * a)), (0.1, 0, 0))
        for a in angles
    ])  # fmt: skip


def colours(points):
    """Of the floor: stripes and patches, (..., 3) from 0 to 255."""
    x, y = points[..., 0], points[..., 1]
    parts = (np.sin(9 * x) * np.cos(7 * y), np.cos(5 * x + 3 * y), np.sin(4 * y))
    return 127 + 110 * np.stack(parts, axis=-1)


def rays(pose):
    """Of the middles of pixels, in the world; one along the camera's axis each: (H, W, 3)."""
    u, v = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    own = np.stack(((u - WIDTH / 2) / FOCAL, (v - HEIGHT / 2) / FOCAL, np.ones_like(u)), -1)
    return own @ pose[:3, :3].T


def depth_of(pose):
    """Metres along the axis to the floor: (H, W) float32, 0 where there is none."""
    down = rays(pose)[..., 2]
    found = np.where(down < -1e-3, -pose[2, 3] / np.minimum(down, -1e-3), 0)
    return np.where(found < 4, found, 0).astype(np.float32)


def picture_of(pose):
    depth = depth_of(pose)
    seen = colours(pose[:3, 3] + rays(pose) * depth[..., None])
    return np.where(depth[..., None] > 0, seen, 30).round().astype(np.uint8)


def values():
    """Signed distances: the floor is at 0, nothing is known far below it."""
    z = ORIGIN[2] + VOXEL * np.arange(HIGH)
    own = np.where(z < -3 * VOXEL, 1.0, np.clip(-z / (3 * VOXEL), -1, 1))
    return np.broadcast_to(own, (SIDE, SIDE, HIGH)).astype(np.float16)


def room(count=6):
    own = poses(count)
    intrinsics = np.tile((FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2), (count, 1))
    return Room(
        "floor", intrinsics, own, (WIDTH, HEIGHT), lambda n: picture_of(own[n]),
        lambda n: depth_of(own[n]), values(), ORIGIN, VOXEL,
    )  # fmt: skip


def cameras(count=6):
    own = poses(count)
    return Cameras(
        own, np.tile((FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2), (count, 1)),
        np.tile((WIDTH, HEIGHT), (count, 1)), tuple(f"view {n}" for n in range(count)),
    )  # fmt: skip


def pictures(count=6):
    return np.stack([picture_of(pose) for pose in poses(count)])
