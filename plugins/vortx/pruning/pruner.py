"""A network as plans prune it: weights zeroed, channels removed, module by module.

Masks and removals are each decided by the opened network's weights, whatever the other knobs say,
so that each of them is the same at a rate whatever was turned before. A plan gives a network of
its own; modules that a change of the plan does not reach are the same objects in both.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import torch
from torch import Tensor, nn

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.pruning.channels import (
    ChannelGroup,
    chosen_groups,
    importance,
    keep_indices,
    sliced,
)
from prune3d_gui.pruning.knobs import SEED
from prune3d_gui.pruning.masks import MaskEngine, MaskSpec
from prune3d_gui.pruning.order import Criterion

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.sizes import Size
from ..volumes.scene import Keys
from .controls import (
    CRITERION,
    FUSION,
    PHOTOGRAPHS,
    RATE_2D,
    RATE_3D,
    RATE_FORWARD,
    VOLUME,
    WIDTH_FORWARD,
)
from .groups import GROUPS, OUTPUT, forward_groups, narrowed, volume_groups
from .parts import Kept, fusion_without, volume_without, with_zeros
from .units import network_units
from .work import TYPICAL, Work

PART_BYTES = 128 << 20
"""Of pruned modules kept; the released network's U-Nets take 24 MB."""
LEAST = 1
"""Channels that stay in each group, and neurons in each feed-forward, whatever the rate."""
MODULES = ("2d", *(f"{part} {level}" for level in LEVELS for part in ("transformer", "3d")))
"""Parts of a network that are pruned, each with a key of its own."""
Parts = tuple[nn.Module, ...]


@dataclass(frozen=True, eq=False)
class Effective:
    """A network under a plan; nobody writes it.

    Attributes
    ----------
    network : Vortx
        Physically smaller where channels were removed.
    keys : mapping of module to str
        By `MODULES`: equal keys mean equal weights. That of the 2D part covers the view encoders,
        those of the 3D parts their output layers.
    masks : mapping of unit id to Tensor
        What is zeroed, in the shape of the opened network's weights; units without zeros left out.
    volume, forward : tuple of (kept,) int64 Tensor
        Channels that stay, of `groups.volume_groups` and `groups.forward_groups`.
    floor : bool
        Whether a group keeps its last channel though the rate would have taken it.
    """

    network: Vortx
    keys: Mapping[str, str]
    masks: Mapping[str, Tensor]
    volume: Kept
    forward: Kept
    floor: bool

    @property
    def caching(self) -> Keys:
        """What reconstructions are kept by."""
        fusion = " ".join(self.keys[f"transformer {level}"] for level in LEVELS)
        return Keys(self.keys["2d"], fusion)


