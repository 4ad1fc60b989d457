"""How much branches matter, by several criteria, most of them in one streaming pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.scene.affines import IDENTITY
from prune3d_gui.metrics.overlaps import overlaps

from ..network.network import Network, Unit
from ..network.streaming import passing
from ..training.losses import WEIGHTS, segmentation

STREAMED = ("change", "relative", "output")
"""Criteria that a pass of the network gives."""


@dataclass(frozen=True, eq=False)
class Case:
    """One calibration patient, as the network sees it.

    Parameters
    ----------
    image : (1, 1, X, Y, Z) float32
    labels : (1, X, Y, Z) int64
    """

    image: Tensor
    labels: Tensor


def magnitude(network: Network) -> dict[Unit, float]:
    """L1: mean magnitude of the weights of a branch, times that of its scalar."""
    found = {}
    for unit in network.units:
        module = network.module(unit[0])
        branch, at = module.branch(unit[1]), module.places.index(unit[1])
        weights = torch.cat([branch.spread.weight.flatten(), branch.mix.weight.flatten()])
        found[unit] = float(weights.abs().mean() * module.scales[at].abs())
    return found


@torch.no_grad()
def streamed(
    network: Network, cases: Sequence[Case], cancel: CancelToken = NEVER
) -> dict[str, dict[Unit, float]]:
    """Criteria that look at what branches give, of all branches in one pass of each patient.

    A module's output without one branch needs no pass of its own: the sum before the rectifier is
    there, and what the branch adds to it, too. Nothing is kept but sums.

    Returns
    -------
    mapping of criterion to mapping of branch to float
        ``change``: L2 norm of the change of its module's output when it is left out, as in the
        paper's code, summed over patients. ``relative``: over the norm of the output. ``output``:
        L2 norm of what it adds.
    """
    sums = {name: dict.fromkeys(network.units, 0.0) for name in STREAMED}
    for case in cases:
        for module in passing(network, case.image, cancel):
            norm = float(module.output.norm())
            for place, part in module.parts.items():
                change = module.changed(place)
                sums["change"][module.name, place] += change
                sums["relative"][module.name, place] += change / max(norm, 1e-12)
                sums["output"][module.name, place] += float(part.norm())
    return sums


@torch.no_grad()
def one_by_one(
    network: Network, cases: Sequence[Case], cancel: CancelToken = NEVER
) -> dict[Unit, float]:
    """``change`` with a forward pass for each branch: the plain reference of `streamed`."""
    was = frozenset(u for u in network.units if u[1] not in network.module(u[0]).alive)
    found = dict.fromkeys(network.units, 0.0)
    try:
        for case in cases:
            network.mask(was)
            whole = network.features(case.image)
            for unit in network.units:
                cancel.check()
                network.mask(was | {unit})
                without = network.features(case.image)
                found[unit] += float((whole[unit[0]] - without[unit[0]]).norm())
    finally:
        network.mask(was)
    return found


def taylor(
    network: Network, cases: Sequence[Case], cancel: CancelToken = NEVER
) -> dict[Unit, float]:
    """First-order change of the training loss when a branch goes, by its scalar.

    The gradient of the loss by a gate of 1 on the branch is ``w_i dL/dw_i``; its magnitude, mean
    over patients (Molchanov et al., "Importance estimation for neural network pruning", 2019).
    """
    found = dict.fromkeys(network.units, 0.0)
    grads = {name: network.module(name).scales for name, _ in network.size.modules}
    with torch.enable_grad():
        for scale in grads.values():
            scale.requires_grad_(True)
        try:
            for case in cases:
                cancel.check()
                outputs = [network(case.image)]
                weights = WEIGHTS if network.classes == len(WEIGHTS) else (1,) * network.classes
                loss = segmentation(outputs, case.labels, network.classes, weights)
                given: Sequence[Tensor | None] = torch.autograd.grad(
                    loss, list(grads.values()), allow_unused=True
                )
                for (name, scale), grad in zip(grads.items(), given, strict=True):
                    if grad is None:
                        continue
                    gates = (scale * grad).detach().abs().tolist()
                    for place, gate in zip(network.module(name).places, gates, strict=True):
                        found[name, place] += gate / len(cases)
        finally:
            for scale in grads.values():
                scale.requires_grad_(False)
    return found


@torch.no_grad()
def dice_drops(
    network: Network,
    cases: Sequence[Case],
    cancel: CancelToken = NEVER,
    tell: Callable[[int, int], None] | None = None,
) -> dict[Unit, float]:
    """Measured: how far mean Dice falls when a branch alone goes.

    The mean is taken over the classes but the background that a patient has, then over patients.
    Steps before the branch are computed once for each patient.
    """
    was = frozenset(u for u in network.units if u[1] not in network.module(u[0]).alive)
    found = dict.fromkeys(network.units, 0.0)
    steps, done = network.steps(), 0
    names = [name for name, _ in steps]
    try:
        for case in cases:
            network.mask(was)
            have = network.features(case.image)
            whole = _dice(have["logits"], case.labels)
            for unit in network.units:
                cancel.check()
                network.mask(was | {unit})
                first = names.index(unit[0])
                fresh = {name: have[name] for name in ("image", *names[:first])}
                for name, run in steps[first:]:
                    fresh[name] = run(fresh)
                found[unit] += (whole - _dice(fresh["logits"], case.labels)) / len(cases)
                done += 1
                if tell is not None:
                    tell(done, len(cases) * len(network.units))
    finally:
        network.mask(was)
    return found


def _dice(logits: Tensor, labels: Tensor) -> float:
    """Mean Dice of the classes but the background that are there, in a batch of one."""
    wanted, found = labels[0].cpu().numpy(), logits[0].argmax(dim=0).cpu().numpy()
    return overlaps(wanted, found, logits.shape[1], IDENTITY).mean_dice


def agreement(one: Mapping[Unit, float], other: Mapping[Unit, float]) -> tuple[float, float]:
    """Rank correlation of two criteria over the same branches: Spearman's rho, Kendall's tau."""
    from scipy.stats import kendalltau, spearmanr

    units = sorted(one)
    first, second = (np.array([own[unit] for unit in units]) for own in (one, other))
    return float(spearmanr(first, second).statistic), float(kendalltau(first, second).statistic)
