"""Signed distances of surfaces to the border of what they are compared with."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, map_coordinates

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.labels import held_part
from prune3d_gui.core.scene.scenes import Arrays, Scene

from .showing import body_of

SIGNED = "signed"
"""Array of the distances of a surface's vertices in mm, inside negative."""
FIELD_BYTES = 64 << 20
"""Distances to the bodies of references."""


class Distances:
    """How far the surfaces of a result lie from a reference, and those of a reference from it.

    Parameters
    ----------
    classes : tuple of str
        The background first; each other one names a layer of a scene.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        self._fields: Newest[tuple[np.ndarray, np.ndarray]] = Newest(FIELD_BYTES)

    def of_result(
        self,
        scene: Scene,
        sample: str,
        wanted: np.ndarray,
        affine: np.ndarray,
        cancel: CancelToken = NEVER,
    ) -> dict[str, Arrays]:
        """Distance of the vertices of each class of a result to the border of its reference.

        Parameters
        ----------
        scene : Scene
        sample : str
            Whose reference it is; distances around it are kept.
        wanted : (X, Y, Z) uint8
        affine : (4, 4) float

        Returns
        -------
        mapping of layer name to arrays
        """
        found: dict[str, Arrays] = {}
        for number, name, points in self._surfaces(scene):
            cancel.check()
            field = self._field(sample, number, wanted, affine)
            found[name] = {SIGNED: sampled(field, affine, points)}
        return found

    def of_reference(
        self, scene: Scene, found: np.ndarray, affine: np.ndarray, cancel: CancelToken = NEVER
    ) -> dict[str, Arrays]:
        """Distance of the vertices of each class of a reference to the border in a label map."""
        told: dict[str, Arrays] = {}
        for number, name, points in self._surfaces(scene):
            cancel.check()
            body = np.isin(found, body_of(number, self._classes))
            told[name] = {SIGNED: distances_at(body, affine, points)}
        return told

    def clear(self) -> None:
        """Keep nothing."""
        self._fields.clear()

    def _surfaces(self, scene: Scene) -> list[tuple[int, str, np.ndarray]]:
        """Number, name and vertices of the classes that a scene has surfaces of."""
        there = {layer.name: layer.data for layer in scene.layers}
        named = ((n, name) for n, name in enumerate(self._classes) if n and name in there)
        return [(n, name, p) for n, name in named if len(p := there[name].points)]

    def _field(
        self, sample: str, number: int, wanted: np.ndarray, affine: np.ndarray
    ) -> np.ndarray:
        kept = self._fields.get((sample, number))
        if kept is None or kept[0] is not wanted:
            body = np.isin(wanted, body_of(number, self._classes))
            kept = wanted, signed_distance(body, affine)
            self._fields.put((sample, number), kept)
        return kept[1]


def signed_distance(body: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Distance of every voxel to the border of a body in mm, inside negative.

    Beyond the lattice nothing is of the body.

    Parameters
    ----------
    body : (X, Y, Z) bool
    affine : (4, 4) float

    Returns
    -------
    (X, Y, Z) float32
        Infinite where there is no body.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if not body.any():
        return np.full(body.shape, np.inf, np.float32)
    # Half a voxel lies between the middle of the last voxel inside and the border.
    half = float(spacing.mean()) / 2
    outside = distance_transform_edt(~body, sampling=spacing)
    inside = distance_transform_edt(np.pad(body, 1), sampling=spacing)[1:-1, 1:-1, 1:-1]
    return np.where(body, half - inside, outside - half).astype(np.float32)


def sampled(field: np.ndarray, affine: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values of a field on voxels at places (N, 3) in mm: (N,) float32, linear between voxels."""
    if np.isinf(field.flat[0]):  # there is no body, whose distance cannot be weighted
        return np.full(len(places), np.inf, np.float32)
    found: np.ndarray = map_coordinates(field, _voxels(affine, places).T, order=1, mode="nearest")
    return found.astype(np.float32)


def distances_at(body: np.ndarray, affine: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Signed distance of places (N, 3) in mm to the border of a body: (N,) float32.

    The same as `sampled` of its `signed_distance`, of no more voxels than hold both.
    """
    part = held_part(body)
    if part is None or not len(places):
        return np.full(len(places), np.inf, np.float32)
    at = _voxels(affine, places)
    lows = np.minimum([along.start for along in part], np.floor(at.min(axis=0))) - 1
    ends = np.maximum([along.stop for along in part], np.ceil(at.max(axis=0)) + 1) + 1
    lows = np.clip(lows, 0, body.shape).astype(int)
    ends = np.clip(ends, 0, body.shape).astype(int)
    low_x, low_y, low_z = lows
    end_x, end_y, end_z = ends
    held = body[low_x:end_x, low_y:end_y, low_z:end_z]
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ lows
    return sampled(signed_distance(held, affine), moved, places)


def _voxels(affine: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Places (N, 3) in mm as numbers of voxels."""
    back = np.linalg.inv(affine)
    found: np.ndarray = places @ back[:3, :3].T + back[:3, 3]
    return found
