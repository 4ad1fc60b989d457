"""Experiments: a paper's tables and figures, as plans beside the numbers it printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .cancel import CancelToken
from .jobs import Progress, Row
from .model import Model
from .plan.knobs import Value
from .plan.plans import Plan, Query

Measure = Callable[
    [Model, Callable[[Progress], None], CancelToken], tuple[list[Row], tuple[str, ...]]
]


@dataclass(frozen=True, slots=True)
class Printed:
    """One row of a paper's table, or one point of its figure.

    Parameters
    ----------
    values : tuple of (column, value)
        What tells the row from others, such as rate, scope and unit.
    plan : Plan
    query : Query
    paper : tuple of (column, value)
        What the paper printed, by the column of ours it stands beside; what is not known
        of it is left out.
    note : str
        What a reader must know of this row, such as a misprint.
    """

    values: tuple[tuple[str, Value], ...]
    plan: Plan
    query: Query = Query()  # noqa: RUF009 - frozen
    paper: tuple[tuple[str, float], ...] = ()
    note: str = ""


@dataclass(frozen=True, eq=False)
class Experiment:
    """A table or a figure that can be made again.

    Parameters
    ----------
    kind : {"table", "figure"}
    number : str
        As in the paper, such as ``2``.
    title : str
    rows : tuple of Printed
        Empty where no network is evaluated.
    axis : str
        Column on the axis.
    series : str
        Column that tells the lines apart; empty for one line.
    climbs : str
        Column whose rising values take more away, such as a rate. Beside the paper stands how
        far it can rise in each line before a network of ours breaks the threshold: as many
        times its full model's own mean as the paper accepts. Rows then share one query. Empty
        where that is not asked.
    ladder : tuple of Printed
        Rows that are tried for that and not shown; empty where the rows themselves are tried.
    strip : bool
        Whether it shows pictures of one sample, plan after plan, and no curve.
    notes : tuple of str
        What does not agree within the paper, and how the counts are made.
    facts : callable or None
        Gives the rows of a table that is not about a network, such as a split.
    measure : callable or None
        ``measure(model, report, cancel)`` gives the rows of a table about a network but not
        about plans and samples, such as its meshes, and sentences on them.
    """

    kind: Literal["table", "figure"]
    number: str
    title: str
    rows: tuple[Printed, ...]
    axis: str
    series: str = ""
    climbs: str = ""
    ladder: tuple[Printed, ...] = ()
    strip: bool = False
    notes: tuple[str, ...] = ()
    facts: Callable[[], list[Row]] | None = None
    measure: Measure | None = None
