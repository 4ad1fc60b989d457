"""Work: multiply-accumulates by module, for photographs, tokens and neighbours.

Of convolutions and linear layers, and of attention; norms, sums and interpolation are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import nn

from ..network.features import LEVELS, STRIDES
from ..network.network import Vortx
from ..network.sparse.sites import Sites
from ..network.tokens import Tokens
from ..network.unet import UNet
from ..volumes.levels import FACTORS, dense, divided

_PYRAMID = {"inner1": 8, "inner2": 4, "out1": 16, "out2": 8, "out3": 4}
_FINEST = ("stem", "up2.1")
_MIDDLE = ("stage1.", "up1.1")


@dataclass(frozen=True)
class LevelWork:
    """What a level has to do.

    Parameters
    ----------
    voxels : (3,) int
        Of the level, of half and of a quarter of its resolution.
    pairs : (3,) int
        Of a voxel and a neighbour that is there, itself included: entries of the kernel map.
    tokens : int
        Pairs of a voxel and a view that sees it.
    squares : int
        Pairs of two views that see the same voxel, by attention.
    """

    voxels: tuple[int, int, int]
    pairs: tuple[int, int, int]
    tokens: int
    squares: int


@dataclass(frozen=True)
class Work:
    """What a scene, or a part of one, has to do.

    Parameters
    ----------
    told : str
        What it is, in a few words.
    images : int
        Photographs.
    size : (height, width)
        Of them.
    levels : mapping of level to LevelWork
    """

    told: str
    images: int
    size: tuple[int, int]
    levels: Mapping[str, LevelWork]


def level_work(sites: Sites, tokens: Tokens) -> LevelWork:
    """Count what a level has to do for these voxels, as they were just run."""
    half = sites.halved.sites
    three = (sites, half, half.halved.sites)
    pairs = [int((own.around < len(own)).sum()) for own in three]
    seen = list(enumerate(tokens.sizes))
    return LevelWork(
        (len(three[0]), len(three[1]), len(three[2])), (pairs[0], pairs[1], pairs[2]),
        sum(views * voxels for views, voxels in seen),
        sum(views * views * voxels for views, voxels in seen),
    )  # fmt: skip


def _typical(voxels: tuple[int, int, int], pairs: tuple[int, int, int]) -> LevelWork:
    return LevelWork(voxels, pairs, 20 * voxels[0], 400 * voxels[0])


TYPICAL = Work(
    "a crop of 96 x 96 x 48 voxels, 20 photographs of 640 x 480 that see all of it",
    20,
    (480, 640),
    MappingProxyType({
        "coarse": _typical((6912, 864, 108), (166600, 18496, 1792)),
        "medium": _typical((16800, 2100, 464), (307128, 20784, 4736)),
        "fine": _typical((75600, 9450, 2072), (1419468, 101178, 19928)),
    }),
)  # fmt: skip
"""6,912, 16,800 and 75,600 voxels: all of the crop, then those along the six sides of a room."""


def picture_macs(network: Vortx, size: tuple[int, int]) -> dict[str, int]:
    """Of each 2D convolution, by the name of its weights, for one photograph.

    Parameters
    ----------
    network : Vortx
    size : (height, width)
    """
    sides = [-(-side // 16) * 16 for side in size]
    found = {}
    here = list(sides)
    for name, conv in _convolutions(network.cnn2d):
        part = name.partition(".")[0]
        if part in _PYRAMID:
            here = [side // _PYRAMID[part] for side in sides]
        else:
            step, margin, kernel = conv.stride[0], int(conv.padding[0]), conv.kernel_size[0]
            here = [(side + 2 * margin - kernel) // step + 1 for side in here]
        found[f"cnn2d.{name}.weight"] = conv.weight.numel() * here[0] * here[1]
    for level, stride in STRIDES.items():
        places = sides[0] // stride * (sides[1] // stride)
        for name, conv in _convolutions(network.view_embedders[level]):
            found[f"view_embedders.{level}.{name}.weight"] = conv.weight.numel() * places
    return found


def volume_macs(unet: UNet, work: LevelWork) -> dict[str, int]:
    """Of each sparse convolution of a U-Net, by the name of its kernel."""
    found = {}
    for name, kernel in unet.named_parameters():
        if not name.endswith(".kernel"):
            continue
        if name.startswith(("stage1.0", "up2.0")):
            count = work.voxels[0]  # between the level and its half, each finer voxel once
        elif name.startswith(("stage2.0", "up1.0")):
            count = work.voxels[1]
        else:
            at = 0 if name.startswith(_FINEST) else 1 if name.startswith(_MIDDLE) else 2
            count = work.voxels[at] if kernel.dim() == 2 else work.pairs[at]
        found[name] = kernel.shape[-2] * kernel.shape[-1] * count
    return found


def fusion_macs(fusion: nn.Module, width: int, work: LevelWork) -> int:
    """Of a level's transformer: its linear layers on each token, and attention between views."""
    weights = sum(p.numel() for p in fusion.parameters() if p.dim() == 2)
    transformer = getattr(fusion, "transformer", None)
    layers = 0 if transformer is None else len(transformer.encoder_layers)
    return weights * work.tokens + layers * 2 * width * work.squares


def module_macs(network: Vortx, work: Work) -> dict[str, int]:
    """By module: ``2d``, ``encoders``; ``transformer``, ``3d`` and ``outputs`` of each level."""
    pictures = picture_macs(network, work.size)
    named = {"2d": "cnn2d.", "encoders": "view_embedders."}
    found = {
        module: work.images * sum(n for name, n in pictures.items() if name.startswith(start))
        for module, start in named.items()
    }
    for number, level in enumerate(LEVELS):
        own = work.levels[level]
        width = network.size.features[number]
        found[f"transformer {level}"] = fusion_macs(network.mv_fusion[level], width, own)
        unet = network.cnns3d[level]
        assert isinstance(unet, UNet)
        found[f"3d {level}"] = sum(volume_macs(unet, own).values())
        found[f"outputs {level}"] = network.size.unets[number].outputs * own.voxels[0]
    return found


def _convolutions(module: nn.Module) -> Iterator[tuple[str, nn.Conv2d]]:
    for name, conv in module.named_modules():
        if isinstance(conv, nn.Conv2d):
            yield name, conv


def typical_room(device: str | torch.device = "cpu") -> dict[str, Sites]:
    """The voxels of `TYPICAL`: those nearest to the six sides, as many as were stated."""
    dims = (96, 96, 48)
    places = dense(dims, device)
    found = {"coarse": Sites(places)}
    for level, kept, after in (("coarse", 2100, "medium"), ("medium", 9450, "fine")):
        factor = FACTORS[level]
        middle = places * factor + (factor - 1) / 2
        last = middle.new_tensor([side - 1 for side in dims])
        near = torch.minimum(middle, last - middle).min(dim=1)[0]
        places = divided(places[near.argsort(stable=True)[:kept].sort()[0]])
        found[after] = Sites(places)
    return found
