"""The continuous function of an adaptive mesh: corners, hanging nodes, interpolation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from prune3d_gui.core.scene.scenes import Grid

from ..network.domain import Domain, Slice
from .cells import multilinear, sample_points
from .deviation import Deviation
from .specs import MeshSpec
from .tree import Tree, corner_bits

CHUNK = 65_536
"""Points handled at once, which bounds what interpolation takes for the moment."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """The corners of a tree's leaves, each once, in the order in which they came.

    Parameters
    ----------
    depth : int
        Finest level.
    vertices : (N, d) int32
        Places in steps of the finest level.
    cells : (C, 2**d) int32
        Corners of each leaf, x fastest, then y, then z.
    keys : (N,) int64
        Numbers of the places, x fastest, rising.
    order : (N,) int32
        The vertex of each key.
    """

    depth: int
    vertices: np.ndarray
    cells: np.ndarray
    keys: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, tree: Tree) -> Nodes:
        """Find the corners of all leaves."""
        keys, cells = np.unique(_corner_keys(tree, slice(None)), return_inverse=True)
        cells = cells.reshape(len(tree), -1).astype(np.int32)
        order = np.arange(len(keys), dtype=np.int32)
        return cls(tree.depth, _places(keys, tree), cells, keys, order)

    def grown(self, tree: Tree, parent: np.ndarray, fresh: np.ndarray) -> Nodes:
        """Add what new leaves bring; the vertices there are keep their numbers.

        Parameters
        ----------
        tree : Tree
            The finer tree.
        parent : (C',) int
            The old leaf that each of its leaves is or comes from.
        fresh : (C',) bool
            Its leaves that are new.
        """
        wanted, inverse = np.unique(_corner_keys(tree, fresh), return_inverse=True)
        place = np.searchsorted(self.keys, wanted)
        known = self.keys[np.minimum(place, len(self.keys) - 1)] == wanted
        numbers = np.empty(len(wanted), np.int32)
        numbers[known] = self.order[place[known]]
        added = np.arange(len(self.keys), len(self.keys) + np.count_nonzero(~known))
        numbers[~known] = added
        cells = self.cells[parent]
        cells[fresh] = numbers[inverse.reshape(-1, cells.shape[1])]
        return Nodes(
            self.depth,
            np.concatenate([self.vertices, _places(wanted[~known], tree)]),
            cells,
            np.insert(self.keys, place[~known], wanted[~known]),
            np.insert(self.order, place[~known], added),
        )

    def find(self, other: Nodes) -> np.ndarray:
        """Give the number here of each vertex of `other`, all of which must be here."""
        found = np.empty(len(other.keys), np.int32)
        found[other.order] = self.order[np.searchsorted(self.keys, other.keys)]
        return found

    def points(self, since: int = 0) -> np.ndarray:
        """Vertices from number `since` on, in the unit box: (n, d) float64."""
        return self.vertices[since:] / 2.0**self.depth


@dataclass(frozen=True, eq=False)
class AdaptiveMesh:
    """A tree with values at its corners: a continuous, piecewise multilinear function.

    Parameters
    ----------
    tree : Tree
    vertices : (N, d) int32
        Corners of the leaves, each once, in steps of the finest level.
    cells : (C, 2**d) int32
        Corners of each leaf, x fastest, then y, then z (VTK's pixel and voxel order).
    raw : (N,) float32
        Values as the field gave them.
    facts : mapping of name to (C,) array
        What the rule found, as in `rules.Judgement`: kept, pruned_error, interpolation_error,
        gradient, priority, split, bad, reason; NaN or 0 where `judged` (bool) is not set. And
        `above`, the priority for which the parent was split.
    spec : MeshSpec
        What was asked for.
    seconds : float
        Time it took.
    complete : bool
        Finished by its rule, depth or number of cells, not stopped from outside.
    stopped : str
        Why refinement ended: "nothing left to split", "depth", "cells", "memory", "time" or
        "cancelled"; empty while it goes on.
    """

    tree: Tree
    vertices: np.ndarray
    cells: np.ndarray
    raw: np.ndarray
    facts: Mapping[str, np.ndarray]
    spec: MeshSpec
    seconds: float = 0.0
    complete: bool = False
    stopped: str = ""

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return self.spec.rule.rule

    @property
    def points(self) -> int:
        """Number of vertices, hanging ones included."""
        return len(self.vertices)

    @property
    def dofs(self) -> int:
        """Degrees of freedom: vertices that do not hang."""
        return len(self.vertices) - int(np.count_nonzero(self.hanging))

    @cached_property
    def hanging(self) -> np.ndarray:
        """Vertices that a leaf touches without having them as a corner: (N,) bool.

        A vertex that does not hang is a corner of one leaf in every direction around it, of
        which there are ``2**d``, and half as many for each border of the box it lies on.
        """
        border = (self.vertices == 0) | (self.vertices == 2**self.tree.depth)
        around = 2 ** (self.tree.dimension - np.count_nonzero(border, axis=1))
        return np.bincount(self.cells.ravel(), minlength=len(self.vertices)) < around

    @cached_property
    def values(self) -> np.ndarray:
        """Values with hanging vertices made continuous: (N,) float32.

        A hanging vertex takes the multilinear value of the coarsest leaf that it touches. That
        leaf's own corners can only hang on coarser ones, so levels are gone through from
        coarse to fine and chains of any length come out right.
        """
        hanging = np.flatnonzero(self.hanging)
        leaves = np.concatenate(
            [self._coarsest(self.vertices[part]) for part in _parts(hanging)] or [hanging]
        )
        levels = self.tree.levels[leaves]
        values = self.raw.astype(np.float64)
        for level in np.unique(levels):
            now = levels == level
            for vertex, leaf in zip(_parts(hanging[now]), _parts(leaves[now]), strict=True):
                share = self.vertices[vertex] - self.tree.anchors[leaf]
                share = share / 2.0 ** (self.tree.depth - int(level))
                values[vertex] = multilinear(values[self.cells[leaf]], share)
        return values.astype(np.float32)

    def interpolate(self, points: np.ndarray) -> np.ndarray:
        """Evaluate the function: (n, d) in the unit box to (n,) float32."""
        points = np.asarray(points, np.float64)
        found = np.empty(len(points), np.float32)
        for part in _parts(np.arange(len(points))):
            leaf = self.tree.locate(points[part])
            scale = 2.0 ** self.tree.levels[leaf].astype(np.float64)
            lower = self.tree.anchors[leaf] / 2.0**self.tree.depth
            share = np.clip((points[part] - lower) * scale[:, None], 0.0, 1.0)
            found[part] = multilinear(self.values[self.cells[leaf]], share)
        return found

    def rmse(
        self, field: Slice, count: int = 65_536, seed: int = 0, wanted: np.ndarray | None = None
    ) -> float:
        """Root mean square of function minus field at uniform points, in units of the value.

        Parameters
        ----------
        field : Slice
        count, seed : int
            Of the points, as `sample_points` draws them.
        wanted : (count,) float32 or None
            The field at these points, if it is known already.

        Returns
        -------
        float
            Of the points where both are finite; NaN if there is none.
        """
        points = sample_points(self.tree.dimension, count, seed)
        wanted = field.values(points) if wanted is None else wanted
        wrong = self.interpolate(points).astype(np.float64) - wanted
        return Deviation.of(wrong[np.isfinite(wrong)]).rmse

    def grid(self, domain: Domain, cut: tuple[int, float] | None = None) -> Grid:
        """Place the mesh in the world, with its values and what is known of its cells.

        Parameters
        ----------
        domain : Domain
        cut : (axis, position) or None
            In 3D, the plane whose cells are shown, along the axes of the domain's box.
        """
        unit = self.vertices / 2.0**self.tree.depth
        known = {
            "kept": "kept",
            "cell_error": "interpolation_error",
            "pruned_error": "pruned_error",
        }
        cell_arrays = {name: self.facts[fact].astype(np.float32) for name, fact in known.items()}
        return Grid(
            domain.along_axes(unit).astype(np.float32),
            self.cells,
            self.tree.anchors,
            self.tree.levels,
            self.tree.depth,
            _in_space(domain.origin),
            _in_space(domain.size),
            domain.unit,
            cut,
            MappingProxyType({"value": self.values}),
            MappingProxyType({"depth": self.tree.levels.astype(np.float32), **cell_arrays}),
            domain.world,
        )

    def _coarsest(self, vertices: np.ndarray) -> np.ndarray:
        """Find the coarsest leaf around each vertex: (n, d) int32 to (n,) int64."""
        leaves = self.tree.around(vertices)
        coarsest = self.tree.levels[leaves].argmin(1)
        return np.take_along_axis(leaves, coarsest[:, None], axis=1)[:, 0]


def _parts(numbers: np.ndarray) -> list[np.ndarray]:
    return [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]


def _in_space(along: tuple[float, ...]) -> tuple[float, float, float]:
    """Of a box in 2D or 3D; one in 2D lies at 0 and is flat."""
    x, y, z = (*along, 0.0)[:3]
    return x, y, z


def _strides(tree: Tree) -> np.ndarray:
    return (2**tree.depth + 1) ** np.arange(tree.dimension, dtype=np.int64)


def _corner_keys(tree: Tree, chosen: np.ndarray | slice) -> np.ndarray:
    strides = _strides(tree)
    first = tree.anchors[chosen] @ strides
    return first[:, None] + tree.steps[chosen, None] * (corner_bits(tree.dimension) @ strides)


def _places(keys: np.ndarray, tree: Tree) -> np.ndarray:
    return (keys[:, None] // _strides(tree) % (2**tree.depth + 1)).astype(np.int32)
