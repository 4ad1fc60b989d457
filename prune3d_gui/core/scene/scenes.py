"""Scenes: named layers of plain typed data, what a reconstruction is made of.

Labels, cameras and Gaussians have modules of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from ..errors import BadInput
from .affines import IDENTITY, check_affine

Arrays = Mapping[str, np.ndarray]
NO_ARRAYS: Arrays = MappingProxyType({})


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
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle surface, drawn two-sided unless its layer says otherwise.

    Parameters
    ----------
    points : (N, 3) float32
    faces : (F, 3) int32
    arrays : mapping of name to (N,) or (N, 3) array
        Values per vertex.
    """

    points: np.ndarray
    faces: np.ndarray
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar field on a regular grid, drawn as the surface at `iso`.

    Parameters
    ----------
    values : (X, Y, Z) float32
    iso : float
        Value of the surface.
    affine : (4, 4) float
        From numbers of voxels to the world, in `unit`.
    unit : str
        Unit of length.
    arrays : mapping of name to (X, Y, Z) or (X * Y * Z,) array
        More values of the voxels.
    windows : mapping of name to (black, white)
        Values at the ends of grey that slices are offered to be seen with, such as those of soft
        tissue; they begin with the first. None for all values.

    Raises
    ------
    BadInput
        If the affine is singular.
    """

    values: np.ndarray
    iso: float
    affine: np.ndarray = field(default_factory=lambda: IDENTITY)
    unit: str = ""
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)
    windows: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_affine(self.affine, "a volume")


@dataclass(frozen=True, eq=False)
class Image:
    """A picture.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) uint8
    arrays : mapping of name to array
    told : bool
        Whether its model has something to say of a pixel that is clicked.
    """

    pixels: np.ndarray
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)
    told: bool = False


@dataclass(frozen=True, eq=False)
class Grid:
    """An adaptive mesh: the leaves of a quadtree or octree over a box, with hanging nodes.

    All places are along the axes of its own box, which `affine` puts into the world.

    Parameters
    ----------
    points : (N, 3) float32
        Corners of the leaves, each once, along the box's axes; z is 0 in 2D.
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
    affine : (4, 4) float
        From the box's axes to the world.

    Raises
    ------
    BadInput
        If the affine is singular.
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
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)
    cell_arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)
    affine: np.ndarray = field(default_factory=lambda: IDENTITY)

    def __post_init__(self) -> None:
        check_affine(self.affine, "a grid")


@dataclass(frozen=True, eq=False)
class Box:
    """A box, drawn as its outline: where a field lives.

    Parameters
    ----------
    origin, size : tuple of float
        Low corner and sides along its own axes, three numbers each.
    affine : (4, 4) float
        From these axes to the world.

    Raises
    ------
    BadInput
        If the affine is singular.
    """

    origin: tuple[float, float, float]
    size: tuple[float, float, float]
    affine: np.ndarray = field(default_factory=lambda: IDENTITY)

    def __post_init__(self) -> None:
        check_affine(self.affine, "a box")


@dataclass(frozen=True, eq=False)
class Layer:
    """Data with a name, and how it is shown.

    Parameters
    ----------
    name : str
        What picks and scores call it; each name is in a scene once.
    data : Points, Mesh, Volume, Labels, Grid, Image, Box, Cameras, KeptGaussians
        Or of any other type that has a geometry and a drawer.
    colour : str
        Array that it is coloured by; empty for the first scale of the model.
    view : str
        Id of the view it is shown in, or a kind, for every view of that kind.
    opacity : float
        0 to 1.
    tint : (r, g, b) or None
        Its colour where no scale gives it one, 8-bit; None for a neutral one.
    outline : bool
        Whether a label map is cut as lines around its classes, so that what is below is seen.
    surface : Mesh or None
        The surface of `data`, once it was made; see `geometry.scenes.with_surfaces`.
    one_sided : bool
        Whether faces of a mesh are seen only from where their corners turn counter-clockwise, as
        walls of a room are left out that stand between the eye and what is in it; a view then
        starts from high above.
    absent : str
        Why nothing of it can be seen, in a sentence, where the model knows better than its
        geometry does, such as that no surface of a value is there; empty where something can.

    Raises
    ------
    BadInput
        If the opacity is out of range.
    """

    name: str
    data: Any
    colour: str = ""
    view: str = "space"
    opacity: float = 1.0
    tint: tuple[int, int, int] | None = None
    outline: bool = False
    surface: Mesh | None = None
    one_sided: bool = False
    absent: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.opacity <= 1:
            raise BadInput(
                f"The layer {self.name!r} has the opacity {self.opacity:g}; give a number from 0 "
                "to 1."
            )

    def values(self, array: str) -> np.ndarray | None:
        """An array of the data, of its cells before its vertices; None where there is none."""
        for held in ("cell_arrays", "arrays"):
            found = getattr(self.data, held, NO_ARRAYS)
            if array in found:
                return found[array]
        return None


