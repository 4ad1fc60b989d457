"""From where features were seen: the direction of each pixel's ray is added to them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

OCTAVES = 4
CODE = 3 + 6 * OCTAVES
"""Numbers that tell a direction."""


class ViewDirectionEncoder(nn.Module):
    """Features beside the direction that they were seen in, mixed into as many.

    Parameters
    ----------
    width : int
        Channels.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        conv = nn.Conv2d(width + CODE, width, 1, bias=False)
        nn.init.xavier_normal_(conv.weight)
        self.conv = nn.Sequential(conv)

    def forward(self, features: Tensor, rays: Tensor) -> Tensor:
        """Mix.

        Parameters
        ----------
        features : (N, C, H, W)
        rays : (N, 3, H, W)
            Unit vectors in the world, from the camera.

        Returns
        -------
        (N, C, H, W)
        """
        code = coded(rays).to(features.dtype)
        mixed: Tensor = self.conv(torch.cat((features, code), dim=1))
        return mixed


def coded(rays: Tensor) -> Tensor:
    """Unit vectors (N, 3, ...) with sines and cosines of them, in octaves: (N, 27, ...)."""
    parts = [rays]
    for octave in range(OCTAVES):
        angles = rays * (math.pi * 2**octave)
        parts += [angles.sin(), angles.cos()]
    return torch.cat(parts, dim=1)


def rays_of(intrinsics: Tensor, poses: Tensor, stride: int, height: int, width: int) -> Tensor:
    """Directions in the world in which features see: (N, 3, height, width), unit vectors.

    Feature (i, j) of a stride is centred on the middle of pixel (stride i, stride j): strided
    convolutions with half their kernel around them are. The release says the same, of intrinsics
    that count from the middle of the first pixel; ours count from its corner.

    Parameters
    ----------
    intrinsics : (N, 4)
        fx, fy, cx, cy in pixels; the corner of the picture is (0, 0).
    poses : (N, 4, 4)
        World from camera.
    stride : int
        Pixels between features.
    height, width : int
        Numbers of features.
    """
    x = torch.arange(width, dtype=poses.dtype, device=poses.device) * stride + 0.5
    y = torch.arange(height, dtype=poses.dtype, device=poses.device) * stride + 0.5
    fx, fy, cx, cy = (intrinsics[:, k, None, None] for k in range(4))
    across = ((x[None, None] - cx) / fx).expand(-1, height, -1)
    down = ((y[None, :, None] - cy) / fy).expand(-1, -1, width)
    rays = torch.stack((across, down, torch.ones_like(across)), dim=1)
    rays = torch.einsum("nij,njhw->nihw", poses[:, :3, :3], rays)
    return rays / rays.norm(dim=1, keepdim=True)
