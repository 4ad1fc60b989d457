"""Parts: what of a result is scored by itself, such as a class, a lesion, a view or a module."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a result that has scores of its own.

    Parameters
    ----------
    kind : str
        What it is one of, in the singular: ``class``, ``lesion``, ``view``, ``module``,
        ``protocol``.
    name : str
        What it is called, such as ``kidney``. Means over samples are taken by kind and name, so
        what is of one sample alone, as a lesion is, carries that sample's name in its own.
    values : mapping of metric id to float
        Those that apply to it. NaN where it has none in this result, as an absent class has no
        Dice: it is then left out of means, and counted.
    """

    kind: str
    name: str
    values: Mapping[str, float]

    def has(self, metric: str) -> bool:
        """Whether it has a value of a metric."""
        return not math.isnan(self.values.get(metric, math.nan))


def means_over(parts: Iterable[Part], kind: str) -> dict[str, float]:
    """Plain means of every metric over those parts of a kind that have a value.

    A metric of which no part has a value is left out.
    """
    found: dict[str, list[float]] = {}
    for part in parts:
        for metric in part.values if part.kind == kind else ():
            if part.has(metric):
                found.setdefault(metric, []).append(part.values[metric])
    return {metric: math.fsum(values) / len(values) for metric, values in found.items()}
