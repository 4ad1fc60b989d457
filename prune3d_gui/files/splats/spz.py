"""SPZ: about a tenth of a PLY, in steps of its own; versions 1 to 4 are read, 3 is written."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ...core.scene.gaussians import TERMS, Gaussians
from .axes import mirror
from .packing import field, from_smallest_three, logits_of, smallest_three, steps
from .splat_file import BLOCK, Choice, SplatFile, SplatHeader, room
from .spz_container import NEWEST, Readable, SpzHeader, check, opened, packed, read_header

FORMAT = "SPZ"
_ANTIALIASED = 1
_COLOUR = 0.15
_ROOT = np.sqrt(0.5)
_BITS, _MOST = 12, 1 << 23
_AXES = 0xADBE0003
"""Type of the record that says which axes positions are along."""
_OURS = (1, -1, -1)
"""Signs from right, up, back, which the format has unless it says otherwise, to a PLY's axes."""


def peek(path: Path) -> SplatHeader:
    """What the header promises; `BadInput` for a version that is not known."""
    header = _header(path)
    return SplatHeader(f"{FORMAT} {header.version}", header.count, min(header.degree, 3))


def read(path: Path, choice: Choice) -> SplatFile:
    """Read what is chosen, and turn it to the axes of a PLY."""
    header = _header(path)
    gaussians = room(choice.count, min(header.degree, 3))
    with opened(path, header) as (parts, records):
        for part, size, put in zip(parts, header.sizes, _readers(header, gaussians), strict=False):
            for start in range(0, choice.total, BLOCK):
                count = min(BLOCK, choice.total - start)
                levels = _levels(part, count, size)
                to, which = choice.within(start, start + count)
                put(to, levels[which])
    signs, notices = _axes(records)
    mirror(gaussians, signs)
    if header.degree > 3:
        notices.append("Its spherical harmonics of degree 4 were left out.")
    if not header.degree:
        notices.append(
            "It has no spherical harmonics beyond the constant: no colour changes with the view."
        )
    if header.version > 1:
        step = 2.0**-header.bits
        notices.append(f"Its values are packed: positions in steps of {step:.2g}, scales of 6 %.")
    return SplatFile(
        gaussians,
        f"{FORMAT} {header.version}",
        antialiased=bool(header.flags & _ANTIALIASED),
        rows=choice.rows,
        notices=tuple(notices),
    )


def content(splats: SplatFile) -> Iterable[bytes]:
    """The bytes of a file of version 3.

    Positions have 12 bits after the point, as everywhere, or fewer where the scene is too wide.
    """
    gaussians = splats.gaussians.kept(np.arange(splats.gaussians.count))
    mirror(gaussians, _OURS)
    far = float(np.abs(gaussians.means).max())
    bits = next((b for b in range(_BITS, -1, -1) if round(far * 2**b) < _MOST), 0)
    whole = np.clip(np.rint(gaussians.means * np.float64(2**bits)), -_MOST, _MOST - 1)
    places = whole.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3]
    largest, others = smallest_three(np.roll(gaussians.quaternions, -1, axis=1))
    word = largest.astype(np.uint32)
    for values in others.T:
        word = (word << np.uint32(10)) | ((values < 0).astype(np.uint32) << np.uint32(9))
        word |= steps(np.abs(values) / _ROOT * 511, 511)
    levels = (
        gaussians.opacities * 255,
        gaussians.harmonics[:, 0] * (_COLOUR * 255) + 127.5,
        (gaussians.log_scales + 10) * 16,
        gaussians.harmonics[:, 1:] * 128 + 128,
    )
    opacities, colours, scales, harmonics = (
        steps(each, 255).astype(np.uint8).tobytes() for each in levels
    )
    turns = word.astype("<u4").tobytes()
    header = SpzHeader(3, gaussians.count, gaussians.degree, bits, int(splats.antialiased))
    yield packed(header, [places.tobytes(), opacities, colours, scales, turns, harmonics])


