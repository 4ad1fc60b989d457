"""Whether photographs lie on their depth maps: measured by edges that both have.

Where something near ends before something far, the photograph has an edge, too, as a rule. The
near side of such steps in depth is projected into the photograph with a focal length, a centre
and a shift between the cameras, and how strong the photograph's gradients are there, against
their mean, tells how well these fit. The best of them is searched; a camera as the files say it
stands where it is nearly as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, sobel
from scipy.optimize import minimize

from prune3d_gui.core.cancel import NEVER, CancelToken

from .poses import Four

_STEP = 0.08  # share of its depth by which something ends
_GAP = 6  # pixels without depth that an edge may have
_MOST = 2400  # points of a frame
_FEW = 500  # of them that a search begins with
_CLIP = 4.0  # times the mean that a gradient counts at most
_FOCALS = np.linspace(0.8, 1.15, 24)  # of what the files say
_SHIFTS = np.linspace(-0.06, 0.06, 7)  # metres
_DOWNS = np.linspace(-12, 12, 5)  # pixels of a picture of 640, of the centre
AS_GOOD = 0.93
"""Share of the best score from which on the files' own camera stands."""
NEAR_BY = 1.5
"""Pixels that no edge is drawn better than."""
CLEAR = 1.5
"""Score from which on edges say anything: times the mean gradient."""


@dataclass(frozen=True, eq=False)
class Registration:
    """How photographs lie on depth maps.

    Parameters
    ----------
    numbers : (fx, fy, cx, cy)
        Of the photograph's camera, best by its edges.
    colour_from_depth : (4, 4) float64
        Camera of the photograph from that of the depth, in metres.
    score, told : float
        Mean gradient of the photographs at edges of depth, over their mean gradient: with the
        best camera, and with that of the files.
    points : int
        How many edges were looked at.
    moved : float
        How far apart both cameras see them, in pixels (root mean square).
    """

    numbers: Four
    colour_from_depth: np.ndarray
    score: float
    told: float
    points: int
    moved: float = 0.0

    @property
    def shift(self) -> np.ndarray:
        """Where the photograph's camera stands along the axes of the depth's: (3,) metres."""
        return np.linalg.inv(self.colour_from_depth)[:3, 3]

    @property
    def clear(self) -> bool:
        """Whether there are edges enough to say anything."""
        return self.points >= 2000 and self.score >= CLEAR

    @property
    def registered(self) -> bool:
        """Whether the camera of the files is as good as any."""
        return self.told >= AS_GOOD * self.score or self.moved < NEAR_BY


