"""AtlasNet with fewer channels: whole channels are removed, not zeroed.

Residual sums tie the channels of an encoder layer together, and the latent vector is added to
each decoder's ``conv1``, so the encoder's last layer and these go together. The three outputs of
``last_conv`` and what the network reads from picture and template always stay.
"""

from __future__ import annotations

from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.model import Applied
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.pruning.channels import (
    ChannelGroup,
    Ranking,
    channel_groups,
    chosen_groups,
    importance,
    keep_indices,
    sliced,
)
from prune3d_gui.pruning.knobs import SEED
from prune3d_gui.pruning.masks import MaskEngine, MaskSpec
from prune3d_gui.pruning.order import Criterion

from ..network.network import IMAGE_SIZE, AtlasNet
from ..network.units import network_macs, network_units, scope_units
from .controls import CRITERION, RANKING, RATE, SCOPE

NETWORK_BYTES = 192 << 20
SCORE_BYTES = 1 << 20

GO_WHOLE = "the rate counts channels, and each takes its weights in the next layers along"


def plain_forward(net: AtlasNet, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """Do the forward pass by calls of modules only, as tracing needs it.

    Parameters
    ----------
    net : AtlasNet
    inputs : tuple of Tensor
        Images (B, 3, H, W) and template points (n, D).

    Returns
    -------
    tuple of (B, 3, n) Tensor
        Points of each primitive: the numbers of `AtlasNet.forward` up to rounding.
    """
    images, points = inputs
    latent = net.encode(images)[:, :, None]
    parts = []
    for mapping in net.mappings:
        x = mapping.activate(mapping.bn1(mapping.conv1(points.T[None]) + latent))
        hidden = (mapping.conv2, *mapping.conv_list)
        for conv, norm in zip(hidden, (mapping.bn2, *mapping.bn_list), strict=True):
            x = mapping.activate(norm(conv(x)))
        parts.append(mapping.last_conv(x))
    return tuple(parts)


@torch.inference_mode(False)
def network_groups(net: AtlasNet) -> tuple[ChannelGroup, ...]:
    """Find the channels of an AtlasNet that can only go together, by tracing its shapes."""
    shape = AtlasNet.like(net.state_dict(), net.activation)
    width = 3 if net.template == "SPHERE" else 2
    images = torch.empty(1, 3, IMAGE_SIZE, IMAGE_SIZE, device="meta")
    points = torch.empty(4, width, device="meta")
    return channel_groups(shape, (images, points), forward=plain_forward)


class ChannelNetworks:
    """The narrow networks of one AtlasNet; those asked for last are kept.

    Nothing is done before the first plan, which traces the network and copies its weights.

    Parameters
    ----------
    net : AtlasNet
    engine : MaskEngine
        Zeroes weights of `net` in place; it puts them back before channels are removed.
    points : int
        Template points of each primitive, for the multiply-accumulates.
    """

    def __init__(self, net: AtlasNet, engine: MaskEngine, points: int) -> None:
        self._net, self._engine, self._points = net, engine, points
        self._units = network_units(net, points)
        self._ids = {unit.name: unit.id for unit in self._units}
        self._scores: Newest[tuple[Tensor, ...]] = Newest(SCORE_BYTES)
        self._networks: Newest[AtlasNet | None] = Newest(NETWORK_BYTES)

    @cached_property
    def groups(self) -> tuple[ChannelGroup, ...]:
        """Channels that can only go together."""
        return network_groups(self._net)

    @cached_property
    def _state(self) -> dict[str, Tensor]:
        """Original weights, which no mask can reach."""
        self._engine.restore()
        return {key: tensor.detach().clone() for key, tensor in self._net.state_dict().items()}

    def apply(self, plan: Plan, workload: str, cancel: CancelToken = NEVER) -> Applied:
        """Remove the channels that `plan` asks for, from the groups that `chosen_groups` gives.

        Parameters
        ----------
        plan : Plan
        workload : str
            What the multiply-accumulates are counted for.
        cancel : CancelToken

        Returns
        -------
        Applied
            Its token is the narrow AtlasNet, or None where no channel goes.

        Raises
        ------
        BadInput
            If a unit is unknown or a rate is out of 0 to 100.
        """
        scope = scope_units(str(plan.value(SCOPE)), self._units)
        self._engine.plan_counts(MaskSpec(scope, rates=plan.rates, locks=frozenset(plan.locks)))
        self._engine.restore()
        cancel.check()
        pool, rates = chosen_groups(self.groups, self._ids, scope, plan.rates, plan.locks)
        cancel.check()
        criterion = cast("Criterion", plan.value(CRITERION))  # the knobs' choices are these
        ranking, rate = cast("Ranking", plan.value(RANKING)), float(plan.value(RATE))
        order = (criterion, int(plan.value(SEED)) if criterion == "random" else 0)
        key = (pool, rates, rate, ranking, order)
        net = self._networks.keep(key, lambda: self._narrow(*key, cancel))
        nothing = net is None and not pool and not rates and rate > 0
        notices = (self._reason(scope, plan.locks),) if nothing else ()
        return Applied(plan, self._footprint(net, scope, workload), net, notices)

    def clear(self) -> None:
        """Let go of the narrow networks."""
        self._networks.clear()

    def _producers(self, group: ChannelGroup) -> set[str]:
        return {self._ids[name] for name in group.producers if name in self._ids}

    def _narrow(
        self,
        pool: tuple[int, ...],
        rates: tuple[tuple[int, float], ...],
        rate: float,
        ranking: Ranking,
        order: tuple[Criterion, int],
        cancel: CancelToken,
    ) -> AtlasNet | None:
        scores = self._scores.keep(order, lambda: importance(self.groups, self._state, *order))
        cancel.check()
        keep = keep_indices(scores, rate, ranking, pool=pool, rates=dict(rates))
        if all(len(kept) == group.count for kept, group in zip(keep, self.groups, strict=True)):
            return None
        state = sliced(self._state, self.groups, keep)
        cancel.check()
        net = AtlasNet.like(state, self._net.activation)
        net.load_state_dict(state, assign=True)
        return net.eval().requires_grad_(False)

    def _footprint(self, net: AtlasNet | None, scope: frozenset[str], workload: str) -> Footprint:
        left = network_units(net or self._net, self._points)
        total, parameters = _parameters(self._net), _parameters(net or self._net)
        return Footprint(
            total=total,
            prunable=sum(unit.count for unit in self._units if unit.id in scope),
            zeroed=0,
            removed=total - parameters,
            bytes=4 * parameters,
            format="dense fp32 parameters",
            macs=network_macs(net or self._net, self._points),
            workload=workload,
            nonzero={unit.id: unit.count for unit in left},
            scope=scope,
            sizes={"fp16": 2 * parameters, "sparse": 4 * parameters},
            compact="sparse",
            why=GO_WHOLE if parameters < total else "",
        )

    def _reason(self, scope: frozenset[str], locks: tuple[str, ...]) -> str:
        """Why no channel can go."""
        for group in self.groups:
            producers = self._producers(group)
            missing = sorted(producers - scope)
            if producers & scope and missing:
                inside = sorted(producers & scope)
                return (
                    f"Nothing is removed: the channels of {', '.join(inside)} go only together "
                    f"with those of {', '.join(missing)}; take these into the scope too."
                )
        if locks:
            return "Nothing is removed: locked units keep all channels in scope; unlock some."
        return "Nothing is removed: no unit in scope gives channels that can go; widen the scope."


def _parameters(net: AtlasNet) -> int:
    return sum(parameter.numel() for parameter in net.parameters())
