"""Scenes: named layers of plain typed data, what a reconstruction is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

Arrays = Mapping[str, np.ndarray]
_NONE: Arrays = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Points:
    """A point cloud.

    Parameters
    ----------
    points : (N, 3) float32
    arrays : mapping of name to (N,) or (N, 3) array
        Values per point.
    """

    points: np.ndarray
    arrays: Arrays = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle surface, drawn two-sided.

    Parameters
    ----------
    points : (N, 3) float32
    faces : (F, 3) int32
    arrays : mapping of name to (N,) or (N, 3) array
        Values per vertex.
    """

    points: np.ndarray
    faces: np.ndarray
    arrays: Arrays = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar field on a regular grid, drawn as the surface at `iso`.

    Parameters
    ----------
    values : (X, Y, Z) float32
    spacing, origin : tuple of float
        Grid step and position of the first value, in `unit`.
    iso : float
        Value of the surface.
    unit : str
        Unit of length.
    """

    values: np.ndarray
    iso: float
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    unit: str = ""
    arrays: Arrays = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class Image:
    """A picture: (H, W, 3 or 4) uint8."""

    pixels: np.ndarray
    arrays: Arrays = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class Grid:
    """An adaptive mesh: the leaves of a quadtree or octree over a box, with hanging nodes.

    Parameters
    ----------
    points : (N, 3) float32
        Corners of the leaves, each once; z is 0 in 2D.
    cells : (C, 4) or (C, 8) int32
        Corners of each leaf, x fastest, then y, then z (VTK's pixel and voxel order).
    anchors : (C, 2) or (C, 3) int32
        Lower corner of each leaf, in steps of the finest level: 0 to ``2**depth``.
    levels : (C,) uint8
        How often the box was halved; a leaf has ``2**(depth - level)`` steps per side.
    depth : int
        Finest level.
    origin, size : tuple of float
        The box in `unit`, three numbers each; the size along z is 0 in 2D.
    cut : (axis, position) or None
        In 3D, show the cells cut by this plane instead of all: 0, 1 or 2, and a place in `unit`.
    arrays : mapping of name to (N,) array
        Values per corner.
    cell_arrays : mapping of name to (C,) array
        Values per leaf.
    """

    points: np.ndarray
    cells: np.ndarray
    anchors: np.ndarray
    levels: np.ndarray
    depth: int
    origin: tuple[float, float, float]
    size: tuple[float, float, float]
    unit: str = ""
    cut: tuple[int, float] | None = None
    arrays: Arrays = field(default_factory=lambda: _NONE)
    cell_arrays: Arrays = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class Box:
    """A box with its sides along the axes, drawn as its outline: where a field lives.

    Parameters
    ----------
    origin, size : tuple of float
        Low corner and sides, three numbers each.
    """

    origin: tuple[float, float, float]
    size: tuple[float, float, float]


Layer = Points | Mesh | Volume | Image | Grid | Box


@dataclass(frozen=True, slots=True)
class Pick:
    """What was clicked in a scene's first layer: its vertex or its cell of that number."""

    index: int
    of: Literal["vertex", "cell"] = "vertex"


@dataclass(frozen=True, eq=False)
class Scene:
    """Named layers; the first one is the result that scores speak of.

    Arrays inside a scene belong to it and are never written again.

    Parameters
    ----------
    layers : tuple of (name, layer)
        What is drawn.
    carried : tuple of (name, layer)
        What is not drawn but belongs to the result: exports and scores may want it.
    colour : str
        Array by which the layers are coloured; empty for the model's first scale.
    up : {"y", "z"}
        Axis that points up on screen; z up is seen from where y is least.
    """

    layers: tuple[tuple[str, Layer], ...]
    carried: tuple[tuple[str, Layer], ...] = ()
    colour: str = ""
    up: Literal["y", "z"] = "y"

    @property
    def main(self) -> Layer:
        """The first layer."""
        return self.layers[0][1]

    def with_arrays(self, arrays: Arrays) -> Scene:
        """Return a scene whose first layer also carries `arrays`; the same one for none."""
        if not arrays:
            return self
        name, layer = self.layers[0]
        merged = MappingProxyType({**layer.arrays, **arrays})
        return replace(self, layers=((name, replace(layer, arrays=merged)), *self.layers[1:]))

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays of all layers, each counted once."""
        found: dict[int, int] = {}
        for _, layer in (*self.layers, *self.carried):
            for value in vars(layer).values():
                own = value.values() if isinstance(value, Mapping) else (value,)
                found |= {id(a): a.nbytes for a in own if isinstance(a, np.ndarray)}
        return sum(found.values())

    def layer(self, kind: type) -> Layer | None:
        """The first layer of a kind, the drawn ones before the carried ones."""
        every = (*self.layers, *self.carried)
        return next((layer for _, layer in every if isinstance(layer, kind)), None)
