"""What reconstructions are shown as: surfaces, voxels that levels keep, cameras, photographs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.scenes import Image, Layer, Mesh, Scene, Volume
from prune3d_gui.geometry.fusion.tsdf import tsdf_surface

from .controls import CAMERA, COMPLETENESS, DISTANCE, STRIP
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
INWARDS = 0.75
"""Share of a reference that looks to the photographs from which on it has a side to look from."""
_SIDES = ((1, 2), (2, 0), (0, 1))
"""Axes along the faces across each axis, so that corners turn to the outside."""


def surface_of(level: Level) -> tuple[Mesh, Volume]:
    """The surface of a fine level, and the signed distances that it is of."""
    values = level.volume()
    mesh = tsdf_surface(values, np.asarray(level.box.origin), level.voxel, np.isfinite(values))
    affine = along_axes((level.voxel,) * 3, level.box.origin)
    return mesh, Volume(values, 0.0, affine, "m")


def voxels(places: np.ndarray, box: Box, level: str, eyes: np.ndarray | None = None) -> Mesh:
    """The outside of some voxels of a level.

    Parameters
    ----------
    places : (N, 3) int
    box : Box
    level : str
    eyes : (K, 3) float, optional
        Only sides are made that face one of these places, so that nothing is made of what is
        behind the walls of a room.
    """
    places = np.asarray(places, np.int64).reshape(-1, 3)
    if not len(places):
        return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    edge = box.voxel * FACTORS[level]
    start = np.asarray(box.origin) - box.voxel / 2
    low = places.min(0) - 1
    there = np.zeros(places.max(0) - low + 2, bool)
    there[tuple((places - low).T)] = True
    corners = []
    for axis, (one, other) in enumerate(_SIDES):
        for side in (0, 1):
            beyond = places - low
            beyond[:, axis] += 2 * side - 1
            open_ = places[~there[tuple(beyond.T)]]
            if eyes is not None:
                at = start[axis] + edge * (open_[:, axis] + side)
                far = eyes[:, axis].max() > at if side else eyes[:, axis].min() < at
                open_ = open_[far]
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
    return Mesh((points * edge + start).astype(np.float32), faces)


class Showing:
    """Makes scenes of what levels find; meshes are kept with the levels that they are of."""

    def __init__(self) -> None:
        self._made: Newest[tuple[Level, Mesh, Volume | None]] = Newest(
            KEPT_BYTES, lambda made: made[1].points.nbytes + made[1].faces.nbytes
        )

    def result(
        self, room: RoomData, level: Level, shown: str, choice: str, found: Mapping[str, Level]
    ) -> Scene:
        """What a level found, with the cameras and a photograph.

        Parameters
        ----------
        room : RoomData
        level : Level
            The finest so far.
        shown : str
            ``surface``, or the level whose voxels are shown.
        choice : str
            The photograph, among those of the strip.
        found : mapping of Level
            What was found so far, by level.
        """
        mesh, volume = self._surface(room, level)
        surface = Layer(SURFACE, mesh, DISTANCE, one_sided=True, absent=level.emptied)
        carried = () if volume is None else (Layer(TSDF, volume),)
        if shown in found:
            carried += (surface,)
            kept = self._voxels(room, found[shown])
            surface = Layer(
                f"{shown} voxels", kept, "height", one_sided=True, absent=found[shown].emptied
            )
        photograph = room.pictures[chosen(room, choice)]
        layers = (
            surface,
            Layer(CAMERAS, cameras(room, choice), view="space"),
            Layer(PHOTOGRAPH, Image(photograph), view="photograph"),
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
            eyes = room.cameras.poses[:, :3, 3]
            kept = voxels(level.places[level.occupied], level.box, level.level, eyes)
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
    inwards = _inwards(mesh, room.cameras.poses[:, :3, 3].mean(0)) >= INWARDS
    layer = Layer(REFERENCE, mesh, COMPLETENESS, one_sided=inwards)
    return Scene((layer,), up="z", unit="m")


def _inwards(mesh: Mesh, eye: np.ndarray) -> float:
    """Share of a surface, by area, whose faces run counter-clockwise as seen from a place."""
    ends = mesh.points[mesh.faces].astype(float)
    across = np.cross(ends[:, 1] - ends[:, 0], ends[:, 2] - ends[:, 0])
    area = np.linalg.norm(across, axis=1)
    towards = ((eye - ends[:, 0]) * across).sum(1) > 0
    return float(area[towards].sum() / max(area.sum(), 1e-12))


def strip(room: RoomData) -> np.ndarray:
    """Numbers of the photographs that can be chosen: all, or `STRIP` evenly along the walk."""
    count = len(room.pictures)
    return np.linspace(0, count - 1, min(count, STRIP)).round().astype(int)


def chosen(room: RoomData, choice: str) -> int:
    """Number of the photograph that an entry of the strip stands for, in short rooms the last."""
    numbers = strip(room)
    return int(numbers[min(int(choice), len(numbers)) - 1])


def cameras(room: RoomData, choice: str) -> Cameras:
    """The cameras of the strip, of which one is chosen."""
    at, one = strip(room), room.cameras
    names = tuple(str(n + 1) for n in range(len(at)))
    return Cameras(
        one.poses[at], one.intrinsics[at], one.sizes[at], names, chooses=CAMERA.id,
        chosen=names[min(int(choice), len(names)) - 1],
        titles=tuple(one.names[number] for number in at),
    )  # fmt: skip
