"""A furnished room of a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..tracing.lighting import Lamp
from ..tracing.solids import Draft, Solids, yawed
from . import beds, seats, small, storage, tables
from .ground import Footprint, Ground
from .palette import Palette, Rng, plain
from .pieces import Piece, Placed
from .shell import Opening, Wall, build_shell, ground_of, hang_pictures, walls_of

HELD_OUT = "piano"
"""The class of furniture that stands in test rooms only."""
Make = Callable[[Rng, Palette], Piece]
_ALONG: dict[str, tuple[Make, ...]] = {
    "living": (seats.sofa, storage.shelf, storage.cabinet, storage.shelf, storage.rack,
               seats.bench),
    "bedroom": (beds.bed, storage.wardrobe, storage.drawers, tables.desk, storage.shelf),
    "office": (tables.desk, tables.desk, storage.shelf, storage.shelf, storage.cabinet,
               storage.rack),
    "dining": (storage.cabinet, storage.shelf, storage.drawers, seats.bench),
}  # fmt: skip
_FREE: dict[str, tuple[Make, ...]] = {
    "living": (seats.armchair, tables.coffee_table, seats.stool),
    "bedroom": (seats.stool, seats.chair, small.clothes_rack),
    "office": (tables.table, seats.office_chair, small.boxes),
    "dining": (tables.table, seats.chair),
}
_ANY: tuple[Make, ...] = (
    small.plant, small.floor_lamp, small.boxes, tables.side_table, small.bin_, seats.stool,
    seats.chair, seats.armchair, small.plant, storage.rack, small.clothes_rack,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Room:
    """A furnished room, in metres, z up; the floor is near z = 0.

    Parameters
    ----------
    solids : Solids
    lamps : tuple of Lamp
    placed : tuple of Placed
        Its furniture, without things that stand on other ones.
    height : float
    width, depth : float
        Of the rectangle that its walls are on.
    notch : Footprint or None
        What an L lacks of it, in the room's own axes: from (0, 0).
    place : (3,) float
        Where the corner of the room's own axes is.
    yaw : float
        By how much those are turned about z.
    """

    solids: Solids
    lamps: tuple[Lamp, ...]
    placed: tuple[Placed, ...]
    height: float
    width: float
    depth: float
    notch: Footprint | None
    place: np.ndarray
    yaw: float

    def to_world(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) from the room's own axes."""
        return points @ yawed(self.yaw).T + self.place

    def to_own(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) to the room's own axes."""
        return (points - self.place) @ yawed(self.yaw)


def furnished(seed: tuple[int, ...], held_out: bool = False) -> Room:
    """Build and furnish a room.

    Parameters
    ----------
    seed : tuple of int
        Equal ones give equal rooms.
    held_out : bool
        Whether the class of furniture that no room to train on has stands in it.
    """
    rng = np.random.default_rng(seed)
    palette = Palette(rng)
    ground = ground_of(rng)
    height = float(rng.uniform(2.4, 3.0))
    draft = Draft()
    lamps, openings = build_shell(rng, palette, ground, height, draft)
    fitting = _Fitting(rng, palette, ground, draft, walls_of(ground), openings)
    if rng.random() < 0.5:
        fitting.rug()
    if held_out:
        fitting.against(beds.piano)
    kind = str(rng.choice(list(_ALONG)))
    for make in _ALONG[kind]:
        fitting.against(make)
    for make in _FREE[kind]:
        fitting.standing(make)
    wanted = int(np.clip(ground.width * ground.depth * rng.uniform(0.5, 0.95), 8, 25))
    for _ in range(40):
        if len(fitting.placed) >= wanted:
            break
        if rng.random() < 0.35:
            others = _ALONG[str(rng.choice(list(_ALONG)))]
            fitting.against(others[int(rng.integers(len(others)))])
        else:
            fitting.standing(_ANY[int(rng.integers(len(_ANY)))])
    for wall, own in zip(fitting.walls, openings, strict=True):
        hang_pictures(rng, palette, ground, wall, own, draft)
    lamps = _lamps(rng, palette, ground, height, draft, lamps, fitting.bulbs)
    return _moved(rng, ground, height, draft, lamps, fitting.placed)


