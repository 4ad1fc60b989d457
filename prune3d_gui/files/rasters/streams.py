"""Streams of stored values: unpacked as they are read, never more than a block at a time."""

from __future__ import annotations

import bz2
import gzip
import io
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np

from .raster import Room

if TYPE_CHECKING:
    from typing_extensions import Buffer  # in collections.abc from Python 3.12 on

BLOCK = 1 << 20  # bytes
_TEXT = ("ascii", "text", "txt")
_GZIP, _BZIP2 = ("gzip", "gz"), ("bzip2", "bz2")
_BYTES_FROM_ONE = {  # most that a byte of the file can hold, by encoding
    "raw": 1.0,
    "hex": 0.5,
    "zlib": 1032.0,
    **dict.fromkeys(_GZIP, 1032.0),
    **dict.fromkeys(_BZIP2, 1.1e6),
}


class Readable(Protocol):
    """A stream of bytes, packed or not."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, fewer at the end."""


def check_promise(count: int, kind: np.dtype, held: int, encoding: str = "raw") -> None:
    """Raise `ValueError` when a file cannot hold as many values as its header promises.

    Parameters
    ----------
    count : int
        Values promised.
    kind : dtype
    held : int
        Bytes of the file that can hold values.
    encoding : str
    """
    held = max(held, 0)
    if encoding in _TEXT:  # a digit and a space each
        room = (held + 1) // 2 * kind.itemsize
    else:
        room = math.floor(held * _BYTES_FROM_ONE.get(encoding, 1.0))
    if count * kind.itemsize > room:
        raise ValueError(f"its header promises {count:,} values, which {held:,} bytes cannot hold")


def unpacked(stream: BinaryIO, encoding: str, kind: np.dtype) -> Readable:
    """Return a stream of plain bytes; `ValueError` for an encoding that is not known."""
    if encoding in _GZIP:
        return gzip.GzipFile(fileobj=stream)
    if encoding in _BZIP2:
        return bz2.BZ2File(stream)
    if encoding == "zlib":
        return io.BufferedReader(_Pieces(_inflated(stream)))
    if encoding in _TEXT:
        return io.BufferedReader(_Pieces(_parsed(stream, kind)))
    if encoding == "hex":
        return io.BufferedReader(_Pieces(_unhexed(stream)))
    if encoding != "raw":
        raise ValueError(f"its encoding '{encoding}' is not known")
    return stream


def skip(stream: Readable, count: int) -> None:
    """Pass over `count` bytes."""
    if isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO):
        stream.seek(count, io.SEEK_CUR)
        return
    while count > 0:
        passed = len(_read(stream, min(count, BLOCK)))
        if not passed:
            raise ValueError("its values end too early")
        count -= passed


def seek_tail(stream: BinaryIO, size: int) -> None:
    """Go to where the last `size` bytes of a file begin.

    Raises
    ------
    ValueError
        If fewer follow: the header is no value.
    """
    here = stream.tell()
    if size > stream.seek(0, io.SEEK_END) - here:
        raise ValueError("its values end too early")
    stream.seek(-size, io.SEEK_END)


def fill(
    room: Room,
    stream: Readable,
    order: Sequence[int] = (0, 1, 2, 3),
    scale: tuple[float, float] | None = None,
) -> None:
    """Read values into a room and keep those of whole strides.

    Parameters
    ----------
    order : four int
        Axes of the room as they follow in the file, the fastest first.
    scale : two float, optional
        Slope and intercept that turn a stored number into a value.

    Raises
    ------
    ValueError
        If the stream ends too early or is damaged.
    """
    order = sorted(order, key=lambda axis: room.whole[axis] == 1)  # long ones first
    whole = [room.whole[axis] for axis in order]
    steps = [1 if axis == 3 else room.stride for axis in order]
    view = room.view.transpose(order)
    cut, size = 0, room.kind.itemsize  # blocks are whole along axes before `cut`
    while cut < 3 and size * whole[cut] <= BLOCK:
        size *= whole[cut]
        cut += 1
    rows = max(1, BLOCK // size)
    for slow in np.ndindex(*whole[:cut:-1]):
        rest = [divmod(i, step) for i, step in zip(slow[::-1], steps[cut + 1 :], strict=True)]
        for start in range(0, whole[cut], rows):
            count = min(rows, whole[cut] - start)
            first = -start % steps[cut]
            if first >= count or any(over for _, over in rest):
                skip(stream, count * size)
                continue
            block = _values(stream, room.kind, (*whole[:cut], count))
            inner = tuple(slice(None, None, step) for step in steps[:cut])
            block = block[(*inner, slice(first, None, steps[cut]))]
            if scale is not None:
                block = block * np.float64(scale[0]) + scale[1]
            place = (start + first) // steps[cut]
            here = (*(slice(None),) * cut, slice(place, place + block.shape[-1]))
            room.put(view[(*here, *(index for index, _ in rest))], block)


def _values(stream: Readable, kind: np.dtype, shape: Sequence[int]) -> np.ndarray:
    size = math.prod(shape) * kind.itemsize
    data = _read(stream, size)
    if len(data) < size:
        raise ValueError("its values end too early")
    return np.frombuffer(data, kind).reshape(shape, order="F")


def _read(stream: Readable, size: int) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError("its packed values are damaged or end too early") from error


class _Pieces(io.RawIOBase):
    """A stream of pieces of bytes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._left = iter(pieces), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        while not self._left and (piece := next(self._pieces, None)) is not None:
            self._left = memoryview(piece)
        room = memoryview(buffer).cast("B")
        data, self._left = self._left[: len(room)], self._left[len(room) :]
        room[: len(data)] = data
        return len(data)


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    while packed := file.read(1 << 12):
        yield unpacker.decompress(packed)


def _parsed(file: BinaryIO, kind: np.dtype) -> Iterator[bytes]:
    """Turn numbers as text, between white space or commas, into bytes."""
    number, left = float if kind.kind == "f" else int, b""
    while text := file.read(1 << 16):
        words = (left + text).replace(b",", b" ").split()
        left = words.pop() if words and not text[-1:].isspace() else b""
        if len(left) > 400:
            raise ValueError("its values are no numbers")
        yield np.array([number(word) for word in words], kind).tobytes()
    if left:
        yield np.array([number(left)], kind).tobytes()


def _unhexed(file: BinaryIO) -> Iterator[bytes]:
    """Turn two digits for each byte, between any white space, into bytes."""
    left = b""
    while text := file.read(1 << 16):
        digits = left + b"".join(text.split())
        left = digits[len(digits) // 2 * 2 :]
        yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
