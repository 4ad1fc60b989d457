"""Rooms that are trained on, as crops are taken from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from prune3d_gui.core.errors import BadInput

from ..data.scene_files import SceneFolder, read_scene, scenes_in

OCCUPIED = 0.999
"""Distances below it, either way, are near a surface."""


@dataclass(frozen=True, eq=False)
class Room:
    """Posed photographs with depths, and the signed distances that these were fused to.

    Parameters
    ----------
    name : str
    intrinsics : (N, 4) float
        fx, fy, cx, cy in pixels of the photographs; the corner is (0, 0).
    poses : (N, 4, 4) float
        World from camera (OpenCV's axes), metres; z is up.
    size : (width, height)
        Of photographs, in pixels.
    picture : callable
        Number to (height, width, 3) uint8.
    depth : callable
        Number to (h, w) float32: metres along the camera's axis, 0 for none. Of the same picture,
        maybe with other pixels.
    values : (X, Y, Z) float
        Truncated signed distances: 1 not observed, -1 free.
    origin : (3,) float
        World place of the middle of the first voxel.
    voxel : float
        Side, in metres.
    """

    name: str
    intrinsics: np.ndarray
    poses: np.ndarray
    size: tuple[int, int]
    picture: Callable[[int], np.ndarray]
    depth: Callable[[int], np.ndarray]
    values: np.ndarray
    origin: np.ndarray
    voxel: float

    @cached_property
    def near(self) -> np.ndarray:
        """Numbers of the voxels near a surface, as of a flat array: (M,) int32."""
        return np.flatnonzero(np.abs(self.values) < OCCUPIED).astype(np.int32)


def room_of(scene: SceneFolder) -> Room:
    """Open a scene's folder to take crops from.

    Raises
    ------
    BadInput
        If it has no depth pictures.
    """
    frames = enumerate(scene.told["frames"])
    missing = next((n for n, frame in frames if not frame.get("filename_depth")), None)
    if missing is not None:
        raise BadInput(
            f"'{scene.folder.name}' has no depth for picture {missing}, which training needs; make "
            "rooms with depths."
        )

    def depth(number: int) -> np.ndarray:
        found = scene.depth(number)
        assert found is not None, "all of them have one"
        return found

    height, width = scene.size
    matrix, volume = scene.intrinsics, scene.volume()
    numbers = (matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2])
    return Room(
        scene.name, np.tile(np.asarray(numbers), (len(scene), 1)), scene.poses, (width, height),
        scene.picture, depth, volume.values.astype(np.float16), volume.origin, volume.voxel,
    )  # fmt: skip


class Rooms(Sequence[Room]):
    """Rooms of a folder, opened when they are asked for.

    While rooms are still being made, those that are there stand in for those to come.

    Parameters
    ----------
    folder : path
        What 'prune3d data vortx' fills.
    split : str
    wanted : int
        How many there will be; 0 for those that are there.

    Raises
    ------
    BadInput
        If there is none.
    """

    def __init__(self, folder: Path, split: str, wanted: int = 0) -> None:
        self.folder, self.split = folder, split
        self._places = scenes_in(folder, split)
        if not self._places:
            raise BadInput(
                f"'{folder}' has no rooms to {split} with; fill it with 'prune3d data vortx'."
            )
        self._wanted = wanted or len(self._places)
        self._open: dict[Path, Room] = {}

    def __len__(self) -> int:
        return self._wanted

    def __getitem__(self, number: int) -> Room:  # type: ignore[override]
        if number >= self._wanted:
            raise IndexError(number)
        if number >= len(self._places):
            self._places = scenes_in(self.folder, self.split)
        place = self._places[number % len(self._places)]
        if place not in self._open:
            self._open[place] = room_of(read_scene(place))
        return self._open[place]
