"""Photographs matched with each other: features that tell where two of them see the same place.

What fusion learns of a voxel, it learns from whether views agree on it; few voxels at a time teach
that slowly. So the 2D part is also told it directly, as plane sweeps are: along the ray of a pixel
stand hypotheses of its depth, a voxel of the level apart, and of the features that another view
has there, that at the true depth has to be the most alike.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from ..network.features import LEVELS, STRIDES
from ..volumes.levels import FACTORS
from ..volumes.views import Pinholes, Views, sampled, seen_by
from .losses import depths_at, surface_seen

HYPOTHESES = 32
"""Depths that a pixel is compared at; the true one is any of them."""
PAIRS = 512
"""Of a pixel and another view that sees its place, by level."""
APART = 0.1
"""Metres between two cameras at least."""
NEAREST, FARTHEST = 0.3, 5.0
"""Metres between which depths are matched."""
_SHARP = 10.0
"""What cosines are multiplied with."""


def matching_losses(
    views: Views, depths: tuple[Tensor, ...], rooms: Tensor, voxel: float, drawn: torch.Generator
) -> dict[str, Tensor]:
    """By level: the cross entropy of the true depth among the hypotheses.

    Parameters
    ----------
    views : Views
    depths : tuple of (h, w)
        One for each view, in metres, 0 for none.
    rooms : (V,) int64
        Of which room each view is; those of one room are matched.
    voxel : float
        Side of the finest.
    drawn : torch.Generator
        On the CPU; which pixels are matched, and against what.
    """
    return {f"{level} match": _loss(level, views, depths, rooms, voxel, drawn) for level in LEVELS}


def _loss(
    level: str, views: Views, depths: tuple[Tensor, ...], rooms: Tensor, voxel: float,
    drawn: torch.Generator,
) -> Tensor:  # fmt: skip
    cameras, stride = views.cameras, STRIDES[level]
    features = normalize(views.features[level], dim=3)
    own, pixels, depth = _pixels(depths, cameras, stride, features.shape[1:3], drawn)
    rays = _rays(cameras, own, pixels)
    stands = cameras.poses[own, :3, 3]
    seen = seen_by(cameras, stands + rays * depth[:, None])
    near, _ = surface_seen(LEVELS[-1], seen, depths, _size(cameras), voxel)
    points, others = seen.tokens.voxels, seen.tokens.views
    away = (cameras.poses[others, :3, 3] - stands[points]).norm(dim=1)
    together = rooms[others] == rooms[own[points]]
    pairs = ((near > 0) & together & (away > APART)).nonzero()[:, 0]
    pairs = pairs[torch.randperm(len(pairs), generator=drawn)[:PAIRS].to(pairs.device)]
    if not len(pairs):
        return features.sum() * 0
    points, others = points[pairs], others[pairs]

    true = torch.randint(HYPOTHESES, (len(pairs),), generator=drawn).to(pairs.device)
    steps = torch.arange(HYPOTHESES, device=pairs.device) - true[:, None]
    guessed = depth[points, None] + steps * (voxel * FACTORS[level])
    places = stands[points, None] + rays[points, None] * guessed[..., None]
    at, _, valid = cameras.taken(others).project_own(places)
    valid &= guessed > NEAREST / 2
    valid[torch.arange(len(pairs)), true] = True
    rows = sampled(
        features, others[:, None].expand(-1, HYPOTHESES).reshape(-1), at.reshape(-1, 2), stride
    )
    alike = torch.einsum(
        "phc,pc->ph",
        rows.view(len(pairs), HYPOTHESES, -1),
        sampled(features, own[points], pixels[points], stride),
    )
    return cross_entropy((_SHARP * alike).masked_fill(~valid, -torch.inf), true)


def _pixels(
    depths: tuple[Tensor, ...], cameras: Pinholes, stride: int, shape: torch.Size,
    drawn: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Views, places in pixels and depths of some features that have a depth."""
    device = cameras.poses.device
    count = 4 * PAIRS
    own = torch.randint(len(depths), (count,), generator=drawn).to(device)
    cells = torch.rand((count, 2), generator=drawn).to(device)
    counts = cells.new_tensor((shape[1], shape[0]))
    pixels = (cells * counts).floor() * stride + 0.5
    found = depths_at(depths, own, pixels, _size(cameras))
    kept = (found > NEAREST) & (found < FARTHEST) & (pixels < cameras.sizes[own]).all(1)
    return own[kept], pixels[kept], found[kept]


def _size(cameras: Pinholes) -> tuple[int, int]:
    """Width and height, which all have in common."""
    width, height = (int(side) for side in cameras.sizes[0])
    return width, height


def _rays(cameras: Pinholes, views: Tensor, pixels: Tensor) -> Tensor:
    """What leads a metre along the axis of a view, through a pixel: (N, 3) in the world."""
    intrinsics = cameras.intrinsics[views]
    flat = (pixels - intrinsics[:, 2:]) / intrinsics[:, :2]
    return torch.einsum(
        "nij,nj->ni",
        cameras.poses[views, :3, :3],
        torch.cat((flat, flat.new_ones(len(flat), 1)), 1),
    )
