"""Channel groups: which channels of a network can only go together, and how they are removed.

A channel that one layer gives is read by others, and a residual sum ties the outputs of several
layers to one another. The dependency graph of Fang et al. (*DepGraph: Towards Any Structural
Pruning*, CVPR 2023) finds these ties by tracing; Torch-Pruning builds it. What is kept of it
here is plain data: for every tensor of the state dict, which of its rows and columns belong to
which channel. Removing channels is then one selection per tensor, always from the originals.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from .masks import count_for
from .order import Criterion

Ranking = Literal["global", "layer"]
Role = Literal["out", "in", "scale", "along"]
Part = tuple[str, int, Role]


@dataclass(frozen=True, eq=False)
class ChannelSlice:
    """The part of one tensor that goes with the channels of a group.

    Parameters
    ----------
    name : str
        Tensor in the state dict, such as ``conv1.weight``.
    dim : int
        Dimension that gets shorter.
    channels : (size,) int64
        For each position along `dim`, its channel in the group, or -1 where it has none.
    role : {"out", "in", "scale", "along"}
        ``out`` for the weights that produce the channels, ``in`` for those that read them,
        ``scale`` for batch norm gammas, ``along`` for biases and what else goes with them.
    """

    name: str
    dim: int
    channels: Tensor
    role: Role


@dataclass(frozen=True, eq=False)
class ChannelGroup:
    """Channels that go from all their tensors at once.

    Parameters
    ----------
    count : int
        Number of channels.
    slices : tuple of ChannelSlice
    """

    count: int
    slices: tuple[ChannelSlice, ...]

    @property
    def producers(self) -> tuple[str, ...]:
        """Names of the weights that produce the channels."""
        return tuple(part.name for part in self.slices if part.role == "out")

    @property
    def touched(self) -> frozenset[str]:
        """Names of all tensors that get smaller with the group."""
        return frozenset(part.name for part in self.slices)


def channel_groups(
    net: nn.Module,
    example_inputs: Any,
    ignored: Iterable[str] = (),
    forward: Callable[[Any, Any], Any] | None = None,
) -> tuple[ChannelGroup, ...]:
    """Find the channels of a network that can only go together.

    A group is left out, so that its channels always stay, where it reaches an output of the
    network, an ignored module, or a layer other than an ordinary or depthwise convolution, a
    linear layer or a batch norm. The network itself is not changed; on the ``meta`` device the
    tracing costs no memory.

    Parameters
    ----------
    net : nn.Module
    example_inputs : Tensor or tuple of Tensor
        What one forward pass takes, on the device of `net`. A network that adds an input to
        channels of its own needs these modules in `ignored`: inputs are not seen.
    ignored : iterable of str
        Names of modules whose outputs stay as they are.
    forward : callable, optional
        ``forward(net, example_inputs)`` instead of the network's own, where that calls
        functions on weights, which tracing cannot see. It must call modules.

    Returns
    -------
    tuple of ChannelGroup
        In the order of the modules of `net` that produce them.
    """
    with warnings.catch_warnings(), torch.inference_mode(False), torch.enable_grad():
        warnings.simplefilter("ignore")
        import torch_pruning

        traced = copy.deepcopy(net).eval().requires_grad_(True)
        graph = torch_pruning.DependencyGraph().build_dependency(
            traced, example_inputs, forward_fn=forward, verbose=False
        )
        stay = [traced.get_submodule(name) for name in ignored]
        found = list(graph.get_all_groups(stay))
    names = {module: name for name, module in traced.named_modules()}
    groups = filter(None, (_plain_group(graph, group, names) for group in found))
    order = {f"{name}.weight": place for place, name in enumerate(names.values())}
    return tuple(sorted(groups, key=lambda group: min(order[name] for name in group.producers)))


def importance(
    groups: Sequence[ChannelGroup],
    state: Mapping[str, Tensor],
    criterion: Criterion = "l1",
    seed: int = 0,
) -> tuple[Tensor, ...]:
    """Give each channel of each group its importance.

    Let ``W_k`` be the weights coupled in the group: those that produce its channels, those that
    read them, and the batch norm gammas between, with channel c's part ``W_k[c]``. With p = 1
    for ``l1`` and 2 for ``l2``, ::

        I(c) = sum_k sum_i |W_k[c, i]|^p,  divided by the mean of I over the group.

    This is Torch-Pruning's group magnitude (Fang et al., CVPR 2023), whose mean over k differs
    by a factor that the division takes away; biases do not count. The division makes channels
    of different groups comparable in one ranking. With ``random`` the importance is a number
    drawn evenly from 0 to 1, a seeded baseline.

    Parameters
    ----------
    groups : sequence of ChannelGroup
    state : mapping of name to Tensor
        State dict of the network.
    criterion : {"l1", "l2", "random"}
    seed : int
        Seed of ``random`` (PCG64).

    Returns
    -------
    tuple of (count,) float64 Tensor
        On the CPU, one for each group.
    """
    if criterion == "random":
        generator = np.random.default_rng(seed)
        return tuple(torch.from_numpy(generator.random(group.count)) for group in groups)
    return tuple(_magnitude(group, state, 1 if criterion == "l1" else 2) for group in groups)


def chosen_groups(
    groups: Sequence[ChannelGroup],
    units: Mapping[str, str],
    scope: frozenset[str],
    rates: Sequence[tuple[str, float]] = (),
    locks: Sequence[str] = (),
) -> tuple[tuple[int, ...], tuple[tuple[int, float], ...]]:
    """Choose the groups that may lose channels.

    A group shares the common rate if all units that produce it are in the scope. A unit's own
    rate goes to the group that it produces, in or out of the scope; where the units of one group
    have several, the smallest counts. A group that would cut into a locked unit stays.

    Parameters
    ----------
    groups : sequence of ChannelGroup
    units : mapping of tensor name to unit id
    scope : frozenset of unit id
    rates : sequence of (unit id, percent)
    locks : sequence of unit id

    Returns
    -------
    pool : tuple of int
        Numbers of the groups that share the common rate.
    rates : tuple of (int, percent)
        Those with a rate of their own.
    """
    own, locked = dict(rates), set(locks)
    pool, alone = [], []
    for number, group in enumerate(groups):
        producers = {units[name] for name in group.producers if name in units}
        if locked & {units.get(name) for name in group.touched}:
            continue
        if given := [own[unit] for unit in producers if unit in own]:
            alone.append((number, min(given)))
        elif producers <= scope:
            pool.append(number)
    return tuple(pool), tuple(alone)


def keep_indices(
    scores: Sequence[Tensor],
    rate: float,
    ranking: Ranking = "global",
    *,
    pool: Iterable[int] | None = None,
    rates: Mapping[int, float] | None = None,
    least: int = 1,
) -> tuple[Tensor, ...]:
    """Choose the channels that stay.

    Least important channels go first, ties by position, so that the channels kept at a higher
    rate are among those kept at a lower one.

    Parameters
    ----------
    scores : sequence of (count,) Tensor
        Result of `importance`.
    rate : float
        Percent of the channels in the pool that go, rounded as in `count_for`.
    ranking : {"global", "layer"}
        One ranking over all channels of the pool, or the same rate in each of its groups.
    pool : iterable of int, optional
        Groups that share `rate`, by number; all of them by default.
    rates : mapping of group number to percent, optional
        Groups with a rate of their own; they leave the common ranking.
    least : int
        Channels that stay in each group whatever the rate.

    Returns
    -------
    tuple of (kept,) int64 Tensor
        Rising, one for each group; all channels of a group that is in neither.
    """
    own = dict(rates or {})
    shared = [n for n in (range(len(scores)) if pool is None else sorted(pool)) if n not in own]
    if ranking == "layer":
        own.update(dict.fromkeys(shared, rate))
        shared = []
    room = [max(len(score) - least, 0) for score in scores]
    orders = [torch.argsort(score, stable=True) for score in scores]
    gone = {n: min(count_for(own[n], len(scores[n])), room[n]) for n in own}
    if shared:
        wanted = count_for(rate, sum(len(scores[n]) for n in shared))
        free = [scores[n][orders[n][: room[n]]] for n in shared]
        label = torch.repeat_interleave(
            torch.arange(len(shared)), torch.tensor([len(part) for part in free])
        )
        first = torch.argsort(torch.cat(free), stable=True)[:wanted]
        counts = torch.bincount(label[first], minlength=len(shared)).tolist()
        gone.update(zip(shared, counts, strict=True))
    return tuple(order[gone.get(n, 0) :].sort().values for n, order in enumerate(orders))


def sliced(
    state: Mapping[str, Tensor], groups: Sequence[ChannelGroup], keep: Sequence[Tensor]
) -> dict[str, Tensor]:
    """Give a state dict without the channels that go, physically smaller.

    Parameters
    ----------
    state : mapping of name to Tensor
        State dict of the network; it is not changed.
    groups : sequence of ChannelGroup
    keep : sequence of (kept,) int64 Tensor
        Result of `keep_indices`.

    Returns
    -------
    dict of name to Tensor
        Contiguous copies of what gets smaller; all other tensors are those of `state`.
    """
    stays: dict[tuple[str, int], Tensor] = {}
    for group, kept in zip(groups, keep, strict=True):
        if len(kept) == group.count:
            continue
        # One place more, for the positions that belong to no channel: these stay.
        alive = torch.zeros(group.count + 1, dtype=torch.bool)
        alive[kept], alive[-1] = True, True
        for part in group.slices:
            key = (part.name, part.dim)
            stays[key] = stays.get(key, torch.tensor(True)) & alive[part.channels]
    chosen: dict[str, dict[int, Tensor]] = {}
    for (name, dim), mask in stays.items():
        chosen.setdefault(name, {})[dim] = mask.nonzero()[:, 0]
    smaller = {name: _selected(state[name], dims) for name, dims in chosen.items()}
    return {**state, **smaller}


def _selected(tensor: Tensor, dims: Mapping[int, Tensor]) -> Tensor:
    dims = {dim: index.to(tensor.device) for dim, index in dims.items()}
    if dims.keys() == {0, 1}:
        # Rows and columns in one pass, as rows of a matrix of kernels.
        rows, columns = dims[0], dims[1]
        where = (rows[:, None] * tensor.shape[1] + columns[None]).view(-1)
        found = tensor.reshape(-1, tensor[0, 0].numel()).index_select(0, where)
        return found.view(len(rows), len(columns), *tensor.shape[2:])
    for dim, index in dims.items():
        tensor = tensor.index_select(dim, index)
    return tensor


def _magnitude(group: ChannelGroup, state: Mapping[str, Tensor], power: int) -> Tensor:
    total = torch.zeros(group.count, dtype=torch.float64)
    for part in group.slices:
        if part.role == "along":
            continue
        weight = state[part.name].detach()
        others = [dim for dim in range(weight.dim()) if dim != part.dim]
        powers = weight.abs() if power == 1 else weight.square()
        sums = (powers.sum(others, dtype=torch.float64) if others else powers.double()).cpu()
        own = part.channels >= 0
        total.index_add_(0, part.channels[own], sums[own])
    mean = total.mean()
    return total / mean if mean > 0 else total


def _plain_group(graph: Any, group: Any, names: Mapping[nn.Module, str]) -> ChannelGroup | None:
    """Turn a group of Torch-Pruning into tensors and positions; None where it must stay whole."""
    count = len(group[0].idxs)
    slices: list[ChannelSlice] = []
    for item in group.items:
        node, module = item.dep.target, item.dep.target.module
        outwards = item.dep.handler.__name__ == "prune_out_channels"
        if isinstance(module, nn.Parameter) or (outwards and not node.outputs):
            return None
        if module not in names:
            continue  # an operation without weights
        parts = _parts(module, outwards)
        if parts is None or len(set(item.idxs)) < len(item.idxs) or None in item.root_idxs:
            return None
        for tensor, dim, role in parts:
            size = getattr(module, tensor).shape[dim]
            channels = torch.full((size,), -1, dtype=torch.int64)
            channels[list(item.idxs)] = torch.tensor(item.root_idxs, dtype=torch.int64)
            slices.append(ChannelSlice(f"{names[module]}.{tensor}", dim, channels, role))
    made = ChannelGroup(count, tuple(slices))
    return made if made.producers else None


def _parts(module: nn.Module, outwards: bool) -> list[Part] | None:
    """Say which tensors of a module lie along its channels; None for a kind not known here."""
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        affine: list[Part] = [("weight", 0, "scale"), ("bias", 0, "along")]
        running = ("running_mean", "running_var") if module.track_running_stats else ()
        return [*(affine if module.affine else []), *((name, 0, "along") for name in running)]
    if isinstance(module, nn.modules.conv._ConvNd):
        depthwise = module.groups == module.in_channels == module.out_channels
        if module.groups > 1 and not depthwise:
            return None
        first = 1 if module.transposed else 0
        weight: Part = ("weight", first, "out") if outwards else ("weight", 1 - first, "in")
        if depthwise and module.groups > 1:
            weight, outwards = ("weight", 0, "along"), True
    elif isinstance(module, nn.Linear):
        weight = ("weight", 0, "out") if outwards else ("weight", 1, "in")
    else:
        return None
    bias: list[Part] = [("bias", 0, "along")] if outwards and module.bias is not None else []
    return [weight, *bias]
