"""The crop that work is counted for, to be run: photographs that see all of it, and its voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.sparse.sites import Sites
from ..volumes.levels import fused_in_parts, points_of
from ..volumes.scene import PICTURES, PORTION
from ..volumes.tiles import TILE
from ..volumes.views import Pinholes, Views, seen_by, views_of
from .work import TYPICAL, typical_room

VOXEL, FAR, FOCAL = 0.04, 7.5, 577.0
"""Metres; metres from the middle of the crop, from where all of it is seen; pixels."""


@dataclass(frozen=True, eq=False)
class Crop:
    """What `TYPICAL` counts, to be run: photographs that see all of a crop, and its voxels.

    Attributes
    ----------
    pictures : (V, H, W, 3) uint8
        Grain.
    cameras : Pinholes
    room : dict of Sites
        By level.
    """

    pictures: Tensor
    cameras: Pinholes
    room: dict[str, Sites]

    @property
    def origin(self) -> Tensor:
        """Of the world, in metres."""
        return torch.zeros(3, device=self.pictures.device)


def typical_crop(device: str, views: int = TYPICAL.images) -> Crop:
    """The crop of `TYPICAL`, seen from all around."""
    height, width = TYPICAL.size
    pictures = np.random.default_rng(0).integers(0, 256, (views, height, width, 3), np.uint8)
    middle, poses = VOXEL * np.asarray(TILE) / 2, []
    for angle in np.linspace(0, 2 * np.pi, views, endpoint=False):
        forward = np.array([-np.cos(angle), -np.sin(angle), -0.3]) / np.hypot(1, 0.3)
        right = np.cross(forward, (0, 0, 1.0))
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.stack((right, np.cross(forward, right), forward), axis=1)
        pose[:3, 3] = middle - FAR * forward
        poses.append(pose)
    intrinsics = np.tile((FOCAL, FOCAL, width / 2, height / 2), (views, 1))
    cameras = Pinholes(
        *(torch.from_numpy(np.asarray(part, np.float32)).to(device)
          for part in (intrinsics, np.stack(poses), np.tile((width, height), (views, 1))))
    )  # fmt: skip
    return Crop(torch.from_numpy(pictures).to(device), cameras, typical_room(device))


def photographs(network: Vortx, crop: Crop) -> Views:
    """Run the 2D part on all photographs, as scenes do."""
    parts = []
    for numbers in torch.arange(len(crop.cameras), device=crop.pictures.device).split(PICTURES):
        own = views_of(network, crop.pictures[numbers], crop.cameras.taken(numbers))
        parts.append(own.features)
    features = {level: torch.cat([part[level] for part in parts]) for level in LEVELS}
    return Views(crop.cameras, features)


def fusions(network: Vortx, crop: Crop, views: Views) -> None:
    """Fuse what is seen of all voxels, in portions, as scenes do."""
    for level, sites in crop.room.items():
        for places in sites.places.split(max(PORTION // len(views.cameras), 1)):
            points = points_of(places, level, crop.origin, VOXEL)
            fused_in_parts(network, level, views, seen_by(views.cameras, points), True)


def volumes(network: Vortx, crop: Crop) -> None:
    """Run all U-Nets."""
    for number, (level, sites) in enumerate(crop.room.items()):
        inputs = network.size.unets[number].inputs
        rows = torch.ones((len(sites), inputs), device=sites.places.device)
        network.output_layers[level](network.cnns3d[level](rows, sites), sites)
