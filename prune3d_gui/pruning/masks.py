"""Unstructured masks: which elements of which units are zeroed in place, reversibly.

Whatever the ranking, the elements zeroed in a unit are always a prefix of that
unit's own order: a global threshold only decides how long each prefix is. So the
state is one count per unit, and a move of the rate touches only the elements
between the old and the new count.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ..core.cancel import NEVER, CancelToken
from ..core.errors import BadInput
from .order import Criterion, magnitude_order, random_order

# Above this share of a unit, one pass over all its elements beats scattered writes.
DENSE_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class MaskSpec:
    """What to zero.

    Parameters
    ----------
    scope : frozenset of unit id
        Units that share the common rate.
    rate : float
        Percent of the pool: the scope without locked units and units with own rates.
    ranking : {"global", "layer"}
        One threshold over the pool, or the same rate in each unit.
    criterion : {"l1", "l2", "random"}
        Smallest magnitude first, or seeded random. Single weights have the same order by |w|
        and by w squared, so ``l1`` and ``l2`` zero the same ones.
    seed : int
        Seed of the random criterion.
    rates : tuple of (unit id, percent)
        Units with a rate of their own, in or out of the scope.
    locks : frozenset of unit id
        Units that are never touched.
    """

    scope: frozenset[str]
    rate: float = 0.0
    ranking: Literal["global", "layer"] = "global"
    criterion: Criterion = "l1"
    seed: int = 0
    rates: tuple[tuple[str, float], ...] = ()
    locks: frozenset[str] = frozenset()


def count_for(rate: float, size: int) -> int:
    """How many of `size` elements a rate in percent zeroes: ``round(rate x size)``.

    Halves go to the even number, as in ``torch.nn.utils.prune``.
    """
    return round(rate / 100 * size)


@dataclass(frozen=True, eq=False)
class _Order:
    """A pruning order of all elements, and of each unit's own."""

    sequence: np.ndarray  # (N,) uint8, or uint16: unit index of each element, first pruned first
    positions: tuple[torch.Tensor, ...]  # per unit, (n,) int32: local positions in order
    # Per unit, (n,) int32: place of each element in it. None by magnitude, which tells it.
    ranks: tuple[torch.Tensor, ...] | None


