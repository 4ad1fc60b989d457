"""The box of a scene, and the tiles that it is looked at in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Cameras

from .choosing import SAMPLED, chosen_views, sees
from .levels import FACTORS

TILE = (96, 96, 48)
"""Fine voxels of a tile, as released."""
LARGEST = 1 << 19
"""Coarse voxels of a box."""


@dataclass(frozen=True)
class Box:
    """What of the world is reconstructed.

    Parameters
    ----------
    origin : (3,) float
        World place of the first voxel, in metres; z is up.
    dims : (3,) int
        Fine voxels along each side.
    voxel : float
        Side of a fine one, in metres.

    Raises
    ------
    BadInput
        If it is empty, not finite, or too large.
    """

    origin: tuple[float, float, float]
    dims: tuple[int, int, int]
    voxel: float = 0.04

    def __post_init__(self) -> None:
        sides = " x ".join(f"{side * self.voxel:.4g}" for side in self.dims)
        good = np.isfinite((*self.origin, self.voxel)).all() and self.voxel > 0
        if not good or min(self.dims) < 1:
            raise BadInput(f"A box of {sides} m is empty or not finite; give numbers above 0.")
        if np.prod([-(-side // 4) for side in self.dims], dtype=float) > LARGEST:
            raise BadInput(
                f"A box of {sides} m is too large for voxels of {self.voxel:g} m; take a part of "
                "the scene, or leave out photographs far away from the rest."
            )


@dataclass(frozen=True, eq=False)
class Tile:
    """A part of the box.

    Attributes
    ----------
    first, last : (3,) int
        Fine voxels that it begins with, and that come after it.
    views : (W,) int64
        Numbers of the photographs that are looked at.
    """

    first: np.ndarray
    last: np.ndarray
    views: np.ndarray

    def holds(self, places: Tensor, level: str) -> Tensor:
        """Which of a level's voxels are inside: (N,) bool."""
        factor = FACTORS[level]
        first, last = (places.new_tensor(end) for end in (self.first, self.last))
        own = places * factor
        return ((own >= first) & (own < last)).all(1)


def box_of(cameras: Cameras, far: float = 4.0, voxel: float = 0.04) -> Box:
    """Box around what all cameras see up to a depth, as released.

    Parameters
    ----------
    cameras : Cameras
    far : float
        Metres along the camera's axis.
    voxel : float
    """
    corners = []
    for pose, (fx, fy, cx, cy), (width, height) in zip(
        cameras.poses, cameras.intrinsics, cameras.sizes, strict=True
    ):
        ends = [((u - cx) / fx, (v - cy) / fy, 1.0) for u in (0, width) for v in (0, height)]
        corners.append(np.asarray(ends) * far @ pose[:3, :3].T + pose[:3, 3])
        corners.append(pose[None, :3, 3])
    points = np.concatenate(corners)
    low, high = points.min(axis=0), points.max(axis=0)
    dims = tuple(int(count) for count in np.ceil((high - low) / voxel) + 1)
    return Box(tuple(float(x) for x in low), dims, voxel)  # type: ignore[arg-type]


def tiles_of(
    box: Box, cameras: Cameras, most: int, tile: tuple[int, int, int] = TILE
) -> Iterator[Tile]:
    """Cut a box into tiles, each with the views that see it best; what none sees is left out.

    Parameters
    ----------
    box : Box
    cameras : Cameras
    most : int
        Views of a tile.
    tile : (3,) int
        Fine voxels, multiples of 4.
    """
    sides = np.asarray(tile)
    for number in np.ndindex(*(-(-np.asarray(box.dims) // sides))):
        first = np.asarray(number) * sides
        last = np.minimum(first + sides, box.dims)
        # The same points of each tile, in no pattern that a view could miss.
        points = np.random.default_rng(0).uniform(first, last, (SAMPLED, 3))
        seen = sees(
            points * box.voxel + box.origin, cameras.intrinsics, cameras.poses, cameras.sizes
        )
        views = chosen_views(seen, most)
        if len(views):
            yield Tile(first, last, views)


def within(places: Tensor, level: str, dims: tuple[int, int, int]) -> Tensor:
    """Which of a level's voxels begin inside a box: (N,) bool."""
    return (places * FACTORS[level] < torch.as_tensor(dims, device=places.device)).all(1)
