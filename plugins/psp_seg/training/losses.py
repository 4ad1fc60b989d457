"""Losses: Dice and cross entropy at several scales, and the functional decoupling of PSP-Seg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import (
    avg_pool3d,
    binary_cross_entropy_with_logits,
    cosine_similarity,
    log_softmax,
    one_hot,
)

from ..network.network import Network

WEIGHTS = (0.5, 1.0, 3.0, 1.0, 3.0)
"""Of the classes of the phantom in the cross entropy: lesions are few voxels."""


def segmentation(
    outputs: Sequence[Tensor], labels: Tensor, classes: int, weights: Sequence[float]
) -> Tensor:
    """Dice and cross entropy of every scale, each half as much as the finer one before.

    The soft Dice is taken over the batch, as a mean over the classes but the background that occur
    in it. Labels of coarser scales are shares of classes.

    Parameters
    ----------
    outputs : sequence of (B, K, X, Y, Z)
        Logits, the finest first, each half as fine as the one before.
    labels : (B, X, Y, Z) int64
    classes : int
    weights : sequence of K float
        Of the classes in the cross entropy.
    """
    target = one_hot(labels, classes).permute(0, 4, 1, 2, 3).float()
    scale = torch.tensor(tuple(weights), device=target.device).view(1, -1, 1, 1, 1)
    whole = outputs[0].new_zeros(())
    share = 1.0
    for logits in outputs:
        if target.shape[2:] != logits.shape[2:]:
            target = avg_pool3d(target, 2)
        logs = log_softmax(logits, dim=1)
        weighted = target * scale
        crossed = -(weighted * logs).sum() / weighted.sum()
        given = logs.exp()
        both = (given * target).sum(dim=(0, 2, 3, 4))
        sizes = given.sum(dim=(0, 2, 3, 4)) + target.sum(dim=(0, 2, 3, 4))
        there = target.sum(dim=(0, 2, 3, 4))[1:] > 0
        dice = ((2 * both + 1) / (sizes + 1))[1:][there]
        apart = (1 - dice).mean() if dice.numel() else crossed.new_zeros(())
        whole = whole + share * (crossed + apart)
        share /= 2
    return whole


def blanked(image: Tensor, labels: Tensor, low: float) -> Tensor:
    """The image with every voxel of the background at `low`, in the units that the network sees.

    Parameters
    ----------
    image : (B, 1, X, Y, Z)
    labels : (B, X, Y, Z) int64
    low : float
        A low percentile of the foreground, as the network sees it. (The released code takes it in
        Hounsfield units for patches that are normalised already.)
    """
    return torch.where(labels[:, None] > 0, image, torch.full_like(image, low))


def decoupling(
    network: Network, have: Mapping[str, Tensor], image: Tensor, labels: Tensor, low: float
) -> tuple[Tensor, Tensor]:
    """Functional decoupling: what the encoder and what the decoder are asked for.

    *Target perception*: features of the encoder and the bottleneck should be those of the image
    without its background, by cosine over channels; these are given without a gradient.
    *Localisation*: the mean over channels of the decoder at half resolution is a logit of
    foreground against background.

    Parameters
    ----------
    network : Network
    have : mapping
        What `Network.features` gave for `image`.
    image : (B, 1, X, Y, Z)
    labels : (B, X, Y, Z) int64
    low : float
        See `blanked`.

    Returns
    -------
    (target perception, localisation) : scalars
    """
    last = len(network.size.channels) - 1
    names = [*(f"encoder.{level}" for level in range(last)), "bottleneck"]
    with torch.no_grad():
        wanted = network.encoded(blanked(image, labels, low))
    perceived = have["image"].new_zeros(())
    for name in names:
        perceived = perceived + (1 - cosine_similarity(have[name], wanted[name], dim=1)).mean()
    half = "decoder.0" if network.size.half else "decoder.1"
    logit = have[half].mean(dim=1, keepdim=True)
    target = (labels[:, None] > 0).float()
    while target.shape[2:] != logit.shape[2:]:
        target = avg_pool3d(target, 2)
    return perceived, binary_cross_entropy_with_logits(logit, (target > 0.5).float())