class Pruner:
    """Prunes a network by plans.

    Parameters
    ----------
    network : Vortx
        In evaluation mode; it is not written, and must not change.
    opened : Vortx, optional
        The opened network that `network` was made from by recovery training: what goes is decided
        by its weights, so that the plan that was trained for takes the same.
    work : Work
        What multiply-accumulates of units are counted for.
    name : str
        Tells keys of this network from those of others, such as its hash.

    Attributes
    ----------
    units : tuple of Unit
    volume, forward : tuple of ChannelGroup
    """

    def __init__(
        self, network: Vortx, opened: Vortx | None = None, work: Work = TYPICAL, name: str = ""
    ) -> None:
        self.network, self._name = network, name
        self.units = network_units(network, work)
        self.volume, self.forward = volume_groups(network), forward_groups(network)
        self._state = network.state_dict()
        self._deciding = (opened or network).state_dict()
        self._ids = {unit.name: unit.id for unit in self.units}
        self._masked = tuple(unit for unit in self.units if unit.path[0] != VOLUME)
        self._weights = {u.id: _without_zeros(self._deciding[u.name]) for u in self._masked}
        self._engine = MaskEngine(self._weights)
        self._scores: Newest[Kept] = Newest(4 << 20)
        self._parts: Newest[Parts] = Newest(PART_BYTES, _bytes_of)

    def effective(self, plan: Plan, cancel: CancelToken = NEVER) -> Effective:
        """The network under a plan.

        Units' own rates: of weights that are zeroed they are shares of these, of 3D kernels shares
        of the channels that they give (see `channels.chosen_groups`). Neurons of a feed-forward
        all stay where one of its layers is locked.

        Raises
        ------
        BadInput
            If a unit is unknown or a rate is out of 0 to 100.
        Cancelled
        """
        self._check(plan)
        counts = self._zero(plan, cancel)
        volume = self._keep(self.volume, VOLUME, plan, RATE_3D, plan.rates)
        forward = self._keep(self.forward, FUSION, plan, WIDTH_FORWARD)
        cancel.check()
        masks = {unit: self._weights[unit] == 0 for unit, count in counts.items() if count}
        size = narrowed(self.network.size, volume, forward)
        parts: dict[str, tuple[str, Parts]] = {"2d": self._photographs(masks)}
        for number, level in enumerate(LEVELS):
            cancel.check()
            parts[f"transformer {level}"] = self._fusion(number, masks, forward)
            parts[f"3d {level}"] = self._volume(number, size, volume)
        network = _assembled(self.network, size, {name: own for name, (_, own) in parts.items()})
        keys = {name: key for name, (key, _) in parts.items()}
        floor = any(
            len(kept) == LEAST < group.count and float(plan.value(knob)) > 0
            for knob, groups, keep in (
                (RATE_3D, self.volume, volume), (WIDTH_FORWARD, self.forward, forward),
            )
            for group, kept in zip(groups, keep, strict=True)
        )  # fmt: skip
        return Effective(network, keys, masks, volume, forward, floor)

    def whole(self, effective: Effective, trained: Vortx) -> Vortx:
        """The network with what training gave to what a plan left of it; all else as it was.

        Pruned by the same plan, beside the opened network, it is `trained` again.

        Parameters
        ----------
        effective : Effective
            What the training began with.
        trained : Vortx
            Of the same size.
        """
        plain = torch.contiguous_format
        state = {name: value.clone(memory_format=plain) for name, value in self._state.items()}
        groups, kept = (*self.volume, *self.forward), (*effective.volume, *effective.forward)
        numbers = {
            name: torch.arange(value.numel()).view(value.shape) for name, value in state.items()
        }
        stays = sliced(numbers, groups, kept)
        for name, value in trained.state_dict().items():
            flat = state[name].view(-1)
            flat[stays[name].reshape(-1).to(flat.device)] = value.to(flat.device).reshape(-1)
        for unit in self.units:
            if unit.id in effective.masks:
                mask = effective.masks[unit.id]
                state[unit.name][mask] = self._state[unit.name][mask]
        made = Vortx(self.network.size)
        made.load_state_dict(state)
        return made.eval().requires_grad_(False)

    def left_masks(self, effective: Effective) -> dict[str, Tensor]:
        """What is zeroed among the weights that are left, by their names."""
        stays = {
            part.name: (part.dim, kept)
            for group, kept in zip(self.forward, effective.forward, strict=True)
            for part in group.slices
        }
        found = {}
        for unit in self.units:
            if unit.id in effective.masks:
                mask = effective.masks[unit.id]
                dim, kept = stays.get(unit.name, (0, torch.arange(len(mask))))
                found[unit.name] = mask.index_select(dim, kept.to(mask.device))
        return found

    def clear(self) -> None:
        """Let go of pruned modules."""
        self._parts.clear()

    # -- what goes -----------------------------------------------------------------------

    def _check(self, plan: Plan) -> None:
        known = {unit.id for unit in self.units}
        unknown = sorted({*dict(plan.rates), *plan.locks} - known)
        if unknown:
            few = ", ".join(unit.id for unit in self.units[:3])
            raise BadInput(
                f"There is no unit {unknown[0]!r}; the {len(known)} units are {few} and so on, "
                "as the tree of units lists them."
            )
        for unit, rate in plan.rates:
            if not 0 <= rate <= 100:
                raise BadInput(f"rate {rate:g} of unit {unit} is out of range; give 0 to 100.")

    def _zero(self, plan: Plan, cancel: CancelToken) -> dict[str, int]:
        """Zero among the engine's copies of the weights; gives how many of each unit."""
        rates = {unit.id: float(plan.value(RATE_FORWARD)) for unit in self._in(FUSION)}
        masked = {unit.id for unit in self._masked}
        rates |= {unit: rate for unit, rate in plan.rates if unit in masked}
        spec = MaskSpec(
            frozenset(unit.id for unit in self._in(PHOTOGRAPHS)),
            float(plan.value(RATE_2D)),
            criterion="random" if plan.value(CRITERION) == "random" else "l1",
            seed=int(plan.value(SEED)),
            rates=tuple(rates.items()),
            locks=frozenset(masked.intersection(plan.locks)),
        )
        return self._engine.apply(spec, cancel)

    def _keep(
        self,
        groups: Sequence[ChannelGroup],
        module: str,
        plan: Plan,
        knob: Knob,
        rates: Sequence[tuple[str, float]] = (),
    ) -> Kept:
        """Channels that stay in groups of a module, by its knob and own rates of its units."""
        scope = frozenset(unit.id for unit in self._in(module))
        own = tuple((unit, rate) for unit, rate in rates if unit in scope)
        pool, alone = chosen_groups(groups, self._ids, scope, own, plan.locks)
        chance = plan.value(CRITERION) == "random"
        criterion: Criterion = "random" if chance else "l2"
        by = criterion, int(plan.value(SEED)) if chance else 0
        scores = self._scores.keep((module, *by), lambda: importance(groups, self._deciding, *by))
        rate = float(plan.value(knob))
        return keep_indices(scores, rate, "layer", pool=pool, rates=dict(alone), least=LEAST)

    def _in(self, module: str) -> Iterable[Unit]:
        return (unit for unit in self.units if unit.path[0] == module)

    # -- what is left, part by part ------------------------------------------------------

    def _photographs(self, masks: Mapping[str, Tensor]) -> tuple[str, Parts]:
        units = [unit for unit in self._masked if unit.path[0] != FUSION]
        whole = (self.network.cnn2d, self.network.view_embedders)
        own = {unit.name: masks[unit.id] for unit in units if unit.id in masks}

        def make() -> Parts:
            return tuple(
                with_zeros(module, _within(name, own))
                for name, module in zip(("cnn2d", "view_embedders"), whole, strict=True)
            )

        return self._part("2d", self._signature(units), whole, bool(own), make)

    def _fusion(self, number: int, masks: Mapping[str, Tensor], forward: Kept) -> tuple[str, Parts]:
        level = LEVELS[number]
        whole = self.network.mv_fusion[level]
        units = [unit for unit in self._in(FUSION) if unit.path[1] == level]
        layers = [len(hidden) for hidden in self.network.size.hidden]
        at = slice(sum(layers[:number]), sum(layers[: number + 1]))
        groups, kept = self.forward[at], forward[at]
        own = {unit.name: masks[unit.id] for unit in units if unit.id in masks}
        where = f"mv_fusion.{level}"
        changed = bool(own) or _smaller(groups, kept)
        key = (self._signature(units), _told(groups, kept))
        size = self.network.size
        make = partial(
            fusion_without, size.features[number], size.heads, where, self._state, own, groups, kept
        )
        return self._part(f"transformer {level}", key, (whole,), changed, lambda: (make(),))

    def _volume(self, number: int, size: Size, volume: Kept) -> tuple[str, Parts]:
        level, first = LEVELS[number], number * len(GROUPS)
        at = list(range(first, first + len(GROUPS)))
        at += [first - len(GROUPS) + OUTPUT] if number else []  # what the level before gives
        groups, kept = [self.volume[n] for n in at], tuple(volume[n] for n in at)
        whole = (self.network.cnns3d[level], self.network.output_layers[level])
        make = partial(volume_without, level, size.unets[number], self._state, groups, kept)
        changed = _smaller(groups, kept)
        return self._part(f"3d {level}", _told(groups, kept), whole, changed, make)

    def _signature(self, units: Sequence[Unit]) -> Hashable:
        return self._engine.signature([unit.id for unit in units])

    def _part(
        self, name: str, key: Hashable, whole: Parts, changed: bool, make: Callable[[], Parts]
    ) -> tuple[str, Parts]:
        told = sha256(repr((self._name, name, key)).encode()).hexdigest()[:32]
        return told, self._parts.keep(told, make) if changed else whole


