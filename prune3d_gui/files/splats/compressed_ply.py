"""SuperSplat's compressed PLY: 16 bytes for each Gaussian, within bounds for every 256."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ...core.scene.gaussians import TERMS, Gaussians
from .packing import (
    SH_C0,
    field,
    from_smallest_three,
    logits_of,
    morton_order,
    smallest_three,
    steps,
)
from .ply_tables import Element, PlyHeader, blocks, header_text, read_ply_header
from .splat_file import BLOCK, Choice, SplatFile, SplatHeader, room

FORMAT = "compressed PLY"
_CHUNK = 256
_AXES = (("x", "y", "z"), ("scale_x", "scale_y", "scale_z"), ("r", "g", "b"))
_BOUNDS = tuple(f"{end}_{axis}" for axes in _AXES for end in ("min", "max") for axis in axes)
_WORDS = ("packed_position", "packed_rotation", "packed_scale", "packed_color")
_BITS = ((21, 11), (11, 10), (0, 11))
_BYTES = ((24, 8), (16, 8), (8, 8))
_ROOT = np.sqrt(0.5)
_HARMONICS = np.array([-4.0, *((np.arange(1, 255) + 0.5) / 32 - 4), 4.0], np.float32)
"""What each byte of a coefficient stands for: the middle of its step, and the ends."""
_SMALLEST, _LARGEST = -20.0, 20.0  # logarithms of scales


def is_compressed(header: PlyHeader) -> bool:
    """Whether a PLY is of this kind, if perhaps not all of it is there."""
    vertex = header.element("vertex")
    return vertex is not None and "packed_position" in vertex.names


def peek(path: Path, header: PlyHeader) -> SplatHeader:
    """What the header promises; `BadInput` where something is missing."""
    chunk, vertex = (header.element(name) or Element(name, 0) for name in ("chunk", "vertex"))
    missing = [name for name in _BOUNDS[:12] if dict(chunk.properties).get(name) != "f4"]
    missing += [name for name in _WORDS if dict(vertex.properties).get(name) != "u4"]
    if missing:
        raise BadInput(
            f"'{path}' lacks the properties {', '.join(missing[:4])} of a compressed PLY; export "
            "it again."
        )
    sh = header.element("sh")
    terms = 1 if sh is None else len(sh.properties) // 3 + 1
    if sh is not None and (
        sh.properties != tuple((f"f_rest_{i}", "u1") for i in range(3 * terms - 3))
        or terms not in TERMS
        or sh.count != vertex.count
    ):
        raise BadInput(
            f"'{path}' has spherical harmonics that fit no degree from 1 to 3, or not its "
            f"{vertex.count:,} Gaussians; export it again."
        )
    if chunk.count != -(-vertex.count // _CHUNK):
        raise BadInput(
            f"'{path}' has {chunk.count:,} chunks for {vertex.count:,} Gaussians, of which "
            f"{_CHUNK} share one; it may be damaged, export it again."
        )
    return SplatHeader(FORMAT, vertex.count, TERMS.index(terms))


def read(path: Path, choice: Choice) -> SplatFile:
    """Read what is chosen."""
    with path.open("rb") as stream:
        header = read_ply_header(stream)
    degree = peek(path, header).degree
    gaussians = room(choice.count, degree)
    chunks = [_bounds(rows) for rows in blocks(path, header, "chunk", BLOCK)]
    bounds = np.concatenate(chunks) if chunks else np.empty((0, 3, 2, 3))
    start = 0
    for rows in blocks(path, header, "vertex", BLOCK):
        to, which = choice.within(start, start + len(rows))
        held = bounds[(np.arange(start, start + len(rows)) // _CHUNK)[which]]
        start += len(rows)
        _unpack(gaussians, to, rows[which], held)
    start = 0
    for rows in blocks(path, header, "sh", BLOCK) if degree else ():
        to, which = choice.within(start, start + len(rows))
        start += len(rows)
        levels = rows.view(np.uint8).reshape(len(rows), -1)[which]
        values = np.take(_HARMONICS, levels).reshape(len(levels), 3, -1)
        gaussians.harmonics[to, 1:] = values.transpose(0, 2, 1)
    notices = ["Its values are packed: positions and scales in 1,024 to 2,048 steps for each 256."]
    if not degree:
        notices.append(
            "It has no spherical harmonics beyond the constant: no colour changes with the view."
        )
    return SplatFile(
        gaussians, FORMAT, comments=header.comments, rows=choice.rows, notices=tuple(notices)
    )


def order(gaussians: Gaussians) -> np.ndarray:
    """The order that keeps the bounds of each chunk narrow."""
    return morton_order(gaussians.means)


def content(gaussians: Gaussians, comments: Iterable[str]) -> Iterable[bytes]:
    """The bytes of a file, in pieces."""
    count, terms = gaussians.count, gaussians.harmonics.shape[1] - 1
    chunks = -(-count // _CHUNK)
    colours = 0.5 + SH_C0 * gaussians.harmonics[:, 0]
    scales = np.clip(gaussians.log_scales, _SMALLEST, _LARGEST)
    values = np.stack([gaussians.means, scales, colours], axis=1, dtype=np.float32)
    firsts = np.arange(0, count, _CHUNK)
    ends = [ufunc.reduceat(values, firsts, axis=0) for ufunc in (np.minimum, np.maximum)]
    elements = [
        Element("chunk", chunks, tuple((name, "f4") for name in _BOUNDS)),
        Element("vertex", count, tuple((name, "u4") for name in _WORDS)),
    ]
    if terms:
        rest = tuple((f"f_rest_{i}", "u1") for i in range(3 * terms))
        elements.append(Element("sh", count, rest))
    yield header_text(tuple(comments), tuple(elements))
    bounds = np.stack(ends, axis=2).astype("<f4")  # chunk, field, end, axis
    yield bounds.tobytes()
    for start in range(0, count, BLOCK):
        here = slice(start, start + BLOCK)
        held = bounds[np.arange(start, min(start + BLOCK, count)) // _CHUNK].astype(np.float64)
        yield _packed(gaussians.kept(here), values[here], held)
    for start in range(0, count, BLOCK) if terms else ():
        part = gaussians.harmonics[start : start + BLOCK, 1:].transpose(0, 2, 1)
        yield np.clip((part / 8 + 0.5) * 256, 0, 255).astype(np.uint8).tobytes()


def _bounds(rows: np.ndarray) -> np.ndarray:
    """(N, 3, 2, 3): least and most of positions, log scales and colours along each axis."""
    found = np.empty((len(rows), len(_BOUNDS)))
    for column, name in enumerate(_BOUNDS):
        coloured = rows.dtype.names is not None and name in rows.dtype.names
        found[:, column] = rows[name] if coloured else name.startswith("max")
    return found.reshape(-1, 3, 2, 3)


def _unpack(gaussians: Gaussians, to: slice, rows: np.ndarray, held: np.ndarray) -> None:
    places, turns, sizes, colours = (rows[name].astype(np.uint32) for name in _WORDS)
    shares = np.stack(
        [
            np.stack([field(words, *bits) for bits in layout], axis=1)
            for words, layout in ((places, _BITS), (sizes, _BITS), (colours, _BYTES))
        ],
        axis=1,
    )
    low, high = held[:, :, 0], held[:, :, 1]
    found = low * (1 - shares) + high * shares
    gaussians.means[to], gaussians.log_scales[to] = found[:, 0], found[:, 1]
    gaussians.harmonics[to, 0] = (found[:, 2] - 0.5) / SH_C0
    gaussians.logits[to] = logits_of(colours & np.uint32(255))
    others = np.stack([field(turns, low, 10) for low in (20, 10, 0)], axis=1)
    largest = (turns >> np.uint32(30)).astype(int)
    gaussians.quaternions[to] = from_smallest_three(largest, (others - 0.5) / _ROOT)


def _packed(part: Gaussians, values: np.ndarray, held: np.ndarray) -> bytes:
    low, high = held[:, :, 0], held[:, :, 1]
    wide = high - low
    shares = np.where(wide > 0, (values - low) / np.where(wide > 0, wide, 1), 0)
    words = np.empty((part.count, 4), "<u4")
    for column, which, layout in ((0, 0, _BITS), (2, 1, _BITS), (3, 2, _BYTES)):
        words[:, column] = _joined(shares[:, which], layout)
    words[:, 3] |= steps(part.opacities * 255, 255)
    largest, others = smallest_three(part.quaternions)
    words[:, 1] = largest.astype(np.uint32) << np.uint32(30)
    words[:, 1] |= _joined(others * _ROOT + 0.5, ((20, 10), (10, 10), (0, 10)))
    return words.tobytes()


def _joined(shares: np.ndarray, layout: Iterable[tuple[int, int]]) -> np.ndarray:
    word = np.zeros(len(shares), np.uint32)
    for column, (low, bits) in enumerate(layout):
        most = (1 << bits) - 1
        word |= steps(shares[:, column] * most, most) << np.uint32(low)
    return word
