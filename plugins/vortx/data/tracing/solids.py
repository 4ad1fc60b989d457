"""Solids that rooms are built of: boxes, frusta, ellipsoids, each with a material."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

BOX, FRUSTUM, ELLIPSOID = 0, 1, 2
Place = Sequence[float] | np.ndarray
"""Three numbers, in metres."""
FACES = {BOX: 6, FRUSTUM: 3, ELLIPSOID: 1}
"""Charts of each kind: a box's -x, +x, -y, +y, -z, +z; a frustum's side, bottom, top."""
KINDS = (
    "plain", "wood", "planks", "brick", "tile", "stripes", "carpet", "plaid", "poster", "spine",
    "screen", "speckle", "damask", "rug", "landscape", "leaf",
)  # fmt: skip
"""Textures, by their number in the compiled loop."""


@dataclass(frozen=True)
class Material:
    """What a solid is made of.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    first, second : three float
        Linear RGB that the texture mixes.
    scale : float
        Metres after which it repeats, where it does.
    seed : int
        Of what is random in it.
    gloss : float
        Strength of highlights; 0 is matt.
    glow : float
        Light that it gives by itself, times its colour.
    """

    kind: str
    first: tuple[float, float, float]
    second: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 0.1
    seed: int = 0
    gloss: float = 0.0
    glow: float = 0.0


@dataclass(frozen=True, eq=False)
class Solids:
    """Many solids, as arrays.

    Parameters
    ----------
    kind : (P,) int64
    centre : (P, 3) float64
        In metres; z is up.
    turn : (P, 3, 3) float64
        World from local axes.
    half : (P, 3) float64
        Half the sides of a box, the half axes of an ellipsoid; of a frustum along z: its radius
        below and above, and half its height.
    shift : (P, 3) float64
        Of the texture, in local metres: what walls in pieces have so that patterns go on.
    material : (P,) int64
    clear : (P,) bool
        Whether light passes it, as it does window panes and lampshades.
    materials : tuple of Material
    """

    kind: np.ndarray
    centre: np.ndarray
    turn: np.ndarray
    half: np.ndarray
    shift: np.ndarray
    material: np.ndarray
    clear: np.ndarray
    materials: tuple[Material, ...]

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def spans(self) -> np.ndarray:
        """Half sides of the local box around each: (P, 3) float64."""
        spans = self.half.copy()
        frusta = self.kind == FRUSTUM
        spans[frusta, :2] = self.half[frusta, :2].max(axis=1)[:, None]
        return spans

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner of the upright box around each: (P, 3) float64 each."""
        reach = np.abs(self.turn) @ self.spans[:, :, None]
        return self.centre - reach[..., 0], self.centre + reach[..., 0]

    def distances(self, points: np.ndarray) -> np.ndarray:
        """How far points are from each solid's local box, 0 within: (N, P) float64."""
        local = np.einsum("npi,pij->npj", points[:, None] - self.centre, self.turn)
        return np.linalg.norm(np.maximum(np.abs(local) - self.spans, 0), axis=2)


@dataclass
class Draft:
    """Solids that are being put together, in the axes of a piece of furniture or of a room."""

    rows: list[tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray, Material, bool]] = field(
        default_factory=list
    )

    def box(
        self,
        low: Sequence[float],
        high: Sequence[float],
        material: Material,
        turn: np.ndarray | None = None,
        shift: Sequence[float] = (0.0, 0.0, 0.0),
        clear: bool = False,
    ) -> None:
        """Add a box between two corners, turned about its middle."""
        a, b = np.asarray(low, float), np.asarray(high, float)
        self._add(BOX, (a + b) / 2, turn, (b - a) / 2, shift, material, clear)

    def rod(
        self,
        foot: Place,
        head: Place,
        radius: float,
        material: Material,
        upper: float | None = None,
        clear: bool = False,
    ) -> None:
        """Add a frustum from `foot` to `head`, of another radius there if `upper` is given."""
        a, b = np.asarray(foot, float), np.asarray(head, float)
        length = float(np.linalg.norm(b - a))
        half = np.array((radius, radius if upper is None else upper, length / 2))
        self._add(FRUSTUM, (a + b) / 2, _along((b - a) / length), half, (0, 0, 0), material, clear)

    def ball(
        self,
        centre: Place,
        radii: Sequence[float],
        material: Material,
        turn: np.ndarray | None = None,
        clear: bool = False,
    ) -> None:
        """Add an ellipsoid."""
        place = np.asarray(centre, float)
        self._add(ELLIPSOID, place, turn, np.asarray(radii, float), (0, 0, 0), material, clear)

    def put(self, other: Draft, place: Place, yaw: float = 0.0) -> None:
        """Add another draft, turned about z by `yaw` radians and then moved to `place`."""
        about, to = yawed(yaw), np.asarray(place, float)
        for kind, centre, turn, half, shift, material, clear in other.rows:
            row = (kind, about @ centre + to, about @ turn, half, shift, material, clear)
            self.rows.append(row)

    def solids(self) -> Solids:
        """All of them as arrays."""
        known: dict[Material, int] = {}
        numbers = [known.setdefault(row[5], len(known)) for row in self.rows]
        columns = [np.array([row[k] for row in self.rows]) for k in (1, 2, 3, 4)]
        centre, turn, half, shift = (np.ascontiguousarray(each, float) for each in columns)
        kinds = np.array([row[0] for row in self.rows], np.int64)
        clear = np.array([row[6] for row in self.rows], bool)
        material = np.array(numbers, np.int64)
        return Solids(kinds, centre, turn, half, shift, material, clear, tuple(known))

    def _add(
        self, kind: int, centre: np.ndarray, turn: np.ndarray | None, half: np.ndarray,
        shift: Sequence[float], material: Material, clear: bool,
    ) -> None:  # fmt: skip

        about = np.eye(3) if turn is None else np.asarray(turn, float)
        self.rows.append((kind, centre, about, half, np.asarray(shift, float), material, clear))


def yawed(angle: float) -> np.ndarray:
    """Turn about z by an angle in radians: (3, 3)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def pitched(angle: float) -> np.ndarray:
    """Turn about x by an angle in radians: (3, 3)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _along(axis: np.ndarray) -> np.ndarray:
    """Axes of which the third is `axis`: (3, 3)."""
    other = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(other, axis)
    first /= np.linalg.norm(first)
    return np.stack([first, np.cross(axis, first), axis], axis=1)
