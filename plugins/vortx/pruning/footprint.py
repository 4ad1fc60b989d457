"""How big a pruned network is, and what it has to do: whole, by unit and by module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prune3d_gui.core.frames import Footprint, ModuleFootprint
from prune3d_gui.files.networks.sparse import sparse_bytes

from ..network.network import Vortx
from .controls import VOLUME
from .pruner import Effective, Pruner
from .units import POOLS
from .work import Work, module_macs

MODULES = {
    "2d": "2D CNN", "encoders": "View encoders", "transformer": "Transformer", "3d": "3D CNN",
    "outputs": "Norms and output layers",
}  # fmt: skip
"""Kinds of modules as people read them."""


@dataclass(frozen=True, slots=True)
class ModuleSize:
    """A module of a pruned network.

    Parameters
    ----------
    module : str
        Such as ``3d coarse``; see `work.module_macs`.
    total : int
        Parameters in the opened network.
    zeroed, removed, nonzero : int
        Set to zero in place; gone; what is left without those that are zeroed.
    macs, opened_macs : int
        Multiply-accumulates of its dense arithmetic, now and in the opened network.
    """

    module: str
    total: int
    zeroed: int
    removed: int
    nonzero: int
    macs: int
    opened_macs: int

    @property
    def title(self) -> str:
        """The module as people read it: ``3D CNN, coarse``."""
        kind, _, level = self.module.partition(" ")
        return f"{MODULES[kind]}, {level}" if level else MODULES[kind]

    @property
    def bytes(self) -> int:
        """Of what is there, in dense fp32."""
        return 4 * (self.total - self.removed)


def module_sizes(pruner: Pruner, effective: Effective, work: Work) -> tuple[ModuleSize, ...]:
    """All modules of a network under a plan; their totals sum up to the network's."""
    before, now = _counts(pruner.network), _counts(effective.network)
    macs = [module_macs(network, work) for network in (pruner.network, effective.network)]
    modules = {unit.id: _module(unit.name) for unit in pruner.units}
    zeroed = dict.fromkeys(before, 0)
    for unit, count in left_zeroed(pruner, effective).items():
        zeroed[modules[unit]] += count
    return tuple(
        ModuleSize(
            module, total, zeroed[module], total - now[module], now[module] - zeroed[module],
            macs[1][module], macs[0][module],
        )
        for module, total in before.items()
    )  # fmt: skip


def left_zeroed(pruner: Pruner, effective: Effective) -> dict[str, int]:
    """Elements of each unit that are zeroed and not removed."""
    masks = pruner.left_masks(effective)
    return {u.id: int(masks[u.name].count_nonzero()) for u in pruner.units if u.name in masks}


def footprint_of(pruner: Pruner, effective: Effective, work: Work, changed: int = 0) -> Footprint:
    """The footprint of a network under a plan.

    Parameters
    ----------
    pruner : Pruner
    effective : Effective
    work : Work
        What multiply-accumulates are counted for.
    changed : int
        Parameters that recovery training gave another value.
    """
    zeroed = left_zeroed(pruner, effective)
    sizes = {unit.id: effective.network.get_parameter(unit.name).numel() for unit in pruner.units}
    total = sum(p.numel() for p in pruner.network.parameters())
    left = sum(p.numel() for p in effective.network.parameters())
    scope = frozenset(unit.id for unit in pruner.units if unit.path[0] in POOLS)
    masked = sparse_bytes(
        (sizes[u.id], sizes[u.id] - zeroed.get(u.id, 0))
        for u in pruner.units
        if u.path[0] != VOLUME
    )
    dense = left - sum(sizes[u.id] for u in pruner.units if u.path[0] != VOLUME)
    modules = module_sizes(pruner, effective, work)
    return Footprint(
        total=total,
        prunable=sum(unit.count for unit in pruner.units if unit.id in scope),
        zeroed=sum(zeroed.values()),
        removed=total - left,
        bytes=4 * left,
        format="dense fp32 parameters",
        macs=sum(own.macs for own in modules),
        workload=f"{work.told}; norms and interpolation are not counted",
        nonzero={unit: size - zeroed.get(unit, 0) for unit, size in sizes.items()},
        scope=scope,
        sizes={"fp16": 2 * left, "sparse": 4 * dense + masked},
        changed=changed,
        compact="sparse",
        why="the last channel of a group stays" if effective.floor else "",
        modules=_by_kind(modules),
    )


def _by_kind(sizes: Iterable[ModuleSize]) -> tuple[ModuleFootprint, ...]:
    """Modules by their kind, with those of each level inside."""
    levels: dict[str, list[ModuleFootprint]] = {}
    for own in sizes:
        kind, _, level = own.module.partition(" ")
        part = ModuleFootprint(
            level.capitalize(), own.total, own.zeroed, own.removed, own.bytes, own.macs
        )
        levels.setdefault(kind, []).append(part)
    return tuple(
        ModuleFootprint(
            title, sum(p.total for p in parts), sum(p.zeroed for p in parts),
            sum(p.removed for p in parts), sum(p.bytes for p in parts),
            sum(p.macs or 0 for p in parts), tuple(parts) if len(parts) > 1 else (),
        )
        for kind, title in MODULES.items()
        if (parts := levels.get(kind))
    )  # fmt: skip


def _counts(network: Vortx) -> Mapping[str, int]:
    """Parameters of each module, in the order of `work.module_macs`."""
    modules = ["2d", "encoders"]
    for level in network.cnns3d:
        modules += [f"transformer {level}", f"3d {level}", f"outputs {level}"]
    found = dict.fromkeys(modules, 0)
    for name, parameter in network.named_parameters():
        found[_module(name)] += parameter.numel()
    return found


_FIRST = {"cnn2d": "2d", "view_embedders": "encoders", "mv_fusion": "transformer", "cnns3d": "3d",
          "layer_norms": "outputs", "output_layers": "outputs"}  # fmt: skip


def _module(name: str) -> str:
    first, level = name.split(".")[:2]
    kind = _FIRST[first]
    return kind if kind in ("2d", "encoders") else f"{kind} {level}"
