"""Damage, drawn from a seed: flipped bits, cuts, foreign headers, numbers beyond all sense."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

HEAD = 1024
"""Bytes at the beginning, where most formats promise what follows; half of the damage is there."""
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_SENSELESS = (b"-1", b"0", b"2147483647", b"99999999999999", b"1e308", b"nan", b"7", b"")

Damage = Callable[[np.random.Generator, bytes, Sequence[bytes]], bytes]


def damaged(random: np.random.Generator, content: bytes, others: Sequence[bytes]) -> bytes:
    """Damage the content of a file.

    Parameters
    ----------
    random : Generator
        Decides which damage and where; the same draws give the same bytes.
    content : bytes
    others : sequence of bytes
        Contents of other files, for their headers.
    """
    kind = KINDS[int(random.integers(len(KINDS)))]
    return kind(random, content, others)


def _flipped(random: np.random.Generator, content: bytes, others: Sequence[bytes]) -> bytes:
    found = bytearray(content)
    reach = min(len(found), HEAD) if random.random() < 0.5 else len(found)
    for _ in range(int(random.integers(1, 33))):
        found[int(random.integers(reach))] ^= 1 << int(random.integers(8))
    return bytes(found)


def _cut(random: np.random.Generator, content: bytes, others: Sequence[bytes]) -> bytes:
    reach = min(len(content), HEAD) if random.random() < 0.5 else len(content)
    return content[: int(random.integers(reach))]


def _grafted(random: np.random.Generator, content: bytes, others: Sequence[bytes]) -> bytes:
    other = others[int(random.integers(len(others)))]
    length = int(random.integers(1, 512))
    return other[:length] + content[length:]


def _filled(random: np.random.Generator, content: bytes, others: Sequence[bytes]) -> bytes:
    at, length = int(random.integers(len(content))), int(random.integers(1, 256))
    byte = bytes([int(random.choice([0, 255, 32, 128]))])
    return content[:at] + byte * length + content[at + length * int(random.integers(2)) :]


def _numbered(random: np.random.Generator, content: bytes, others: Sequence[bytes]) -> bytes:
    """Put a senseless number in the place of one in the header, written or as four bytes."""
    places = list(_NUMBER.finditer(content[: 4 * HEAD]))
    if places and random.random() < 0.7:
        place = places[int(random.integers(len(places)))]
        number = _SENSELESS[int(random.integers(len(_SENSELESS)))]
        return content[: place.start()] + number + content[place.end() :]
    at = int(random.integers(max(1, min(len(content), HEAD) - 4)))
    number = int(random.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x00FFFFFF]))
    return content[:at] + number.to_bytes(4, "little") + content[at + 4 :]


KINDS: tuple[Damage, ...] = (_flipped, _cut, _grafted, _filled, _numbered)
