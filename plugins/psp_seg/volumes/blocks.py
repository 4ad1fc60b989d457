"""Blocks that a long volume is run in: where each lies, and what is kept of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from .segmented import Part

BLOCK = 160
"""Voxels along a side beyond which a volume is run in blocks."""
MARGIN = 24
"""Voxels that blocks reach beyond what is kept of them, at least, where the volume goes on."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a volume that is run at once, and the part of it that is kept."""

    run: Part
    kept: Part

    @property
    def inner(self) -> Part:
        """What is kept, from the first voxel that is run."""
        x, y, z = (
            slice(kept.start - run.start, kept.stop - run.start)
            for run, kept in zip(self.run, self.kept, strict=True)
        )
        return x, y, z


def is_long(shape: tuple[int, ...]) -> bool:
    """Whether a volume is run in blocks."""
    return max(shape) > BLOCK


def blocks_of(shape: tuple[int, ...], multiple: int, part: Part | None = None) -> list[Block]:
    """Blocks whose kept parts are a volume, or a part of it, each voxel once.

    Parameters
    ----------
    shape : three int
    multiple : int
        What sides of a block should be multiples of.
    part : slices, optional
        What is to be kept; blocks look beyond it by `MARGIN`.
    """
    wanted = part or tuple(slice(0, side) for side in shape)
    spans = [_spans(side, multiple, along) for side, along in zip(shape, wanted, strict=True)]
    return [Block((x[0], y[0], z[0]), (x[1], y[1], z[1])) for x, y, z in itertools.product(*spans)]


def nearest_first(blocks: list[Block], part: Part | None) -> list[Block]:
    """Blocks in the order of how far their middles are from that of a part."""
    if part is None:
        return blocks
    middle = np.array([along.start + along.stop for along in part])

    def away(block: Block) -> float:
        own = np.array([along.start + along.stop for along in block.kept])
        return float(np.abs(own - middle).sum())

    return sorted(blocks, key=away)


def _spans(side: int, multiple: int, wanted: slice) -> list[tuple[slice, slice]]:
    """Along an axis: what is run and what is kept of it, in blocks of one length."""
    begin, end = max(wanted.start - MARGIN, 0), min(wanted.stop + MARGIN, side)
    if side <= BLOCK:  # the norms of the network see all of it, as in one pass
        begin, end = 0, side
    end = min(end + -(end - begin) % multiple, side)
    begin = max(begin - -(end - begin) % multiple, 0)
    length, count = end - begin, 1
    if length > BLOCK:
        count = max(-(-(length - 2 * MARGIN) // (BLOCK - 2 * MARGIN)), 2)
        even = -(-(length + (count - 1) * 2 * MARGIN) // count)
        length = min(-(-even // multiple) * multiple, BLOCK)
    starts = [begin + round(at * (end - begin - length) / max(count - 1, 1)) for at in range(count)]
    middles = [(a + b + length) // 2 for a, b in itertools.pairwise(starts)]
    cuts = [min(max(at, wanted.start), wanted.stop) for at in middles]
    edges = [wanted.start, *cuts, wanted.stop]
    return [
        (slice(start, start + length), slice(low, high))
        for start, (low, high) in zip(starts, itertools.pairwise(edges), strict=True)
        if low < high
    ]
