"""Which branches of a module change its output least when they go together: the paper's score."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import torch
from torch import Tensor

from ..network.branches import active
from ..network.network import Network, Unit


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
    modules = {name for name, _ in network.size.modules}
    for image in images:
        have = {"image": image}
        for name, run in network.steps():
            if name not in modules:
                have[name] = run(have)
                continue
            module, x = network.module(name), network.entering(name, have)
            parts = dict(module.parts(x))
            have[name] = _scored(x, parts, at_once, sums.setdefault(name, {}))
            for place in parts:
                own = float(parts[place].norm())
                single[name, place] = single.get((name, place), 0.0) + own
    chosen = []
    for name, _ in network.size.modules:
        if scores := sums.get(name):
            best = min(scores, key=lambda places: (scores[places], places))
            chosen.append(tuple(sorted(((name, p) for p in best), key=single.__getitem__)))
    return tuple(chosen)


def _scored(
    x: Tensor, parts: dict[int, Tensor], at_once: int, sums: dict[tuple[int, ...], float]
) -> Tensor:
    """Add the change by each combination to `sums`; gives the module's output."""
    if not parts:
        return x
    total = x + sum(parts.values())
    output = active(total)
    together = min(at_once, len(parts))
    for places in combinations(parts, together):
        if together == len(parts):
            without = x  # a module without branches gives what goes in
        else:
            without = active(total - sum(parts[place] for place in places))
        sums[places] = sums.get(places, 0.0) + float((output - without).norm())
    return output
