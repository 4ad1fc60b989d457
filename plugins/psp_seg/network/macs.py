"""Work: multiply-accumulates of a network, by step and by branch."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from .branches import ParallelModule
from .network import Network, Unit

Shape = tuple[int, int, int]


def voxels_at(network: Network, level: int, shape: Shape) -> int:
    """Voxels of a level where so many go in."""
    by = 2 ** (level + network.size.half)
    return (shape[0] // by) * (shape[1] // by) * (shape[2] // by)


def branch_macs(network: Network, shape: Shape) -> dict[Unit, int]:
    """Multiply-accumulates of the convolutions of each branch that is there.

    Parameters
    ----------
    network : Network
    shape : three int
        Voxels that go in, multiples of `Size.multiple`.
    """
    levels = dict(network.size.modules)
    return {
        (name, place): network.module(name)
        .branch(place)
        .macs(voxels_at(network, levels[name], shape))
        for name, place in network.units
    }


def step_macs(network: Network, shape: Shape) -> Mapping[str, int]:
    """Multiply-accumulates of the convolutions of each step of the forward pass, branches in.

    Those of masked branches are left out, since they are not run. Norms, sums and interpolation
    are not counted.
    """
    branches = branch_macs(network, shape)
    found: dict[str, int] = {}

    def add(step: str, level: int, *layers: nn.Module) -> None:
        inner = [one for layer in layers for one in layer.modules()]
        weights = sum(one.weight.numel() for one in inner if isinstance(one, nn.Conv3d))
        found[step] = found.get(step, 0) + weights * voxels_at(network, level, shape)

    last = len(network.size.channels) - 1
    add("stem", 0, network.stem)
    for level in range(last):
        add(f"down.{level + 1}", level + 1, network.down[level])
        add(f"up.{level}", level + 1, network.up[level])
    named = {"encoder.0": network.encoder[0], "decoder.0": network.decoder[0]}
    for name, layer in named.items():
        if not isinstance(layer, ParallelModule):
            add(name, 0, layer)
    for (name, place), macs in branches.items():
        alive = place in network.module(name).alive
        found[name] = found.get(name, 0) + (macs if alive else 0)
    if network.fine is not None:
        fine = network.fine
        add("fine", -1, fine.image)
        add("logits", -1, fine.mix, fine.head)
        add("logits", 0, fine.up)
    else:
        add("logits", 0, network.heads[0])
    return {name: found.get(name, 0) for name, _ in network.steps()}