def _assembled(whole: Vortx, size: Size, parts: Mapping[str, Parts]) -> Vortx:
    """A network of these parts and, besides, those of `whole`."""
    made = copy.copy(whole)
    made.size = size
    names = (("mv_fusion", "transformer", 0), ("cnns3d", "3d", 0), ("output_layers", "3d", 1))
    by_level = {
        name: nn.ModuleDict({level: parts[f"{part} {level}"][at] for level in LEVELS})
        for name, part, at in names
    }
    cnn2d, view_embedders = parts["2d"]
    made._modules = {
        **whole._modules, "cnn2d": cnn2d, "view_embedders": view_embedders, **by_level
    }  # fmt: skip
    return made.eval()


def _without_zeros(weights: Tensor) -> Tensor:
    """A copy to be zeroed in which no other element is 0."""
    own = weights.detach().clone(memory_format=torch.contiguous_format)
    return own.masked_fill_(own == 0, torch.finfo(own.dtype).tiny)


def _within(where: str, masks: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = f"{where}."
    return {name.removeprefix(start): m for name, m in masks.items() if name.startswith(start)}


def _smaller(groups: Sequence[ChannelGroup], kept: Kept) -> bool:
    return any(len(own) < group.count for group, own in zip(groups, kept, strict=True))


def _told(groups: Sequence[ChannelGroup], kept: Kept) -> Hashable:
    """Say which channels stay, in a hashable way."""
    return tuple(
        None if len(own) == group.count else own.numpy().tobytes()
        for group, own in zip(groups, kept, strict=True)
    )


def _bytes_of(parts: Parts) -> int:
    return sum(p.nbytes for part in parts for p in part.parameters())
