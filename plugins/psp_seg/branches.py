"""A network as it is pruned: its branches as units, their scores, and what a plan takes away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.pruning.knobs import SEED

from .controls import CRITERION, NETWORK, ORDER
from .network.macs import branch_macs, step_macs
from .network.network import Network
from .network.network import Unit as Branch
from .network.normal import Window
from .pruning.importance import STREAMED, Case, dice_drops, magnitude, streamed, taylor
from .pruning.orders import KIND, Order, ascending, gone, in_rounds, read_order, shuffled
from .volumes.running import Runner

WORKLOAD = (64, 64, 64)
"""Voxels that multiply-accumulates are counted for."""
Scored = Mapping[Branch, float]
NO_RANKS: Mapping[str, float] = MappingProxyType({})


def unit_id(branch: Branch) -> str:
    """Short name of a branch: ``E1.0`` is the first of the encoder's level 1."""
    name, place = branch
    kind, _, level = name.partition(".")
    return f"{kind[0].upper()}{level}.{place}"


def units_of(network: Network) -> tuple[Unit, ...]:
    """The branches of a network as units, in a matrix of modules by kernels."""
    macs = branch_macs(network, WORKLOAD)
    rows = {name: row for row, (name, _) in enumerate(network.size.modules)}
    found = []
    for branch in network.units:
        name, place = branch
        kernel = "x".join(map(str, network.size.kernels[place]))
        found.append(
            Unit(
                unit_id(branch), f"{name}, {kernel}", (name,), network.parameters_of(branch),
                macs[branch], "weights", whole=True, cell=(rows[name], place),
            )
        )  # fmt: skip
    return tuple(found)


class Branches:
    """The branches of one network, how much each matters, and what plans leave of them.

    Parameters
    ----------
    network : Network
    window : Window
    device : str
    cases : callable
        Gives the calibration patients.
    known : mapping of criterion to scores
        Scores that need not be worked out.

    Attributes
    ----------
    total : int
        Parameters of the network.
    """

    def __init__(
        self,
        network: Network,
        window: Window,
        device: str,
        cases: Callable[[], tuple[Case, ...]],
        known: Mapping[str, Scored],
    ) -> None:
        self.runner = Runner(network, window, device)
        self.network = self.runner.network
        self.units = units_of(network)
        self.by_id = dict(zip((u.id for u in self.units), network.units, strict=True))
        self._cases = cases
        self._scores: dict[str, Scored] = dict(known)
        self._macs = branch_macs(network, WORKLOAD)
        self._whole = 0
        self._walked: tuple[object, Order] | None = None
        self.total = sum(p.numel() for p in network.parameters())

    @property
    def bytes(self) -> int:
        """Bytes of its weights."""
        return 4 * self.total

    def scores(self, criterion: str, cancel: CancelToken = NEVER) -> Scored:
        """How much each branch matters by a criterion; worked out on first use."""
        name = "change" if criterion == "rounds" else criterion
        if name in self._scores:
            return self._scores[name]
        self.network.mask(frozenset())
        if name in STREAMED:
            self._scores |= streamed(self.network, self._on_device(), cancel)
        elif name == "l1":
            self._scores[name] = magnitude(self.network)
        elif name == "taylor":
            self._scores[name] = taylor(self.network, self._on_device(), cancel)
        elif name == "drop":
            self._scores[name] = dice_drops(self.network, self._on_device(), cancel)
        else:
            raise BadInput(f"There is no criterion {criterion!r} of branches.")
        return self._scores[name]

    def _on_device(self) -> tuple[Case, ...]:
        device = torch.device(self.runner.device)
        return tuple(Case(c.image.to(device), c.labels.to(device)) for c in self._cases())

    def order(self, plan: Plan, weights_hash: str, title: str, cancel: CancelToken) -> Order:
        """The order that a plan walks; the last one is kept."""
        key = plan.value(ORDER), plan.value(CRITERION), plan.value(SEED)
        if self._walked is None or self._walked[0] != key:
            self._walked = key, self._order(plan, weights_hash, title, cancel)
        return self._walked[1]

    def _order(self, plan: Plan, weights_hash: str, title: str, cancel: CancelToken) -> Order:
        units = self.network.units
        digest = str(plan.value(ORDER))
        if digest:
            stored = ArtifactStore().open(digest, KIND, weights_hash, title)
            return read_order(stored.facts.get("order", ""), units)
        criterion = str(plan.value(CRITERION))
        if criterion == "random":
            return shuffled(units, int(plan.value(SEED)))
        scores = self.scores(criterion, cancel)
        return in_rounds(scores, units) if criterion == "rounds" else ascending(scores, units)

    def gone(
        self, plan: Plan, left: int, weights_hash: str, title: str, cancel: CancelToken
    ) -> frozenset[Branch]:
        """The branches that a plan takes away.

        Raises
        ------
        BadInput
            If it names a unit that is not there, or its order cannot be read.
        """
        for name in (*dict(plan.rates), *plan.locks):
            if name not in self.by_id:
                known = ", ".join(self.by_id)
                raise BadInput(f"There is no unit {name!r}; take from {known}.")
        rates = {self.by_id[name]: rate for name, rate in plan.rates}
        locks = [self.by_id[name] for name in plan.locks]
        if left >= len(self.units):
            return gone(self.network.units, left, rates, locks)
        return gone(self.order(plan, weights_hash, title, cancel), left, rates, locks)

    def ranks(
        self, plan: Plan, weights_hash: str, title: str, cancel: CancelToken
    ) -> dict[str, float]:
        """How late each branch goes, 0 to 1, by id; empty where its scores are not there yet."""
        criterion = str(plan.value(CRITERION))
        known = {"random", *self._scores, *(["rounds"] if "change" in self._scores else [])}
        if not plan.value(ORDER) and criterion not in known:
            return {}
        order = self.order(plan, weights_hash, title, cancel)
        most = max(len(order) - 1, 1)
        return {unit_id(branch): at / most for at, branch in enumerate(order)}

    def footprint(
        self, plan: Plan, away: frozenset[Branch], ranks: Mapping[str, float] = NO_RANKS
    ) -> Footprint:
        """How big the network is without these branches; `ranks` as of `Footprint`."""
        counts = dict(zip(self.network.units, self.units, strict=True))
        removed = sum(counts[branch].count for branch in away)
        left = self.total - removed
        if not self._whole:
            self.network.mask(frozenset())
            self._whole = sum(step_macs(self.network, WORKLOAD).values())
        sides = " x ".join(map(str, WORKLOAD))
        return Footprint(
            total=self.total,
            prunable=sum(unit.count for unit in self.units),
            zeroed=0,
            removed=removed,
            bytes=4 * left,
            format="dense fp32 parameters",
            macs=self._whole - sum(self._macs[branch] for branch in away),
            workload=f"one volume of {sides} voxels; norms and interpolation are not counted",
            nonzero={
                unit.id: 0 if branch in away else unit.count for branch, unit in counts.items()
            },
            scope=frozenset(unit.id for unit in self.units) - set(plan.locks),
            sizes={"fp16": 2 * left},
            ranks=ranks,
        )


def network_of(plan: Plan) -> str:
    """Hash of the network artifact that a plan prunes; empty for the opened network."""
    return str(plan.value(NETWORK))
