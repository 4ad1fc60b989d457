"""Jobs: long work a system offers, such as making data, training or measuring."""

from __future__ import annotations

import builtins
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .cancel import CancelToken
from .errors import BadInput
from .numerals import with_unit
from .plan.artifacts import Artifact
from .score.scores import Metric

Row = dict[str, Any]


Kind = Literal[
    "text", "number", "toggle", "choice", "samples",
    "read_file", "write_file", "read_folder", "write_folder",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a job: a flag of the command line, a field of the window's form.

    The type of `default` (or `type`, where the default is None) is the type of the flag.

    Parameters
    ----------
    name : str
    default : Any
        None, or an empty text, for nothing.
    help : str
        A sentence; unit, range and choices are added to it.
    type : type, optional
    kind : str
        What it is filled in with; empty for what type and choices say. What is read has to be
        there; what is written need not be.
    unit : str
        Of a number.
    minimum, maximum : float, optional
        Range of a number, ends included.
    choices : tuple of str
    others : bool
        Whether another text than `choices` may be good, too, such as a list of units.
    endings : tuple of str
        Of a file, such as ``.png``; none for any.
    """

    name: str
    default: Any
    help: str
    type: type | None = None
    kind: Kind | Literal[""] = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    others: bool = False
    endings: tuple[str, ...] = ()

    @property
    def of(self) -> builtins.type[Any]:
        """Type of its values."""
        return self.type or (str if self.default is None else builtins.type(self.default))

    @property
    def sort(self) -> Kind:
        """Its kind, given or told from type and choices."""
        known: dict[Any, Kind] = {bool: "toggle", int: "number", float: "number"}
        return self.kind or ("choice" if self.choices else known.get(self.of, "text"))

    @property
    def title(self) -> str:
        """Its name as a person reads it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def place(self) -> bool:
        """Whether it is a file or a folder."""
        return self.sort.endswith(("_file", "_folder"))

    @property
    def limits(self) -> str:
        """Its range in words, with the unit; empty where there is none."""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return with_unit(f"{low:g} to {high:g}", self.unit)
        if low is not None:
            return with_unit(f"at least {low:g}", self.unit)
        return with_unit(f"at most {high:g}", self.unit) if high is not None else ""

    def check(self, value: Any) -> Any:
        """Return a value of the option's type that is among its choices or in its range.

        Raises
        ------
        BadInput
            If it is not.
        """
        if value in (None, "") or value == self.default:
            return value
        if self.choices and not self.others and value not in self.choices:
            known = ", ".join(self.choices)
            raise BadInput(f"{self.title} {value!r} is unknown; take one of {known}.")
        if self.sort == "number":
            low = -math.inf if self.minimum is None else self.minimum
            high = math.inf if self.maximum is None else self.maximum
            if not low <= value <= high:
                raise BadInput(f"{self.title} {value:g} is out of range; give {self.limits}.")
        return value

    def check_place(self, value: str) -> str:
        """Return a path that can be read, or written, as the option needs it.

        Raises
        ------
        BadInput
            If there is nothing to read, or no folder that could be written to.
        """
        if not self.place or not value:
            return value
        path, file = Path(value), self.sort.endswith("file")
        what = "file" if file else "folder"
        try:
            right = path.is_file() if file else path.is_dir()
            known = path.exists()
        except (OSError, ValueError):
            raise BadInput(f"{self.title}: {value!r} cannot be a {what}; choose one.") from None
        if known and not right:
            other = "folder" if file else "file"
            raise BadInput(f"{self.title}: '{value}' is a {other}; choose a {what}.")
        if self.sort.startswith("read"):
            if not known:
                raise BadInput(f"{self.title}: there is no {what} '{value}'; choose one.")
        else:
            _check_writable(self.title, path, made=not file)
        return value


def _check_writable(title: str, path: Path, made: bool) -> None:
    """Refuse what cannot be written; folders on the way are `made` for a folder alone."""
    above = path.parent if not made or not path.exists() else path
    while made and not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise BadInput(f"{title}: there is no folder '{above}' for it; choose another place.")
    if not os.access(above, os.W_OK | os.X_OK):
        raise BadInput(f"{title}: the folder '{above}' cannot be written; choose another place.")


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


@dataclass(frozen=True, eq=False)
class Pictured:
    """What the work has come to, as pictures side by side; newer ones take their place.

    Parameters
    ----------
    pictures : tuple of (str, (H, W, 3 or 4) uint8)
        The words below each picture, and its pixels: a few hundred along a side.
    caption : str
        What they are of, in a few words.
    """

    pictures: tuple[tuple[str, np.ndarray], ...]
    caption: str = ""


Told = Progress | Said | Made | Pictured
Report = Callable[[Told], None]
"""What a job tells of itself on the way."""


def part_of(report: Report, part: float, parts: float, length: float = 1.0) -> Report:
    """Report a piece of work as the one with number `part`, from 0, of `parts` alike.

    It may be as long as `length` of them. A piece that does not know its total counts nothing
    until it ends.
    """

    def tell(told: Told) -> None:
        if isinstance(told, Progress):
            share = min(max(told.done / told.total, 0.0), 1.0) if told.total > 0 else 0.0
            told = replace(told, done=part + length * share, total=parts)
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
        ``run(options, report, cancel) -> rows``; `report` takes a `Progress`, a `Said`, a
        `Made` or a `Pictured`, rows are flat dictionaries. Progress counts all of the work, so
        that it is whole only at the end.
    axis : str
        Column of its rows that curves are drawn along, such as ``step``; empty for the model's
        own axis, or the first column of numbers. Words in a column ``event`` mark a place on it.
    metrics : tuple of Metric
        Columns of its rows that curves are drawn of beside the model's metrics, such as a loss.
    """

    id: str
    title: str
    options: tuple[Option, ...]
    run: Callable[[Mapping[str, Any], Report, CancelToken], list[Row]]
    axis: str = ""
    metrics: tuple[Metric, ...] = ()

    @property
    def name(self) -> str:
        """Its id as a person reads it."""
        return self.id.replace("_", " ").replace("-", " ").capitalize()

    def told(self, values: Mapping[str, Any]) -> str:
        """What is done, in a line: its name, and the options that are not as they usually are.

        Of a path only the name is told.
        """
        parts = []
        for option in self.options:
            value = values.get(option.name, option.default)
            if value == option.default:
                continue
            if isinstance(value, bool):
                parts.append(option.title.lower() if value else f"no {option.title.lower()}")
                continue
            if option.place:
                usual = option.default and os.path.abspath(option.default)
                if os.path.abspath(value) == usual:
                    continue
                value = Path(value).name
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            parts.append(f"{option.title.lower()} {with_unit(shown, option.unit)}")
        return f"{self.name}: {', '.join(parts)}" if parts else self.name
