"""Whether depth maps agree with one another under poses: how conventions and units are told.

A pixel's place in the world is seen by another frame, at the depth that this frame has there, if
poses, axes and units are what they are taken for. The share of pixels of which that is so, over
pairs of frames that are turned by some degrees, is near 1 for what is true and small for what is
not; positions tell the depth's unit, since a wrong one moves the camera by too much or little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .options import C2W, OPENCV, OPENGL, W2C
from .poses import Four, placed_poses

CONVENTIONS = tuple((kind, axes) for kind in (C2W, W2C) for axes in (OPENCV, OPENGL))
WITHIN = 0.03
"""Share of a depth within which another one agrees."""
_STEP = 12  # pixels between those that are looked at, in pictures of 640
_LEAST = 0.15  # share of pixels that has to be in the other picture
_MOST_TURN = 40.0
_AFTER = 600  # frames between those of a pair, at most
_COMMON = 0.3  # share of a pair that shows that it sees the same


@dataclass(frozen=True, eq=False)
class Depths:
    """Depth maps of some frames, as they are stored.

    Parameters
    ----------
    maps : mapping of int to (H, W) float32
        By number of the frame, in steps of the file; 0 for none.
    numbers : (fx, fy, cx, cy)
    poses : (N, 4, 4) float64
        Of all frames, as they are stored.
    pairs : sequence of (int, int)
        Frames that are compared.
    """

    maps: Mapping[int, np.ndarray]
    numbers: Four
    poses: np.ndarray
    pairs: Sequence[tuple[int, int]]

    @cached_property
    def points(self) -> dict[int, np.ndarray]:
        """Places of some pixels of each map before its camera, (3, M), in steps of depth."""
        return {number: _points(depth, self.numbers) for number, depth in self.maps.items()}

    def median(self) -> float:
        """Of all depths that there are, in steps of the file; NaN where there are none."""
        few = [one[::8, ::8] for one in self.maps.values()]
        values = np.concatenate([one[one > 0] for one in few] or [np.empty(0)])
        return float(np.median(values)) if len(values) else float("nan")


def pairs_of(
    poses: np.ndarray, count: int = 12, turns: Sequence[float] = (8.0, 20.0)
) -> list[tuple[int, int]]:
    """Pairs of frames, one taken some time after the other, that are turned by some degrees.

    The angle between two cameras is the same in all conventions.
    """
    found = set()
    for one in np.unique(np.linspace(0, len(poses) - 2, count).astype(int)):
        after = poses[one + 1 : one + 1 + _AFTER]
        cosine = (np.einsum("nij,ij->n", after[:, :3, :3], poses[one, :3, :3]) - 1) / 2
        angles = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        still = np.linalg.norm(after[:, :3, 3] - poses[one, :3, 3], axis=1) == 0
        for wanted in turns:
            off = np.abs(angles - wanted) + np.where(still | (angles > _MOST_TURN), np.inf, 0)
            near = np.flatnonzero(off <= max(float(off.min()), 3.0))
            if len(near):
                found.add((int(one), int(one + 1 + near[0])))
    return sorted(found)


def by_convention(
    seen: Depths, ratios: Iterable[float], known: Iterable[tuple[str, str]] = CONVENTIONS
) -> dict[tuple[str, str, float], float]:
    """Share of pixels whose depth another frame has, too, by convention and ratio: 0 to 1.

    Parameters
    ----------
    seen : Depths
    ratios : iterable of float
        Units of positions in a step of depth.
    known : iterable of (poses, axes)
    """
    shares = {
        (kind, axes, ratio): _shares(seen, placed_poses(seen.poses, kind, axes), ratio)
        for kind, axes in known
        for ratio in ratios
    }
    # Pairs that see nothing in common say nothing.
    common = np.max(list(shares.values()), axis=0) > _COMMON
    kept = common if common.any() else np.ones(len(common), bool)
    return {key: float(one[kept].mean()) if len(one) else 0.0 for key, one in shares.items()}


def searched_ratio(seen: Depths, kind: str, axes: str, around: float) -> tuple[float, float]:
    """The ratio of units at which depths agree best, and how well: for units nobody uses.

    Parameters
    ----------
    seen : Depths
    kind, axes : str
        The convention.
    around : float
        Up to 30 times as much and as little are looked at.
    """
    poses = placed_poses(seen.poses, kind, axes)

    def scored(ratios: np.ndarray) -> np.ndarray:
        shares = np.array([_shares(seen, poses, float(ratio)) for ratio in ratios])
        common = shares.max(axis=0) > _COMMON
        return shares[:, common if common.any() else slice(None)].mean(axis=1)

    rough = around * np.geomspace(1 / 30, 30, 29)  # the middle is what it is around
    fine = float(rough[int(np.argmax(scored(rough)))]) * np.geomspace(0.8, 1.25, 21)
    scores = scored(fine)
    good = fine[scores >= scores.max() - 0.01]  # of what is as good, the middle
    return float(np.exp(np.log(good).mean())), float(scores.max())


def _shares(seen: Depths, poses: np.ndarray, ratio: float) -> np.ndarray:
    """Share of each pair of frames, with poses that are world from camera with OpenCV's axes."""
    fx, fy, cx, cy = seen.numbers
    shares, views = np.zeros(len(seen.pairs)), np.linalg.inv(poses)
    for place, (one, other) in enumerate(seen.pairs):
        points = seen.points[one]
        turn = views[other] @ poses[one]
        x, y, z = ratio * turn[:3, :3] @ points + turn[:3, 3:]
        target = seen.maps[other]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            u, v = np.floor(fx * x / z + cx), np.floor(fy * y / z + cy)
        inside = (z > 0) & (u >= 0) & (v >= 0) & (u < target.shape[1]) & (v < target.shape[0])
        there = target[v[inside].astype(int), u[inside].astype(int)] * ratio
        known = there > 0
        if known.sum() >= max(_LEAST * points.shape[1], 1):
            away = np.abs(there[known] - z[inside][known])
            shares[place] = (away < WITHIN * z[inside][known]).mean()
    return shares


def _points(depth: np.ndarray, numbers: Four) -> np.ndarray:
    """Places of pixels before the camera, (3, M), in steps of depth."""
    fx, fy, cx, cy = numbers
    step = max(1, round(_STEP * depth.shape[1] / 640))
    rows, columns = np.mgrid[step // 2 : depth.shape[0] : step, step // 2 : depth.shape[1] : step]
    z = depth[rows, columns].astype(np.float64)
    good = z > 0
    z = z[good]
    return np.stack([(columns[good] + 0.5 - cx) / fx * z, (rows[good] + 0.5 - cy) / fy * z, z])
