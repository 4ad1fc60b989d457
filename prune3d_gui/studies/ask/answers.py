"""Answers: what a question reports while it is worked on, each as a frozen value."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol

from ...core.jobs import Made, Pictured, Row, Said
from .questions import Case, Network


@dataclass(frozen=True, eq=False)
class RowFound:
    """A complete row, and the case it is of: where a click on it leads.

    `case` is None where no plan leads there (a network after fine-tuning, say); `parts` are the
    rows of the parts of the same results, as `outcomes.part_rows` gives them.
    """

    row: Row
    case: Case | None = None
    parts: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The row, then those of its parts: what a file of rows holds."""
        return (self.row, *self.parts)

    def is_of(self, whole: RowFound | None) -> bool:
        """Whether it is `whole`, or has the row of one of its parts."""
        return whole is self or any(self.row is row for row in (whole.parts if whole else ()))


@dataclass(frozen=True, slots=True)
class Moved:
    """How far it is: evaluations done, from the cache among them, and in all so far known."""

    done: int
    total: int
    cached: int = 0
    seconds_left: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Files that a job has left which does not come to its end, the newest first."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The end: ``done``, ``cancelled`` or ``failed``, and what to say of it."""

    state: str
    message: str = ""


Answer = RowFound | Moved | Said | Made | Pictured | Left
Answers = Generator[Answer, None, None]
"""Answers as they come; whoever stops early closes them, which ends the work."""


class Question(Protocol):
    """Anything that can be asked: a study, a search, a job.

    Attributes
    ----------
    kind, title : str
    network : Network
    """

    kind: str
    title: str
    network: Network

    def answer(self, evaluator: Any) -> Answers:
        """Work it out with an `Evaluator`, reporting on the way; stops when its token is set."""
