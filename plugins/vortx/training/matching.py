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
from .losses import surface_seen

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
    features, cameras, stride = (
        normalize(views.features[level], dim=3),
        views.cameras,
        STRIDES[level],
    )
    own, pixels, depth = _pixels(depths, cameras, stride, features.shape[1:3], drawn)
    rays = _rays(cameras, own, pixels)
    stands = cameras.poses[own, :3, 3]
    seen = seen_by(cameras, stands + rays * depth[:, None])
    size = tuple(int(side) for side in cameras.sizes[0])
    near, _ = surface_seen(LEVELS[-1], seen, depths, (size[0], size[1]), voxel)
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
    at, valid = _projected(cameras, others, places)
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
    found = torch.zeros(count, device=device)
    for number, depth in enumerate(depths):
        mine = own == number
        scale = pixels.new_tensor((depth.shape[1], depth.shape[0])) / cameras.sizes[number]
        column, row = (pixels[mine] * scale).long().unbind(1)
        column, row = column.clamp_(max=depth.shape[1] - 1), row.clamp_(max=depth.shape[0] - 1)
        found[mine] = depth[row, column]
    kept = (found > NEAREST) & (found < FARTHEST) & (pixels < cameras.sizes[own]).all(1)
    return own[kept], pixels[kept], found[kept]


def _rays(cameras: Pinholes, views: Tensor, pixels: Tensor) -> Tensor:
    """What leads a metre along the axis of a view, through a pixel: (N, 3) in the world."""
    intrinsics = cameras.intrinsics[views]
    flat = (pixels - intrinsics[:, 2:]) / intrinsics[:, :2]
    return torch.einsum(
        "nij,nj->ni",
        cameras.poses[views, :3, :3],
        torch.cat((flat, flat.new_ones(len(flat), 1)), 1),
    )


def _projected(cameras: Pinholes, views: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Where the view of each row sees its places (N, H, 3): (N, H, 2), and whether."""
    poses, intrinsics = cameras.poses[views], cameras.intrinsics[views][:, None]
    own = torch.einsum("nji,nhj->nhi", poses[:, :3, :3], places - poses[:, None, :3, 3])
    before = own[..., 2] > 1e-6
    safe = torch.where(before, own[..., 2], 1.0)[..., None]
    pixels = own[..., :2] / safe * intrinsics[..., :2] + intrinsics[..., 2:]
    sizes = cameras.sizes[views][:, None]
    return pixels, before & (pixels >= 0).all(-1) & (pixels < sizes).all(-1)
