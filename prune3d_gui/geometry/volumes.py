"""The geometry of scalar fields on regular grids."""

from __future__ import annotations

import numpy as np

from ..core.scene.affines import placed
from ..core.scene.scenes import Layer, Mesh, Volume
from .boxes import corners
from .contours import contour_volume
from .sight import Hit, Sight, face_hit


def extent(volume: Volume) -> np.ndarray:
    """Points that hold the voxels' centres between them: (8, 3) float64."""
    return lattice_corners(volume.values.shape, volume.affine)


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The voxel nearest to where its surface is seen; see `voxel_hit`."""
    made = layer.surface if layer.surface is not None else surface(layer.data)
    return voxel_hit(made, layer.data.values.shape, layer.data.affine, sight)


def nothing(layer: Layer) -> str:
    """Why no surface of it can be seen; empty where one can, or none was made yet."""
    if layer.surface is None or len(layer.surface.faces):
        return ""
    return no_surface(layer.data.iso, layer.data.values)


def no_surface(iso: float, values: np.ndarray, unit: str = "") -> str:
    """Say that there is no surface of a value, and between which the values lie.

    Parameters
    ----------
    iso : float
    values : array of float
    unit : str
        Of the values.
    """
    unit = f" {unit}" if unit else ""
    known = np.asarray(values)[np.isfinite(values)]
    if not known.size:
        return f"No surface at {iso:.6g}{unit}; no value is a number."
    low, high = float(known.min()), float(known.max())
    return f"No surface at {iso:.6g}{unit}; values run from {low:.6g} to {high:.6g}{unit}."


def surface(volume: Volume) -> Mesh:
    """The surface at the volume's own value, with its arrays."""
    return contour_volume(volume.values, volume.affine, volume.iso, volume.arrays)


def lattice_corners(shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
    """Return the centres of the voxels in the corners of a lattice: (8, 3) float64."""
    return corners((0, 0, 0), np.subtract(shape, 1), affine)


def voxel_hit(
    made: Mesh, shape: tuple[int, int, int], affine: np.ndarray, sight: Sight
) -> Hit | None:
    """Return the voxel, by its flat number with z fastest, at the frontmost place of a surface."""
    found = face_hit(made.points, made.faces, sight) if len(made.faces) else None
    if found is None:
        return None
    place = placed(made.points[found[1]].astype(float), np.linalg.inv(affine))
    voxel = np.clip(np.rint(place).astype(int), 0, np.subtract(shape, 1))
    return Hit(int(np.ravel_multi_index(voxel, shape)), "voxel", found[2])


def voxel_place(index: int, shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
    """Return where the centre of a voxel lies, by its flat number: (3,) float64."""
    return placed(np.array(np.unravel_index(index, shape), dtype=float), affine)
