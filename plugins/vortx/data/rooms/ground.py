"""The ground plan: what floor there is, and which part of it is taken."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..tracing.solids import yawed


@dataclass(frozen=True)
class Footprint:
    """A rectangle on the floor: its middle, half sides, and turn in radians."""

    x: float
    y: float
    across: float
    along: float
    yaw: float

    @property
    def corners(self) -> np.ndarray:
        """(4, 2) float64."""
        signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        local = signs * (self.across, self.along)
        return local @ yawed(self.yaw)[:2, :2].T + (self.x, self.y)

    def meets(self, other: Footprint) -> bool:
        """Whether two of them overlap: no side of either parts them."""
        mine, its = self.corners, other.corners
        for yaw in (self.yaw, other.yaw):
            axes = yawed(yaw)[:2, :2]
            a, b = mine @ axes, its @ axes
            if ((a.max(axis=0) <= b.min(axis=0)) | (b.max(axis=0) <= a.min(axis=0))).any():
                return False
        return True


@dataclass
class Ground:
    """The floor of a room, from (0, 0) to (width, depth), without the notch of an L.

    Parameters
    ----------
    width, depth : float
    notch : Footprint or None
    taken : list of (Footprint, float)
        With how high it is taken.
    """

    width: float
    depth: float
    notch: Footprint | None = None
    taken: list[tuple[Footprint, float]] = field(default_factory=list)

    def free(self, wanted: Footprint, height: float, low: float = 0.0) -> bool:
        """Whether a footprint is on the floor and meets nothing higher than `low`."""
        corners = wanted.corners
        if (corners < 0).any() or (corners > (self.width, self.depth)).any():
            return False
        if self.notch is not None and wanted.meets(self.notch):
            return False
        return not any(high > low and wanted.meets(other) for other, high in self.taken)

    def take(self, wanted: Footprint, height: float) -> None:
        """Take a footprint."""
        self.taken.append((wanted, height))
