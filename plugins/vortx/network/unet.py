"""The sparse U-Net of a level, with the names of VoRTX's release.

A stem; two stages, each halves the resolution; two rises, each doubles it and looks at what was
seen there on the way down. Widths are told one by one: channels may be pruned from each group.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from prune3d_gui.core.cancel import NEVER, CancelToken

from .sparse.layers import BatchNorm, Conv3d, Down, Up
from .sparse.sites import Halved, Sites

BLOCKS = ("stage1.1", "stage1.2", "stage2.1", "stage2.2",
          "up1.1.0", "up1.1.1", "up2.1.0", "up2.1.1")  # fmt: skip
"""Residual blocks, two in each stage."""


@dataclass(frozen=True)
class Widths:
    """Channels of a U-Net; each is a group that can be pruned by itself.

    Parameters
    ----------
    inputs : int
        That come in.
    stem : int
        Also what the last rise looks back at.
    downs : (2,) int
        After each halving.
    stages : (2,) int
        That go out of each stage; the first is also what the first rise looks back at.
    rises : (2,) int
        After each doubling, before what is looked back at is put beside.
    ups : (2,) int
        That go out of each rise; the last is what goes out.
    inner : (8,) int
        Inside each of `BLOCKS`.
    """

    inputs: int
    stem: int
    downs: tuple[int, int]
    stages: tuple[int, int]
    rises: tuple[int, int]
    ups: tuple[int, int]
    inner: tuple[int, ...]

    @property
    def outputs(self) -> int:
        """Channels that go out."""
        return self.ups[1]


def usual(inputs: int, base: int) -> Widths:
    """Widths of the release: 1, 2, 4, 3, 3 times a base."""
    one, two, four, three = base, 2 * base, 4 * base, 3 * base
    inner = (two, two, four, four, three, three, three, three)
    return Widths(inputs, one, (one, two), (two, four), (three, three), (three, three), inner)


class Normed(nn.Module):
    """A convolution, batch norm over voxels, ReLU; the convolution is number 0, the norm 1.

    Parameters
    ----------
    conv : Module
    width : int
        That goes out of it.
    """

    def __init__(self, conv: nn.Module, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(conv, BatchNorm(width))

    def forward(self, x: Tensor, where: Sites | Halved) -> Tensor:
        """(N, in) to (M, out)."""
        made: Tensor = self.net[1](self.net[0](x, where)).relu_()
        return made


class ResidualBlock(nn.Module):
    """Two convolutions, added to what came in, or to one voxel's convolution of it.

    Parameters
    ----------
    inner, inside, outer : int
        Channels.
    straight : bool
        Whether what came in is added as it is.
    """

    def __init__(self, inner: int, inside: int, outer: int, straight: bool) -> None:
        super().__init__()
        self.net = nn.ModuleList([
            Conv3d(inner, inside), BatchNorm(inside), nn.Identity(),
            Conv3d(inside, outer), BatchNorm(outer),
        ])  # fmt: skip
        own = [] if straight else [Conv3d(inner, outer, 1), BatchNorm(outer)]
        self.downsample = nn.ModuleList(own)

    def forward(self, x: Tensor, sites: Sites) -> Tensor:
        """(N, in) to (N, out)."""
        first, norm, _, second, last = self.net
        made = last(second(norm(first(x, sites)).relu_(), sites))
        if len(self.downsample):
            conv, own = self.downsample
            x = own(conv(x, sites))
        result: Tensor = (made + x).relu_()
        return result


class Stage(nn.ModuleList):
    """A halving, then two residual blocks.

    Parameters
    ----------
    inner, half, outer : int
        Channels that come in, after the halving, and that go out.
    inside : (2,) int
        Inside each block.
    """

    def __init__(self, inner: int, half: int, outer: int, inside: tuple[int, ...]) -> None:
        super().__init__([
            Normed(Down(inner, half), half),
            ResidualBlock(half, inside[0], outer, False),
            ResidualBlock(outer, inside[1], outer, True),
        ])  # fmt: skip

    def forward(self, x: Tensor, halved: Halved) -> Tensor:
        """(N, in) to (M, out)."""
        x = self[0](x, halved)
        for block in list(self)[1:]:
            x = block(x, halved.sites)
        return x


class Rise(nn.ModuleList):
    """A doubling; then two residual blocks on it and on what was seen on the way down.

    Parameters
    ----------
    inner, doubled, skipped, outer : int
        Channels that come in, after the doubling, that are looked back at, and that go out.
    inside : (2,) int
        Inside each block.
    """

    def __init__(
        self, inner: int, doubled: int, skipped: int, outer: int, inside: tuple[int, ...]
    ) -> None:
        blocks = nn.ModuleList([
            ResidualBlock(doubled + skipped, inside[0], outer, False),
            ResidualBlock(outer, inside[1], outer, True),
        ])  # fmt: skip
        super().__init__([Normed(Up(inner, doubled), doubled), blocks])

    def forward(self, x: Tensor, skipped: Tensor, halved: Halved, sites: Sites) -> Tensor:
        """(M, in) and (N, skipped) to (N, out)."""
        x = torch.cat((self[0](x, halved), skipped), dim=1)
        first, second = self[1].children()
        made: Tensor = second(first(x, sites), sites)
        return made


class UNet(nn.Module):
    """The sparse U-Net of a level.

    Parameters
    ----------
    widths : Widths
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        w, inner = widths, widths.inner
        self.widths = widths
        self.stem = nn.ModuleList([Conv3d(w.inputs, w.stem), BatchNorm(w.stem)])
        self.stage1 = Stage(w.stem, w.downs[0], w.stages[0], inner[0:2])
        self.stage2 = Stage(w.stages[0], w.downs[1], w.stages[1], inner[2:4])
        self.up1 = Rise(w.stages[1], w.rises[0], w.stages[0], w.ups[0], inner[4:6])
        self.up2 = Rise(w.ups[0], w.rises[1], w.stem, w.ups[1], inner[6:8])

    def forward(self, x: Tensor, sites: Sites, cancel: CancelToken = NEVER) -> Tensor:
        """(N, inputs) to (N, outputs); `cancel` is looked at between stages."""
        half = sites.halved
        quarter = half.sites.halved
        cancel.check()
        whole = self.stem[1](self.stem[0](x, sites)).relu_()
        cancel.check()
        middle = self.stage1(whole, half)
        cancel.check()
        deep = self.stage2(middle, quarter)
        cancel.check()
        middle = self.up1(deep, middle, quarter, half.sites)
        cancel.check()
        out: Tensor = self.up2(middle, whole, half, sites)
        return out
