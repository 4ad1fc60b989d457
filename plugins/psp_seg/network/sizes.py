"""Sizes of the network: S, B and L of the paper, and one for a laptop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Kernel = tuple[int, int, int]

FOUR: tuple[Kernel, ...] = ((1, 1, 1), (1, 3, 3), (3, 1, 3), (3, 3, 1))
SEVEN: tuple[Kernel, ...] = (
    (1, 1, 1), (1, 1, 3), (1, 3, 1), (3, 1, 1), (1, 3, 3), (3, 1, 3), (3, 3, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How wide and deep a network is.

    Parameters
    ----------
    id : str
    channels : tuple of int
        By level, the finest first; the last is the bottleneck.
    expansion : float
        Channels inside a branch over those of its level.
    kernels : tuple of (x, y, z)
        Of the branches of each module.
    half : bool
        Whether the levels begin at half resolution. What is fine is then added at the end, from
        one convolution at full resolution, and the finest decoder level has a module of branches,
        where the others have a plain convolution there.
    """

    id: str
    channels: tuple[int, ...]
    expansion: float
    kernels: tuple[Kernel, ...]
    half: bool = False

    @property
    def modules(self) -> tuple[tuple[str, int], ...]:
        """Names of the modules of branches in the order they are run, with their level."""
        last = len(self.channels) - 1
        down = [(f"encoder.{level}", level) for level in range(1, last)]
        up = [(f"decoder.{level}", level) for level in range(last - 1, -1 if self.half else 0, -1)]
        return (*down, ("bottleneck", last), *up)

    @property
    def branches(self) -> int:
        """How many branches there are in all."""
        return len(self.modules) * len(self.kernels)

    @property
    def multiple(self) -> int:
        """Sides of what goes in are multiples of it, in voxels."""
        return 2 ** (len(self.channels) - 1 + self.half)


SIZES: Mapping[str, Size] = MappingProxyType(
    {
        size.id: size
        for size in (
            Size("laptop", (24, 40, 56, 72), 1.0, FOUR, half=True),
            Size("S", (16, 32, 64, 128, 256), 0.5, FOUR),
            Size("B", (16, 32, 64, 128, 256), 2.0, SEVEN),
            Size("L", (16, 32, 64, 128, 256, 320), 2.0, SEVEN),
        )
    }
)
"""By id: S, B and L as released by Li et al. (arXiv 2509.09267), and our own for two cores."""
