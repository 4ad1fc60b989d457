"""Channels that can only go together: of the U-Nets, across skips and levels, and feed-forwards.

Sparse convolutions are unknown to tools that trace dependencies, and a U-Net is simple enough for
a list: each number in `Widths` is a group. The channels of a group go after their batch norm and
ReLU, so that what is left gives what the whole network gives with zeros there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from prune3d_gui.pruning.channels import ChannelGroup, ChannelSlice

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.sizes import Size
from ..network.unet import BLOCKS, Widths

GROUPS = ("stem", "down1", "down2", "stage1", "stage2", "rise1", "rise2", "up1", "up2", *BLOCKS)
"""Groups of a U-Net, in their order; those of residual blocks are their inner widths."""
OUTPUT = GROUPS.index("up2")
"""The group that the next level reads."""
_Conv = tuple[str, str]
_Read = tuple[str, str]


def volume_groups(network: Vortx) -> tuple[ChannelGroup, ...]:
    """The groups of all U-Nets: `GROUPS` of the coarse level, of the medium and of the fine one.

    Outputs of a level are also read by its output layer and by the next level's stem. Inputs that
    views give always stay.
    """
    found = []
    for number, level in enumerate(LEVELS):
        counts = dict(zip(GROUPS, _widths(network.size.unets[number]), strict=True))
        after = LEVELS[number + 1] if number + 1 < len(LEVELS) else ""
        for group, (made, read) in _PLACES.items():
            parts = [
                part
                for conv, norm in made
                for part in _made(network, f"cnns3d.{level}", conv, norm, counts[group])
            ]
            for conv, behind in read:
                at = counts[behind] if behind else 0
                parts.append(_read(network, f"cnns3d.{level}.{conv}", at, counts[group]))
            if group == GROUPS[OUTPUT]:
                parts.append(_read(network, f"output_layers.{level}", 0, counts[group]))
                if after:
                    parts.append(_read(network, f"cnns3d.{after}.stem.0", 0, counts[group]))
            found.append(ChannelGroup(counts[group], tuple(parts)))
    return tuple(found)


def forward_groups(network: Vortx) -> tuple[ChannelGroup, ...]:
    """Neurons inside each feed-forward; none where views are fused by their mean."""
    found = []
    for number, level in enumerate(LEVELS if network.size.heads else ()):
        for layer, count in enumerate(network.size.hidden[number]):
            mlp = f"mv_fusion.{level}.transformer.encoder_layers.{layer}.mlp"
            every = torch.arange(count)
            found.append(
                ChannelGroup(count, (
                    ChannelSlice(f"{mlp}.fc1.weight", 0, every, "out"),
                    ChannelSlice(f"{mlp}.fc1.bias", 0, every, "along"),
                    ChannelSlice(f"{mlp}.fc2.weight", 1, every, "in"),
                ))
            )  # fmt: skip
    return tuple(found)


def narrowed(size: Size, volume: Sequence[Tensor], forward: Sequence[Tensor]) -> Size:
    """The size that is left.

    Parameters
    ----------
    size : Size
    volume, forward : sequence of (kept,) Tensor
        Channels that stay, of `volume_groups` and `forward_groups`.
    """
    unets: list[Widths] = []
    for number, own in enumerate(size.unets):
        stem, *rest = [len(kept) for kept in volume[number * len(GROUPS) :][: len(GROUPS)]]
        inputs = own.inputs
        if unets:
            inputs += unets[-1].outputs - size.unets[number - 1].outputs
        downs, stages, rises, ups = ((rest[at], rest[at + 1]) for at in range(0, 8, 2))
        unets.append(Widths(inputs, stem, downs, stages, rises, ups, tuple(rest[8:])))
    hidden, left = [], iter(forward)
    for before in size.hidden:
        hidden.append(tuple(len(next(left)) for _ in before) if size.heads else before)
    return replace(size, unets=(unets[0], unets[1], unets[2]), hidden=tuple(hidden))


def _widths(w: Widths) -> tuple[int, ...]:
    return (w.stem, *w.downs, *w.stages, *w.rises, *w.ups, *w.inner)


def _places() -> Iterator[tuple[str, tuple[list[_Conv], list[_Read]]]]:
    """What makes the channels of each group, and what reads them, behind which others."""

    def ends(first: str, second: str) -> list[_Conv]:
        """Of two blocks, of which the second one adds to what the first one gives."""
        return [
            (f"{first}.net.3", f"{first}.net.4"),
            (f"{first}.downsample.0", f"{first}.downsample.1"),
            (f"{second}.net.3", f"{second}.net.4"),
        ]

    def begins(first: str, behind: str = "") -> list[_Read]:
        return [(f"{first}.net.0", behind), (f"{first}.downsample.0", behind)]

    yield "stem", ([("stem.0", "stem.1")], [("stage1.0.net.0", ""), *begins("up2.1.0", "rise2")])
    yield "down1", ([("stage1.0.net.0", "stage1.0.net.1")], begins("stage1.1"))
    yield "down2", ([("stage2.0.net.0", "stage2.0.net.1")], begins("stage2.1"))
    yield (
        "stage1",
        (
            ends("stage1.1", "stage1.2"),
            [("stage1.2.net.0", ""), ("stage2.0.net.0", ""), *begins("up1.1.0", "rise1")],
        ),
    )
    yield "stage2", (ends("stage2.1", "stage2.2"), [("stage2.2.net.0", ""), ("up1.0.net.0", "")])
    yield "rise1", ([("up1.0.net.0", "up1.0.net.1")], begins("up1.1.0"))
    yield "rise2", ([("up2.0.net.0", "up2.0.net.1")], begins("up2.1.0"))
    yield "up1", (ends("up1.1.0", "up1.1.1"), [("up1.1.1.net.0", ""), ("up2.0.net.0", "")])
    yield "up2", (ends("up2.1.0", "up2.1.1"), [("up2.1.1.net.0", "")])
    for block in BLOCKS:
        yield block, ([(f"{block}.net.0", f"{block}.net.1")], [(f"{block}.net.3", "")])


_PLACES = dict(_places())


def _made(network: Vortx, where: str, conv: str, norm: str, count: int) -> Iterator[ChannelSlice]:
    every = torch.arange(count)
    kernel = network.get_parameter(f"{where}.{conv}.kernel")
    yield ChannelSlice(f"{where}.{conv}.kernel", kernel.dim() - 1, every, "out")
    yield ChannelSlice(f"{where}.{norm}.weight", 0, every, "scale")
    for name in ("bias", "running_mean", "running_var"):
        yield ChannelSlice(f"{where}.{norm}.{name}", 0, every, "along")


def _read(network: Vortx, conv: str, at: int, count: int) -> ChannelSlice:
    """Rows of a kernel that read the channels, `at` being the first of them."""
    kernel = network.get_parameter(f"{conv}.kernel")
    dim = kernel.dim() - 2
    channels = torch.full((kernel.shape[dim],), -1, dtype=torch.int64)
    channels[at : at + count] = torch.arange(count)
    return ChannelSlice(f"{conv}.kernel", dim, channels, "in")
