"""Artifacts: what no slider can say, such as a fine-tuned network, a learned mask or an order.

An artifact is known by the hash of its content. A knob of the kind ``artifact`` has that hash as
its value, so plans, cache keys, undo, sweeps and recipes treat it as they do any other value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .knobs import NONE, Value, is_hash
from .plans import Pairs, Plan, Query

SHORT = 12
"""Digits of a hash that people see; the command line takes as few as tell it from others."""
NETWORK_KIND = "network"
"""Kind of an artifact that holds all weights of a network, with the units of the model's own."""
KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Origin:
    """What an artifact was made from.

    Parameters
    ----------
    system : str
        Id of the system.
    network : str
        Title of the network that it belongs to.
    weights_hash : str
        Hash of the weights of that network.
    by : tuple of (name, value)
        What made it: the job, its settings and its seed, in plain values.
    """

    system: str
    network: str
    weights_hash: str
    by: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is known of an artifact without reading all of it.

    Parameters
    ----------
    kind : str
        What it is: ``network``, ``mask``, ``order``, ``scores``, ``region``, or a word of the
        system's own. A knob takes one kind.
    hash : str
        SHA-256 of its file, in hex.
    title : str
        A few words by which a person tells it from others.
    made_from : Origin
    bytes : int
        Size of its file.
    found : tuple of (knob id, value)
        Values of number knobs that it found by itself, such as the rate that a learned mask cuts
        at; charts along such a knob mark them.
    """

    kind: str
    hash: str
    title: str
    made_from: Origin
    bytes: int = 0
    found: tuple[tuple[str, float], ...] = ()

    @property
    def short(self) -> str:
        """The beginning of the hash, as people see it."""
        return self.hash[:SHORT]


def shown(value: Value) -> str:
    """The value of an artifact knob as people read it: ``none``, or the beginning of the hash."""
    return str(value)[:SHORT] or NONE


def in_words(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their artifacts as people read them, in every row where one has any."""
    chosen = {name for row in rows for name, value in row.items() if is_hash(value)}
    return [{**row, **{name: shown(row.get(name, "")) for name in chosen}} for row in rows]


def artifacts_in(plan: Plan, query: Query = Query()) -> tuple[str, ...]:  # noqa: B008 - frozen
    """Hashes of the artifacts that a plan and a query name, each once.

    No other knob has a value of 64 hexadecimal digits.
    """
    pairs: Pairs = (*plan.values, *query.values)
    return tuple(dict.fromkeys(str(value) for _, value in pairs if is_hash(value)))
