"""U-Nets on whole boxes: the plain way, which sparse ones are compared with.

Every voxel of the box is convolved, and what is not occupied is set to zero again after each norm,
so that occupied voxels see what they see in a sparse U-Net.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv3d, conv_transpose3d

from .sparse.layers import Conv3d, Down, Up
from .sparse.sites import Sites
from .unet import ResidualBlock, UNet


class DenseUNet:
    """A U-Net on a whole box, with the weights of a sparse one.

    Parameters
    ----------
    unet : UNet
        In evaluation mode.
    sites : Sites
        Occupied voxels, from 0 on.
    dims : (3,) int
        Sides of the box, multiples of 4.
    """

    def __init__(self, unet: UNet, sites: Sites, dims: tuple[int, int, int]) -> None:
        half = sites.halved.sites
        self.unet, self.sites, self.dims = unet, sites, dims
        self._there = [
            _filled(own.places, own.places.new_ones((len(own), 1), dtype=torch.float32),
                    tuple(side >> number for side in dims))
            for number, own in enumerate((sites, half, half.halved.sites))
        ]  # fmt: skip
        self._kernels: dict[nn.Module, Tensor] = {
            module: _dense(module)
            for module in unet.modules()
            if isinstance(module, Conv3d | Down | Up)
        }

    def box_of(self, rows: Tensor) -> Tensor:
        """Put rows of the voxels (N, C) into the box, among zeros: (1, C, X, Y, Z)."""
        return _filled(self.sites.places, rows, self.dims)

    def rows_of(self, box: Tensor) -> Tensor:
        """Take the rows of the voxels out of a box: (N, C)."""
        x, y, z = self.sites.places.unbind(1)
        return box[0, :, x, y, z].t()

    def __call__(self, box: Tensor) -> Tensor:
        """(1, inputs, X, Y, Z) to (1, outputs, X, Y, Z)."""
        whole = self._normed(self.unet.stem, box, 0)
        middle = self._stage(self.unet.stage1, whole, 1)
        deep = self._stage(self.unet.stage2, middle, 2)
        middle = self._rise(self.unet.up1, deep, middle, 1)
        return self._rise(self.unet.up2, middle, whole, 0)

    def _stage(self, stage: nn.Module, x: Tensor, level: int) -> Tensor:
        first, *blocks = stage.children()
        x = self._normed(first.net, x, level)
        for block in blocks:
            x = self._block(block, x, level)
        return x

    def _rise(self, rise: nn.Module, x: Tensor, skipped: Tensor, level: int) -> Tensor:
        first, blocks = rise.children()
        x = torch.cat((self._normed(first.net, x, level), skipped), dim=1)
        for block in blocks.children():
            x = self._block(block, x, level)
        return x

    def _block(self, block: nn.Module, x: Tensor, level: int) -> Tensor:
        assert isinstance(block, ResidualBlock)
        own = list(block.net)
        made = own[4](self._convolved(own[3], self._normed(own[:2], x, level)))
        if len(block.downsample):
            conv, norm = block.downsample
            x = norm(self._convolved(conv, x))
        return (made + x).relu_().mul_(self._there[level])

    def _normed(self, pair: Any, x: Tensor, level: int) -> Tensor:
        conv, norm = pair
        made: Tensor = norm(self._convolved(conv, x)).relu_()
        return made.mul_(self._there[level])

    def _convolved(self, module: nn.Module, x: Tensor) -> Tensor:
        kernel = self._kernels[module]
        if isinstance(module, Up):
            return conv_transpose3d(x, kernel, stride=2)
        if isinstance(module, Down):
            return conv3d(x, kernel, stride=2)
        return conv3d(x, kernel, padding=kernel.shape[2] // 2)


def _filled(places: Tensor, rows: Tensor, dims: tuple[int, ...]) -> Tensor:
    box = rows.new_zeros((1, rows.shape[1], *dims))
    x, y, z = places.unbind(1)
    box[0, :, x, y, z] = rows.t()
    return box


def _dense(module: nn.Module) -> Tensor:
    """A kernel as dense convolutions take it; offsets are in the order of `sparse.sites`."""
    kernel: Tensor = module.kernel  # type: ignore[assignment]
    inner, outer = kernel.shape[-2:]
    if kernel.dim() == 2:
        kernel = kernel.t()[:, :, None, None, None]
    elif isinstance(module, Conv3d):
        kernel = kernel.view(3, 3, 3, inner, outer).permute(4, 3, 2, 1, 0)
    elif isinstance(module, Down):
        kernel = kernel.view(2, 2, 2, inner, outer).permute(4, 3, 0, 1, 2)
    else:
        kernel = kernel.view(2, 2, 2, inner, outer).permute(3, 4, 0, 1, 2)
    return kernel.contiguous()