def _header(path: Path) -> SpzHeader:
    header = read_header(path)
    if header is None:
        raise ValueError("it does not begin as SPZ does")
    if not 1 <= header.version <= NEWEST:
        raise BadInput(
            f"'{path}' is SPZ of version {header.version}, and versions 1 to {NEWEST} are known; "
            "save it as one of them or as PLY."
        )
    check(path, header)
    return header


def _levels(part: Readable, count: int, size: int) -> np.ndarray:
    data = part.read(count * size)
    if len(data) < count * size:
        raise ValueError("its values end too early")
    return np.frombuffer(data, np.uint8).reshape(count, size)


def _readers(
    header: SpzHeader, gaussians: Gaussians
) -> tuple[Callable[[slice, np.ndarray], None], ...]:
    """What each part is put in its place by."""

    def means(to: slice, levels: np.ndarray) -> None:
        if header.version == 1:
            gaussians.means[to] = np.ascontiguousarray(levels).view("<f2")
            return
        wide = np.zeros((len(levels), 3, 4), np.uint8)
        wide[:, :, 1:] = levels.reshape(-1, 3, 3)
        whole = wide.view("<i4")[:, :, 0] >> 8  # with its sign
        gaussians.means[to] = whole * 2.0**-header.bits

    def logits(to: slice, levels: np.ndarray) -> None:
        gaussians.logits[to] = logits_of(levels[:, 0])

    def colours(to: slice, levels: np.ndarray) -> None:
        gaussians.harmonics[to, 0] = (levels / 255 - 0.5) / _COLOUR

    def scales(to: slice, levels: np.ndarray) -> None:
        gaussians.log_scales[to] = levels / 16 - 10

    def quaternions(to: slice, levels: np.ndarray) -> None:
        turned = _first_three(levels) if header.version < 3 else _smallest(levels)
        gaussians.quaternions[to] = np.roll(turned, 1, axis=1)  # w comes last in the file

    def harmonics(to: slice, levels: np.ndarray) -> None:
        kept = TERMS[min(header.degree, 3)] - 1
        values = levels.reshape(len(levels), -1, 3)[:, :kept]
        gaussians.harmonics[to, 1:] = (values.astype(np.float32) - 128) / 128

    return means, logits, colours, scales, quaternions, harmonics


def _first_three(levels: np.ndarray) -> np.ndarray:
    parts = levels / 127.5 - 1
    last = np.sqrt(np.maximum(0, 1 - (parts**2).sum(axis=1, keepdims=True)))
    return np.concatenate([parts, last], axis=1)


def _smallest(levels: np.ndarray) -> np.ndarray:
    words = np.ascontiguousarray(levels).view("<u4")[:, 0].astype(np.uint32)
    others = [
        field(words, low, 9) * _ROOT * np.where(words >> np.uint32(low + 9) & np.uint32(1), -1, 1)
        for low in (20, 10, 0)
    ]
    return from_smallest_three((words >> np.uint32(30)).astype(int), np.stack(others, axis=1))


def _axes(records: list[bytes]) -> tuple[tuple[int, int, int], list[str]]:
    """Signs that lead to a PLY's axes, and what the extensions of the file led to."""
    signs, said = _OURS, "right, up, back"
    unknown = []
    for record in records:
        kind, size = struct.unpack_from("<II", record)
        if kind != _AXES or size != 4 or len(record) != 12:
            unknown.append(f"0x{kind:08X}")
            continue
        number = struct.unpack_from("<I", record, 8)[0] - 1
        if 0 <= number < 8:
            right, up, front = (number >> bit & 1 for bit in range(3))
            signs = (1 if right else -1, -1 if up else 1, 1 if front else -1)
            words = ("left", "right")[right], ("down", "up")[up], ("back", "front")[front]
            said = ", ".join(words)
    notices = (
        []
        if signs == (1, 1, 1)
        else [f"Its axes were turned from {said} to those of a PLY: right, down, front."]
    )
    if unknown:
        notices.append(f"Its extensions {', '.join(unknown)} are not known and were left out.")
    return signs, notices