class _Fitting:
    """Puts pieces where there is room for them."""

    def __init__(
        self, rng: Rng, palette: Palette, ground: Ground, draft: Draft,
        walls: tuple[Wall, ...], openings: list[list[Opening]],
    ) -> None:  # fmt: skip
        self.rng, self.palette, self.ground, self.draft = rng, palette, ground, draft
        self.walls, self.openings = walls, openings
        self.placed: list[Placed] = []
        self.bulbs: list[np.ndarray] = []
        self.tops: list[tuple[float, float]] = []
        for wall, own in zip(walls, openings, strict=True):
            for one in own:
                if one.kind == "door":  # it opens
                    x, y = wall.at((one.left + one.right) / 2, 0.45)
                    ground.take(Footprint(x, y, 0.5, 0.44, wall.yaw), 2.0)

    def rug(self) -> None:
        """Lay a rug."""
        rng = self.rng
        across, along = float(rng.uniform(0.6, 1.2)), float(rng.uniform(0.8, 1.6))
        x = float(rng.uniform(0.35, 0.65)) * self.ground.width
        y = float(rng.uniform(0.35, 0.65)) * self.ground.depth
        yaw = float(rng.normal(0, 0.2))
        if self.ground.free(Footprint(x, y, across, along, yaw), 0.0):
            self.draft.box((x - across, y - along, 0), (x + across, y + along, 0.012),
                           self.palette.rug(), yawed(yaw))  # fmt: skip

    def against(self, make: Make) -> None:
        """Put a piece against a wall; what is high leaves windows free."""
        rng, piece = self.rng, make(self.rng, self.palette)
        for _ in range(14):
            number = int(rng.integers(4))
            wall = self.walls[number]
            gap = float(rng.uniform(0.02, 0.06))
            along = float(
                rng.uniform(
                    piece.width / 2, max(piece.width / 2 + 0.01, wall.length - piece.width / 2)
                )
            )
            if rng.random() < 0.3:
                along = piece.width / 2 + 0.05
            hidden = any(
                one.left < along + piece.width / 2 and one.right > along - piece.width / 2
                and piece.height > one.low - 0.02
                for one in self.openings[number]
            )  # fmt: skip
            x, y = wall.at(along, piece.depth / 2 + gap + 0.015)
            yaw = wall.yaw + (float(rng.normal(0, 0.04)) if rng.random() < 0.25 else 0.0)
            where = Footprint(x, y, piece.width / 2, piece.depth / 2, yaw)
            if not hidden and self._put(piece, where):
                if piece.name == "desk":
                    seat = seats.office_chair if rng.random() < 0.6 else seats.chair
                    self._before(seat, where, -1.0)
                return

    def standing(self, make: Make) -> None:
        """Put a piece anywhere, turned freely; chairs go around a table."""
        rng, piece = self.rng, make(self.rng, self.palette)
        for _ in range(14):
            x = float(rng.uniform(0.3, self.ground.width - 0.3))
            y = float(rng.uniform(0.3, self.ground.depth - 0.3))
            yaw = (
                float(rng.uniform(-np.pi, np.pi))
                if rng.random() < 0.6
                else float(rng.choice([0, np.pi / 2]))
            )
            where = Footprint(x, y, piece.width / 2, piece.depth / 2, yaw)
            if self._put(piece, where):
                if piece.name == "table":
                    for side in (-1.0, 1.0):
                        for _ in range(int(rng.integers(1, 3))):
                            self._before(seats.chair, where, side)
                return

    def _before(self, make: Make, table: Footprint, side: float) -> None:
        """Put a chair at a table, on the side of its -y or +y, partly under it."""
        rng, piece = self.rng, make(self.rng, self.palette)
        for _ in range(6):
            reach = table.across - piece.width / 2
            along = float(rng.uniform(-reach, reach)) if reach > 0 else 0.0
            away = table.along + float(rng.uniform(0.1, 0.4))
            x, y = yawed(table.yaw)[:2, :2] @ (along, side * away) + (table.x, table.y)
            yaw = table.yaw + (0.0 if side > 0 else np.pi) + float(rng.normal(0, 0.3))
            where = Footprint(float(x), float(y), piece.width / 2, piece.depth / 2, yaw)
            others = [(one, high) for one, high in self.ground.taken if one is not table]
            if Ground(self.ground.width, self.ground.depth, self.ground.notch, others).free(
                where, 1.0
            ):
                self._set(piece, where)
                return

    def _put(self, piece: Piece, where: Footprint) -> bool:
        wide = Footprint(where.x, where.y, where.across + 0.03, where.along, where.yaw)
        if not self.ground.free(wide, piece.height):
            return False
        self._set(piece, where)
        return True

    def _set(self, piece: Piece, where: Footprint) -> None:
        self._clutter(piece)
        self.ground.take(where, piece.height)
        self.draft.put(piece.draft, (where.x, where.y, 0.0), where.yaw)
        for bulb in piece.bulbs:
            self.bulbs.append(yawed(where.yaw) @ np.asarray(bulb, float) + (where.x, where.y, 0.0))
        size = (piece.width, piece.depth, piece.height)
        self.placed.append(Placed(piece.name, (where.x, where.y, 0.0), where.yaw, size))

    def _clutter(self, piece: Piece) -> None:
        rng = self.rng
        for x0, x1, y0, y1, z in piece.tops:
            if z > 1.9:
                continue
            kept: list[tuple[float, float, float]] = []
            for _ in range(int(rng.integers(0, 2 + int(6 * (x1 - x0))))):
                things, radius, bulbs = small.clutter(rng, self.palette, min(x1 - x0, y1 - y0) / 2)
                if x1 - x0 < 2 * radius or y1 - y0 < 1.2 * radius:
                    continue
                x = float(rng.uniform(x0 + radius, x1 - radius))
                y = float(
                    rng.uniform(min(y0 + radius, (y0 + y1) / 2), max(y1 - radius, (y0 + y1) / 2))
                )
                if any(np.hypot(x - a, y - b) < radius + r for a, b, r in kept):
                    continue
                kept.append((x, y, radius))
                turn = float(rng.normal(0, 0.35))
                piece.draft.put(things, (x, y, z), turn)
                piece.bulbs.extend(
                    tuple(yawed(turn) @ np.asarray(bulb, float) + (x, y, z)) for bulb in bulbs
                )


