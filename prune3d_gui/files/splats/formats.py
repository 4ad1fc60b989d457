"""Gaussian splats in files, whatever the format: what a file is, reading it, writing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil

from ...core.cancel import NEVER, CancelToken
from ...core.errors import BadInput, Prune3DError
from ...core.moment import KEY, Moment
from ...core.scene.gaussians import Gaussians
from ..atomic import writing
from ..points import check_exists, unreadable
from ..stamps import comments, write_beside
from . import compressed_ply, ply, splat, spz
from .comparing import Errors, largest_errors
from .ply_tables import PlyHeader, check_promise, read_ply_header
from .sound import sound
from .splat_file import Choice, SplatFile, SplatHeader, chosen
from .spz_container import read_header

ENDINGS = (".compressed.ply", ".ply", ".splat", ".spz")
"""What names of files that are written end in."""
_WHAT = "Gaussian splats"
T = TypeVar("T")


@dataclass(frozen=True)
class _Format:
    """How one format is read; each is given what it is told by."""

    title: str
    peek: Callable[[], SplatHeader]
    read: Callable[[Choice], SplatFile]


@dataclass(frozen=True, eq=False)
class Written:
    """What became of Gaussians in a file.

    Parameters
    ----------
    errors : Errors
        Largest difference between what was given and what the file holds.
    order : (N,) int or None
        Which of the given ones each of the file is; None where they follow as given.
    notices : tuple of str
        What the format does not hold, and the errors in a sentence.
    """

    errors: Errors
    order: np.ndarray | None
    notices: tuple[str, ...]


def splat_kind(path: str | Path) -> tuple[str, bool] | None:
    """What format of splats a file has, and whether it can hardly be anything else.

    Only its beginning is read. A ``.splat`` has nothing to be known by, so that without this
    ending one cannot be sure. None for other files, such as a PLY of points or a mesh.
    """
    target = Path(path)
    try:
        found = _format(target)
    except (OSError, ValueError, Prune3DError):
        return None
    if found is None:
        return None
    return found.title, found.title != splat.FORMAT or target.suffix.lower() == ".splat"


def peek_splats(path: str | Path) -> SplatHeader:
    """What a file promises: its format, how many Gaussians, and the memory that they take.

    Raises
    ------
    BadInput
        When there is no such file, or it is none of splats that is known.
    """
    target = Path(path)
    return _tried(target, lambda: _known(target).peek())


def read_splats(
    path: str | Path, most: int | None = None, seed: int = 0, cancel: CancelToken = NEVER
) -> SplatFile:
    """Read Gaussians, whatever the format; the content tells it.

    Parameters
    ----------
    path : path
        A 3DGS PLY (binary of either byte order, or text; properties in any order), SuperSplat's
        compressed PLY, a ``.splat`` or an ``.spz`` of version 1 to 4.
    most : int, optional
        Most Gaussians that are read; of more, so many are taken at random, evenly.
    seed : int
        Of that.
    cancel : CancelToken

    Returns
    -------
    SplatFile
        In the axes of a PLY: what is stored as float32 is kept to the bit.

    Raises
    ------
    BadInput
        When there is no such file, it is damaged or none of splats, none of its Gaussians can be
        drawn, or they take more memory than is free.
    """
    target = Path(path)
    if most is not None and most < 1:
        raise BadInput(f"At most {most} Gaussians were asked for; give 1 or more.")

    def read() -> SplatFile:
        form = _known(target)
        header = form.peek()
        choice = chosen(header.count, most, seed, cancel)
        _check_room(target, header, choice.count)
        return form.read(choice)

    found = _tried(target, read)
    if found.rows is not None:
        total = peek_splats(target).count
        told = (
            f"Gaussians taken at random (seed {seed}): {found.gaussians.count:,} of {total:,}; the "
            "scene has holes that the whole one has not."
        )
        found = replace(found, notices=(told, *found.notices))
    return sound(target, found)


def write_splats(
    path: str | Path, splats: SplatFile | Gaussians, moment: Moment | None = None
) -> Written:
    """Write Gaussians in the format that the ending of `path` names.

    Parameters
    ----------
    path : path
        Ends in ``.ply`` (every value as it is, further properties too), ``.compressed.ply``,
        ``.splat`` or ``.spz`` (version 3), which pack values: the file is read back and compared.
    splats : SplatFile or Gaussians
        Rows of a PLY that were read and are written again are the same to the bit.
    moment : Moment or None
        What they were made from: comments of a PLY, a file beside the others.

    Raises
    ------
    BadInput
        For another ending, no Gaussian at all, or a place that cannot be written to.
    """
    target = Path(path)
    ending = next((one for one in ENDINGS if target.name.lower().endswith(one)), None)
    if ending is None:
        raise BadInput(
            f"'{target}' is not a name for {_WHAT}; end it in {', '.join(ENDINGS[:-1])} or "
            f"{ENDINGS[-1]}."
        )
    if isinstance(splats, Gaussians):
        splats = SplatFile(splats, "")
    if not splats.gaussians.count:
        raise BadInput(f"'{target}' was not written: no Gaussian is kept; keep at least one.")
    order = _order(ending, splats.gaussians)
    placed = splats if order is None else splats.kept(order)
    with writing(target) as temporary:
        with temporary.open("wb") as file:
            file.writelines(_content(ending, placed, comments(moment)))
        if ending == ".ply":
            return Written(Errors(), None, (Errors().said(),))
        total = Choice(placed.gaussians.count)
        reader = {".splat": splat.read, ".spz": spz.read}.get(ending, compressed_ply.read)
        errors = largest_errors(placed.gaussians, reader(temporary, total).gaussians)
    if ending != ".compressed.ply":
        write_beside(target, moment)
    return Written(errors, order, (*_lost(ending, splats), errors.said()))


def _order(ending: str, gaussians: Gaussians) -> np.ndarray | None:
    if ending == ".splat":
        return splat.order(gaussians)
    return compressed_ply.order(gaussians) if ending == ".compressed.ply" else None


def _content(ending: str, splats: SplatFile, lines: list[str]) -> Iterable[bytes]:
    if ending == ".ply":
        own = [line for line in splats.comments if not line.startswith(KEY)]  # of no old moment
        return ply.content(splats, (*own, *lines))
    if ending == ".compressed.ply":
        return compressed_ply.content(splats.gaussians, lines)
    return splat.content(splats.gaussians) if ending == ".splat" else spz.content(splats)


def _lost(ending: str, splats: SplatFile) -> Iterable[str]:
    if ending == ".splat" and splats.gaussians.degree:
        yield (
            "A .splat holds no spherical harmonics beyond the constant: no colour changes with "
            "the view any more."
        )
    extras = [name for name in splats.extras if name not in ("nx", "ny", "nz")]
    if extras:
        more = f" and {len(extras) - 3} more" if len(extras) > 3 else ""
        yield f"The properties {', '.join(extras[:3])}{more} are kept by a PLY alone."


def _format(path: Path) -> _Format | None:
    """The format of a file; None where it is none of splats."""
    with path.open("rb") as stream:
        if stream.read(3) == b"ply":
            stream.seek(0)
            return _ply_format(path, read_ply_header(stream))
    if read_header(path) is not None:
        return _Format(spz.FORMAT, lambda: spz.peek(path), lambda choice: spz.read(path, choice))
    if path.suffix.lower() == ".splat" or splat.plausible(path):
        return _Format(
            splat.FORMAT, lambda: splat.peek(path), lambda choice: splat.read(path, choice)
        )
    return None


def _ply_format(path: Path, header: PlyHeader) -> _Format | None:
    if compressed_ply.is_compressed(header):
        return _Format(
            compressed_ply.FORMAT,
            lambda: _peeked_ply(path, header, compressed_ply.peek),
            lambda choice: compressed_ply.read(path, choice),
        )
    if ply.is_splat(header):
        return _Format(
            ply.FORMAT,
            lambda: _peeked_ply(path, header, ply.peek),
            lambda choice: ply.read(path, choice),
        )
    return None


def _peeked_ply(
    path: Path, header: PlyHeader, peek: Callable[[Path, PlyHeader], SplatHeader]
) -> SplatHeader:
    promised = peek(path, header)
    check_promise(path, header)
    return promised


def _known(path: Path) -> _Format:
    if path.is_dir():
        raise BadInput(f"'{path}' is a folder; choose a file of {_WHAT} in it.")
    check_exists(path)
    found = _format(path)
    if found is None:
        raise BadInput(
            f"'{path}' holds no {_WHAT}; choose a 3DGS or compressed PLY, a .splat or an .spz."
        )
    return found


def _tried(path: Path, work: Callable[[], T]) -> T:
    try:
        return work()
    except Prune3DError:
        raise
    except Exception as error:  # parsers of damaged files raise nearly anything
        raise unreadable(path, _WHAT, error) from error


def _check_room(path: Path, header: SplatHeader, count: int) -> None:
    """Refuse what does not fit before any memory is taken."""
    free = psutil.virtual_memory().available
    if count * header.each <= free:
        return
    fitting = int(free // 2 // header.each)
    raise BadInput(
        f"'{path}' holds {header.count:,} Gaussians, of which {count:,} take "
        f"{count * header.each / 1e9:,.1f} GB of memory where {free / 1e9:,.1f} GB are free; "
        f"take a part at random, such as {fitting:,} of them."
    )
