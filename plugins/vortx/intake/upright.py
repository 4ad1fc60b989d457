"""Which way is up: by how cameras were held, then by the floor and what lies level with it.

People hold cameras upright: the lower edges of their pictures are level, so that up is the
direction that all of these are square to, where the camera turned about enough to tell. Where it
did not, the mean of where the tops of pictures point is up, but for how far it looked down. Where
there is depth, faces that are nearly level tell the rest: their normals gather around the true
direction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

AXES = {
    f"{sign}{name}": (1.0 if not sign else -1.0) * np.eye(3)[number]
    for number, name in enumerate("xyz")
    for sign in ("", "-")
}
_NEAR_AXIS = 40.0  # degrees from an axis that is taken for the one that is up
_LEVEL, _LEVEL_KNOWN = 45.0, 15.0  # degrees from up within which a face may be level
_TURNED, _ROLLED = 0.05, 0.25  # of the lower edges: least spread across, most spread along up
_STEADY = 2.5  # degrees of roll that hands have
_GATHER = 6.0  # degrees around the mode
_ENOUGH = 0.02  # share of all faces that has to be level
_CELL = 8  # pixels that a normal is taken over, in pictures of 640


@dataclass(frozen=True, eq=False)
class Up:
    """The upward direction in the world of the files.

    Parameters
    ----------
    axis : str
        The axis nearest to it, such as ``-y``; empty where it is none.
    direction : (3,) float64
        Of length 1.
    held : (3,) float64
        Mean direction of the tops of the pictures.
    agreement : float
        Length of the mean: 1 where all were held alike, near 0 where they were not held upright.
    tilt : float
        Degrees between `direction` and the axis; 0 where there is none.
    level : float
        Share of the faces seen that are level, 0 where that was not measured.
    horizon : bool
        Whether the camera turned about enough for the lower edges of pictures to tell.
    """

    axis: str
    direction: np.ndarray
    held: np.ndarray
    agreement: float
    tilt: float
    level: float
    horizon: bool


def find_up(poses: np.ndarray, normals: np.ndarray, axis: str = "") -> Up:
    """Tell the upward direction.

    Parameters
    ----------
    poses : (N, 4, 4)
        World from camera with OpenCV's axes.
    normals : (M, 3)
        Of faces seen, in the world; none where there is no depth.
    axis : str
        The axis that is up, where it is known.
    """
    held = -poses[:, :3, 1].mean(axis=0)
    length = float(np.linalg.norm(held))
    unit = held / length if length > 1e-6 else AXES["z"]
    square = _square(poses, unit)
    start = unit if square is None else square
    nearest = max(AXES, key=lambda name: float(AXES[name] @ start))
    if axis:
        nearest, start = axis, start if start @ AXES[axis] > 0.5 else AXES[axis]
    elif start @ AXES[nearest] < np.cos(np.radians(_NEAR_AXIS)):
        nearest = ""
    if nearest and (square is None or start @ AXES[nearest] > np.cos(np.radians(_STEADY))):
        start = AXES[nearest]
    direction, level = _gathered(start, normals, _LEVEL if square is None else _LEVEL_KNOWN)
    tilt = _degrees(float(direction @ AXES[nearest])) if nearest else 0.0
    return Up(nearest, direction, held, length, tilt, level, square is not None)


def _square(poses: np.ndarray, held: np.ndarray) -> np.ndarray | None:
    """What the lower edges of all pictures are square to; None where they are too much alike."""
    across = poses[:, :3, 0]
    spread, ways = np.linalg.eigh(across.T @ across / len(across))
    if spread[1] < _TURNED or spread[0] > _ROLLED * spread[1]:
        return None
    way = ways[:, 0] * np.sign(ways[:, 0] @ held)
    return way if way @ held > 0.5 else None


def turned_up(direction: np.ndarray, axis: str = "") -> np.ndarray:
    """The turn, (3, 3), that brings a direction to z by the shortest way.

    Where an axis of the files is up, that one is brought to z first so that the others stay axes.
    """
    turn = np.eye(3)
    if axis:
        turn = _AXIS_TURNS[axis]
    rest = turn @ direction
    z = np.array((0.0, 0.0, 1.0))
    cross, cosine = np.cross(rest, z), float(rest @ z)
    if cosine < -1 + 1e-9:
        return np.diag((1.0, -1.0, -1.0)) @ turn
    skew = np.array(((0, -cross[2], cross[1]), (cross[2], 0, -cross[0]), (-cross[1], cross[0], 0)))
    return (np.eye(3) + skew + skew @ skew / (1 + cosine)) @ turn


def normals_of(
    depth: np.ndarray, numbers: tuple[float, float, float, float], pose: np.ndarray
) -> np.ndarray:
    """Normals of the faces that a depth map shows, in the world, towards the camera: (M, 3).

    Parameters
    ----------
    depth : (H, W)
        In any unit; 0 for none.
    numbers : (fx, fy, cx, cy)
    pose : (4, 4)
        World from camera with OpenCV's axes.
    """
    fx, fy, cx, cy = numbers
    cell = max(2, round(_CELL * depth.shape[1] / 640))
    down, across = (side // cell for side in depth.shape)
    blocks = depth[: down * cell, : across * cell].reshape(down, cell, across, cell)
    whole = (blocks > 0).all(axis=(1, 3))
    z = blocks.mean(axis=(1, 3), dtype=np.float64)
    flat = whole & (np.ptp(blocks, axis=(1, 3)) < 0.05 * z + 1e-12)
    v, u = (np.mgrid[: z.shape[0], : z.shape[1]] + 0.5) * cell
    points = np.stack([(u - cx) / fx * z, (v - cy) / fy * z, z], axis=-1)
    right = points[1:-1, 2:] - points[1:-1, :-2]
    below = points[2:, 1:-1] - points[:-2, 1:-1]
    good = flat[1:-1, 1:-1] & flat[1:-1, 2:] & flat[1:-1, :-2] & flat[2:, 1:-1] & flat[:-2, 1:-1]
    middle = z[1:-1, 1:-1]
    good &= np.maximum(np.abs(right[..., 2]), np.abs(below[..., 2])) < 0.15 * middle
    normal = np.cross(below, right)[good]
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    return normal @ pose[:3, :3].T


def gathered_normals(parts: Iterable[np.ndarray]) -> np.ndarray:
    """All normals of several depth maps; an empty (0, 3) array for none."""
    found = list(parts)
    return np.concatenate(found) if found else np.empty((0, 3))


def _gathered(start: np.ndarray, normals: np.ndarray, within: float) -> tuple[np.ndarray, float]:
    """The direction near `start` that normals gather around, and how many of them do."""
    if not len(normals):
        return start, 0.0
    ways = normals * np.sign(normals @ start)[:, None]  # ceilings look down
    near = ways[ways @ start > np.cos(np.radians(within))]
    if len(near) < _ENOUGH * len(normals):
        return start, 0.0
    # Of a few hundred, the one with most others around it; then their mean, again and again.
    some = near[:: max(1, len(near) // 400)]
    limit = np.cos(np.radians(_GATHER))
    direction = some[int(((some @ some.T) > limit).sum(1).argmax())]
    for _ in range(10):
        around = near[near @ direction > limit]
        direction = around.mean(0) / np.linalg.norm(around.mean(0))
    level = float((np.abs(normals @ direction) > limit).mean())
    return (direction, level) if level >= _ENOUGH else (start, 0.0)


def _degrees(cosine: float) -> float:
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


_AXIS_TURNS = {
    "z": np.eye(3),
    "-z": np.diag((1.0, -1.0, -1.0)),
    "y": np.array(((1.0, 0, 0), (0, 0, -1), (0, 1, 0))),
    "-y": np.array(((1.0, 0, 0), (0, 0, 1), (0, -1, 0))),
    "x": np.array(((0, 1.0, 0), (0, 0, 1), (1, 0, 0))),
    "-x": np.array(((0, -1.0, 0), (0, 0, 1), (-1, 0, 0))),
}
"""Turns that bring an axis of the files to z and leave axes axes."""
