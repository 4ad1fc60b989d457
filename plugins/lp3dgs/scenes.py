"""A scene as it was opened: its Gaussians, the cameras, and the photographs they took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.files.splats.splat_file import SplatFile

Background = tuple[float, float, float]
"""A colour, 0 to 1."""
Photograph = Callable[[Background, int], np.ndarray]
"""Gives a picture over a background, (H, W, 3) float32 of 0 to 1: of its camera's size, or smaller
where only so many pixels along a side are needed."""
Thumbnail = Callable[[int], np.ndarray]
"""Gives a photograph made small, (H, W, 3) uint8, of at most so many pixels along a side."""
NO_THUMBNAILS: Mapping[int, Thumbnail] = MappingProxyType({})
NO_PHOTOGRAPHS: Mapping[int, Photograph] = MappingProxyType({})
WHITE: Background = (1.0, 1.0, 1.0)
BLACK: Background = (0.0, 0.0, 0.0)
LONGEST = 800
"""Pixels along the longer side that pictures have at most; larger ones are made smaller."""


@dataclass(frozen=True, eq=False)
class SplatScene:
    """Gaussians, cameras and photographs.

    Parameters
    ----------
    splats : SplatFile
        As they were read.
    cameras : Cameras
    held : frozenset of int
        Numbers of the cameras that nothing is trained or ranked on.
    photographs : mapping of number to Photograph
        Of the cameras that have one.
    thumbnails : mapping of number to Thumbnail
        Of the same cameras.
    background : (r, g, b)
        What it was trained over, 0 to 1.
    notices : tuple of str
        What was assumed, in sentences.
    """

    splats: SplatFile
    cameras: Cameras
    held: frozenset[int]
    photographs: Mapping[int, Photograph] = field(default_factory=lambda: NO_PHOTOGRAPHS)
    thumbnails: Mapping[int, Thumbnail] = field(default_factory=lambda: NO_THUMBNAILS)
    background: Background = WHITE
    notices: tuple[str, ...] = ()

    @property
    def training(self) -> tuple[int, ...]:
        """Numbers of the cameras that are ranked and trained on."""
        return tuple(n for n in range(len(self.cameras.names)) if n not in self.held)

    def one(self, number: int) -> Cameras:
        """A camera alone, to be carried beside its picture."""
        at, every = slice(number, number + 1), self.cameras
        return Cameras(every.poses[at], every.intrinsics[at], every.sizes[at], every.names[at])

    def camera(self, number: int, longest: int = LONGEST) -> Camera:
        """A camera, whose pictures are made smaller where they are longer than `longest`."""
        return smaller(self.cameras.camera(number), longest)


def smaller(camera: Camera, longest: int) -> Camera:
    """A camera that sees the same in a picture of at most so many pixels along a side."""
    by = longest / max(camera.width, camera.height)
    if by >= 1:
        return camera
    width, height = (max(round(side * by), 1) for side in (camera.width, camera.height))
    across, down = width / camera.width, height / camera.height
    return Camera(
        width, height, camera.fx * across, camera.fy * down, camera.cx * across,
        camera.cy * down, camera.world_to_camera,
    )  # fmt: skip


def resized(picture: np.ndarray, camera: Camera) -> np.ndarray:
    """A picture, (H, W, 3) float32, as a camera of fewer pixels would take it: areas' means."""
    from PIL import Image

    if picture.shape[:2] == (camera.height, camera.width):
        return picture
    size = camera.width, camera.height
    bands = [
        Image.fromarray(np.ascontiguousarray(picture[..., band])).resize(size, Image.Resampling.BOX)
        for band in range(picture.shape[2])
    ]
    return np.stack([np.asarray(band, np.float32) for band in bands], axis=2)
