"""A furnished room of a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..tracing.lighting import Lamp
from ..tracing.solids import Draft, Solids, yawed
from . import beds, seats, small, storage, tables
from .fitting import Fitting, Make
from .ground import Footprint, Ground
from .palette import Palette, Rng, plain
from .pieces import Placed
from .shell import build_shell, ground_of, hang_pictures, walls_of

HELD_OUT = "piano"
"""The class of furniture that stands in test rooms only."""
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
    fitting = Fitting(rng, palette, ground, draft, walls_of(ground), openings)
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
