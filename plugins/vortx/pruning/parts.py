"""Modules of a network with zeros, or without some channels; the originals are not written."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from prune3d_gui.pruning.channels import ChannelGroup, sliced

from ..network.fusion import TransformerFusion
from ..network.sparse.layers import Conv3d
from ..network.unet import UNet, Widths

Kept = tuple[Tensor, ...]
State = Mapping[str, Tensor]
Built = TypeVar("Built", bound=nn.Module)


@torch.no_grad()
def with_zeros(module: nn.Module, masks: State) -> nn.Module:
    """A copy with zeros where masks are true, by the module's own names."""
    made = copy.deepcopy(module)
    for name, mask in masks.items():
        made.get_parameter(name).masked_fill_(mask, 0.0)
    return made


def fusion_without(
    width: int,
    heads: int,
    where: str,
    state: State,
    masks: State,
    groups: Sequence[ChannelGroup],
    kept: Kept,
) -> TransformerFusion:
    """A level's transformer with zeros, and fewer neurons in its feed-forwards.

    Parameters
    ----------
    width, heads : int
    where : str
        Its name in `state`.
    state : mapping of name to Tensor
    masks : mapping of name to bool Tensor
        In the shapes of `state`.
    groups, kept
        Of its feed-forwards.
    """
    own = {name: value for name, value in state.items() if name.startswith(f"{where}.")}
    zeroed = {name: own[name].masked_fill(mask, 0.0) for name, mask in masks.items()}
    with torch.device("meta"):
        made = TransformerFusion(width, heads, tuple(len(stays) for stays in kept))
    return _loaded(made, where, sliced({**own, **zeroed}, groups, kept))


def volume_without(
    level: str, widths: Widths, state: State, groups: Sequence[ChannelGroup], kept: Kept
) -> tuple[UNet, Conv3d]:
    """A level's U-Net and its output layer with fewer channels.

    Parameters
    ----------
    level : str
    widths : Widths
        That are left.
    state : mapping of name to Tensor
    groups, kept
        Those of the level, and what it reads of the level before.
    """
    names = (f"cnns3d.{level}", f"output_layers.{level}")
    smaller = sliced(state, groups, kept)
    with torch.device("meta"):
        made = UNet(widths), Conv3d(widths.outputs, 1, 1)
    return _loaded(made[0], names[0], smaller), _loaded(made[1], names[1], smaller)


def _loaded(module: Built, where: str, state: State) -> Built:
    own = {
        name.removeprefix(f"{where}."): value
        for name, value in state.items()
        if name.startswith(f"{where}.")
    }
    module.load_state_dict(own, assign=True)
    return module.eval().requires_grad_(False)
