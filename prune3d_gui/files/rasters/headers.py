"""Text headers with values behind or beside them, and the words in them."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...core.errors import BadInput

_LONGEST = 1 << 20  # bytes of a header
_TRUTH = {
    **dict.fromkeys(("true", "t", "1", "yes"), True),
    **dict.fromkeys(("false", "f", "0", "no"), False),
}


def header_lines(file: BinaryIO) -> Iterator[str]:
    """Yield the lines of a header without their ends and without a byte order mark.

    Raises
    ------
    ValueError
        When a header does not end within a megabyte.
    """
    mark = file.read(3)
    if mark[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = (mark + file.read(_LONGEST)).decode("utf-16")
        file.seek(0, os.SEEK_END)
        file = io.BytesIO(text.encode())
    elif mark != codecs.BOM_UTF8:
        file.seek(0)
    passed = 0
    while line := file.readline(_LONGEST):
        passed += len(line)
        if passed > _LONGEST:
            raise ValueError("its header does not end")
        yield line.decode("utf-8", "replace").strip()


class Fields:
    """The fields of a header by name.

    Parameters
    ----------
    path : path
        For what is said of them.
    names : mapping of str to str
        What a name as written, in small letters without spaces, is called here.
    """

    def __init__(self, path: Path, names: dict[str, str]) -> None:
        self.path, self._names = path, names
        self._texts: dict[str, str] = {}
        self.unknown: dict[str, str] = {}

    def add(self, name: str, text: str) -> None:
        """Take in a field as written.

        Raises
        ------
        BadInput
            If it was given before and says something else.
        """
        plain = "".join(name.split()).lower()
        known = self._names.get(plain)
        if known is None:
            self.unknown[name.strip()] = text.strip()
        elif _meaning(self._texts.setdefault(known, text.strip())) != _meaning(text):
            raise BadInput(
                f"'{self.path}' says {name.strip()} twice, '{self._texts[known]}' and "
                f"'{text.strip()}'; leave one of them."
            )

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def text(self, name: str, default: str | None = None) -> str:
        """Return a field as written; `KeyError` where it is missing without a default."""
        return self._texts[name] if default is None else self._texts.get(name, default)

    def numbers(self, name: str) -> np.ndarray:
        """Return the numbers of a field, none where it is missing."""
        try:
            return numbers_in(self.text(name, ""))
        except ValueError as error:
            raise self._unclear(name, "write numbers") from error

    def whole(self, name: str, default: str | None = None) -> tuple[int, ...]:
        """Return the whole numbers of a field."""
        text = self.text(name, default)
        try:
            return tuple(int(word) for word in text.split())
        except ValueError as error:
            raise self._unclear(name, "write whole numbers") from error

    def number(self, name: str, default: int) -> int:
        """Return a single whole number."""
        found = self.whole(name, str(default))
        if len(found) != 1:
            raise self._unclear(name, "write one whole number")
        return found[0]

    def flag(self, name: str, default: bool) -> bool:
        """Return a truth value, by any of the ways to write it."""
        found = _TRUTH.get(self.text(name, str(default)).lower())
        if found is None:
            raise self._unclear(name, "write True or False")
        return found

    def one_of(self, name: str, known: Iterable[str], default: str | None = None) -> str:
        """Return a word in small letters, which must be one of the `known` ones."""
        word = " ".join(self.text(name, default).lower().split())
        if word not in known:
            raise self._unclear(name, "that is not known here")
        return word

    def _unclear(self, name: str, advice: str) -> BadInput:
        return BadInput(f"'{self.path}' has the {name} '{self._texts.get(name, '')}'; {advice}.")


def _meaning(text: str) -> list[str]:
    """Return the words of a field, alike where they are written differently."""
    words = text.lower().split()
    for place, word in enumerate(words):
        with contextlib.suppress(ValueError):
            words[place] = str(float(_TRUTH.get(word, word)))
    return words


@contextlib.contextmanager
def values_of(path: Path, file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """Open the file of values that a header names; without a name, they follow the header.

    Raises
    ------
    BadInput
        If there are several files or it is missing.
    """
    if not name:
        yield file
        return
    if name.upper().startswith("LIST") or "%" in name:
        raise BadInput(f"'{path}' spreads its values over several files; save it as one file.")
    data = path.parent / name
    if not data.is_file():
        raise BadInput(f"'{path}' keeps its values in '{name}', which is missing; put it beside.")
    with data.open("rb") as other:
        yield other


def bytes_left(file: BinaryIO) -> int:
    """Return how many bytes follow in a file."""
    return os.fstat(file.fileno()).st_size - file.tell()


def too_long(over: int) -> tuple[str, ...]:
    """Say so when `over` bytes follow the values that a header counts."""
    if over <= 0:
        return ()
    return (
        f"The file holds {over:,} bytes more than its header counts; what follows the header was "
        "read, so look whether bytes should have been skipped.",
    )


def numbers_in(text: str) -> np.ndarray:
    """Return the numbers in a text, between spaces, commas and brackets."""
    return np.array([float(n) for n in re.split(r"[\s,()]+", text) if n])


def refuse_vectors(path: Path) -> BadInput:
    """Return the sentence for several numbers at each voxel."""
    return BadInput(f"'{path}' holds vectors or colours; save one number for each voxel.")


def type_names(names: dict[str, str]) -> dict[str, str]:
    """Return numpy's type by each of the names, which stand together between bars."""
    return {name: kind for kind, all_ in names.items() for name in all_.split("|")}
