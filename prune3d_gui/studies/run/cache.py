"""The result cache: outcomes on disk, found again by the hash of all they depend on."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ...core.score.parts import Part
from ..ask.keys import cache_folder
from ..ask.outcomes import Outcome

Found = TypeVar("Found")
ASKED_AT_ONCE = 500
BUSY_S = 5.0
FILE = "outcomes-2.sqlite"
"""The number is that of what is stored; a file of another number is left alone."""


class ResultCache:
    """Outcomes by key, in one SQLite file that several processes may share.

    When the file cannot be read or written (a full disk, a folder without permission, a damaged
    file) the outcomes stay in memory and the work goes on; `trouble` says so once.

    Parameters
    ----------
    folder : path, optional
        None for `cache_folder`.
    memory : bool
        Whether to keep outcomes in memory alone.
    """

    def __init__(self, folder: str | Path | None = None, memory: bool = False) -> None:
        self.path = Path(folder or cache_folder()) / FILE
        self._lock = threading.Lock()
        self._kept: dict[bytes, Outcome] = {}
        self._file: sqlite3.Connection | None = None
        self._given_up = memory
        self._said: list[str] = []

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, Outcome]:
        """Outcomes of those keys that are known."""
        keys = list(keys)
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for start in range(0, len(keys), ASKED_AT_ONCE):
                part = keys[start : start + ASKED_AT_ONCE]
                for key, text in self._run(partial(_looked_up, part)):
                    if (outcome := _read(text)) is not None:
                        found[key] = outcome
            return found

    def put_many(self, found: Mapping[bytes, Outcome]) -> None:
        """Keep outcomes, all or none of them on disk."""
        with self._lock:
            if not self._run(partial(_stored, found)):
                self._kept.update(found)

    def trouble(self) -> str:
        """What a person should know about the cache; each sentence is given once."""
        with self._lock:
            return self._said.pop(0) if self._said else ""

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._given_up = True
            if self._file is not None:
                self._file.close()
                self._file = None

    def _run(self, work: Callable[[sqlite3.Connection], list[Found]]) -> list[Found]:
        """Work on the file; gives the file up, with a sentence, where that fails."""
        if self._given_up:
            return []
        try:
            if self._file is None:
                self._file = _opened(self.path)
            return work(self._file)
        except (sqlite3.Error, OSError) as error:
            self._given_up = True
            self._said.append(_sentence(self.path, error))
            if self._file is not None:
                self._file.close()
                self._file = None
            return []


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False, isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute(
            "CREATE TABLE IF NOT EXISTS outcomes "
            "(key BLOB PRIMARY KEY, outcome TEXT NOT NULL) WITHOUT ROWID"
        )
    except sqlite3.Error:
        file.close()
        raise
    return file


def _looked_up(keys: list[bytes], file: sqlite3.Connection) -> list[tuple[bytes, str]]:
    marks = ",".join("?" * len(keys))
    order = f"SELECT key, outcome FROM outcomes WHERE key IN ({marks})"
    return file.execute(order, keys).fetchall()


def _stored(found: Mapping[bytes, Outcome], file: sqlite3.Connection) -> list[bytes]:
    """Store outcomes; returns their keys."""
    lines = [(key, _text(outcome)) for key, outcome in found.items()]
    file.execute("BEGIN IMMEDIATE")
    try:
        file.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", lines)
        file.execute("COMMIT")
    except sqlite3.Error:
        if file.in_transaction:
            file.execute("ROLLBACK")
        raise
    return list(found)


def _text(outcome: Outcome) -> str:
    """JSON, with ``NaN`` and ``Infinity`` as Python's json writes and reads them."""
    told = {field.name: getattr(outcome, field.name) for field in fields(outcome)}
    told["parts"] = [asdict(part) for part in outcome.parts]
    return json.dumps(told, separators=(",", ":"))


def _read(text: str) -> Outcome | None:
    """Read an outcome back; None where it is damaged, so that it is computed again."""
    try:
        found = json.loads(text)
        return Outcome(
            {str(k): float(v) for k, v in found["values"].items()},
            {str(k): float(v) for k, v in found["floors"].items()},
            {str(k): int(v) for k, v in found["size"].items()},
            str(found["against"]),
            tuple(float(t) for t in found["times"]),
            tuple(_part(part) for part in found["parts"]),
            str(found["over"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _part(found: Mapping[str, Any]) -> Part:
    values = {str(k): float(v) for k, v in found["values"].items()}
    return Part(str(found["kind"]), str(found["name"]), values)


def _sentence(path: Path, error: Exception) -> str:
    text = str(error)
    after = "results stay in memory until the program ends."
    if "full" in text or getattr(error, "errno", 0) == 28:
        return f"The disk of '{path.parent}' is full; free some space: {after}"
    if "not a database" in text or "malformed" in text or "no such column" in text:
        return f"The result cache '{path}' is damaged ({text}); delete it: {after}"
    reason = getattr(error, "strerror", None) or text
    return (
        f"The result cache '{path}' cannot be used ({reason}); choose a folder with "
        f"PRUNE3D_CACHE: {after}"
    )
