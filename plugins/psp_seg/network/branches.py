"""Branches, and the modules that hold them in parallel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from .sizes import Kernel

SLOPE = 0.01
"""Of the leaky rectifier below zero."""


class Norm(nn.InstanceNorm3d):
    """Instance normalisation without parameters, as in the paper's code.

    On a CPU torch's own leaves the layout with channels last and copies, which takes twice as long
    as the convolution before it. Where no gradient is wanted the same is worked out in place.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Map features (B, C, X, Y, Z) to such of mean 0 and variance 1."""
        if torch.is_grad_enabled() or input.device.type != "cpu":
            return super().forward(input)
        values = input.permute(0, 2, 3, 4, 1).reshape(len(input), -1, input.shape[1])
        values = values - values.mean(dim=1, keepdim=True)
        spread = values.square().mean(dim=1, keepdim=True)
        values *= torch.rsqrt(spread + self.eps)
        found = values.unflatten(1, input.shape[2:])
        return found.permute(0, 4, 1, 2, 3)


def normed(channels: int) -> nn.Module:
    """Instance normalisation without parameters."""
    return Norm(channels)


def active(x: Tensor) -> Tensor:
    """The leaky rectifier."""
    return leaky_relu(x, SLOPE)


class Branch(nn.Module):
    """A bottleneck: 1 x 1 x 1 to the inner channels, then one anisotropic convolution back.

    Parameters
    ----------
    channels, inner : int
    kernel : (x, y, z)
        Of the second convolution; each 1 or 3.
    """

    def __init__(self, channels: int, inner: int, kernel: Kernel) -> None:
        super().__init__()
        self.kernel = kernel
        self.spread = nn.Conv3d(channels, inner, 1)
        self.spread_norm = normed(inner)
        padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
        self.mix = nn.Conv3d(inner, channels, kernel, padding=padding)
        self.mix_norm = normed(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map features (B, C, X, Y, Z) to features of the same shape."""
        return self.mix_norm(self.mix(active(self.spread_norm(self.spread(x)))))

    def macs(self, voxels: int) -> int:
        """Multiply-accumulates of its convolutions on so many voxels."""
        return voxels * (self.spread.weight.numel() + self.mix.weight.numel())


class ParallelModule(nn.Module):
    """The parallel redundant module of PSP-Seg: ``y = act(x + sum_i w_i b_i(x))``.

    The sum goes over the branches that are alive. Where none is, the module gives `x` itself.
    The scalars ``w_i`` are learned and begin at zero, so that the module begins as an identity but
    for the rectifier.

    Parameters
    ----------
    channels, inner : int
    kernels : sequence of (x, y, z) or None
        One for each branch; None for one that was removed.

    Attributes
    ----------
    branches : ModuleDict
        Those that are there, by their place in words, so that a file tells which.
    places : tuple of int
        Of those that are there, in order.
    scales : (len(branches),) parameter
    masked : frozenset of int
        Places that are skipped. A plain set: a forward pass asks no tensor for it.
    held : dict of place to Tensor, or None
        What branches gave for the input that is coming. Who gives a dictionary finds in it what
        was missing, and takes it away when the input is another.
    """

    def __init__(self, channels: int, inner: int, kernels: Sequence[Kernel | None]) -> None:
        super().__init__()
        self.places = tuple(place for place, kernel in enumerate(kernels) if kernel is not None)
        self.branches = nn.ModuleDict(
            {
                str(place): Branch(channels, inner, kernel)
                for place, kernel in enumerate(kernels)
                if kernel is not None
            }
        )
        self.scales = nn.Parameter(torch.zeros(len(self.branches)))
        self.masked: frozenset[int] = frozenset()
        self.held: dict[int, Tensor] | None = None

    @property
    def alive(self) -> tuple[int, ...]:
        """Places of the branches that are run."""
        return tuple(place for place in self.places if place not in self.masked)

    def mask(self, places: Iterable[int]) -> None:
        """Skip these branches and no others; those that were removed may be named, too."""
        self.masked = frozenset(places)

    def parts(self, x: Tensor) -> list[tuple[int, Tensor]]:
        """What each living branch adds: its place, and ``w_i b_i(x)``."""
        return [(place, self.scales[at] * branch(x)) for at, place, branch in self._running()]

    def _running(self) -> list[tuple[int, int, nn.Module]]:
        """Number, place and branch of those that are run."""
        found = enumerate(zip(self.places, self.branches.values(), strict=True))
        return [(at, place, own) for at, (place, own) in found if place not in self.masked]

    def branch(self, place: int) -> Branch:
        """The branch at a place."""
        found = self.branches[str(place)]
        assert isinstance(found, Branch)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Map features (B, C, X, Y, Z) to features of the same shape."""
        found = x
        for at, place, branch in self._running():
            given = None if self.held is None else self.held.get(place)
            given = branch(x) if given is None else given
            if self.held is not None:
                self.held[place] = given
            found = torch.addcmul(found, self.scales[at], given)
        return x if found is x else active(found)
