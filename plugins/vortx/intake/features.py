"""Whether photographs agree with poses where there is no depth: corners that both of two have.

Corners (Harris & Stephens 1988) are matched by how alike their surroundings are. Under the right
convention a match lies on the other picture's epipolar line, and the place that both see is before
both cameras; under a wrong one hardly any does. How far away these places are tells the unit of
positions as well as anything can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter, sobel

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.scene.cameras import Camera

from .agreement import CONVENTIONS
from .poses import placed_poses

SIDE = 480
"""Pixels of the longest side of photographs that corners are looked for in."""
_CORNERS = 600
_REACH = 6  # pixels around a corner that it is told by
_ALIKE = 0.85  # correlation of a match
_RATIO = 0.9  # of the distances to the best and to the second best
_OFF = 1.5  # pixels from the epipolar line


@dataclass(frozen=True, eq=False)
class Matches:
    """Corners that two photographs have in common.

    Parameters
    ----------
    one, other : int
        Numbers of the photographs.
    here, there : (M, 3) float64
        Directions before each camera, z being 1.
    """

    one: int
    other: int
    here: np.ndarray
    there: np.ndarray


def matched(
    pairs: Sequence[tuple[int, int]],
    photograph: Callable[[int], np.ndarray],
    cameras: Sequence[Camera],
    cancel: CancelToken = NEVER,
) -> list[Matches]:
    """Match the corners of pairs of photographs.

    Parameters
    ----------
    pairs : sequence of (int, int)
    photograph : callable
        Gives the grey photograph of a number, (H, W), small.
    cameras : sequence of Camera
        Of each photograph, at any size.
    """
    found = []
    for one, other in pairs:
        cancel.check()
        (spots, told), (others, tolds) = (_corners(photograph(number)) for number in (one, other))
        if min(len(spots), len(others)) < 8:
            continue
        alike = told @ tolds.T
        best, back = alike.argmax(1), alike.argmax(0)
        rows = np.arange(len(spots))
        ranked = np.partition(alike, -2, axis=1)
        far, near = (np.sqrt(np.maximum(2 - 2 * ranked[:, -n], 0)) for n in (2, 1))
        good = (back[best] == rows) & (alike[rows, best] > _ALIKE) & (near < _RATIO * far)
        found.append(
            Matches(
                one,
                other,
                _directions(spots[good], cameras[one]),
                _directions(others[best[good]], cameras[other]),
            )
        )
    return found


def by_convention(
    matches: Sequence[Matches],
    poses: np.ndarray,
    focal: float,
    known: Sequence[tuple[str, str]] = CONVENTIONS,
) -> dict[tuple[str, str], tuple[float, float]]:
    """Share of matches that agree with each convention, and the median depth of these.

    Parameters
    ----------
    matches : sequence of Matches
    poses : (N, 4, 4)
        As they are stored.
    focal : float
        In pixels of the photographs that were matched.
    """
    found = {}
    for kind, axes in known:
        placed = placed_poses(poses, kind, axes)
        good, depths, total = 0, [np.empty(0)], 0
        for pair in matches:
            turn = np.linalg.inv(placed[pair.other]) @ placed[pair.one]
            away, depth, behind = _seen(turn, pair.here, pair.there)
            agrees = (away * focal < _OFF) & (depth > 0) & (behind > 0)
            good += int(agrees.sum())
            total += len(away)
            depths.append(depth[agrees])
        every = np.concatenate(depths)
        middle = float(np.median(every)) if len(every) else float("nan")
        found[kind, axes] = (good / total if total else 0.0, middle)
    return found


def _seen(
    turn: np.ndarray, here: np.ndarray, there: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sampson distances of matches to their epipolar lines, and their depths in both cameras."""
    x, y, z = turn[:3, 3]
    essential = np.array(((0, -z, y), (z, 0, -x), (-y, x, 0))) @ turn[:3, :3]
    right, left = here @ essential.T, there @ essential
    size = np.sqrt((right[:, :2] ** 2).sum(1) + (left[:, :2] ** 2).sum(1))
    away = np.abs((there * right).sum(1)) / np.maximum(size, 1e-12)
    # a (R here) - b there = -t, by least squares
    p, t = here @ turn[:3, :3].T, turn[:3, 3]
    pp, qq, pq = (p * p).sum(1), (there * there).sum(1), (p * there).sum(1)
    whole = np.maximum(pp * qq - pq**2, 1e-12)
    pt, qt = p @ t, there @ t
    return away, (pq * qt - qq * pt) / whole, (pp * qt - pq * pt) / whole


def _corners(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners as shares of width and height, (M, 2), and what is around each, (M, K), length 1."""
    soft = gaussian_filter(grey.astype(np.float32), 1.0)
    across, down = sobel(soft, 1), sobel(soft, 0)
    a, b, c = (gaussian_filter(m, 2.0) for m in (across * across, down * down, across * down))
    response = a * b - c * c - 0.05 * (a + b) ** 2
    peak = (response == maximum_filter(response, 7)) & (response > 1e-6 * response.max())
    edge = _REACH * 2
    peak[:edge], peak[-edge:], peak[:, :edge], peak[:, -edge:] = False, False, False, False
    rows, columns = np.nonzero(peak)
    order = np.argsort(-response[rows, columns], kind="stable")[:_CORNERS]
    rows, columns = rows[order], columns[order]
    reach = np.arange(-_REACH, _REACH + 1)
    around = soft[rows[:, None, None] + reach[:, None], columns[:, None, None] + reach]
    told = around.reshape(len(rows), -1)
    told = told - told.mean(1, keepdims=True)
    told /= np.maximum(np.linalg.norm(told, axis=1, keepdims=True), 1e-9)
    spots = np.column_stack([(columns + 0.5) / grey.shape[1], (rows + 0.5) / grey.shape[0]])
    return spots, told


def _directions(spots: np.ndarray, camera: Camera) -> np.ndarray:
    x = (spots[:, 0] * camera.width - camera.cx) / camera.fx
    y = (spots[:, 1] * camera.height - camera.cy) / camera.fy
    return np.column_stack([x, y, np.ones(len(x))])
