"""Scenes: named layers of plain typed data, what a reconstruction is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

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


Layer = Points | Mesh | Volume | Image


@dataclass(frozen=True, eq=False)
class Scene:
    """Named layers; the first one is the result that scores speak of.

    Arrays inside a scene belong to it and are never written again.
    """

    layers: tuple[tuple[str, Layer], ...]

    @property
    def main(self) -> Layer:
        """The first layer."""
        return self.layers[0][1]

    def with_arrays(self, arrays: Arrays) -> Scene:
        """Return a scene whose first layer also carries `arrays`."""
        name, layer = self.layers[0]
        merged = MappingProxyType({**layer.arrays, **arrays})
        return Scene(((name, replace(layer, arrays=merged)), *self.layers[1:]))

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays of all layers."""
        total = 0
        for _, layer in self.layers:
            own = [v for v in vars(layer).values() if isinstance(v, np.ndarray)]
            total += sum(a.nbytes for a in [*own, *layer.arrays.values()])
        return total
