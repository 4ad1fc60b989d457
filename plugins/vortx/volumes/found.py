"""What the levels of a reconstruction find."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from ..network.features import LEVELS
from ..network.network import distances
from .levels import FACTORS
from .tiles import Box


@dataclass(frozen=True, eq=False)
class Level:
    """What a level found.

    Attributes
    ----------
    level : str
    box : Box
    places : (N, 3) int64
        Voxels of the level that were looked at.
    logits : (N,) float32
        Above 0 where a surface is near; of the fine level, see `distances`.
    seconds : dict of str
        By module: ``2d``, ``transformer``, ``3d``; those of the levels before included.
    emptied : str
        Why nothing is left for finer levels, in a sentence; empty where something is.
    """

    level: str
    box: Box
    places: np.ndarray
    logits: np.ndarray
    seconds: dict[str, float] = field(default_factory=dict)
    emptied: str = ""

    @property
    def voxel(self) -> float:
        """Side of the level's voxels, in metres."""
        return self.box.voxel * FACTORS[self.level]

    @property
    def occupied(self) -> np.ndarray:
        """(N,) bool: what the level keeps; of the fine one, what is near a surface."""
        kept: np.ndarray = np.abs(self.values) < 1 if self.level == LEVELS[-1] else self.logits > 0
        return kept

    @property
    def values(self) -> np.ndarray:
        """Truncated signed distances that the fine level says: (N,) float32, negative in front."""
        return distances(torch.from_numpy(self.logits)).numpy()

    def volume(self) -> np.ndarray:
        """Values (X, Y, Z) float32 of the fine level's box, NaN where nothing was looked at.

        As the reference stores them: negative in front, 0 on a surface.
        """
        whole = np.full(self.box.dims, np.nan, np.float32)
        whole[tuple(self.places.T)] = self.values
        return whole
