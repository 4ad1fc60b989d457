"""One level after the other: fuse what is seen, convolve, keep what is occupied, divide it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken

from ..network.features import LEVELS, STRIDES
from ..network.network import CHILDREN, Vortx
from ..network.sparse.sites import Sites
from .views import Seen, Views, sampled

FACTORS = {"coarse": 4, "medium": 2, "fine": 1}
"""Sides of a level's voxels, in sides of the finest."""
PART = 1 << 14
"""Pairs of a voxel and a view that a CPU fuses at a time; more of them leave its caches."""


@dataclass(frozen=True, eq=False)
class Said:
    """What a level says of its voxels.

    Attributes
    ----------
    level : str
    sites : Sites
    features : (N, C)
    logits : (N,)
        Of being occupied; of the fine level, see `network.distances`.
    """

    level: str
    sites: Sites
    features: Tensor
    logits: Tensor


def points_of(places: Tensor, level: str, origin: Tensor, voxel: float) -> Tensor:
    """World places of a level's voxels: (N, 3) float32.

    All levels begin at `origin`, as in the release: the first of the 8 voxels of a coarser one is
    where that one was.
    """
    return places.to(origin.dtype) * (voxel * FACTORS[level]) + origin


def fused(
    network: Vortx, level: str, views: Views, seen: Seen, weighted: bool
) -> tuple[Tensor, Tensor | None]:
    """What views see of voxels, made into one for each.

    Returns
    -------
    fused : (N, C)
    logits : (T,) or None
        For each pair of a voxel and a view, that a surface is there; see `TransformerFusion`.
    """
    tokens = seen.tokens
    rows = sampled(views.features[level], tokens.views, seen.pixels, STRIDES[level])
    made, logits = network.mv_fusion[level](rows, seen.depths, tokens, weighted)
    return network.layer_norms[level](made), logits


def fused_in_parts(
    network: Vortx, level: str, views: Views, seen: Seen, weighted: bool,
    cancel: CancelToken = NEVER,
) -> Tensor:  # fmt: skip
    """What `fused` gives of voxels, without gradients; on a CPU in parts that stay in its caches.

    Between parts `cancel` is looked at.

    Returns
    -------
    (N, C) float32
    """
    tokens = seen.tokens
    if tokens.views.device.type != "cpu":
        made: Tensor = fused(network, level, views, seen, weighted)[0].to(torch.float32)
        return made
    width = network.size.features[LEVELS.index(level)]
    rows = seen.pixels.new_empty((len(tokens.order), width))
    for voxels, pairs, own in tokens.split(PART):
        cancel.check()
        part = Seen(own, seen.pixels[pairs], seen.depths[pairs])
        rows[tokens.order[voxels]] = fused(network, level, views, part, weighted)[0].to(rows.dtype)
    return rows


def convolved(
    network: Vortx, level: str, sites: Sites, seen: Tensor, before: Said | None,
    cancel: CancelToken = NEVER,
) -> Said:  # fmt: skip
    """Run a level's U-Net.

    Parameters
    ----------
    network : Vortx
    level : str
    sites : Sites
    seen : (N, C)
        What `fused` gave.
    before : Said, optional
        What the coarser level said, handed down to these voxels; None for the coarsest.
    cancel : CancelToken
        Looked at between stages.
    """
    parts = (seen,) if before is None else (before.features, seen, before.logits[:, None])
    features = network.cnns3d[level](torch.cat(parts, dim=1), sites, cancel)
    logits = network.output_layers[level](features, sites)[:, 0]
    return Said(level, sites, features, logits.float())


def divided(places: Tensor) -> Tensor:
    """The 8 voxels of each: (N, 3) to (8 N, 3)."""
    offsets = places.new_tensor(CHILDREN)
    return (places[:, None] * 2 + offsets).reshape(-1, 3)


def handed_down(said: Said, kept: Tensor, level: str, sites: Sites) -> Said:
    """Hand what was said of the kept voxels down to the 8 of each.

    Parameters
    ----------
    said : Said
    kept : (M,) int64
        Numbers of voxels.
    level : str
        The next one.
    sites : Sites
        What `divided` made of them.
    """
    return Said(
        level, sites,
        said.features.index_select(0, kept).repeat_interleave(len(CHILDREN), dim=0),
        said.logits.index_select(0, kept).repeat_interleave(len(CHILDREN), dim=0),
    )  # fmt: skip


def dense(dims: tuple[int, int, int], device: str | torch.device = "cpu") -> Tensor:
    """All voxels of the coarsest level of a box: (N, 3) int64.

    Parameters
    ----------
    dims : (3,) int
        Sides of the box in the finest voxels.
    """
    factor = FACTORS[LEVELS[0]]
    sides = [torch.arange(-(-side // factor), device=device) for side in dims]
    return torch.stack(torch.meshgrid(*sides, indexing="ij"), dim=-1).reshape(-1, 3)
