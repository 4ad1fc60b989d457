"""The reference: every Gaussian is tried at every pixel."""

from __future__ import annotations

import torch
from torch import Tensor

from prune3d_gui.core.scene.cameras import Camera

from .dense import blended, projected

_AT_ONCE = 4_000_000  # pairs of a pixel and a Gaussian


def plain(
    means: Tensor,
    scales: Tensor,
    quaternions: Tensor,
    opacities: Tensor,
    harmonics: Tensor,
    camera: Camera,
) -> tuple[Tensor, Tensor, Tensor]:
    """Make the picture that `rasterise` makes, slowly, with nothing but torch.

    Parameters
    ----------
    means, scales, quaternions, opacities, harmonics, camera
        As `rasterise` takes them.

    Returns
    -------
    colours, transmittances : (H, W, 3), (H, W)
    shares : (3, N)
        Of each Gaussian: its largest share in a pixel, the sum of its shares, and the number of
        pixels that it has a share in.
    """
    seen = projected(means, scales, quaternions, opacities, harmonics, camera)
    ones = (torch.arange(n, dtype=means.dtype) + 0.5 for n in (camera.height, camera.width))
    pixels = torch.cartesian_prod(*ones).flip(1).to(means.device)
    largest, total, number = means.new_zeros((3, len(seen.index)))
    colours, left = [], []
    for some in pixels.split(max(1, _AT_ONCE // max(1, len(seen.index)))):
        colour, through, shares = blended(
            some, seen.centres, seen.conics, seen.opacities, seen.colours
        )
        colours.append(colour)
        left.append(through)
        shares = shares.detach()
        largest = torch.maximum(largest, shares.amax(0))
        total = total + shares.sum(0)
        number = number + (shares > 0).sum(0)
    found = means.new_zeros((3, len(means)))
    found[:, seen.index] = torch.stack([largest, total, number])
    size = (camera.height, camera.width)
    return torch.cat(colours).reshape(*size, 3), torch.cat(left).reshape(size), found
