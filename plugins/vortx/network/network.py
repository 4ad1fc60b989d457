"""VoRTX, whole, with the names of its release.

Stier et al., "VoRTX: volumetric 3D reconstruction with transformers for voxelwise view selection
and fusion" (2021). This module holds the parts; `volumes.levels` runs them on a scene.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .directions import ViewDirectionEncoder
from .features import LEVELS, Features
from .fusion import MeanFusion, TransformerFusion
from .sizes import Size
from .sparse.layers import Conv3d
from .unet import UNet

CHILDREN = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1))
"""Offsets of the 8 voxels of a coarser one, in the release's order."""
REACH = 1.05
"""What signed distances would reach, in truncations, if the network were sure."""


class Upsampler(nn.Module):
    """Numbers that the release keeps among its weights; nothing is learned."""

    upsample_offsets: Tensor
    upsample_mul: Tensor

    def __init__(self) -> None:
        super().__init__()
        offsets = torch.tensor([[(*child, 0) for child in CHILDREN]], dtype=torch.int32)
        self.register_buffer("upsample_offsets", offsets)
        self.register_buffer("upsample_mul", torch.tensor([[[2, 2, 2, 1]]], dtype=torch.int32))


class Vortx(nn.Module):
    """The network.

    Parameters
    ----------
    size : Size
    """

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.cnn2d = Features(size.features)
        self.upsampler = Upsampler()
        self.output_layers, self.cnns3d = nn.ModuleDict(), nn.ModuleDict()
        self.view_embedders, self.layer_norms = nn.ModuleDict(), nn.ModuleDict()
        self.mv_fusion = nn.ModuleDict()
        for number, level in enumerate(LEVELS):
            width, unet = size.features[number], size.unets[number]
            self.view_embedders[level] = ViewDirectionEncoder(width)
            self.layer_norms[level] = nn.LayerNorm(width)
            self.mv_fusion[level] = (
                TransformerFusion(width, size.heads, size.hidden[number])
                if size.heads
                else MeanFusion()
            )
            self.cnns3d[level] = UNet(unet)
            self.output_layers[level] = Conv3d(unet.outputs, 1, 1)

    @property
    def modules_pruned(self) -> dict[str, tuple[nn.Module, ...]]:
        """Parts that are pruned together: photographs, fusion, volume."""
        return {
            "2d": (self.cnn2d,),
            "transformer": tuple(self.mv_fusion.values()),
            "3d": tuple(self.cnns3d.values()),
        }


def distances(logits: Tensor) -> Tensor:
    """Truncated signed distances of what the fine level says, in truncations."""
    return REACH * logits.tanh()


def new_network(size: Size, seed: int = 0) -> Vortx:
    """A network with the weights of a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Vortx(size)
