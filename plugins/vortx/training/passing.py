"""A crop passed through all levels, as training does."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.sparse.sites import Sites
from ..volumes.levels import (
    Said,
    convolved,
    dense,
    divided,
    fused,
    handed_down,
    points_of,
)
from ..volumes.views import Pinholes, Seen, Views, seen_by, views_of
from .crops import Crop, Photographed

MOST = {"medium": 2**13, "fine": 2**14}
"""Voxels of a crop that are looked at; of more, those between two upright planes.

The release takes as many as 2^14 and 2^16, here and there, so that voxels miss neighbours that they
have later."""


def looked_at(network: Vortx, seen: Photographed, device: torch.device) -> Views:
    """Features of photographs."""
    pictures = torch.from_numpy(seen.pictures).to(device)
    height, width = seen.pictures.shape[1:3]
    sizes = torch.tensor([[width, height]], dtype=torch.float32).expand(len(pictures), -1)
    cameras = Pinholes(torch.from_numpy(seen.intrinsics), torch.from_numpy(seen.poses), sizes).to(
        device
    )
    return views_of(network, pictures, cameras)


def passed(
    network: Vortx,
    crop: Crop,
    views: Views,
    weighted: bool,
    guided: bool,
    drawn: torch.Generator,
    sampled: bool = True,
) -> Iterator[tuple[Said, Seen, Tensor | None]]:
    """Yield what each level says of a crop; ends early where nothing is occupied.

    Parameters
    ----------
    network : Vortx
    crop : Crop
    views : Views
        What `looked_at` made of its photographs.
    weighted : bool
        Whether views weigh as likely as they see a surface.
    guided : bool
        Whether voxels that are occupied are kept whatever the network says.
    drawn : torch.Generator
        On the CPU; what is sub-sampled.
    sampled : bool
        Whether no more than `MOST` voxels are looked at.
    """
    device, cameras = views.cameras.poses.device, views.cameras
    origin = torch.zeros(3, device=device)
    dims = crop.truth["fine"].shape
    sites, before = Sites(dense(dims, device)), None
    for number, level in enumerate(LEVELS):
        seen = seen_by(cameras, points_of(sites.places, level, origin, crop.voxel))
        rows, logits = fused(network, level, views, seen, weighted)
        said = convolved(network, level, sites, rows, before)
        yield said, seen, logits
        if level == LEVELS[-1]:
            return
        kept = said.logits.detach() > 0
        if guided:
            truth = torch.from_numpy(crop.truth[level]).to(device)
            kept |= truth[tuple(sites.places.t())] > 0
        numbers = kept.nonzero()[:, 0]
        if not len(numbers):
            return
        after = LEVELS[number + 1]
        places = divided(sites.places[numbers])
        inside = (places < places.new_tensor(crop.truth[after].shape)).all(1).nonzero()[:, 0]
        if sampled and len(inside) > MOST[after]:
            inside = inside[_slab(places[inside], MOST[after], drawn)]
        sites = Sites(places[inside])
        down = handed_down(said, numbers, after, sites)
        before = Said(after, sites, down.features[inside], down.logits[inside])


def _slab(places: Tensor, most: int, drawn: torch.Generator) -> Tensor:
    """Numbers of the voxels between two upright planes, somewhere, of some direction."""
    angle, start = (2 * torch.pi * torch.rand(1, generator=drawn), torch.rand(1, generator=drawn))
    across = places[:, 0] * float(angle.cos()) + places[:, 1] * float(angle.sin())
    first = int(float(start) * (len(places) - most + 1))
    chosen: Tensor = across.argsort(stable=True)[first : first + most].sort()[0]
    return chosen