def _lamps(
    rng: Rng, palette: Palette, ground: Ground, height: float, draft: Draft,
    windows: list[Lamp], bulbs: list[np.ndarray],
) -> list[Lamp]:  # fmt: skip
    """The lamp under the ceiling first, then up to three windows and bulbs, and the sun."""
    found: list[Lamp] = []
    for _ in range(10):
        x = float(rng.uniform(0.3, 0.7)) * ground.width
        y = float(rng.uniform(0.3, 0.7)) * ground.depth
        if ground.notch is None or not Footprint(x, y, 0.4, 0.4, 0.0).meets(ground.notch):
            break
    warm = np.array((1.0, float(rng.uniform(0.78, 0.97)), float(rng.uniform(0.55, 0.95))))
    strength = float(rng.uniform(0.25, 1.0)) if windows else 1.0
    shade = plain((float(warm[0]), float(warm[1]), float(warm[2])), glow=1.2 * strength + 0.3)
    if rng.random() < 0.5:
        a, b = (float(each) for each in rng.uniform(0.15, 0.5, 2))
        draft.box((x - a, y - b, height - 0.05), (x + a, y + b, height), shade)
        sides = np.array([(0, b, 0), (a, 0, 0)])
        colour = strength * warm * 2.2 / (4 * a * b) * (ground.width * ground.depth / 16) ** 0.5
        found.append(Lamp("panel", np.array((x, y, height - 0.06)), colour, sides))
    else:
        drop = float(rng.uniform(0.25, 0.6))
        draft.rod((x, y, height), (x, y, height - drop), 0.006, palette.black)
        r = float(rng.uniform(0.14, 0.24))
        draft.rod(
            (x, y, height - drop - 0.18), (x, y, height - drop), r, shade, 0.5 * r, clear=True
        )
        place = np.array((x, y, height - drop - 0.1))
        found.append(Lamp("bulb", place, strength * warm * 1.6, radius=0.12))
    chosen = [windows[k] for k in rng.permutation(len(windows))[:2]]
    for place in bulbs[: max(0, 2 - len(chosen)) + 1]:
        chosen.append(
            Lamp(
                "bulb",
                place,
                float(rng.uniform(0.12, 0.4)) * np.array((1.0, 0.8, 0.55)),
                radius=0.06,
            )
        )
    found += chosen[:3]
    if windows and rng.random() < 0.35:
        a, b = windows[0].sides  # type: ignore[misc]
        outwards = -np.cross(a, b)
        outwards /= np.linalg.norm(outwards)
        side = a / np.linalg.norm(a) * float(rng.uniform(-0.7, 0.7))
        toward = outwards + side + (0, 0, float(rng.uniform(0.45, 1.1)))
        colour = np.array((1.0, 0.92, 0.78)) * float(rng.uniform(1.5, 3.5))
        found.append(Lamp("sun", toward / np.linalg.norm(toward), colour, radius=0.015))
    return found


def _moved(
    rng: Rng, ground: Ground, height: float, draft: Draft, lamps: list[Lamp], placed: list[Placed]
) -> Room:
    """Turn the room a little, and put its middle near the origin: walls are on no lattice."""
    yaw = float(rng.uniform(-0.2, 0.2))
    middle = yawed(yaw) @ (ground.width / 2, ground.depth / 2, 0)
    place = np.array((*rng.uniform(-0.02, 0.02, 2), rng.uniform(-0.02, 0.02))) - middle
    whole = Draft()
    whole.put(draft, place, yaw)
    about = yawed(yaw)
    moved = tuple(
        Lamp(
            one.kind,
            about @ one.centre + (0 if one.kind == "sun" else place),
            np.asarray(one.colour, float),
            None if one.sides is None else one.sides @ about.T,
            one.radius,
        )
        for one in lamps
    )
    there = []
    for one in placed:
        x, y, z = (float(each) for each in about @ one.place + place)
        there.append(Placed(one.name, (x, y, z), one.yaw + yaw, one.size))
    return Room(
        whole.solids(),
        moved,
        tuple(there),
        height,
        ground.width,
        ground.depth,
        ground.notch,
        place,
        yaw,
    )
