"""PLY as tables: its header, and the rows of an element that has no lists."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

_TYPES = {
    "char": "i1",
    "uchar": "u1",
    "short": "i2",
    "ushort": "u2",
    "int": "i4",
    "uint": "u4",
    "float": "f4",
    "double": "f8",
}
_TYPES |= {
    f"{word}{8 * size}": f"{code}{size}"
    for word, code, sizes in (("int", "i", (1, 2, 4)), ("uint", "u", (1, 2, 4)))
    for size in sizes
} | {"float32": "f4", "float64": "f8"}
WORDS = {code: word for word, code in list(_TYPES.items())[:8]}
"""How a header calls each type."""
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_LONGEST = 1 << 20  # bytes of a header


@dataclass(frozen=True)
class Element:
    """A table of a PLY.

    Parameters
    ----------
    name : str
    count : int
        Rows.
    properties : tuple of (name, type)
        Types as NumPy calls them, without byte order; empty for a list.
    """

    name: str
    count: int
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its properties."""
        return tuple(name for name, _ in self.properties)

    @property
    def listed(self) -> bool:
        """Whether it has lists, so that its rows differ in length."""
        return not all(kind for _, kind in self.properties)


@dataclass(frozen=True)
class PlyHeader:
    """What a PLY says of itself.

    Parameters
    ----------
    order : str
        ``<`` for little-endian, ``>`` for big-endian, empty for text.
    elements : tuple of Element
        As they follow.
    comments : tuple of str
    size : int
        Bytes of the header.
    """

    order: str
    elements: tuple[Element, ...]
    comments: tuple[str, ...]
    size: int

    def element(self, name: str) -> Element | None:
        """The element of that name."""
        return next((one for one in self.elements if one.name == name), None)

    def kind(self, element: Element) -> np.dtype:
        """The type of a row of an element."""
        return np.dtype([(name, (self.order or "<") + code) for name, code in element.properties])


def read_ply_header(stream: BinaryIO) -> PlyHeader:
    """Read the header that a stream begins with; the rows follow.

    Raises
    ------
    ValueError
        If it is no PLY, or its header is damaged.
    """
    if stream.readline(16).rstrip(b"\r\n") != b"ply":
        raise ValueError("it does not begin with 'ply'")
    order, elements, comments, size = None, list[Element](), list[str](), 0
    while True:
        line = stream.readline(_LONGEST)
        size += len(line)
        if not line.endswith(b"\n") or size > _LONGEST:
            raise ValueError("its header has no end")
        text = line.decode("utf-8", "replace").strip()
        word, _, rest = text.partition(" ")
        if word == "end_header":
            break
        if word == "format":
            order = _ORDERS.get(rest.split()[0] if rest.split() else "")
        elif word == "comment":
            comments.append(rest.strip())
        elif word == "element":
            elements.append(_element(text))
        elif word == "property" and elements:
            last = elements[-1]
            found = (*last.properties, _property(text))
            elements[-1] = Element(last.name, last.count, found)
        elif word not in ("obj_info", ""):
            raise ValueError(f"its header has the line '{text[:60]}'")
    if order is None:
        raise ValueError("its header names no known format")
    return PlyHeader(order, tuple(elements), tuple(comments), stream.tell())


def check_promise(path: Path, header: PlyHeader) -> None:
    """Raise `ValueError` when a file is too short for what its header promises."""
    held = path.stat().st_size - header.size + (not header.order)  # the last line may have no end
    for element in header.elements:
        least = 1  # of a row with lists, whose length is not told here
        if not element.listed:
            kind = header.kind(element)
            least = kind.itemsize if header.order else 2 * len(element.properties)
        if element.count * least > held:
            raise ValueError(
                f"its header promises {element.count:,} rows of '{element.name}', but only "
                f"{held // least:,} can be there"
            )
        held -= element.count * least


def blocks(path: Path, header: PlyHeader, name: str, rows: int) -> Iterator[np.ndarray]:
    """Yield the rows of an element, `rows` at a time.

    Raises
    ------
    ValueError
        If the file ends too early, or an element with lists comes before.
    """
    with path.open("rb") as stream:
        stream.seek(header.size)
        for element in header.elements:
            if element.name == name:
                break
            if element.listed:
                raise ValueError(f"lists of its element '{element.name}' come before '{name}'")
            if header.order:
                stream.seek(header.kind(element).itemsize * element.count, 1)
            else:
                for _ in itertools.islice(stream, element.count):
                    pass
        if element.listed:
            raise ValueError(f"its element '{name}' has lists")
        for start in range(0, element.count, rows):
            count = min(rows, element.count - start)
            yield (_binary if header.order else _text)(stream, header.kind(element), count)


def header_text(comments: tuple[str, ...], elements: tuple[Element, ...]) -> bytes:
    """The header of a little-endian PLY."""
    lines = ["ply", "format binary_little_endian 1.0", *(f"comment {one}" for one in comments)]
    for element in elements:
        lines += [f"element {element.name} {element.count}"]
        lines += [f"property {WORDS[code]} {name}" for name, code in element.properties]
    return "\n".join([*lines, "end_header", ""]).encode()


def _element(text: str) -> Element:
    words = text.split()
    if len(words) != 3 or not words[2].isdecimal():
        raise ValueError(f"its header has the line '{text[:60]}'")
    return Element(words[1], int(words[2]))


def _property(text: str) -> tuple[str, str]:
    words = text.split()
    if len(words) == 5 and words[1] == "list":
        return words[4], ""
    if len(words) != 3 or words[1] not in _TYPES:
        raise ValueError(f"its header has the line '{text[:60]}'")
    return words[2], _TYPES[words[1]]


def _binary(stream: BinaryIO, kind: np.dtype, count: int) -> np.ndarray:
    data = stream.read(count * kind.itemsize)
    if len(data) < count * kind.itemsize:
        raise ValueError("its values end too early")
    return np.frombuffer(data, kind)


def _text(stream: BinaryIO, kind: np.dtype, count: int) -> np.ndarray:
    lines = [line for line in itertools.islice(stream, count) if line.strip()]
    if len(lines) < count:
        raise ValueError("its values end too early")
    table = np.loadtxt(lines, np.float64, comments=None, ndmin=2)
    names = kind.names or ()
    if table.shape[1] != len(names):
        raise ValueError(f"a row has {table.shape[1]} numbers for {len(names)} properties")
    rows = np.empty(count, kind)
    for column, name in enumerate(names):
        with np.errstate(over="ignore"):
            rows[name] = table[:, column]
    return rows
