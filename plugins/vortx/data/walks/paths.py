"""Where a person can hold a camera in a room, and a way through there."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, label, map_coordinates
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from ..rooms.room import Room
from ..rooms.shell import THICK

STEP = 0.1
"""Metres between the places that are tried."""
LOW, HIGH = 1.2, 1.7
"""Metres above the floor at which a camera is held."""
CLEAR = 0.32
"""Metres from a camera to whatever is nearest, at least."""


class Free:
    """How far a camera is from everything, wherever it is held in a room.

    Parameters
    ----------
    room : Room
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        across = np.arange(0.0, room.width + STEP, STEP)
        along = np.arange(0.0, room.depth + STEP, STEP)
        flat = np.stack(np.meshgrid(across, along, indexing="ij"), axis=-1)
        low, high = room.solids.bounds
        near = np.flatnonzero((high[:, 2] > LOW - 0.4) & (low[:, 2] < HIGH + 0.3))
        centre, turn, span = (
            room.solids.centre[near],
            room.solids.turn[near],
            room.solids.spans[near],
        )
        clear = np.full(flat.shape[:2], np.inf)
        for height in np.linspace(LOW, HIGH, 3):
            own = np.concatenate([flat, np.full((*flat.shape[:2], 1), height)], axis=-1)
            points = room.to_world(own.reshape(-1, 3))
            for c, t, s in zip(centre, turn, span, strict=True):
                beyond = np.maximum(np.abs((points - c) @ t) - s, 0)
                away = np.sqrt((beyond**2).sum(axis=1)).reshape(clear.shape)
                np.minimum(clear, away, out=clear)
        walls = np.minimum(
            np.minimum(flat[..., 0], room.width - flat[..., 0]),
            np.minimum(flat[..., 1], room.depth - flat[..., 1]),
        )
        self.clear = np.minimum(clear, walls)
        """(X, Y) metres, over the room's own axes."""
        parts, count = label(self.clear > CLEAR)
        sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
        self.cells = (
            np.argwhere(parts == 1 + int(np.argmax(sizes))) if count else np.zeros((0, 2), int)
        )
        """(F, 2) int, all of which can be walked to from each other."""

    def at(self, own: np.ndarray) -> np.ndarray:
        """Metres to what is nearest: (N,), of places (N, 2 or 3) in the room's own axes."""
        return map_coordinates(self.clear, own[:, :2].T / STEP, order=1, mode="nearest")

    def ways(self) -> tuple[coo_matrix, np.ndarray]:
        """Steps between free cells with what they cost, and the number of each cell."""
        number = np.full(self.clear.shape, -1)
        number[tuple(self.cells.T)] = np.arange(len(self.cells))
        cost = 1.0 + 0.6 * np.maximum(0.8 - self.clear, 0)
        starts, ends, costs = [], [], []
        for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
            there = self.cells + np.array((dx, dy))
            inside = ((there >= 0) & (there < self.clear.shape)).all(axis=1)
            here, there = self.cells[inside], there[inside]
            a, b = number[tuple(here.T)], number[tuple(there.T)]
            free = b >= 0
            starts.append(a[free])
            ends.append(b[free])
            each = (cost[tuple(here.T)] + cost[tuple(there.T)]) / 2 * np.hypot(dx, dy)
            costs.append(each[free])
        size = (len(self.cells),) * 2
        row, column, value = (np.concatenate(part) for part in (starts, ends, costs))
        return coo_matrix((value, (row, column)), size), number


def way_through(free: Free, rng: np.random.Generator, length: float) -> np.ndarray:
    """A smooth way from place to place: (N, 2), 2 cm apart, at least `length` metres long.

    Parameters
    ----------
    free : Free
    rng : numpy.random.Generator
    length : float
    """
    graph, _ = free.ways()
    at = int(rng.integers(len(free.cells)))
    cells = [free.cells[at]]
    gone = 0.0
    for _ in range(200):
        if gone > length:
            break
        away, before = dijkstra(graph, directed=False, indices=at, return_predecessors=True)
        reach = np.flatnonzero(np.isfinite(away) & (away > 12))
        if not len(reach):
            reach = np.flatnonzero(
                np.isfinite(away) & (away >= away[np.isfinite(away)].max() * 0.5)
            )
        to = int(rng.choice(reach))
        part = [to]
        while part[-1] != at and before[part[-1]] >= 0:
            part.append(int(before[part[-1]]))
        cells.extend(free.cells[part[::-1][1:]])
        gone += away[to] * STEP
        at = to
        if len(part) < 2:
            break
    rough = np.array(cells, float) * STEP
    if len(rough) < 2:
        rough = np.repeat(rough, 2, axis=0)
    steps = np.linalg.norm(np.diff(rough, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    fine = np.arange(0, along[-1] + 0.02, 0.02)
    dense = np.stack([np.interp(fine, along, rough[:, k]) for k in (0, 1)], axis=1)
    for reach in (20, 12, 6, 3):
        smooth = gaussian_filter1d(dense, reach, axis=0, mode="nearest")
        if free.at(smooth).min() > CLEAR - 0.06:
            return smooth
    return dense


def inside(room: Room, points: np.ndarray) -> np.ndarray:
    """Whether points are in a room, its recesses included: (N,) bool."""
    own = room.to_own(points)
    high = np.array((room.width, room.depth, room.height))
    low = np.array((-THICK + 0.01, -THICK + 0.01, -0.01))
    return ((own > low) & (own < high - low)).all(axis=1)
