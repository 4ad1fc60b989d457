"""Studies on disk: what was asked, and what came back, as lines of JSON.

A file is one study. Its first line says which edition it is and what was asked; each line after
it is a row, as it came, or how the study ended. A line that was cut off is passed by, and only
the classes of `CLASSES` are ever made of what a file says.

Several programs may use the folder at once: a file is replaced whole, lines are put at its end
in one piece, and nothing but that writes to it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from ...core.errors import Prune3DError
from ...core.model import ModelRef
from ...core.plan.knobs import Choice, Knob
from ...core.plan.plans import Plan, Query
from ...core.plan.units import Unit
from ...core.score.scores import Metric
from ...core.score.thresholds import Threshold
from ...files.atomic import writing
from ..ask.answers import Ended, Moved, RowFound
from ..ask.questions import Case, Network, Study
from ..live.events import ModelCard
from ..run.jobs import JobRun
from ..run.places import WorkersSpec
from ..search.search import BudgetSearch, LargestUniform

VERSION = 1
ENDING = ".jsonl"
BINARY = getattr(os, "O_BINARY", 0)
MOST_STUDIES = 64
"""Studies that are kept; the oldest go."""
MOST_BYTES = 32 << 20
"""Bytes of one study; rows beyond them come from the cache when it is resumed."""
MOST_PACKED = 4 << 20
"""Bytes of a person's own samples that go into the file of a study."""
CLASSES = {
    kind.__name__: kind
    for kind in (
        Study, LargestUniform, BudgetSearch, JobRun, Network, Case, Plan, Query, ModelRef, Knob,
        Choice, Unit, Metric, Threshold, WorkersSpec, ModelCard, Moved, Ended,
    )
}  # fmt: skip


@dataclass(eq=False)
class KeptStudy:
    """What a file says of a study.

    Parameters
    ----------
    name : str
        Of the file, without its ending; names sort by age.
    question, card, words, workers, packs, thresholds
        As in the window's record of it.
    found : list of RowFound
    ended : Ended or None
        None where it was still worked on.
    notes : list of str
    moved : Moved
    """

    name: str
    question: Any
    card: ModelCard
    words: str = ""
    workers: WorkersSpec = WorkersSpec()  # noqa: RUF009 - frozen
    packs: Mapping[str, bytes] = field(default_factory=dict)
    thresholds: dict[str, Threshold] = field(default_factory=dict)
    found: list[RowFound] = field(default_factory=list)
    ended: Ended | None = None
    notes: list[str] = field(default_factory=list)
    moved: Moved = field(default_factory=lambda: Moved(0, 0))


def kept_folder() -> Path:
    """Folder of the studies: ``PRUNE3D_STUDIES`` or the user's own data."""
    given = os.environ.get("PRUNE3D_STUDIES")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("prune3d", appauthor=False)) / "studies"


def encoded(value: Any) -> Any:
    """A value as JSON can hold it; classes name themselves, arrays of numbers become numbers.

    Raises
    ------
    TypeError
        If it is of a class that is none of `CLASSES`.
    """
    if is_dataclass(value):
        name = type(value).__name__
        if CLASSES.get(name) is not type(value):
            raise TypeError(f"a {name} cannot be kept")
        told = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {"is": name, **{name: encoded(one) for name, one in told}}
    if isinstance(value, Mapping):
        return {"map": [[encoded(key), encoded(one)] for key, one in value.items()]}
    if isinstance(value, tuple | list | frozenset):
        return [encoded(one) for one in value]
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    value = value.item() if hasattr(value, "item") else value
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be kept")


