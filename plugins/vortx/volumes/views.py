"""Photographs as the levels look at them: features, and where voxels are seen in them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from ..network.directions import rays_of
from ..network.features import LEVELS, STRIDES, seen
from ..network.network import Vortx
from ..network.tokens import Tokens, tokens_of


@dataclass(frozen=True, eq=False)
class Pinholes:
    """Cameras, as tensors.

    Parameters
    ----------
    intrinsics : (V, 4) float32
        fx, fy, cx, cy in pixels; the corner of a picture is (0, 0).
    poses : (V, 4, 4) float32
        World from camera, whose axes are OpenCV's.
    sizes : (V, 2) float32
        Width and height in pixels.
    """

    intrinsics: Tensor
    poses: Tensor
    sizes: Tensor

    def __len__(self) -> int:
        return len(self.poses)

    def taken(self, numbers: Tensor) -> Pinholes:
        """Those of these numbers."""
        return Pinholes(self.intrinsics[numbers], self.poses[numbers], self.sizes[numbers])

    def to(self, device: str | torch.device) -> Pinholes:
        """The same on a device."""
        return Pinholes(self.intrinsics.to(device), self.poses.to(device), self.sizes.to(device))

    def project(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Look where points are seen.

        Parameters
        ----------
        points : (N, 3) float32

        Returns
        -------
        pixels : (N, V, 2)
            From the corner of the picture.
        depths : (N, V)
            Along the camera's axis.
        valid : (N, V) bool
            Whether they are before the camera and inside the picture, up to its edge. (The release
            ends at the middle of the last feature, up to a stride before the edge.)
        """
        turns, places = self.poses[:, :3, :3], self.poses[:, :3, 3]
        own = torch.einsum("vji,nvj->nvi", turns, points[:, None] - places)
        return _pictured(own, self.intrinsics, self.sizes)

    def project_own(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `project`, but each camera looks at points of its own: (V, H, 3) to (V, H, ...)."""
        turns, places = self.poses[:, :3, :3], self.poses[:, None, :3, 3]
        own = torch.einsum("vji,vhj->vhi", turns, points - places)
        return _pictured(own, self.intrinsics[:, None], self.sizes[:, None])


def _pictured(own: Tensor, intrinsics: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Pixels, depths and whether they are seen, of points in the axes of their camera."""
    depths = own[..., 2]
    before = depths > 1e-6
    safe = torch.where(before, depths, 1.0)[..., None]
    pixels = own[..., :2] / safe * intrinsics[..., :2] + intrinsics[..., 2:]
    return pixels, depths, before & (pixels >= 0).all(-1) & (pixels < sizes).all(-1)


@dataclass(frozen=True, eq=False)
class Views:
    """Photographs that are looked at.

    Attributes
    ----------
    cameras : Pinholes
    features : dict of (V, h, w, C)
        By level; channels last, as they are gathered.
    """

    cameras: Pinholes
    features: dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Seen:
    """Voxels as views see them.

    Attributes
    ----------
    tokens : Tokens
        Pairs of a voxel and a view that sees it.
    pixels : (T, 2)
    depths : (T,)
        Metres along the camera's axis.
    """

    tokens: Tokens
    pixels: Tensor
    depths: Tensor


def views_of(network: Vortx, pictures: Tensor, cameras: Pinholes) -> Views:
    """Run the 2D part of the network on photographs of one size.

    Parameters
    ----------
    network : Vortx
    pictures : (V, H, W, 3) uint8 or float
        0 to 255.
    cameras : Pinholes
    """
    found = network.cnn2d(seen(pictures))
    features = {}
    for level in LEVELS:
        own = found[level]
        rays = rays_of(cameras.intrinsics, cameras.poses, STRIDES[level], *own.shape[2:])
        features[level] = network.view_embedders[level](own, rays).permute(0, 2, 3, 1).contiguous()
    return Views(cameras, features)


@torch.no_grad()
def seen_by(cameras: Pinholes, points: Tensor) -> Seen:
    """Which views see which voxels, where, and how far away."""
    pixels, depths, valid = cameras.project(points)
    tokens = tokens_of(valid)
    at = (tokens.voxels, tokens.views)
    return Seen(tokens, pixels[at], depths[at])


def sampled(features: Tensor, views: Tensor, pixels: Tensor, stride: int) -> Tensor:
    """Features between their places, bilinear: (T, C).

    Feature (i, j) is centred on the middle of pixel (stride i, stride j); see
    `directions.rays_of`. Beyond the last ones the last one is taken.

    Parameters
    ----------
    features : (V, h, w, C)
    views : (T,) int64
    pixels : (T, 2)
        From the corner of the picture.
    stride : int
    """
    _, height, width, channels = features.shape
    at = (pixels - 0.5) / stride
    x = at[:, 0].clamp(0, width - 1)
    y = at[:, 1].clamp(0, height - 1)
    left, top = x.floor().clamp_(max=max(width - 2, 0)), y.floor().clamp_(max=max(height - 2, 0))
    right, below = x - left, y - top
    first = (views * height + top.long()) * width + left.long()
    across, down = int(width > 1), width * int(height > 1)
    corners = torch.stack((first, first + across, first + down, first + down + across), dim=1)
    weights = torch.stack(
        ((1 - right) * (1 - below), right * (1 - below), (1 - right) * below, right * below), dim=1
    )
    rows = features.reshape(-1, channels)
    return embedding_bag(corners, rows, mode="sum", per_sample_weights=weights.to(rows.dtype))
