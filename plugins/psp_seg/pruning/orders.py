"""Pruning orders: which branch goes first, and which of them a plan takes away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from prune3d_gui.core.errors import BadInput

from ..network.network import Unit

Order = tuple[Unit, ...]
"""Every branch of a network, that which goes first at the front."""
KIND = "order"
"""Kind of the artifacts that hold one."""


def ascending(scores: Mapping[Unit, float], units: Sequence[Unit]) -> Order:
    """The least important first; what is alike in the order of the network."""
    places = {unit: place for place, unit in enumerate(units)}
    return tuple(sorted(units, key=lambda unit: (scores[unit], places[unit])))


def in_rounds(scores: Mapping[Unit, float], units: Sequence[Unit]) -> Order:
    """As the paper prunes: in each round every module loses its least important branch."""
    by: dict[str, list[Unit]] = {}
    for unit in ascending(scores, units):
        by.setdefault(unit[0], []).append(unit)
    names = list(dict.fromkeys(name for name, _ in units))
    longest = max((len(own) for own in by.values()), default=0)
    turns = [(by[name], turn) for turn in range(longest) for name in names]
    return tuple(own[turn] for own, turn in turns if turn < len(own))


def shuffled(units: Sequence[Unit], seed: int) -> Order:
    """Chance, as a baseline."""
    return tuple(units[at] for at in np.random.default_rng(seed).permutation(len(units)))


def gone(
    order: Order, left: int, rates: Mapping[Unit, float], locks: Iterable[Unit]
) -> frozenset[Unit]:
    """Which branches a plan takes away.

    Branches with a rate of their own stay or go by that, locked ones stay; the order is walked for
    the others until so many are left, or none may go.

    Parameters
    ----------
    order : Order
    left : int
        Branches that are left.
    rates : mapping of branch to 0 or 100
    locks : iterable of branch
    """
    kept = set(locks)
    away = {unit for unit, rate in rates.items() if rate == 100 and unit not in kept}
    free = [unit for unit in order if unit not in kept and unit not in rates]
    wanted = len(order) - left - len(away)
    return frozenset(away | set(free[: max(wanted, 0)]))


def as_text(order: Order) -> str:
    """An order as an artifact keeps it."""
    return json.dumps([list(unit) for unit in order])


def read_order(text: str, units: Sequence[Unit]) -> Order:
    """Read what `as_text` wrote, for a network of these branches.

    Raises
    ------
    BadInput
        If it is damaged, or of other branches.
    """
    try:
        found = tuple((str(name), int(place)) for name, place in json.loads(text))
    except (ValueError, TypeError) as error:
        raise BadInput("The order is damaged; make it anew.") from error
    if sorted(found) != sorted(units):
        raise BadInput(
            f"The order is of {len(found)} branches, which are not the {len(units)} of this "
            "network; choose one that was made from it."
        )
    return found