def decoded(value: Any) -> Any:
    """What `encoded` was given; sequences come back as tuples.

    Raises
    ------
    ValueError
        If a class is named that is none of `CLASSES`, or that does not take what is there.
    """
    if isinstance(value, list):
        return tuple(decoded(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "map" in value:
        return {decoded(key): decoded(one) for key, one in value["map"]}
    if "bytes" in value:
        return base64.b64decode(value["bytes"])
    name = value.get("is")
    kind = CLASSES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"{name!r} is nothing that is kept")
    known = {one.name for one in fields(kind)}
    try:
        return kind(**{name: decoded(one) for name, one in value.items() if name in known})
    except (TypeError, Prune3DError) as error:
        raise ValueError(str(error)) from None


class KeptStudies:
    """The folder of studies; one thread of each program uses it.

    Parameters
    ----------
    folder : path, optional
        None for `kept_folder`.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder or kept_folder())

    def write(self, study: KeptStudy) -> None:
        """Write all of a study, in place of what is there.

        Raises
        ------
        BadInput, OSError, TypeError
            If it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        card = replace(
            study.card, notices=(), formats=(), colours=(), comparison=None, views=(), samples=()
        )
        small = sum(map(len, study.packs.values())) <= MOST_PACKED
        head = {
            "version": VERSION,
            "question": encoded(study.question),
            "card": encoded(card),
            "words": study.words,
            "workers": encoded(study.workers),
            "packs": encoded(study.packs if small else {}),
            "thresholds": encoded(study.thresholds),
        }
        with writing(self._path(study.name)) as path, path.open("w", encoding="utf-8") as file:
            size = file.write(_line(head))
            for line in _lines(study.found):
                if size > MOST_BYTES:
                    break
                size += file.write(line)
            if study.ended is not None:
                file.write(_end(study))

    def add(self, study: KeptStudy, found: Iterable[RowFound]) -> None:
        """Add rows to the file of a study, and its end once it has one; no file is made."""
        try:
            file = os.open(self._path(study.name), os.O_RDWR | os.O_APPEND | BINARY)
        except FileNotFoundError:
            return  # removed in another window
        try:
            size = os.fstat(file).st_size
            lines = [b""] if _whole(file, size) else [b"\n"]  # what was cut off stands alone
            for line in _lines(found):
                if size > MOST_BYTES:
                    break
                lines.append(line.encode())
                size += len(lines[-1])
            if study.ended is not None:
                lines.append(_end(study).encode())
            _append(file, b"".join(lines))
        finally:
            os.close(file)

    def remove(self, name: str) -> None:
        """Take a study away, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def read(self) -> list[KeptStudy]:
        """All studies, newest first; files of another edition, or damaged ones, are passed by."""
        try:
            paths = sorted(self.folder.glob(f"*{ENDING}"), reverse=True)
        except OSError:
            return []
        for path in paths[MOST_STUDIES:]:
            path.unlink(missing_ok=True)
        read = (_read(path) for path in paths[:MOST_STUDIES])
        return [study for study in read if study is not None]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{ENDING}"


def _read(path: Path) -> KeptStudy | None:
    try:
        lines = path.read_bytes().split(b"\n")
        head = json.loads(lines[0])
        if head.pop("version") != VERSION:
            return None
        told = {name: decoded(value) for name, value in head.items()}
        study = KeptStudy(path.stem, **told)
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    for line in lines[1:]:
        try:
            _take(study, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # cut off
    return study


def _take(study: KeptStudy, told: Mapping[str, Any]) -> None:
    if "row" in told:
        parts = tuple(decoded(part) for part in told.get("parts", ()))
        study.found.append(RowFound(decoded(told["row"]), decoded(told["case"]), parts))
    elif "ended" in told:
        study.ended, study.moved = decoded(told["ended"]), decoded(told["moved"])
        study.notes = list(decoded(told["notes"]))


def _whole(file: int, size: int) -> bool:
    """Whether the last line of a file was written to its end."""
    os.lseek(file, max(size - 1, 0), os.SEEK_SET)
    return os.read(file, 1) in (b"", b"\n")


def _append(file: int, lines: bytes) -> None:
    """Put lines at the end of a file, in one piece unless the disk takes less."""
    while lines:
        lines = lines[os.write(file, lines) :]


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":")) + "\n"


def _lines(found: Iterable[RowFound]) -> Iterator[str]:
    for one in found:
        row = {"row": encoded(one.row), "case": encoded(one.case)}
        yield _line(row | ({"parts": [encoded(part) for part in one.parts]} if one.parts else {}))


def _end(study: KeptStudy) -> str:
    ended, moved = encoded(study.ended), encoded(study.moved)
    return _line({"ended": ended, "moved": moved, "notes": list(study.notes)})
