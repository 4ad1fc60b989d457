"""A network as it is pruned: the opened one, or one that was made from it and chosen instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.model import Applied
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.files.artifact_files import Stored
from prune3d_gui.files.networks.sparse import sparse_bytes
from prune3d_gui.pruning.channels import Ranking
from prune3d_gui.pruning.knobs import SEED
from prune3d_gui.pruning.masks import MaskEngine, MaskSpec
from prune3d_gui.pruning.order import Criterion

from ..network.network import AtlasNet
from ..network.units import network_macs, network_units, scope_units
from .batches import BatchPasses
from .channels import ChannelNetworks
from .controls import CRITERION, RANKING, RATE, SCOPE, WAY
from .trail import Trails

LATENT_BYTES = 1 << 20
"""Latent vectors kept of networks that lost channels."""
PER_WEIGHT = 13
"""Bytes for each weight: itself, the original, its place in the order, and its unit there."""


class Prunable:
    """A network, what prunes it in place and by channels, and what is kept of its passes.

    Parameters
    ----------
    network : AtlasNet
        In evaluation mode; it is written in place from now on.
    templates : mapping of quality to (n, D) Tensor
        Template points of one primitive, on the device of the network.
    workload : str
        What multiply-accumulates are counted for.
    opened : AtlasNet, optional
        The network, as it was opened, that `network` was made from; zeros of `network` then
        count as pruned, and its other values as changed.
    """

    def __init__(
        self,
        network: AtlasNet,
        templates: Mapping[str, Tensor],
        workload: str,
        opened: AtlasNet | None = None,
    ) -> None:
        points = templates["full"].shape[0]
        self.network = network
        self.units = network_units(network, points)
        self.engine = MaskEngine({u.id: network.get_parameter(u.name) for u in self.units})
        self.channels = ChannelNetworks(network, self.engine, points)
        self.trails = Trails(network, self.units, self.engine, templates)
        self.batches = BatchPasses(network, self.trails)
        self.latents: Newest[Tensor] = Newest(LATENT_BYTES)
        self._workload = workload
        self._macs = network_macs(network, points)
        self._total = sum(p.numel() for p in network.parameters())
        self._made = opened is not None
        self._zeros = _zeros(network, self.units) if self._made else {}
        self._changed = 0 if opened is None else _changed(network, opened)

    @property
    def bytes(self) -> int:
        """Bytes it takes, without what it keeps of passes."""
        return PER_WEIGHT * self._total

    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Zero what `plan` asks for, or remove channels.

        Zeros are written and taken back in proportion to the difference to the plan before.
        """
        if plan.value(WAY) == "channels":
            return self._without_channels(plan, cancel)
        scope = scope_units(str(plan.value(SCOPE)), self.units)
        spec = MaskSpec(
            scope=scope,
            rate=float(plan.value(RATE)),
            ranking=cast("Ranking", plan.value(RANKING)),  # the knobs' choices are these
            criterion=cast("Criterion", plan.value(CRITERION)),
            seed=int(plan.value(SEED)),
            rates=plan.rates,
            locks=frozenset(plan.locks),
        )
        zeroed = self._all_zeros(self.engine.apply(spec, cancel), spec.criterion)
        sizes = self.engine.sizes
        footprint = Footprint(
            total=self._total,
            prunable=sum(sizes[unit] for unit in scope),
            zeroed=sum(zeroed.values()),
            removed=0,
            bytes=4 * self._total,
            format="dense fp32 parameters",
            macs=self._macs,
            workload=self._workload,
            nonzero={unit: sizes[unit] - zeroed[unit] for unit in sizes},
            scope=scope,
            sizes=self._sizes(zeroed),
            changed=self._changed,
            compact="sparse",
        )
        return Applied(plan, footprint)

    def clear(self) -> None:
        """Let go of everything that was computed."""
        self.forget()
        self.channels.clear()

    def forget(self) -> None:
        """Let go of what is kept of passes."""
        self.trails.clear()
        self.batches.clear()
        self.latents.clear()

    def _without_channels(self, plan: Plan, cancel: CancelToken) -> Applied:
        applied = self.channels.apply(plan, self._workload, cancel)
        if not self._made:
            return applied
        narrow, size = applied.token or self.network, applied.footprint
        left = _zeros(narrow, network_units(narrow, 1))
        nonzero = {unit: count - left[unit] for unit, count in size.nonzero.items()}
        zeroed = sum(left.values())
        size = replace(size, zeroed=zeroed, nonzero=nonzero, changed=self._changed)
        return replace(applied, footprint=size)

    def _all_zeros(self, masked: Mapping[str, int], criterion: str) -> dict[str, int]:
        """Zeros in each unit: those that the mask makes, and those that were there before."""
        if not any(self._zeros.values()):
            return dict(masked)
        if criterion == "random":
            return _zeros(self.network, self.units)
        return {unit: max(count, self._zeros[unit]) for unit, count in masked.items()}

    def _sizes(self, zeroed: Mapping[str, int]) -> dict[str, int]:
        """Bytes of the parameters in fp16 and in the compact sparse file, headers not counted."""
        sizes = self.engine.sizes
        dense = 4 * (self._total - sum(sizes.values()))
        masked = sparse_bytes((size, size - zeroed[unit]) for unit, size in sizes.items())
        return {"fp16": 2 * self._total, "sparse": dense + masked}


def made_network(opened: AtlasNet, title: str, stored: Stored) -> AtlasNet:
    """The network in an artifact.

    Parameters
    ----------
    opened : AtlasNet
        What it was made from, and whose units it must have.
    title : str
        How people name `opened`.
    stored : Stored

    Raises
    ------
    BadInput
        If it is built otherwise, or has values that are not finite.
    """
    what = f"The network {stored.artifact.short} ({stored.artifact.title!r})"
    wanted, state = opened.state_dict(), stored.tensors
    for name in dict.fromkeys((*wanted, *state)):
        shapes = [tuple(s[name].shape) if name in s else "no such layer" for s in (state, wanted)]
        if shapes[0] != shapes[1]:
            raise BadInput(
                f"{what} is built otherwise than {title!r} ('{name}': {shapes[0]} where that has "
                f"{shapes[1]}); it is a model of its own, so export it with 'prune3d artifacts "
                "export' and open the file."
            )
        if state[name].is_floating_point() and not state[name].isfinite().all():
            raise BadInput(f"{what} has values that are not numbers in '{name}'; choose another.")
    net = AtlasNet.like(state, opened.activation)
    net.load_state_dict({name: state[name].to(wanted[name].dtype) for name in wanted}, assign=True)
    return net.eval().requires_grad_(False)


def _zeros(network: AtlasNet, units: Iterable[Unit]) -> dict[str, int]:
    counts = {}
    for unit in units:
        weights = network.get_parameter(unit.name)
        counts[unit.id] = weights.numel() - int(torch.count_nonzero(weights))
    return counts


def _changed(network: AtlasNet, opened: AtlasNet) -> int:
    """How many parameters have another value than in `opened`, and are not zero."""
    pairs = zip(network.parameters(), opened.parameters(), strict=True)
    return sum(int(((own != other) & (own != 0)).sum()) for own, other in pairs)
