"""What SPZ files are wrapped in: gzip up to version 3, zstd streams from version 4 on."""

from __future__ import annotations

import gzip
import io
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NEWEST = 4
MAGIC = b"NGSP"
_GZIP = b"\x1f\x8b"
_HEAD = struct.Struct("<4sIIBBBB")
_PLACE = struct.Struct("<I12x")
_ENTRY = struct.Struct("<QQ")
_RECORD = struct.Struct("<II")
_RATIO = 1024  # most Gaussians' positions that a byte of the file can hold, times their 9 bytes
_EXTENDED = 2


class Readable(Protocol):
    """A stream of unpacked bytes."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, fewer at the end."""


@dataclass(frozen=True)
class SpzHeader:
    """What an SPZ file says of itself.

    Parameters
    ----------
    version, count, degree : int
    bits : int
        Of the fraction of a position.
    flags : int
    streams : int
        Parts that are packed apart; from version 4 on.
    """

    version: int
    count: int
    degree: int
    bits: int
    flags: int
    streams: int = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes that a Gaussian has in each part.

        Positions, opacities, colours, scales, rotations and harmonics, as they follow.
        """
        terms = (self.degree + 1) ** 2 - 1
        place, turn = 6 if self.version == 1 else 9, 3 if self.version < 3 else 4
        return (place, 1, 3, 3, turn, 3 * terms)


def read_header(path: Path) -> SpzHeader | None:
    """The header of a file; None where it is no SPZ."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD.size)
    if head[:2] == _GZIP:
        try:
            with gzip.open(path) as packed:
                head = packed.read(_HEAD.size)
        except (OSError, EOFError, ValueError, zlib.error):
            return None
    if len(head) < _HEAD.size or head[:4] != MAGIC:
        return None
    _, *numbers = _HEAD.unpack(head)
    return SpzHeader(*numbers)


def check(path: Path, header: SpzHeader) -> None:
    """Raise `ValueError` when the header cannot be true of the file."""
    if header.degree > 4:
        raise ValueError(f"its spherical harmonics are of degree {header.degree}")
    if header.bits > 24:
        raise ValueError(f"its positions have {header.bits} bits after the point")
    held = path.stat().st_size
    if header.count * header.sizes[0] > _RATIO * held:
        raise ValueError(
            f"its header promises {header.count:,} Gaussians, which {held:,} bytes cannot hold"
        )


@contextmanager
def opened(path: Path, header: SpzHeader) -> Iterator[tuple[Iterator[Readable], list[bytes]]]:
    """Unpack the parts of a file one after the other, and list the records of its extensions.

    The records are there once the last part was read.
    """
    records: list[bytes] = []
    with path.open("rb") as stream:
        if header.version >= 4:
            yield _streams(stream, header, records), records
            return
        with gzip.GzipFile(fileobj=stream) as packed:
            packed.read(_HEAD.size)

            def parts() -> Iterator[Readable]:
                for _ in header.sizes:
                    yield packed
                if header.flags & _EXTENDED:
                    records.extend(_records(packed.read(1 << 16)))

            yield parts(), records


def packed(header: SpzHeader, parts: list[bytes]) -> bytes:
    """The bytes of a file of version 3."""
    head = _HEAD.pack(
        MAGIC, header.version, header.count, header.degree, header.bits, header.flags, 0
    )
    return gzip.compress(b"".join([head, *parts]), 6, mtime=0)


def _streams(stream: BinaryIO, header: SpzHeader, records: list[bytes]) -> Iterator[Readable]:
    head = stream.read(_HEAD.size + _PLACE.size)
    (place,) = _PLACE.unpack(head[_HEAD.size :])
    sizes = [size * header.count for size in header.sizes]
    if header.streams != sum(size > 0 for size in sizes) or place < len(head):
        raise ValueError(f"it has {header.streams} streams, which do not fit its degree")
    if header.flags & _EXTENDED:
        records.extend(_records(stream.read(min(place - len(head), 1 << 16))))
    stream.seek(place)
    table = stream.read(_ENTRY.size * header.streams)
    if len(table) < _ENTRY.size * header.streams:
        raise ValueError("its table of streams ends too early")
    entries = _ENTRY.iter_unpack(table)
    for size in sizes:
        if not size:
            yield io.BytesIO()
            continue
        short, long = next(entries)
        if long != size:
            raise ValueError(f"a stream of {long:,} bytes stands where {size:,} are needed")
        start = stream.tell()
        if short > stream.seek(0, io.SEEK_END) - start:
            raise ValueError("its streams end too early")
        stream.seek(start)
        with zstd.ZstdFile(io.BytesIO(stream.read(short))) as unpacked:
            yield unpacked


def _records(data: bytes) -> Iterator[bytes]:
    """Each record whole: its type in four bytes, its length in four, and what it says."""
    while len(data) >= _RECORD.size:
        _, size = _RECORD.unpack_from(data)
        yield data[: _RECORD.size + size]
        data = data[_RECORD.size + size :]
