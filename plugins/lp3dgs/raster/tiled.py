"""Tile by tile in torch: for devices that have no compiled loops, and to compare those with."""

from __future__ import annotations

import torch
from torch import Tensor

from prune3d_gui.core.scene.cameras import Camera

from .dense import Projected, blended, projected
from .rules import FAINT, REACH
from .tiles import SIDE

_AT_ONCE = {"cpu": 1_000_000, "cuda": 60_000_000}  # pairs of a pixel and a Gaussian, padding too
_MARGIN = 0.01  # pixels by which rounding may be off
_PADDING = 1.25  # of the shortest list that is padded to the longest


def _pairs(seen: Projected, across: int, down: int) -> tuple[Tensor, Tensor]:
    """Tile and Gaussian, by place in `seen`, of every pair, by tile and from front to back."""
    reach = (2 * torch.log(seen.opacities.detach() / FAINT)).clamp(0, REACH).sqrt()
    half = reach[:, None] * seen.deviations + _MARGIN
    middle = seen.centres.detach()
    most = torch.tensor([across - 1, down - 1], device=middle.device, dtype=middle.dtype)
    first = ((middle - half) / SIDE).floor().clamp(min=0)
    last = torch.minimum(((middle + half) / SIDE).floor(), most)
    size = (last - first + 1).clamp(min=0).nan_to_num(0).long()
    number = size.prod(1)
    which = torch.repeat_interleave(torch.arange(len(number), device=number.device), number)
    inner = torch.arange(len(which), device=number.device) - (number.cumsum(0) - number)[which]
    x, y = inner % size[which, 0], inner // size[which, 0].clamp(min=1)
    tile = (first[which, 1].long() + y) * across + first[which, 0].long() + x
    order = torch.argsort(tile, stable=True)
    return tile[order], which[order]


def _batches(lengths: list[int], most: int) -> list[list[int]]:
    """Put tiles of about one length together, so that there is little to pad."""
    batches: list[list[int]] = []
    for tile in sorted(range(len(lengths)), key=lengths.__getitem__):
        first = lengths[batches[-1][0]] if batches else 0
        length, others = lengths[tile], len(batches[-1]) if batches else 0
        if not batches or (others + 1) * length * SIDE**2 > most or length > _PADDING * first + 8:
            batches.append([])
        batches[-1].append(tile)
    return batches


def tiled(
    means: Tensor,
    scales: Tensor,
    quaternions: Tensor,
    opacities: Tensor,
    harmonics: Tensor,
    camera: Camera,
) -> tuple[Tensor, Tensor, Tensor]:
    """Make the picture that `rasterise` makes, with torch alone, as `plain` takes and gives it."""
    seen = projected(means, scales, quaternions, opacities, harmonics, camera)
    across, down = -(-camera.width // SIDE), -(-camera.height // SIDE)
    tile, which = _pairs(seen, across, down)
    lengths = torch.bincount(tile, minlength=across * down)
    starts = lengths.cumsum(0) - lengths
    inner = torch.arange(SIDE, device=means.device, dtype=means.dtype) + 0.5
    own = torch.cartesian_prod(inner, inner).flip(1)
    most = _AT_ONCE.get(means.device.type, _AT_ONCE["cpu"])
    pictures, tiles, found = [], [], means.new_zeros((3, len(seen.index)))
    size = torch.tensor([camera.width, camera.height], device=means.device)
    for batch in _batches(lengths.tolist(), most):
        some = torch.tensor(batch, device=means.device)
        places = torch.arange(int(lengths[batch[-1]]), device=means.device)
        there = places < lengths[some, None]
        chosen = (
            which[torch.where(there, starts[some, None] + places, 0)]
            if len(which)
            else there.long()
        )
        corner = SIDE * torch.stack([some % across, some // across], 1)
        pixels = own + corner[:, None].to(means.dtype)
        colours, left, shares = blended(
            pixels,
            seen.centres[chosen],
            seen.conics[chosen],
            torch.where(there, seen.opacities[chosen], 0),
            seen.colours[chosen],
        )
        pictures.append(torch.cat([colours, left[..., None]], -1))
        tiles.append(some)
        with torch.no_grad():
            shares = torch.where((pixels < size).all(-1)[..., None], shares, 0)
            flat = chosen[there]
            found[0].scatter_reduce_(0, flat, shares.amax(1)[there], "amax")
            found[1].index_add_(0, flat, shares.sum(1)[there])
            found[2].index_add_(0, flat, (shares > 0).sum(1)[there].to(means.dtype))
    back = torch.cat(tiles).argsort()
    whole = torch.cat(pictures)[back].reshape(down, across, SIDE, SIDE, 4).transpose(1, 2)
    whole = whole.reshape(down * SIDE, across * SIDE, 4)[: camera.height, : camera.width]
    shares = means.new_zeros((3, len(means)))
    shares[:, seen.index] = found
    return whole[..., :3], whole[..., 3], shares
