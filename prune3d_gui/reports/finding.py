"""A finding: a question about a network and the rows it has, for charts and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..core.jobs import Row
from ..core.plan.knobs import Knob
from ..core.plan.units import Unit
from ..core.score.scores import Metric
from ..studies.ask.answers import RowFound
from ..studies.ask.questions import Study


class Card(Protocol):
    """What a report says of a network: an opened model, or the card of one."""

    title: str
    note: str
    notices: tuple[str, ...]
    weights_hash: str
    device: str
    units: tuple[Unit, ...]
    knobs: tuple[Knob, ...]
    metrics: tuple[Metric, ...]
    primary: str
    sizes: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Finding:
    """A question and the rows it has so far.

    Parameters
    ----------
    kind : str
        ``sensitivity`` is drawn layer by layer, anything else as curves.
    title : str
    rows : sequence of flat rows
    axis : str
        Column on the horizontal axis.
    series : str
        Column that tells curves apart; empty for one curve.
    words : str
        How the samples were named.
    expected : int
        How many rows there will be; 0 where that is not known.
    parts : sequence of flat rows
        Those of the parts of the same results.
    """

    kind: str
    title: str
    rows: Sequence[Row]
    axis: str
    series: str = ""
    words: str = ""
    expected: int = 0
    parts: Sequence[Row] = ()

    @classmethod
    def of(cls, study: Study, found: Sequence[RowFound]) -> Finding:
        """What a study found."""
        rows, parts = [one.row for one in found], [row for one in found for row in one.parts]
        return cls(
            study.kind, study.title, rows, study.axis, study.series, study.words,
            len(study.cases), parts,
        )  # fmt: skip
