"""Key frames of a walk: what is looked at, and the camera's shake in the hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from prune3d_gui.core.cancel import NEVER, CancelToken

from ..rooms.room import Room
from ..tracing.casting import Tree, blocked, cast
from .paths import HIGH, LOW, Free, way_through

FAR_STEP, TURN = 0.10, np.radians(15.0)
"""Of VoRTX's rule: a frame is kept that moved further, or turned more, than this."""
PITCH = np.radians((-35.0, -10.0))
ROLL = np.radians(4.5)
RATE = 60
"""Poses a second."""
TRIES = 4
FOCUS = 577 / 640
"""Focal length in widths of the picture, as ScanNet's cameras have it."""
TALL = 0.75
"""Heights of a picture in its widths."""


@dataclass(frozen=True, eq=False)
class Walk:
    """Key frames.

    Parameters
    ----------
    poses : (N, 4, 4) float64
        World from camera, whose axes are OpenCV's: x right, y down, z ahead; metres.
    ends : (N, 4, 4) float64
        Where the camera is when the shutter closes.
    """

    poses: np.ndarray
    ends: np.ndarray


def walk_through(
    room: Room,
    tree: Tree,
    seed: tuple[int, ...],
    frames: int,
    cancel: CancelToken = NEVER,
) -> Walk:
    """The best of some walks: the one that sees most, and nothing from too near.

    Parameters
    ----------
    room : Room
    tree : Tree
        Of the room's solids.
    seed : tuple of int
    frames : int
        Key frames, by VoRTX's rule, in a row.
    cancel : CancelToken
    """
    free = Free(room)
    best, most = None, -np.inf
    for number in range(TRIES):
        cancel.check()
        rng = np.random.default_rng((*seed, number))
        found = _walk(room, tree, free, rng, frames)
        value = _worth(tree, found.poses)
        if value > most:
            best, most = found, value
    assert best is not None
    return best


def _walk(room: Room, tree: Tree, free: Free, rng: np.random.Generator, frames: int) -> Walk:
    seconds = 6.0 + 0.35 * frames
    while True:
        poses = _poses(room, tree, free, rng, seconds)
        kept = key_frames(poses, frames)
        if len(kept) >= frames or seconds > 2000:
            break
        seconds *= 1.6
    kept = kept[kept < len(poses) - 1]
    return Walk(poses[kept], (poses[kept] + poses[kept + 1]) / 2)


def key_frames(poses: np.ndarray, most: int | None = None) -> np.ndarray:
    """Numbers of the poses that moved or turned enough since the last one kept.

    Parameters
    ----------
    poses : (N, 4, 4) float
        World from camera, looking along its z.
    most : int, optional

    Returns
    -------
    (K,) int64
    """
    kept = [0]
    for number in range(1, len(poses)):
        if most is not None and len(kept) >= most:
            break
        a, b = poses[kept[-1]], poses[number]
        turned = np.arccos(np.clip(a[:3, 2] @ b[:3, 2], -1, 1))
        if np.linalg.norm(a[:3, 3] - b[:3, 3]) > FAR_STEP or turned > TURN:
            kept.append(number)
    return np.array(kept, np.int64)


def _poses(
    room: Room, tree: Tree, free: Free, rng: np.random.Generator, seconds: float
) -> np.ndarray:
    count = int(seconds * RATE)
    speed = 0.42 + 0.2 * _wander(rng, count, 1.2)
    gone = np.cumsum(np.maximum(speed, 0.05)) / RATE
    way = way_through(free, rng, float(gone[-1]) + 0.2)
    along = np.minimum(gone / 0.02, len(way) - 1)
    flat = np.stack([np.interp(along, np.arange(len(way)), way[:, k]) for k in (0, 1)], axis=1)
    flat += 0.012 * np.stack([_wander(rng, count, 0.35), _wander(rng, count, 0.35)], axis=1)
    middle = float(rng.uniform(LOW + 0.12, HIGH - 0.12))
    height = np.clip(middle + 0.1 * _wander(rng, count, 1.5), LOW, HIGH)
    height += 0.008 * np.sin(np.arange(count) / RATE * 2 * np.pi * 1.7)
    eyes = room.to_world(np.column_stack([flat, np.clip(height, LOW, HIGH)]))
    ahead = _directions(room, tree, rng, eyes)
    flat_ahead = np.linalg.norm(ahead[:, :2], axis=1)
    pitch = np.arctan2(ahead[:, 2], flat_ahead) + 0.03 * _wander(rng, count, 0.4)
    pitch = np.clip(gaussian_filter1d(pitch, 0.2 * RATE, mode="nearest"), *PITCH)
    heading = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
    heading = gaussian_filter1d(heading, 0.3 * RATE, mode="nearest")
    heading += 0.02 * _wander(rng, count, 0.4)
    roll = np.clip(np.radians(1.6) * _wander(rng, count, 0.7), -ROLL, ROLL)
    return _matrices(eyes, heading, pitch, roll)


