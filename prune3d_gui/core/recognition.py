"""Recognition: which system takes a file or a folder, by what is in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from .errors import BadInput
from .system import Kind, System, Taken


@dataclass(frozen=True, eq=False)
class Recognised:
    """What the systems say of one file or folder.

    Parameters
    ----------
    path : Path
    takers : tuple of (System, Taken)
        The likeliest first.
    troubles : tuple of str
        Systems that failed to say anything, one sentence each.
    """

    path: Path
    takers: tuple[tuple[System, Taken], ...]
    troubles: tuple[str, ...] = ()

    def best(self, *kinds: Kind) -> tuple[System, Taken]:
        """The likeliest system, among those that take it as one of `kinds` where any are given.

        Raises
        ------
        BadInput
            If there is none.
        """
        fitting = [taker for taker in self.takers if not kinds or taker[1].kind in kinds]
        if fitting:
            return fitting[0]
        if self.path.is_dir():
            raise BadInput(
                f"'{self.path}' is a folder that no system here knows; choose a file in it."
            )
        if self.takers:
            system, taken = self.takers[0]
            raise BadInput(
                f"'{self.path}' is no {' or '.join(kinds)} but a {taken.kind} of {system.id}: "
                f"{taken.said}"
            )
        raise BadInput(
            f"'{self.path}' is neither a sample nor a model of a system that is installed; choose "
            "another file."
        )


def recognise(systems: Iterable[System], path: str | Path, present: str = "") -> Recognised:
    """Ask every system what a file or a folder is to it.

    A system that fails to answer is named in a sentence, and the others are asked all the same.
    Who is sure comes before who is not, and then the system that is open. Where no content says
    anything, as that of a damaged file, the endings that a system opens decide: it can say what
    is wrong.

    Parameters
    ----------
    systems : iterable of System
    path : path
    present : str
        Id of the system that is open.

    Raises
    ------
    BadInput
        If there is no such file or folder, or it is neither.
    """
    path = Path(path)
    try:
        there = path.is_file() or path.is_dir()
    except (OSError, ValueError):  # longer than any name, or no name
        there = False
    if not there:
        raise BadInput(f"There is no file or folder '{path}'; check its name.")
    ordered = sorted(systems, key=lambda system: system.id != present)
    takers, troubles = [], []
    for system in ordered:
        try:
            taken = system.recognise(path)
        except Exception as error:
            text = (str(error).splitlines() or [""])[0].rstrip(".:")
            troubles.append(
                f"The plugin {system.id!r} failed to say what '{path}' is "
                f"({type(error).__name__}: {text}); the others were asked."
            )
            continue
        if taken is not None:
            takers.append((system, taken))
    takers.sort(key=lambda taker: not taker[1].sure)
    if not takers and path.is_file():
        takers = [taker for system in ordered if (taker := _by_name(system, path))]
    return Recognised(path, tuple(takers), tuple(troubles))


def _by_name(system: System, path: Path) -> tuple[System, Taken] | None:
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("network", system.model_files),
        ("sample", system.sample_files),
    )
    for kind, patterns in kinds:
        if any(fnmatch(path.name.lower(), pattern.lower()) for pattern in patterns):
            return system, Taken(kind, f"By its name a {kind} of {system.id}.", False)
    return None
