"""What training minimises: occupancy, signed distances, and surfaces along each view."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss

from ..network.network import distances
from ..volumes.levels import FACTORS
from ..volumes.views import Seen

TRUNCATION = 3.0
"""Voxels of a level, within which a view sees a surface at a voxel."""
OCCUPIED = 2.0
"""How much more occupied voxels weigh: what a level loses, finer ones cannot find again."""


def logged(values: Tensor) -> Tensor:
    """Signed logarithm of distances, which counts what is near more: sign(x) log(1 + |x|)."""
    return values.sign() * values.abs().log1p()


def volume_loss(level: str, logits: Tensor, places: Tensor, known: Tensor, truth: Tensor) -> Tensor:
    """Loss of what a level says, over the voxels of which something is known.

    Parameters
    ----------
    level : str
    logits : (N,)
    places : (N, 3) int64
        Inside the volume.
    known : (X, Y, Z) bool
    truth : (X, Y, Z) float32
        Occupancy; distances of the fine level.
    """
    at = tuple(places.t())
    counted = known[at]
    if not counted.any():
        return logits.sum() * 0
    said, wanted = logits[counted], truth[at][counted]
    if level == "fine":
        return l1_loss(logged(distances(said)), logged(wanted))
    return binary_cross_entropy_with_logits(said, wanted, pos_weight=said.new_tensor(OCCUPIED))


def depths_at(
    depths: tuple[Tensor, ...], views: Tensor, pixels: Tensor, size: tuple[int, int]
) -> Tensor:
    """Depths at pixels: (T,), of the view of each.

    Parameters
    ----------
    depths : tuple of (h, w)
        One for each view.
    views : (T,) int64
    pixels : (T, 2)
    size : (width, height)
        Of the pictures that pixels are counted in.
    """
    found = pixels.new_zeros(len(pixels))
    for number, depth in enumerate(depths):
        own = views == number
        at = pixels[own]
        columns = (at[:, 0] * (depth.shape[1] / size[0])).long().clamp_(0, depth.shape[1] - 1)
        rows = (at[:, 1] * (depth.shape[0] / size[1])).long().clamp_(0, depth.shape[0] - 1)
        found[own] = depth[rows, columns]
    return found


@torch.no_grad()
def surface_seen(
    level: str, seen: Seen, depths: tuple[Tensor, ...], size: tuple[int, int], voxel: float
) -> tuple[Tensor, Tensor]:
    """Whether a view sees a surface near a voxel, by its depth map.

    The release looks at the first item of a batch alone; here all count.

    Parameters
    ----------
    level : str
    seen : Seen
    depths : tuple of (h, w)
        One for each view, in metres, 0 for none.
    size : (width, height)
        Of the pictures that `seen` counts pixels of.
    voxel : float
        Side of the finest.

    Returns
    -------
    near : (T,) float
        1 where it does, else 0.
    known : (T,) bool
        Where there is a depth.
    """
    found = depths_at(depths, seen.tokens.views, seen.pixels, size)
    near = (seen.depths - found).abs() < TRUNCATION * voxel * FACTORS[level]
    return near.to(seen.depths.dtype), found > 0


def view_loss(logits: Tensor, near: Tensor, known: Tensor) -> Tensor:
    """Loss of what views say of surfaces, where there is a depth."""
    if not known.any():
        return logits.sum() * 0
    return binary_cross_entropy_with_logits(logits[known], near[known])