def registered(
    photographs: Sequence[np.ndarray],
    depths: Sequence[np.ndarray],
    depth_numbers: Four,
    numbers: Four,
    extrinsic: np.ndarray | None = None,
    cancel: CancelToken = NEVER,
) -> Registration:
    """Measure how photographs lie on depth maps.

    Parameters
    ----------
    photographs : sequence of (H, W) float
        Grey; all of one size.
    depths : sequence of (h, w) float
        Metres, 0 for none.
    depth_numbers, numbers : (fx, fy, cx, cy)
        Of the depth's camera, and of the photograph's as the files say it.
    extrinsic : (4, 4) float64, optional
        Camera of the depth from that of the photograph, as the files say it; None for the same.
    """
    turn = np.eye(4) if extrinsic is None else np.linalg.inv(extrinsic)
    edges = _Edges()
    for photograph, depth in zip(photographs, depths, strict=True):
        cancel.check()
        edges.add(photograph, near_edges(depth, depth_numbers) @ turn[:3, :3].T)
    score = edges.joined()
    fx, fy, cx, cy = numbers
    told = score(fx, cx, cy, turn[:3, 3])
    if not score.count:
        return Registration(numbers, turn, 0.0, 0.0, 0)
    by = score.width / 640
    rough = score.thinned(max(1, _MOST // _FEW))

    def camera(focal: float, down: float, shift: float) -> tuple[Four, np.ndarray]:
        moved = turn.copy()
        moved[0, 3] += shift
        return (fx * focal, fy * focal, cx, cy + by * down), moved

    def at(score: _Score, focal: float, down: float, shift: float) -> float:
        (f, _, x, y), moved = camera(focal, down, shift)
        return score(f, x, y, moved[:3, 3])

    tried = [
        (at(rough, focal, down, shift), focal, down, shift)
        for focal in _FOCALS
        for down in _DOWNS
        for shift in _SHIFTS
    ]
    cancel.check()
    start = np.array(max(tried)[1:])
    scale = np.array((0.01, 2.0, 0.006))
    found = minimize(
        lambda x: -at(score, *(x * scale)),
        start / scale,
        method="Nelder-Mead",
        options={"initial_simplex": start / scale + np.vstack([np.zeros(3), np.eye(3)]),
                 "maxfev": 150},
    )  # fmt: skip
    best = -float(found.fun)
    if told >= best:
        return Registration(numbers, turn, told, told, score.count)
    lens, moved = camera(*(float(x) for x in found.x * scale))
    first, then = score.seen(fx, cx, cy, turn[:3, 3]), score.seen(lens[0], *lens[2:], moved[:3, 3])
    apart = float(np.sqrt(((first - then) ** 2).sum(axis=0).mean()))
    return Registration(lens, moved, best, told, score.count, apart)


def near_edges(depth: np.ndarray, numbers: Four) -> np.ndarray:
    """Places before the depth's camera where something ends before something farther: (M, 3).

    Either side of pixels without depth counts as neighbours, up to a few of them.
    """
    fx, fy, cx, cy = numbers
    edge = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        lines = np.moveaxis(depth, axis, 1)
        for gap in range(1, _GAP + 1):
            one, two = lines[:, :-gap], lines[:, gap:]
            open_between = np.ones(one.shape, bool)
            for inner in range(1, gap):
                open_between &= lines[:, inner : inner + one.shape[1]] == 0
            both = (one > 0) & (two > 0) & open_between
            flags = np.moveaxis(edge, axis, 1)
            flags[:, :-gap] |= both & (two - one > _STEP * one)
            flags[:, gap:] |= both & (one - two > _STEP * two)
    rows, columns = np.nonzero(edge)
    some = slice(None, None, max(1, len(rows) // _MOST))
    rows, columns = rows[some], columns[some]
    z = depth[rows, columns].astype(np.float64)
    return np.column_stack([(columns + 0.5 - cx) / fx * z, (rows + 0.5 - cy) / fy * z, z])


class _Edges:
    """Gradients of photographs, and where edges of depth are before their cameras."""

    def __init__(self) -> None:
        self.gradients: list[np.ndarray] = []
        self.points: list[np.ndarray] = []

    def add(self, photograph: np.ndarray, points: np.ndarray) -> None:
        soft = gaussian_filter(photograph.astype(np.float32), 1.2 * photograph.shape[1] / 640)
        strength = np.hypot(sobel(soft, 0), sobel(soft, 1))
        mean = float(strength.mean()) or 1.0
        strength = np.minimum(strength / mean, _CLIP)
        self.gradients.append(strength / max(float(strength.mean()), 1e-9))
        self.points.append(points)

    def joined(self) -> _Score:
        which = np.concatenate(
            [np.full(len(points), n) for n, points in enumerate(self.points)] or [np.empty(0, int)]
        )
        points = np.concatenate(self.points or [np.empty((0, 3))])
        return _Score(np.stack(self.gradients), points, which)


class _Score:
    """Mean gradient at edges, by the camera that they are seen with."""

    def __init__(self, gradients: np.ndarray, points: np.ndarray, which: np.ndarray) -> None:
        self.gradients, self.which = gradients, which
        self.x, self.y, self.z = np.ascontiguousarray(points.T, np.float32)
        self.count = len(points)
        self.width = gradients.shape[2]

    def thinned(self, step: int) -> _Score:
        """The same by every so many edges."""
        points = np.stack([self.x, self.y, self.z], axis=1)
        return _Score(self.gradients, points[::step], self.which[::step])

    def __call__(self, focal: float, cx: float, cy: float, shift: np.ndarray) -> float:
        height, width = self.gradients.shape[1:]
        u, v = np.floor(self.seen(focal, cx, cy, shift))
        inside = (u >= 0) & (v >= 0) & (u < width) & (v < height)
        if inside.sum() < 0.3 * self.count:
            return 0.0
        at = self.which[inside], v[inside].astype(int), u[inside].astype(int)
        return float(self.gradients[at].mean())

    def seen(self, focal: float, cx: float, cy: float, shift: np.ndarray) -> np.ndarray:
        """Where a camera sees the edges, in pixels: (2, M) float32."""
        dx, dy, dz = (np.float32(one) for one in shift)
        by = np.float32(focal) / np.maximum(self.z + dz, np.float32(1e-6))
        return np.stack([by * (self.x + dx) + np.float32(cx), by * (self.y + dy) + np.float32(cy)])