class MaskEngine:
    """Zeroes elements of tensors in place and puts them back bit for bit.

    A unit that has lost nothing is its own original; a copy is held of the others alone.

    Parameters
    ----------
    tensors : mapping of unit id to Tensor
        Contiguous parameters of one device, written in place. Their values at
        construction are the originals that every plan starts from.
    """

    def __init__(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self.ids = tuple(tensors)
        self._flat = [tensor.detach().view(-1) for tensor in tensors.values()]
        self._copies: dict[int, torch.Tensor] = {}
        self._zero = torch.zeros((), device=self._flat[0].device)
        self.sizes = {key: flat.numel() for key, flat in zip(self.ids, self._flat, strict=True)}
        self.counts = dict.fromkeys(self.ids, 0)
        self._orders: dict[tuple[str, int], _Order] = {}
        self._current: tuple[str, int] | None = None
        self._pool: tuple[tuple[str, int], tuple[str, ...]] | None = None
        self._pool_sequence = np.empty(0, np.uint8)
        self._pool_at, self._pool_counts = 0, np.zeros(len(self.ids), np.int64)

    def prepare(self, cancel: CancelToken = NEVER) -> None:
        """Sort by magnitude once, ahead of the first plan that needs it."""
        self._order(self._order_key("l1", 0), cancel)

    def plan_counts(self, spec: MaskSpec, cancel: CancelToken = NEVER) -> dict[str, int]:
        """How many elements of each unit `spec` zeroes.

        Raises
        ------
        BadInput
            If a unit is unknown or a rate is out of 0 to 100.
        Cancelled
            When the token is set while weights are sorted.
        """
        self._check(spec)
        own = {unit: rate for unit, rate in spec.rates if unit not in spec.locks}
        counts = dict.fromkeys(self.ids, 0)
        for unit, rate in own.items():
            counts[unit] = count_for(rate, self.sizes[unit])
        pool = [u for u in self.ids if u in spec.scope and u not in own and u not in spec.locks]
        if spec.ranking == "layer":
            counts.update((u, count_for(spec.rate, self.sizes[u])) for u in pool)
            return counts
        total = count_for(spec.rate, sum(self.sizes[u] for u in pool))
        if total > 0:
            key = self._order_key(spec.criterion, spec.seed)
            found = self._global_counts(key, tuple(pool), total, cancel)
            counts.update((u, int(found[self.ids.index(u)])) for u in pool)
        return counts

    def apply(self, spec: MaskSpec, cancel: CancelToken = NEVER) -> dict[str, int]:
        """Put `spec` into effect; returns how many elements of each unit are zero by it.

        Where it is cancelled, nothing has changed.
        """
        counts = self.plan_counts(spec, cancel)
        key = self._order_key(spec.criterion, spec.seed)
        if any(counts.values()) and key != self._current:
            self._order(key, cancel)
            self.restore()
            self._current = key
        for index, unit in enumerate(self.ids):
            self._move(index, self.counts[unit], counts[unit])
            self.counts[unit] = counts[unit]
        return dict(counts)

    def restore(self) -> None:
        """Put every element back."""
        for index, original in self._copies.items():
            self._flat[index].copy_(original)
            self.counts[self.ids[index]] = 0
        self._copies.clear()

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Put every element back for a while; afterwards the masks are what they were."""
        counts = dict(self.counts)
        self.restore()
        try:
            yield
        finally:
            for index, unit in enumerate(self.ids):
                self._move(index, 0, counts[unit])
                self.counts[unit] = counts[unit]

    def signature(self, units: Sequence[str]) -> tuple[Hashable, ...]:
        """Say in a hashable way what state each of `units` is in: equal means equal weights."""
        counts, order = self.counts, self._current
        return tuple((order, counts[unit]) if counts[unit] else None for unit in units)

    def _move(self, index: int, old: int, new: int) -> None:
        if old == new:
            return
        assert self._current is not None  # something is zero, by an order
        order = self._orders[self._current]
        flat = self._flat[index]
        if index not in self._copies:
            self._copies[index] = flat.clone()
        original = self._copies[index]
        if new == 0:
            flat.copy_(original)
            del self._copies[index]
        elif abs(new - old) > DENSE_SHARE * flat.numel():
            self._rewrite(order, index, new)
        else:
            where = order.positions[index][min(old, new) : max(old, new)].long()
            if new > old:
                flat.index_fill_(0, where, 0.0)
            else:
                flat.index_copy_(0, where, original.index_select(0, where))

    def _rewrite(self, order: _Order, index: int, new: int) -> None:
        """Write a whole unit, of which the first `new` in order are zero."""
        flat, original = self._flat[index], self._copies[index]
        if new == flat.numel():
            flat.zero_()
        elif order.ranks is not None:
            torch.where(order.ranks[index] >= new, original, self._zero, out=flat)
        else:
            first = original[order.positions[index][new].long()].abs()  # of those that stay
            stay = torch.abs(original, out=flat) >= first
            ties = int(stay.count_nonzero()) - (flat.numel() - new)  # as large, but earlier
            torch.where(stay, original, self._zero, out=flat)
            flat.index_fill_(0, order.positions[index][new - ties : new].long(), 0.0)

    def _global_counts(
        self, key: tuple[str, int], pool: tuple[str, ...], total: int, cancel: CancelToken
    ) -> np.ndarray:
        order = self._order(key, cancel)
        if self._pool != (key, pool):
            chosen = np.zeros(len(self.ids), bool)
            chosen[[self.ids.index(unit) for unit in pool]] = True
            every = order.sequence
            self._pool_sequence = every if chosen.all() else every[chosen[every]]
            self._pool, self._pool_at = (key, pool), 0
            self._pool_counts = np.zeros(len(self.ids), np.int64)
        low, high = sorted((self._pool_at, total))
        between = np.bincount(self._pool_sequence[low:high], minlength=len(self.ids))
        self._pool_counts = self._pool_counts + (between if total > self._pool_at else -between)
        self._pool_at = total
        return self._pool_counts

    @staticmethod
    def _order_key(criterion: str, seed: int) -> tuple[str, int]:
        return ("random", seed) if criterion == "random" else ("l1", 0)

    def _order(self, key: tuple[str, int], cancel: CancelToken = NEVER) -> _Order:
        if key not in self._orders:
            keep = {k: v for k, v in self._orders.items() if k in (("l1", 0), self._current)}
            self._orders = {**keep, key: self._sorted(*key, cancel)}
        return self._orders[key]

    def _sorted(self, criterion: str, seed: int, cancel: CancelToken) -> _Order:
        cancel.check()
        sizes = np.array([flat.numel() for flat in self._flat])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        if criterion == "l1":
            originals = (self._copies.get(index, flat) for index, flat in enumerate(self._flat))
            values = torch.cat([original.abs().float().cpu() for original in originals])
            order = magnitude_order(values.numpy(), cancel)
        else:
            order = random_order(int(sizes.sum()), seed)
        cancel.check()
        units = np.arange(len(sizes), dtype=np.uint8 if len(sizes) <= 256 else np.uint16)
        sequence = np.repeat(units, sizes)[order]
        cancel.check()
        grouped = order[np.argsort(sequence, kind="stable")]
        positions, ranks = [], []
        for flat, start, size in zip(self._flat, starts, sizes, strict=True):
            cancel.check()
            local = torch.from_numpy(grouped[start : start + size] - start)
            positions.append(local.int().to(flat.device))
            if criterion == "random":
                rank = torch.empty(size, dtype=torch.int32)
                rank[local] = torch.arange(size, dtype=torch.int32)
                ranks.append(rank.to(flat.device))
        return _Order(sequence, tuple(positions), tuple(ranks) or None)

    def _check(self, spec: MaskSpec) -> None:
        named = {*spec.scope, *spec.locks, *(unit for unit, _ in spec.rates)}
        unknown = sorted(named - set(self.ids))
        if unknown:
            raise BadInput(f"There is no unit {unknown[0]!r}; the units are {', '.join(self.ids)}.")
        for rate in (spec.rate, *(rate for _, rate in spec.rates)):
            if not 0 <= rate <= 100:
                raise BadInput(f"rate {rate} is out of range; give a value from 0 to 100.")
