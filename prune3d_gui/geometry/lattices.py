"""The integer lattice an adaptive grid lies on: who is beside whom, and what hangs on an edge."""

from __future__ import annotations

import numpy as np

from ..core.scene.scenes import Grid

TURN = np.array(((0, 0), (1, 0), (1, 1), (0, 1)))
"""(4, 2) int: the corners of a square, once around it counter-clockwise."""


def plane_axes(axis: int) -> tuple[int, int]:
    """Return the two axes of a plane across `axis`, so that the three are right-handed."""
    return (axis + 1) % 3, (axis + 2) % 3


def face_corners(axis: int, high: int) -> np.ndarray:
    """Return which corners of a leaf are on its lower (0) or upper (1) face across `axis`.

    Returns
    -------
    (4,) int
        Counter-clockwise as seen from the upper side of `axis`.
    """
    u, v = plane_axes(axis)
    return (TURN[:, 0] << u) + (TURN[:, 1] << v) + (high << axis)


class Lattice:
    """The corners and leaves of a grid by their place in steps of the finest level.

    Parameters
    ----------
    grid : Grid
        Its leaves fill the box.
    """

    def __init__(self, grid: Grid) -> None:
        self.dimension = 3 if grid.cells.shape[1] == 8 else 2
        self.steps = 1 << grid.depth
        self.anchors = grid.anchors.astype(np.int64)
        self.levels = grid.levels.astype(np.int64)
        self.sides = np.int64(self.steps) >> self.levels
        self.finest = int(self.sides.min(initial=self.steps))
        strides = np.int64(self.steps + 1) ** np.arange(self.dimension)
        bits = np.arange(1 << self.dimension)[:, None] >> np.arange(self.dimension) & 1
        self._codes = np.full(len(grid.points), -1, np.int64)
        corners = (self.anchors @ strides)[:, None] + self.sides[:, None] * (bits @ strides)
        self._codes[grid.cells] = corners
        self._order = np.argsort(self._codes, kind="stable")
        self._sorted = self._codes[self._order]
        keys = _interleaved(self.anchors)
        self._leaves = np.argsort(keys, kind="stable")
        self._keys = keys[self._leaves]

    def leaf_at(self, places: np.ndarray) -> np.ndarray:
        """Return the leaf that holds each lattice step.

        Parameters
        ----------
        places : (n, dimension) int
            Lower corners of steps, 0 to ``steps - 1``.

        Returns
        -------
        (n,) int
        """
        return self._leaves[np.searchsorted(self._keys, _interleaved(places), side="right") - 1]

    def divided(
        self, a: np.ndarray, b: np.ndarray, lengths: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Divide edges of leaves at every corner of another leaf that lies on them.

        Such a corner is always the middle of the edge, or of a half of it, and so on.

        Parameters
        ----------
        a, b : (n,) int
            Points at the ends of each edge.
        lengths : (n,) int
            In steps.

        Returns
        -------
        edges, a, b : (m,) int
            Which edge each piece is of, and its ends in the same direction.
        """
        edges = np.arange(len(a))
        done = []
        while len(edges):
            middle = self._point_at(self._codes[a] + self._codes[b] >> 1)
            cut = (middle >= 0) & (lengths > self.finest)
            done.append((edges[~cut], a[~cut], b[~cut]))
            edges, a, b, middle, half = (part[cut] for part in (edges, a, b, middle, lengths >> 1))
            edges, lengths = np.tile(edges, 2), np.tile(half, 2)
            a, b = np.concatenate([a, middle]), np.concatenate([middle, b])
        if not done:
            return edges, a, b
        whole, first, last = (np.concatenate(part) for part in zip(*done, strict=True))
        return whole, first, last

    def _point_at(self, codes: np.ndarray) -> np.ndarray:
        found = np.minimum(np.searchsorted(self._sorted, codes), len(self._sorted) - 1)
        return np.where(self._sorted[found] == codes, self._order[found], -1)


def _interleaved(places: np.ndarray) -> np.ndarray:
    """Return Morton codes: the bits of the coordinates in turn, up to 21 of each."""
    masks = {
        2: ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333), (1, 0x5555555555555555)),
        3: ((32, 0x1F00000000FFFF), (16, 0x1F0000FF0000FF), (8, 0x100F00F00F00F00F),
            (4, 0x10C30C30C30C30C3), (2, 0x1249249249249249)),
    }  # fmt: skip
    dimension = places.shape[1]
    codes = np.zeros(len(places), np.int64)
    for axis in range(dimension):
        part = places[:, axis].astype(np.int64)
        for shift, mask in masks[dimension]:
            part = (part | part << shift) & mask
        codes |= part << axis
    return codes
