"""Removal: how much a plan takes away, as weights, multiply-accumulates or bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ...core.cancel import NEVER, CancelToken
from ...core.errors import BadInput, Prune3DError
from ...core.frames import Footprint
from ...core.plan.plans import Plan
from ...core.plan.units import Unit
from ..ask.questions import Network
from ..run.worker import registered

Objective = Literal["weights", "macs", "bytes"]
OBJECTIVES: Mapping[str, str] = {
    "weights": "parameters zeroed or removed",
    "macs": "MACs of zeroed or removed parameters",
    "bytes": "bytes saved in the smallest lossless file",
}
"""What can be maximised. MACs of zeroed parameters are still done by dense arithmetic: they say
where the work lies, and are no speed-up."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What a plan takes away.

    Parameters
    ----------
    amount : int
        In the objective's own unit.
    percent : float
        Of the whole network.
    counts : mapping of unit id to int
        Elements taken from each unit.
    """

    amount: int
    percent: float
    counts: Mapping[str, int]


class Removal:
    """Measures what plans take away on a copy of the network; nothing is reconstructed.

    Parameters
    ----------
    network : Network
    objective : {"weights", "macs", "bytes"}
    cancel : CancelToken
        Looked at while plans are measured.

    Raises
    ------
    BadInput
        If the objective is unknown.
    Prune3DError
        If the network found is another one.
    """

    def __init__(
        self, network: Network, objective: Objective = "weights", cancel: CancelToken = NEVER
    ) -> None:
        if objective not in OBJECTIVES:
            known = ", ".join(OBJECTIVES)
            raise BadInput(f"The objective {objective!r} is unknown; take one of {known}.")
        ref = replace(network.ref, device="cpu")
        self.objective, self._cancel = objective, cancel
        self._model = registered(ref.system).open(ref, cancel)
        if self._model.weights_hash != network.weights_hash:
            self.close()
            raise Prune3DError(
                f"The weights of {ref.title!r} have changed since the search was asked for; "
                "start it again."
            )
        self._units = {unit.id: unit for unit in self._model.units}
        self._full = self._model.apply(Plan(), cancel).footprint
        if objective == "macs" and self._full.macs is None:
            self.close()
            raise BadInput(
                f"{ref.title!r} has no MACs that could be taken away; take 'weights' or 'bytes'."
            )
        self._known: dict[Plan, Removed] = {}

    def of(self, plan: Plan) -> Removed:
        """What `plan` takes away."""
        if plan not in self._known:
            found = self._model.apply(plan, self._cancel).footprint
            amount = amount_removed(self.objective, found, self._full, self._units.values())
            whole = {
                "weights": self._full.total, "macs": self._full.macs or 0,
                "bytes": self._full.bytes,
            }  # fmt: skip
            counts = {
                unit.id: unit.count - found.nonzero.get(unit.id, unit.count)
                for unit in self._units.values()
            }
            percent = 100 * amount / max(whole[self.objective], 1)
            self._known[plan] = Removed(amount, percent, counts)
        return self._known[plan]

    def rated(self, plan: Plan, units: Iterable[Unit]) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
        """Units that take a rate of their own under `plan`, and those that do not."""
        able: list[Unit] = []
        unable: list[Unit] = []
        for unit in units:
            some = self.of(plan.with_rate(unit, unit.rates((50.0,))[0])).counts[unit.id]
            none = self.of(plan.with_rate(unit, 0.0)).counts[unit.id]
            (able if some > none else unable).append(unit)
        return tuple(able), tuple(unable)

    def close(self) -> None:
        """Let go of the network."""
        self._model.close()


def amount_removed(
    objective: Objective, footprint: Footprint, full: Footprint, units: Iterable[Unit]
) -> int:
    """How much of `full` is gone in `footprint`, in the objective's own unit.

    Where weights are zeroed in place, the MACs are each unit's own times its zeroed share;
    where they are removed, those of the smaller network count. Bytes are those of the smallest
    format without loss.
    """
    if objective == "weights":
        return footprint.taken
    if objective == "bytes":
        return max(0, _bytes(full) - _bytes(footprint))
    if full.macs is None or footprint.macs is None:
        return 0
    if not footprint.zeroed:
        return full.macs - footprint.macs
    shares = ((unit, footprint.nonzero.get(unit.id, unit.count)) for unit in units)
    return round(sum(unit.macs * (1 - left / unit.count) for unit, left in shares if unit.count))


def _bytes(footprint: Footprint) -> int:
    return footprint.sizes[footprint.compact] if footprint.compact else footprint.bytes
