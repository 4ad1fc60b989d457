"""Which branches of a module change its output least when they go together: the paper's score."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import torch
from torch import Tensor

from ..network.network import Network, Unit
from ..network.streaming import passing


@torch.no_grad()
def least_changing(
    network: Network, images: Iterable[Tensor], at_once: int
) -> tuple[tuple[Unit, ...], ...]:
    """Of every module, the living branches that go with the least change of its output.

    All combinations of `at_once` branches are compared by the L2 norm of what the module's output
    changes by, summed over the images; modules are scored apart, and the loss is not asked. What a
    branch adds is there in one pass of an image, so nothing is kept but sums (the released code
    keeps all inputs and outputs of 100 batches). Of a module with fewer living branches than
    `at_once`, all go; of one with none, nothing.

    Parameters
    ----------
    network : Network
    images : iterable of (B, 1, X, Y, Z)
        As the network sees them.
    at_once : int
        At least 1.

    Returns
    -------
    tuple of tuple of Unit
        One for each module that has branches, in the order in which modules are run; its branches
        by their own change, the least first.
    """
    sums: dict[str, dict[tuple[int, ...], float]] = {}
    single: dict[Unit, float] = {}
    for image in images:
        for module in passing(network, image):
            own = sums.setdefault(module.name, {})
            for places in combinations(module.parts, min(at_once, len(module.parts))):
                own[places] = own.get(places, 0.0) + module.changed(*places)
            for place, part in module.parts.items():
                unit = module.name, place
                single[unit] = single.get(unit, 0.0) + float(part.norm())
    chosen = []
    for name, _ in network.size.modules:
        if scores := sums.get(name):
            best = min(scores, key=lambda places: (scores[places], places))
            chosen.append(tuple(sorted(((name, p) for p in best), key=single.__getitem__)))
    return tuple(chosen)
