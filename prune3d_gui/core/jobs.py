"""Jobs: long work a system offers, such as making data, training or measuring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .cancel import CancelToken
from .plan.artifacts import Artifact

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a job; it becomes a command-line flag.

    The type of `default` (or `type`, where the default is None) is the type of the flag.
    """

    name: str
    default: Any
    help: str
    type: type | None = None


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a job is: `done` of `total` (0 when unknown), and a sentence.

    `row` is a result that is already complete, for those who follow the work as it goes.
    """

    done: float
    total: float
    message: str
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence a person should read, and find again: nothing failed.

    What was assumed, left out or not possible; how far the work is belongs into a `Progress`.
    """

    message: str


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact that is in the store by now, to be used while the work goes on."""

    artifact: Artifact


Told = Progress | Said | Made
Report = Callable[[Told], None]
"""What a job tells of itself on the way."""


def part_of(report: Report, part: float, parts: float) -> Report:
    """Report a piece of work as the one with number `part`, from 0, of `parts` alike.

    A piece that does not know its total counts nothing until it ends.
    """

    def tell(told: Told) -> None:
        if isinstance(told, Progress):
            share = min(max(told.done / told.total, 0.0), 1.0) if told.total > 0 else 0.0
            told = replace(told, done=part + share, total=parts)
        report(told)

    return tell


@dataclass(frozen=True, slots=True)
class Job:
    """Long work with options, progress and cancel.

    Parameters
    ----------
    id : str
        Command name: ``prune3d <id> <system>``.
    title : str
        One sentence for ``--help``.
    options : tuple of Option
    run : callable
        ``run(options, report, cancel) -> rows``; `report` takes a `Progress`, a `Said` or a
        `Made`, rows are flat dictionaries. Progress counts all of the work, so that it is whole
        only at the end.
    """

    id: str
    title: str
    options: tuple[Option, ...]
    run: Callable[[Mapping[str, Any], Report, CancelToken], list[Row]]
