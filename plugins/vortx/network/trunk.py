"""MnasNet's first layers, with the names that torchvision gives their weights.

Tan et al., "MnasNet: platform-aware neural architecture search for mobile" (2019), at width 1.0.
VoRTX takes layers 0 to 10: pictures at a quarter, an eighth and a sixteenth of their size.
"""

from __future__ import annotations

from torch import Tensor, nn

WIDTHS = (24, 40, 80)
"""Channels at a quarter, an eighth and a sixteenth."""
STRIDE = 16
MOMENTUM = 0.03
"""Of batch norms; torchvision's 0.0003 needs tens of thousands of steps to forget its beginning."""


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, momentum=MOMENTUM)


def _conv(inner: int, outer: int, size: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inner, outer, size, stride, size // 2, groups=groups, bias=False)


class InvertedResidual(nn.Module):
    """Widen, convolve each channel by itself, narrow; added to what came in, where it fits.

    Parameters
    ----------
    inner, outer : int
        Channels.
    size : int
        Side of the kernel.
    stride : int
    expansion : int
        How much wider it is inside.
    """

    def __init__(self, inner: int, outer: int, size: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inner * expansion
        self.residual = inner == outer and stride == 1
        self.layers = nn.Sequential(
            _conv(inner, wide, 1), _norm(wide), nn.ReLU(inplace=True),
            _conv(wide, wide, size, stride, wide), _norm(wide), nn.ReLU(inplace=True),
            _conv(wide, outer, 1), _norm(outer),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, H, W) to (N, out, H / stride, W / stride)."""
        made: Tensor = self.layers(x)
        return x + made if self.residual else made


def _stack(inner: int, outer: int, size: int, expansion: int) -> nn.Sequential:
    """Three of them; the first one halves the sides."""
    return nn.Sequential(
        InvertedResidual(inner, outer, size, 2, expansion),
        *(InvertedResidual(outer, outer, size, 1, expansion) for _ in range(2)),
    )


def first() -> nn.Sequential:
    """Layers 0 to 8: (N, 3, H, W) to (N, 24, H / 4, W / 4)."""
    return nn.Sequential(
        _conv(3, 32, 3, 2), _norm(32), nn.ReLU(inplace=True),
        _conv(32, 32, 3, groups=32), _norm(32), nn.ReLU(inplace=True),
        _conv(32, 16, 1), _norm(16),
        _stack(16, WIDTHS[0], 3, 3),
    )  # fmt: skip


def second() -> nn.Sequential:
    """Layer 9: to (N, 40, H / 8, W / 8)."""
    return _stack(WIDTHS[0], WIDTHS[1], 5, 3)


def third() -> nn.Sequential:
    """Layer 10: to (N, 80, H / 16, W / 16)."""
    return _stack(WIDTHS[1], WIDTHS[2], 5, 6)


def begin(module: nn.Module) -> None:
    """Draw new weights as MnasNet's are: He's by what goes out."""
    for own in module.modules():
        if isinstance(own, nn.Conv2d):
            nn.init.kaiming_normal_(own.weight, mode="fan_out", nonlinearity="relu")
