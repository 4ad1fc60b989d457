"""What is told of photographs: a trunk, and a pyramid that adds what is coarse to what is fine.

Names of weights are those of VoRTX's release.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from . import trunk

LEVELS = ("coarse", "medium", "fine")
STRIDES = {"coarse": 16, "medium": 8, "fine": 4}
"""Pixels between features of a level."""
MEAN = (127.71, 114.66, 99.32)
DEVIATION = (75.31, 73.53, 71.66)
"""Of red, green and blue from 0 to 255, over ScanNet; what is taken off and divided by."""
_INSIDE = 80


def _lateral(inner: int, outer: int, size: int) -> nn.Sequential:
    conv = nn.Conv2d(inner, outer, size, padding=size // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight)
    return nn.Sequential(nn.BatchNorm2d(inner, momentum=trunk.MOMENTUM), nn.ReLU(True), conv)


class Features(nn.Module):
    """Photographs to features at three levels.

    Parameters
    ----------
    widths : (3,) int
        Channels that go out: coarse, medium, fine.
    """

    def __init__(self, widths: tuple[int, int, int] = (80, 40, 24)) -> None:
        super().__init__()
        self.conv0, self.conv1, self.conv2 = trunk.first(), trunk.second(), trunk.third()
        for part in self.trunk:
            trunk.begin(part)
        self.inner1 = _lateral(trunk.WIDTHS[1], _INSIDE, 1)
        self.inner2 = _lateral(trunk.WIDTHS[0], _INSIDE, 1)
        self.out1 = _lateral(_INSIDE, widths[0], 1)
        self.out2 = _lateral(_INSIDE, widths[1], 3)
        self.out3 = _lateral(_INSIDE, widths[2], 3)

    @property
    def trunk(self) -> tuple[nn.Module, nn.Module, nn.Module]:
        """MnasNet's layers."""
        return self.conv0, self.conv1, self.conv2

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Features of pictures that `seen` made.

        Parameters
        ----------
        pictures : (N, 3, H, W) float
            Sides are multiples of 16.

        Returns
        -------
        dict of (N, C, H / stride, W / stride)
            By level.
        """
        quarter = self.conv0(pictures)
        eighth = self.conv1(quarter)
        inside = self.conv2(eighth)
        coarse = self.out1(inside)
        inside = _doubled(inside) + self.inner1(eighth)
        medium = self.out2(inside)
        inside = _doubled(inside) + self.inner2(quarter)
        return {"coarse": coarse, "medium": medium, "fine": self.out3(inside)}


def _doubled(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def seen(pictures: Tensor) -> Tensor:
    """Colours as the network sees them; sides grow to multiples of 16, to the right and below.

    Parameters
    ----------
    pictures : (N, H, W, 3) uint8 or float
        0 to 255.

    Returns
    -------
    (N, 3, H', W') float32
    """
    values = pictures.float() - pictures.new_tensor(MEAN, dtype=torch.float32)
    values = (values / values.new_tensor(DEVIATION)).permute(0, 3, 1, 2)
    more = [-side % trunk.STRIDE for side in values.shape[2:]]
    return pad(values, (0, more[1], 0, more[0]), mode="replicate") if any(more) else values
