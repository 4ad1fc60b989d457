"""Jobs: long work a system offers, such as making data, training or measuring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .cancel import CancelToken

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
        ``run(options, report, cancel) -> rows``; `report` takes a `Progress`,
        rows are flat dictionaries.
    """

    id: str
    title: str
    options: tuple[Option, ...]
    run: Callable[[Mapping[str, Any], Callable[[Progress], None], CancelToken], list[Row]]