@dataclass(frozen=True, slots=True)
class Pick:
    """What was clicked: a vertex, a cell, a pixel or the like of one layer, by its number."""

    layer: str
    index: int
    of: str = "vertex"


@dataclass(frozen=True, eq=False)
class Scene:
    """Named layers, none of which is privileged.

    Arrays inside a scene belong to it and are never written again.

    Parameters
    ----------
    layers : tuple of Layer
        What is drawn.
    carried : tuple of Layer
        What is not drawn but belongs to the result: exports and scores may want it.
    up : {"y", "z", "-y"}
        Axis that points up on screen; z up is seen from where y is least.
    unit : str
        Unit of length, such as ``mm``; empty where it is not known, or a layer's data name it.
    patient : bool
        Whether its axes are those of a patient: x to the right, y to the front, z to the head
        (RAS). All is then seen as radiologists see it, and slices have letters at their edges.

    Raises
    ------
    BadInput
        If two layers have one name.
    """

    layers: tuple[Layer, ...]
    carried: tuple[Layer, ...] = ()
    up: Literal["y", "z", "-y"] = "y"
    unit: str = ""
    patient: bool = False

    def __post_init__(self) -> None:
        names = [layer.name for layer in (*self.layers, *self.carried)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise BadInput(f"Two layers are called {twice!r}; give each a name of its own.")

    def layer(self, name: str) -> Layer:
        """The layer of a name.

        Raises
        ------
        BadInput
            If there is none.
        """
        every = (*self.layers, *self.carried)
        found = next((layer for layer in every if layer.name == name), None)
        if found is None:
            known = ", ".join(layer.name for layer in every) or "none"
            raise BadInput(f"There is no layer {name!r}; this scene has {known}.")
        return found

    def first(self, kind: type) -> Any | None:
        """The data of the first layer of a kind, the drawn ones before the carried ones."""
        every = (*self.layers, *self.carried)
        return next((layer.data for layer in every if isinstance(layer.data, kind)), None)

    def with_arrays(self, found: Mapping[str, Arrays]) -> Scene:
        """Return a scene whose layers also carry the arrays found for them; the same for none.

        Parameters
        ----------
        found : mapping of layer name to arrays

        Raises
        ------
        BadInput
            If there is no layer of such a name, or it can hold no values.
        """
        for name in found:
            self.layer(name)
        if not any(found.values()):
            return self
        return replace(
            self,
            layers=tuple(_carrying(layer, found.get(layer.name)) for layer in self.layers),
            carried=tuple(_carrying(layer, found.get(layer.name)) for layer in self.carried),
        )

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays of all layers, each counted once; what is shared is left out."""
        found: dict[int, int] = {}
        for layer in (*self.layers, *self.carried):
            for held in (layer.data, layer.surface):
                for value in vars(held).values() if held is not None else ():
                    own = value.values() if isinstance(value, Mapping) else (value,)
                    found |= {id(a): a.nbytes for a in own if isinstance(a, np.ndarray)}
        return sum(found.values())


def _carrying(layer: Layer, arrays: Arrays | None) -> Layer:
    if not arrays:
        return layer
    if not hasattr(layer.data, "arrays"):
        raise BadInput(
            f"The layer {layer.name!r} is a {type(layer.data).__name__.lower()}, which holds no "
            f"values; give {', '.join(arrays)} to another layer."
        )
    merged = MappingProxyType({**layer.data.arrays, **arrays})
    return replace(layer, data=replace(layer.data, arrays=merged), surface=None)
