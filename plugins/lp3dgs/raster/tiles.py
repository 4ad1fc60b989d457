"""Tiles: which Gaussians each small square of a picture has, from front to back.

The Gaussians are sorted by depth, once, and then dealt to the tiles in that order. Several
threads deal at once, each its own run of Gaussians to places counted out before, so that the
lists are the same however many threads there are. Counting and dealing have to agree on every
tile, which is why they are compiled as written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from prune3d_gui.geometry.compiling import even, exact, inlined, shared, threads

from .rules import FAINT, REACH

SIDE = 8
"""Of a tile, in pixels."""
_SMALL = 4_000  # pairs that one thread is through with sooner than two
_MARGIN = 0.01  # pixels by which rounding may be off


@dataclass(frozen=True, eq=False)
class Tiles:
    """Gaussians by tile.

    Attributes
    ----------
    across, down : int
        How many tiles the picture has each way; they are numbered row by row.
    starts : (tiles + 1,) int64
        Where the pairs of each tile begin.
    ids : (pairs,) int32
        The Gaussian of each pair; within a tile, from front to back.
    """

    across: int
    down: int
    starts: np.ndarray
    ids: np.ndarray

    def cuts(self) -> np.ndarray:
        """Where to cut the tiles into parts of about as many pairs: (parts + 1,) int64."""
        last = len(self.starts) - 1
        parts = min(8 * threads(), last) if threads() > 1 and len(self.ids) > _SMALL else 1
        load = self.starts + 8 * np.arange(last + 1)  # an empty tile is work, too
        inner = np.searchsorted(load, load[-1] * np.arange(1, parts) / parts)
        return np.concatenate([[0], inner, [last]])


def by_depth(depths: np.ndarray) -> np.ndarray:
    """Numbers of the Gaussians that are seen, from front to back, ties by number: (M,) int32."""
    if depths.dtype != np.float32:
        order = np.argsort(depths, kind="stable")
    else:  # what is above 0 has the order of its bits
        keys = depths.view(np.uint32).astype(np.uint64) << np.uint64(32)
        keys |= np.arange(len(depths), dtype=np.uint64)
        keys.sort()
        order = keys & np.uint64(0xFFFFFFFF)
    return order[: np.isfinite(depths).sum()].astype(np.int32)


@inlined
def _box(row, down):
    """First and last row of tiles that an ellipse reaches, how tall it is, and its reach."""
    reach = min(REACH, 2 * math.log(float(row[5]) / FAINT))
    tall = math.sqrt(reach) / float(row[4])
    top = np.floor((float(row[1]) - tall - _MARGIN) / SIDE)
    bottom = np.floor((float(row[1]) + tall + _MARGIN) / SIDE)
    first, last = int(min(max(top, 0.0), float(down))), int(max(min(bottom, down - 1.0), -1.0))
    return first, last, tall, reach


@inlined
def _span(row, tile_row, tall, reach, across):
    """First and last tile of a row of tiles that an ellipse reaches.

    Its right end is furthest at one height, its left end at minus that, seen from its centre;
    where that height is in another row, at the height of this row that is next to it.
    """
    l11, l12, l22 = max(float(row[2]), 1e-12), float(row[3]), float(row[4])
    low = max(tile_row * SIDE - float(row[1]) - _MARGIN, -tall)
    high = min((tile_row + 1) * SIDE - float(row[1]) + _MARGIN, tall)
    peak = tall * l12 / math.sqrt(l12 * l12 + l22 * l22)
    at = min(max(-peak, low), high)
    right = (math.sqrt(max(reach - (l22 * at) ** 2, 0.0)) - l12 * at) / l11
    at = min(max(peak, low), high)
    left = -(math.sqrt(max(reach - (l22 * at) ** 2, 0.0)) + l12 * at) / l11
    first = np.floor((float(row[0]) + left - _MARGIN) / SIDE)
    last = np.floor((float(row[0]) + right + _MARGIN) / SIDE)
    return int(min(max(first, 0.0), float(across))), int(max(min(last, across - 1.0), -1.0))


@exact
def _count(first, last, rows, across, down, counts):
    """Add to `counts`, (tiles,), what rows `first` to `last` will give each tile."""
    for n in range(first, last):
        row = rows[n]
        top, bottom, tall, reach = _box(row, down)
        for y in range(top, bottom + 1):
            left, right = _span(row, y, tall, reach, across)
            for x in range(left, right + 1):
                counts[y * across + x] += 1


@exact
def _deal(first, last, order, rows, across, down, places, ids):
    """Write Gaussians ``order[first:last]`` to `ids`, from the `places`, (tiles,), on."""
    for n in range(first, last):
        row = rows[n]
        top, bottom, tall, reach = _box(row, down)
        for y in range(top, bottom + 1):
            left, right = _span(row, y, tall, reach, across)
            for x in range(left, right + 1):
                tile = y * across + x
                ids[places[tile]] = order[n]
                places[tile] += 1


def dealt(order: np.ndarray, rows: np.ndarray, width: int, height: int) -> Tiles:
    """Deal Gaussians, numbers from front to back, to the tiles that they reach.

    Parameters
    ----------
    order : (M,) int32
    rows : (N, 9)
        As `project` writes them.
    width, height : int
        Of the picture, in pixels.
    """
    across, down, rows = -(-width // SIDE), -(-height // SIDE), rows.take(order, axis=0)
    cuts = even(len(order), threads())
    counts = np.zeros((len(cuts) - 1, across * down), np.int64)
    shared(lambda p, i, j: _count(i, j, rows, across, down, counts[p]), cuts)
    starts = np.concatenate([[0], np.cumsum(counts.sum(0))])
    places = starts[:-1] + np.cumsum(counts, axis=0) - counts
    ids = np.empty(int(starts[-1]), np.int32)
    shared(lambda p, i, j: _deal(i, j, order, rows, across, down, places[p], ids), cuts)
    return Tiles(across, down, starts, ids)
