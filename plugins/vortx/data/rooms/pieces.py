"""A piece of furniture: its solids, the ground that it needs, and what may stand on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..tracing.solids import Draft


@dataclass
class Piece:
    """A piece of furniture in its own axes: the floor is z = 0, its back is towards +y.

    Parameters
    ----------
    name : str
        Its class, such as ``chair``.
    width, depth, height : float
        Metres along x, y and z.
    draft : Draft
    tops : list of (x0, x1, y0, y1, z)
        Where things may stand on it.
    bulbs : list of (x, y, z)
        Lamps that are in it.
    """

    name: str
    width: float
    depth: float
    height: float
    draft: Draft = field(default_factory=Draft)
    tops: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    bulbs: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a piece stands.

    Parameters
    ----------
    name : str
    place : (3,) float
        Of its middle on the floor.
    yaw : float
        Radians about z.
    size : (3,) float
        Width, depth, height.
    """

    name: str
    place: tuple[float, float, float]
    yaw: float
    size: tuple[float, float, float]
