"""Scenes of very many Gaussians: what they take is told before, and a part of them offered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef, TooMuch
from prune3d_gui.files.splats.formats import peek_splats

MANY = 5_000_000
"""Gaussians of which a person is asked first: a picture of more takes a second and longer."""
PART = 2_000_000
"""Gaussians that are offered then."""
WORKING = 3.0
"""Bytes of memory for each byte of Gaussians: as they are read, as they are drawn, and ranked."""
ALL = "all"
_SHARE = 0.5  # of free memory, above which a person is asked


def place_and_part(text: str) -> tuple[str, str]:
    """A path, and what follows it after a ``#``: a number of Gaussians, or `ALL`; often empty.

    Raises
    ------
    BadInput
        If what follows is neither.
    """
    place, mark, part = text.rpartition("#")
    if not mark or Path(text).exists():
        return text, ""
    if part != ALL and not (part.isdecimal() and int(part) > 0):
        raise BadInput(
            f"'{text}' names the part {part!r}; write '{place}#{PART}' for so many Gaussians at "
            f"random, or '{place}#{ALL}'."
        )
    return place, part


def most_of(file: Path, ref: ModelRef, part: str) -> int | None:
    """How many Gaussians of a file are to be read; None for all. Only its header is looked at.

    Raises
    ------
    TooMuch
        If they are so many that a person should know before, or more than fit in memory.
    """
    header = peek_splats(file)
    count = min(int(part), header.count) if part.isdecimal() else header.count
    need, free = WORKING * count * header.each, psutil.virtual_memory().available
    fits = need <= free
    asked = part or (count <= MANY and need <= _SHARE * free)
    if fits and asked:
        return int(part) if part.isdecimal() else None
    fewer = _round(min(PART, int(_SHARE * free / (WORKING * header.each)), count // 2))
    words = "so many" if part.isdecimal() else "all of them"
    told = (
        f"'{ref.path or file.name}' holds {header.count:,} Gaussians; {words} take about "
        f"{need / 1e9:,.1f} GB of memory, of which {free / 1e9:,.1f} GB are free, and each "
        "picture takes long"
    )
    place = place_and_part(ref.path)[0]
    offers = [(f"Open {fewer:,} of them", _part(ref, place, str(fewer)))]
    ways = f"open {fewer:,} of them at random, as '{Path(place).name}#{fewer}'"
    if fits:
        offers.append(("Open all", _part(ref, place, ALL)))
        ways += f", or all, as '{Path(place).name}#{ALL}'"
    raise TooMuch(f"{told}; {ways}.", tuple(offers))


def _part(ref: ModelRef, place: str, part: str) -> ModelRef:
    return replace(ref, title=f"{Path(place).name}#{part}", path=f"{place}#{part}")


def _round(count: int) -> int:
    """A number with one digit that counts, no larger, 1 at least."""
    size = 10 ** (len(str(max(count, 1))) - 1)
    return max(count // size * size, 1)
