"""What reconstructions are shown as: surfaces, voxels that levels keep, cameras, photographs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.scenes import Image, Layer, Mesh, Scene, Volume
from prune3d_gui.geometry.fusion.tsdf import tsdf_surface

from .controls import COMPLETENESS, DISTANCE, STRIP
from .network.features import LEVELS
from .rooms import Reference, RoomData
from .volumes.choosing import sees
from .volumes.found import Level
from .volumes.levels import FACTORS
from .volumes.tiles import Box

SURFACE, TSDF, CAMERAS, PHOTOGRAPH = "surface", "signed distances", "cameras", "photograph"
REFERENCE = "reference"
KEPT_BYTES = 64 << 20
"""Of meshes."""
_SIDES = ((1, 2), (2, 0), (0, 1))
"""Axes along the faces across each axis, so that corners turn to the outside."""


def surface_of(level: Level) -> tuple[Mesh, Volume]:
    """The surface of a fine level, and the signed distances that it is of."""
    values = level.volume()
    mesh = tsdf_surface(values, np.asarray(level.box.origin), level.voxel, np.isfinite(values))
    affine = along_axes((level.voxel,) * 3, level.box.origin)
    return mesh, Volume(values, 0.0, affine, "m")


def voxels(places: np.ndarray, box: Box, level: str) -> Mesh:
    """The outside of some voxels of a level.

    Parameters
    ----------
    places : (N, 3) int
    box : Box
    level : str
    """
    places = np.asarray(places, np.int64).reshape(-1, 3)
    if not len(places):
        return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    low = places.min(0) - 1
    there = np.zeros(places.max(0) - low + 2, bool)
    there[tuple((places - low).T)] = True
    corners = []
    for axis, (one, other) in enumerate(_SIDES):
        for side in (0, 1):
            beyond = places - low
            beyond[:, axis] += 2 * side - 1
            open_ = places[~there[tuple(beyond.T)]]
            steps = np.zeros((4, 3), np.int64)
            steps[:, axis] = side
            turn = (0, 1, 2, 3) if side else (0, 3, 2, 1)
            for number, at in enumerate(turn):
                steps[number, one], steps[number, other] = ((0, 0), (1, 0), (1, 1), (0, 1))[at]
            corners.append(open_[:, None] + steps)
    quads = np.concatenate(corners)
    points, inverse = np.unique(quads.reshape(-1, 3), axis=0, return_inverse=True)
    four = inverse.reshape(-1, 4)
    faces = np.concatenate([four[:, [0, 1, 2]], four[:, [0, 2, 3]]]).astype(np.int32)
    edge = box.voxel * FACTORS[level]
    world = points * edge + np.asarray(box.origin) - box.voxel / 2
    return Mesh(world.astype(np.float32), faces)


class Showing:
    """Makes scenes of what levels find; meshes are kept with the levels that they are of."""

    def __init__(self) -> None:
        self._made: Newest[tuple[Level, Mesh, Volume | None]] = Newest(
            KEPT_BYTES, lambda made: made[1].points.nbytes + made[1].faces.nbytes
        )

    def result(
        self, room: RoomData, level: Level, shown: str, chosen: int, found: Mapping[str, Level]
    ) -> Scene:
        """What a level found, with the cameras and a photograph.

        Parameters
        ----------
        room : RoomData
        level : Level
            The finest so far.
        shown : str
            ``surface``, or the level whose voxels are shown.
        chosen : int
            Number of the photograph, among those of the strip.
        found : mapping of Level
            What was found so far, by level.
        """
        mesh, volume = self._surface(room, level)
        surface = Layer(SURFACE, mesh, DISTANCE, absent=level.emptied)
        carried = () if volume is None else (Layer(TSDF, volume),)
        if shown in found:
            carried += (surface,)
            kept = self._voxels(room, found[shown])
            surface = Layer(f"{shown} voxels", kept, "height", absent=found[shown].emptied)
        number = strip(room)[chosen]
        layers = (
            surface,
            Layer(CAMERAS, cameras(room, chosen), view="space"),
            Layer(PHOTOGRAPH, Image(room.pictures[number]), view="photograph"),
        )
        return Scene(layers, carried, up="z", unit="m")

    def clear(self) -> None:
        """Keep nothing."""
        self._made.clear()

    def _surface(self, room: RoomData, level: Level) -> tuple[Mesh, Volume | None]:
        """The surface of the fine level; the voxels that a coarser one keeps."""
        if level.level != LEVELS[-1]:
            return self._voxels(room, level), None

        def make() -> tuple[Level, Mesh, Volume | None]:
            mesh, volume = surface_of(level)
            return level, coloured(mesh, room), volume

        _, mesh, volume = self._made.keep((id(level), SURFACE), make)
        return mesh, volume

    def _voxels(self, room: RoomData, level: Level) -> Mesh:
        def make() -> tuple[Level, Mesh, Volume | None]:
            kept = voxels(level.places[level.occupied], level.box, level.level)
            return level, coloured(kept, room), None

        return self._made.keep((id(level), "voxels"), make)[1]


def coloured(mesh: Mesh, room: RoomData) -> Mesh:
    """A surface with its height, and how many photographs look at it."""
    one = room.cameras
    seen = sees(mesh.points, one.intrinsics, one.poses, one.sizes).sum(1)
    return Mesh(
        mesh.points, mesh.faces,
        {"height": mesh.points[:, 2].astype(np.float32), "seen": seen.astype(np.float32)},
    )  # fmt: skip


def reference_scene(room: RoomData, reference: Reference) -> Scene:
    """The reference alone."""
    mesh = coloured(reference.mesh, room)
    return Scene((Layer(REFERENCE, mesh, COMPLETENESS),), up="z", unit="m")


def strip(room: RoomData) -> np.ndarray:
    """Numbers of the photographs that can be chosen: (`STRIP`,) int, evenly along the walk."""
    return np.linspace(0, len(room.pictures) - 1, STRIP).round().astype(int)


def cameras(room: RoomData, chosen: int) -> Cameras:
    """The cameras of the strip, of which one is chosen."""
    numbers = strip(room)
    first = [n for n in range(STRIP) if n == 0 or numbers[n] != numbers[n - 1]]
    at, one = numbers[first], room.cameras
    names = tuple(str(n + 1) for n in first)
    here = next(str(n + 1) for n in first if numbers[n] == numbers[chosen])
    return Cameras(
        one.poses[at], one.intrinsics[at], one.sizes[at], names, chooses="camera", chosen=here
    )
