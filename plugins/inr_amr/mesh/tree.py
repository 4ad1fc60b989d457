"""A quadtree or octree over the unit box: its leaves, in Morton order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from prune3d_gui.core.errors import BadInput

DEEPEST = {2: 12, 3: 10}
"""Finest level a tree may have, by dimension."""

_SPREAD = {
    2: ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)),
    3: ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)),
}


def morton(cells: np.ndarray) -> np.ndarray:
    """Interleave the bits of places on the finest level, x lowest: (..., d) to (...) int64."""
    dimension = cells.shape[-1]
    codes = np.zeros(cells.shape[:-1], np.int64)
    for axis in range(dimension):
        part = cells[..., axis].astype(np.int64)
        for shift, mask in _SPREAD[dimension]:
            part |= part << shift
            part &= mask
        part <<= axis
        codes |= part
    return codes


def corner_bits(dimension: int) -> np.ndarray:
    """Give the corners of a unit cell, x fastest: (2**d, d) int32 of 0 and 1."""
    return np.array(list(product((0, 1), repeat=dimension)), np.int32)[:, ::-1]


@dataclass(frozen=True, eq=False)
class Tree:
    """The leaves of a tree, which tile the unit box.

    Parameters
    ----------
    anchors : (C, d) int32
        Lower corners in steps of the finest level, 0 to ``2**depth``, in Morton order.
    levels : (C,) uint8
        How often the box was halved.
    depth : int
        Finest level; at most 12 in 2D and 10 in 3D.
    """

    anchors: np.ndarray
    levels: np.ndarray
    depth: int

    @classmethod
    def uniform(cls, dimension: int, level: int, depth: int) -> Tree:
        """Halve the unit box `level` times.

        Raises
        ------
        BadInput
            If the depth is more than a tree can have, or the level more than the depth.
        """
        if not 0 <= depth <= DEEPEST[dimension]:
            raise BadInput(
                f"A depth of {depth} was asked for; in {dimension}D take 0 to {DEEPEST[dimension]}."
            )
        if not 0 <= level <= depth:
            raise BadInput(f"The base level {level} does not fit a depth of {depth}; lower it.")
        root = cls(np.zeros((1, dimension), np.int32), np.zeros(1, np.uint8), depth)
        for _ in range(level):
            root, _ = root.split(np.ones(len(root), bool))
        return root

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def dimension(self) -> int:
        """2 or 3."""
        return self.anchors.shape[1]

    @cached_property
    def codes(self) -> np.ndarray:
        """Morton codes of the anchors: (C,) int64, rising."""
        return morton(self.anchors)

    @property
    def steps(self) -> np.ndarray:
        """Sides of the leaves in steps of the finest level: (C,) int32."""
        return np.left_shift(np.int32(1), self.depth - self.levels.astype(np.int32))

    @property
    def lower(self) -> np.ndarray:
        """Lower corners in the unit box: (C, d) float64."""
        return self.anchors / 2.0**self.depth

    @property
    def size(self) -> np.ndarray:
        """Sides in the unit box: (C,) float64."""
        return 2.0 ** -self.levels.astype(np.float64)

    def split(self, mask: np.ndarray) -> tuple[Tree, np.ndarray]:
        """Halve the leaves in `mask` once along every axis; the finest ones stay as they are.

        Parameters
        ----------
        mask : (C,) bool

        Returns
        -------
        tree : Tree
        parent : (C',) int64
            The leaf of this tree that each new leaf is or comes from.
        """
        mask = mask & (self.levels < self.depth)
        children = 2**self.dimension
        counts = np.where(mask, children, 1)
        parent = np.repeat(np.arange(len(self)), counts)
        anchors, levels = self.anchors[parent], self.levels[parent]
        fresh = mask[parent]
        levels[fresh] += 1
        half = np.repeat(self.steps[mask] // 2, children)
        bits = np.tile(corner_bits(self.dimension), (int(mask.sum()), 1))
        anchors[fresh] += bits * half[:, None]
        return Tree(anchors, levels, self.depth), parent

    def locate(self, points: np.ndarray) -> np.ndarray:
        """Find the leaf of each point.

        Parameters
        ----------
        points : (..., d) float or int
            Places in the unit box, or cells of the finest level; what lies outside goes to
            the nearest leaf, and a shared side belongs to the leaf above it.

        Returns
        -------
        (...) int64
        """
        points = np.asarray(points)
        if not np.issubdtype(points.dtype, np.integer):
            points = np.floor(points * 2.0**self.depth)
        cells = np.clip(points, 0, 2**self.depth - 1)
        return np.searchsorted(self.codes, morton(cells), side="right") - 1

    def around(self, vertices: np.ndarray) -> np.ndarray:
        """Find the leaves that touch vertices of the finest level: (n, d) to (n, 2**d) int64.

        One for each direction, so a large leaf may come more than once.
        """
        return self.locate(vertices[:, None] - corner_bits(self.dimension))

    def to_balance(self, among: np.ndarray | None = None) -> np.ndarray:
        """Mark the leaves that are over twice as large as one they touch at a side or a corner.

        Parameters
        ----------
        among : (N,) int or None
            Leaves whose neighbours are looked at; all by default.

        Returns
        -------
        (C,) bool
        """
        looking = np.arange(len(self)) if among is None else among
        looking = looking[self.levels[looking] > self.levels.min() + 1]
        # A leaf is too large beside another one if it is larger than that one's parent.
        levels, steps = self.levels[looking] - 1, 2 * self.steps[looking]
        parents = self.anchors[looking] & -steps[:, None]
        first = np.ones(len(looking), bool)
        first[1:] = (parents[1:] != parents[:-1]).any(1) | (levels[1:] != levels[:-1])
        levels, steps, parents = levels[first], steps[first], parents[first]
        marked = np.zeros(len(self), bool)
        for direction in product((-1, 0, 1), repeat=self.dimension):
            if not any(direction):
                continue
            beside = parents + steps[:, None] * np.array(direction, np.int32)
            inside = ((beside >= 0) & (beside < 2**self.depth)).all(1)
            found = self.locate(beside[inside])
            marked[found[self.levels[found] < levels[inside]]] = True
        return marked

    def families(self) -> np.ndarray:
        """Find the parents whose children are all leaves: their first children, (F,) int64."""
        children = 2**self.dimension
        if len(self) < children:
            return np.zeros(0, np.int64)
        shift = self.dimension * (self.depth - self.levels.astype(np.int64))
        first = ((self.codes >> shift) & (children - 1) == 0) & (self.levels > 0)
        starts = np.flatnonzero(first[: len(self) - children + 1])
        # In Morton order, as many leaves of one level after a first child are its family.
        alike = (self.levels[starts] == self.levels[starts[:, None] + np.arange(children)].T).all(0)
        return starts[alike]

    def coarsened(self, mask: np.ndarray) -> tuple[Tree, np.ndarray]:
        """Merge each family whose leaves are all in `mask` into its parent.

        Parameters
        ----------
        mask : (C,) bool

        Returns
        -------
        tree : Tree
        owner : (C,) int64
            The leaf of the new tree that holds each leaf of this one.
        """
        children = 2**self.dimension
        starts = self.families()
        starts = starts[mask[starts[:, None] + np.arange(children)].all(1)]
        levels = self.levels.copy()
        levels[starts] -= 1
        kept = np.ones(len(self), bool)
        kept[(starts[:, None] + np.arange(1, children)).ravel()] = False
        return Tree(self.anchors[kept], levels[kept], self.depth), np.cumsum(kept) - 1