def _directions(room: Room, tree: Tree, rng: np.random.Generator, eyes: np.ndarray) -> np.ndarray:
    """Where it looks: from one thing to another, what was seen least first."""
    things = _worth_seeing(room, rng)
    looks = np.zeros(len(things))
    ahead = np.zeros_like(eyes)
    at, last = 0, None
    while at < len(eyes):
        hold = int(RATE * rng.uniform(0.9, 2.0))
        toward = things - eyes[at]
        away = np.linalg.norm(toward, axis=1)
        good = (away > 0.9) & (away < 3.4)
        good[good] = ~blocked(tree, eyes[at][None], toward[good], 0.93)
        cost = looks + 0.6 * rng.random(len(things)) + np.where(good, 0, 5)
        if last is not None:  # one does not turn round all the time
            cost += 0.5 * (1 - (toward / away[:, None]) @ last)
        pick = int(np.argmin(cost))
        end = min(at + hold, len(eyes))
        ahead[at:end] = things[pick] - eyes[at:end]
        last = toward[pick] / away[pick]
        nearby = np.linalg.norm(things - things[pick], axis=1)
        looks += np.exp(-((nearby / 0.8) ** 2))
        at = end
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    return gaussian_filter1d(ahead, 0.38 * RATE, axis=0, mode="nearest")


def _worth_seeing(room: Room, rng: np.random.Generator) -> np.ndarray:
    """Places on furniture, walls and floor: (N, 3)."""
    found = [
        np.add(one.place, (0, 0, rng.uniform(0.4, 0.9) * min(one.size[2], 1.5)))
        for one in room.placed
    ]
    w, d = room.width, room.depth
    for s in rng.random(14):
        side = int(rng.integers(4))
        x, y = ((s * w, 0.0), (s * w, d), (0.0, s * d), (w, s * d))[side]
        found.append(room.to_world(np.array([(x, y, rng.uniform(0.3, 1.5))]))[0])
    for _ in range(5):
        found.append(room.to_world(np.array([(rng.random() * w, rng.random() * d, 0.0)]))[0])
    return np.array(found)


def _matrices(
    eyes: np.ndarray, heading: np.ndarray, pitch: np.ndarray, roll: np.ndarray
) -> np.ndarray:
    """World from camera, of headings from x to y, pitches upwards, rolls to the right."""
    flat = np.cos(pitch)
    ahead = np.stack([np.cos(heading) * flat, np.sin(heading) * flat, np.sin(pitch)], axis=1)
    right = np.stack([np.sin(heading), -np.cos(heading), np.zeros_like(heading)], axis=1)
    down = np.cross(ahead, right)
    c, s = np.cos(roll)[:, None], np.sin(roll)[:, None]
    poses = np.tile(np.eye(4), (len(eyes), 1, 1))
    poses[:, :3, 0], poses[:, :3, 1] = c * right + s * down, c * down - s * right
    poses[:, :3, 2], poses[:, :3, 3] = ahead, eyes
    return poses


def _wander(rng: np.random.Generator, count: int, seconds: float) -> np.ndarray:
    """Smooth noise of deviation 1 that changes within so many seconds: (count,)."""
    sigma = seconds * RATE
    margin = int(3 * sigma)
    found = gaussian_filter1d(rng.normal(size=count + 2 * margin), sigma)
    return found[margin : margin + count] * np.sqrt(2 * np.sqrt(np.pi) * sigma)


def view_rays(pose: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """Directions through the middles of a coarse picture's pixels: (rows * columns, 3), z 1."""
    x = ((np.arange(columns) + 0.5) / columns - 0.5) / FOCUS
    y = ((np.arange(rows) + 0.5) / rows - 0.5) * TALL / FOCUS
    there = np.stack([*np.meshgrid(x, y), np.ones((rows, columns))], axis=-1).reshape(-1, 3)
    return there @ pose[:3, :3].T


def _worth(tree: Tree, poses: np.ndarray) -> float:
    """How much of a room is seen from near enough; views from too near count against it."""
    seen: list[np.ndarray] = []
    bad = 0
    for pose in poses:
        rays = view_rays(pose, 16, 12)
        depth, _, _ = cast(tree, np.ascontiguousarray(pose[None, :3, 3]), rays)
        bad += int(np.median(depth) < 0.9) + int((depth < 0.45).mean() > 0.15)
        near = depth < 3.0
        places = pose[:3, 3] + depth[near, None] * rays[near]
        seen.append(np.floor(places / 0.2).astype(np.int64))
    cells = np.unique(np.concatenate(seen), axis=0)
    return len(cells) - 25.0 * bad
