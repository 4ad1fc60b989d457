"""What makes one pixel: the Gaussians that have a share in it, from front to back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .projecting import L11, L12, L22, OPACITY, X, Y
from .rules import CLOSED, FAINT, REACH, SOLID
from .seen import Seen
from .tiles import SIDE


@dataclass(frozen=True, eq=False)
class PixelShares:
    """Shares of Gaussians in a pixel.

    Attributes
    ----------
    ids : (M,) int64
        Numbers of the Gaussians in the scene, from front to back.
    shares : (M,) float64
        Alpha times what is left before it.
    left : float
        What of the background is seen, 0 to 1.
    """

    ids: np.ndarray
    shares: np.ndarray
    left: float


def shares_at(seen: Seen, kept: np.ndarray | None, row: int, column: int) -> PixelShares:
    """Blend one pixel as `Seen.picture` does, and keep what each Gaussian gives.

    Parameters
    ----------
    seen : Seen
    kept : (N,) bool, optional
        All, where it is left out.
    row, column : int
        From the upper left.
    """
    tiles = seen.tiles
    tile = row // SIDE * tiles.across + column // SIDE
    ids = tiles.ids[tiles.starts[tile] : tiles.starts[tile + 1]].astype(np.int64)
    if kept is not None:
        ids = ids[kept[ids]]
    rows = seen.rows[ids].astype(float)
    dx, dy = column + 0.5 - rows[:, X], row + 0.5 - rows[:, Y]
    u, v = rows[:, L11] * dx + rows[:, L12] * dy, rows[:, L22] * dy
    power = u * u + v * v
    alphas = np.minimum(SOLID, rows[:, OPACITY] * np.exp(-power / 2))
    there = (power <= REACH) & (alphas >= FAINT)
    ids, alphas = ids[there], alphas[there]
    after = np.cumprod(1 - alphas)
    open_ = int(np.argmax(after < CLOSED)) if (after < CLOSED).any() else len(ids)
    before = np.concatenate([[1.0], after])[:open_]
    left = float(after[open_ - 1]) if open_ else 1.0
    return PixelShares(ids[:open_], alphas[:open_] * before, left)
