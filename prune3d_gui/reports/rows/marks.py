"""Marks: what artifacts found by themselves, at their places along the axis of a chart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ...core.numerals import with_unit
from ...core.plan.artifacts import Artifact
from ...core.plan.knobs import Knob


@dataclass(frozen=True, slots=True)
class Mark:
    """A place along an axis that is worth a line.

    Parameters
    ----------
    x : float
        In the knob's own unit.
    label : str
        A few words beside the line.
    title : str
        The titles of what found it, one a line.
    """

    x: float
    label: str
    title: str


def marks_of(artifacts: Iterable[Artifact], knob: Knob) -> tuple[Mark, ...]:
    """What artifacts found along a knob, from the least on; those that read alike are one.

    Parameters
    ----------
    artifacts : iterable of Artifact
        Made from the model that the chart is of.
    knob : Knob
        The number knob that the chart runs along.
    """
    groups: dict[str, list[tuple[float, str]]] = {}
    for artifact in artifacts:
        x = dict(artifact.found).get(knob.id, math.nan)
        if knob.minimum <= x <= knob.maximum:
            label = f"learned: {with_unit(f'{x:.0f}' if x >= 10 else f'{x:.2g}', knob.suffix)}"
            groups.setdefault(label, []).append((x, artifact.title))
    made = (
        Mark(sum(x for x, _ in found) / len(found), label, "\n".join(title for _, title in found))
        for label, found in groups.items()
    )
    return tuple(sorted(made, key=lambda mark: mark.x))
