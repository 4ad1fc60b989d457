"""Depth told from each photograph by itself: what a trunk without earlier training learns from.

Losses of voxels reach the 2D part through few pixels. Heads of one layer on its features, which
are left out afterwards, let every pixel with a depth teach it; they speak in the units in which
fusion is told the depth of a voxel, so that it can compare the two.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from ..network.features import LEVELS, STRIDES
from ..network.fusion import NEAR, SPREAD, TransformerFusion
from ..network.network import Vortx
from ..volumes.levels import FACTORS
from ..volumes.views import Views

_FAR = 5.0
"""Metres up to which depths are counted."""
_BETA = 0.2


class DepthHeads(nn.Module):
    """A depth of each feature of each level.

    Parameters
    ----------
    widths : (3,) int
        Channels of features.
    """

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        self.levels = nn.ModuleDict(
            {level: nn.Linear(width, 1) for level, width in zip(LEVELS, widths, strict=True)}
        )

    @torch.no_grad()
    def hand_over(self, network: Vortx) -> None:
        """Begin two channels of each transformer with how far before a voxel a view sees a surface.

        What a head says is linear in the features, and so is what fusion begins with: one channel
        gets the difference between the depth that is told and that of the voxel, and one its
        negative, larger for levels of smaller voxels.
        """
        for level in LEVELS:
            fusion, head = network.mv_fusion[level], self.levels[level]
            if not isinstance(fusion, TransformerFusion) or not isinstance(head, nn.Linear):
                continue  # the mean over views
            for channel, sign in enumerate((1.0, -1.0)):
                scale = sign * FACTORS[LEVELS[0]] / FACTORS[level]
                fusion.depth_mlp.weight[channel, :-1] = scale * head.weight[0]
                fusion.depth_mlp.weight[channel, -1] = -scale
                fusion.depth_mlp.bias[channel] = scale * head.bias[0]

    def losses(self, views: Views, depths: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """By level; of the middle pixel of each feature that has a depth.

        Parameters
        ----------
        views : Views
        depths : tuple of (h, w)
            One for each view, in metres, 0 for none.
        """
        found = {}
        for level, features in views.features.items():
            said = self.levels[level](features)[..., 0]
            wanted = torch.stack([
                _middles(depth, size, STRIDES[level], said.shape[1:])
                for depth, size in zip(depths, views.cameras.sizes, strict=True)
            ])  # fmt: skip
            there = (wanted > 0) & (wanted < _FAR)
            loss = smooth_l1_loss(said[there], (wanted[there] - NEAR) / SPREAD, beta=_BETA)
            found[f"{level} depth"] = loss if there.any() else said.sum() * 0
        return found


def _middles(depth: Tensor, size: Tensor, stride: int, shape: torch.Size) -> Tensor:
    """Depths where features are centred: (height, width); 0 beyond the picture."""
    parts = []
    for count, side, pixels in zip(shape, depth.shape, size.flip(0).tolist(), strict=True):
        at = torch.arange(count, device=depth.device) * stride + 0.5
        parts.append(((at * side / pixels).long().clamp(max=side - 1), at < pixels))
    (rows, above), (columns, left) = parts
    return depth[rows][:, columns] * (above[:, None] & left)
