"""Floor, ceiling and walls, with doors, windows, skirting, curtains and pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..tracing.lighting import Lamp
from ..tracing.solids import Draft, Material, yawed
from .ground import Footprint, Ground
from .palette import Palette, Rng, plain
from .storage import fill

THICK = 0.2
"""Of a wall, in metres."""
SKY = (0.75, 0.87, 1.0)


@dataclass(frozen=True)
class Wall:
    """A wall in the ground plan.

    Parameters
    ----------
    place : (2,) float
        Where it begins; it runs along its x, and its y leads out of the room.
    yaw : float
        Radians.
    length : float
    """

    place: tuple[float, float]
    yaw: float
    length: float

    def at(self, along: float, inwards: float) -> tuple[float, float]:
        """A place before the wall."""
        x, y = yawed(self.yaw)[:2, :2] @ (along, -inwards) + self.place
        return float(x), float(y)


@dataclass(frozen=True)
class Opening:
    """A door or window in a wall: from where to where."""

    kind: str
    left: float
    right: float
    low: float
    high: float


def ground_of(rng: Rng) -> Ground:
    """A rectangle, or an L of one."""
    width, depth = (float(each) for each in rng.uniform(3.0, 6.8, 2))
    if rng.random() < 0.2:
        width = float(rng.uniform(5.5, 8.0))
    ground = Ground(width, depth)
    if rng.random() < 0.3 and min(width, depth) > 4.0:
        a, b = float(rng.uniform(0.25, 0.45)) * width, float(rng.uniform(0.25, 0.45)) * depth
        x = a / 2 if rng.random() < 0.5 else width - a / 2
        y = b / 2 if rng.random() < 0.5 else depth - b / 2
        ground.notch = Footprint(x, y, a / 2, b / 2, 0.0)
    return ground


def walls_of(ground: Ground) -> tuple[Wall, ...]:
    """The four outer walls: north, east, south, west."""
    w, d = ground.width, ground.depth
    return (
        Wall((0.0, d), 0.0, w), Wall((w, d), -np.pi / 2, d),
        Wall((w, 0.0), np.pi, w), Wall((0.0, 0.0), np.pi / 2, d),
    )  # fmt: skip


def build_shell(
    rng: Rng, palette: Palette, ground: Ground, height: float, draft: Draft
) -> tuple[list[Lamp], list[list[Opening]]]:
    """Build floor, ceiling and walls; returns lamps of windows, and the openings of each wall."""
    w, d = ground.width, ground.depth
    draft.box((-THICK, -THICK, -0.1), (w + THICK, d + THICK, 0), palette.floor())
    ceiling = palette.white if rng.random() < 0.85 else palette.wood()
    draft.box((-THICK, -THICK, height), (w + THICK, d + THICK, height + 0.1), ceiling)
    paper = palette.wall()
    board = palette.white if rng.random() < 0.6 else palette.wood()
    lamps: list[Lamp] = []
    openings: list[list[Opening]] = []
    walls = walls_of(ground)
    door = int(rng.integers(4))
    lit = {int(each) for each in rng.permutation(4)[: int(rng.integers(1, 3))]}
    for number, wall in enumerate(walls):
        own = palette.wall() if rng.random() < 0.2 else paper
        found = _openings(rng, ground, wall, height, number == door, number in lit)
        local = Draft()
        _wall(local, wall.length, height, own, found)
        _skirting(local, wall.length, found, board, float(rng.uniform(0.05, 0.11)))
        for opening in found:
            if opening.kind == "door":
                _door(rng, palette, local, opening, board)
            else:
                lamps.append(_window(rng, palette, local, opening, wall, height))
        draft.put(local, (*wall.place, 0.0), wall.yaw)
        openings.append(found)
    if ground.notch is not None:
        a, b = ground.notch.corners[0], ground.notch.corners[2]
        draft.box((*a, 0), (*b, height), paper)
        draft.box((*(a - 0.012), 0), (*(b + 0.012), 0.08), board)
    return lamps, openings


def _openings(
    rng: Rng, ground: Ground, wall: Wall, height: float, door: bool, window: bool
) -> list[Opening]:
    found: list[Opening] = []

    def place(kind: str, wide: float, low: float, high: float) -> None:
        for _ in range(12):
            left = float(rng.uniform(0.25, max(0.26, wall.length - wide - 0.25)))
            x, y = wall.at(left + wide / 2, 0.3)
            before = Footprint(x, y, wide / 2 + 0.15, 0.29, wall.yaw)
            apart = all(left > o.right + 0.3 or left + wide < o.left - 0.3 for o in found)
            if left + wide < wall.length - 0.2 and apart and ground.free(before, 1.0):
                found.append(Opening(kind, left, left + wide, low, high))
                return

    if door:
        place("door", float(rng.uniform(0.8, 0.95)), 0.0, 2.02)
    if window:
        low = float(rng.choice([0.35, 0.85, 0.95]))
        for _ in range(int(rng.integers(1, 3))):
            place(
                "window", float(rng.uniform(0.8, 1.8)), low, float(rng.uniform(1.95, height - 0.2))
            )
    return sorted(found, key=lambda one: one.left)


def _wall(
    draft: Draft, length: float, height: float, own: Material, openings: list[Opening]
) -> None:
    """Pieces around the openings, whose patterns go on from one to the next."""

    def piece(left: float, right: float, low: float, high: float) -> None:
        if right - left > 1e-6 and high - low > 1e-6:
            middle = ((left + right) / 2, 0.0, (low + high) / 2)
            draft.box((left, 0, low), (right, THICK, high), own, shift=middle)

    x = -THICK
    for one in openings:
        piece(x, one.left, 0, height)
        piece(one.left, one.right, 0, one.low)
        piece(one.left, one.right, one.high, height)
        x = one.right
    piece(x, length + THICK, 0, height)


def _skirting(
    draft: Draft, length: float, openings: list[Opening], board: Material, high: float
) -> None:
    x = 0.0
    for one in [o for o in openings if o.kind == "door"]:
        draft.box((x, -0.012, 0), (one.left - 0.07, 0, high), board)
        x = one.right + 0.07
    draft.box((x, -0.012, 0), (length, 0, high), board)


def _door(rng: Rng, palette: Palette, draft: Draft, one: Opening, board: Material) -> None:
    leaf = palette.board()
    deep = float(rng.uniform(0.03, 0.12))
    draft.box((one.left, deep, 0), (one.right, THICK, one.high), leaf)
    for low, high in ((0.15, 0.9), (1.05, 1.85)):  # panels
        for a, b in ((0.1, 0.46), (0.54, 0.9)):
            wide = one.right - one.left
            draft.box(
                (one.left + a * wide, deep - 0.01, low), (one.left + b * wide, deep, high), leaf
            )
    draft.rod(
        (one.right - 0.07, deep, 1.02), (one.right - 0.07, deep - 0.05, 1.02), 0.011, palette.steel
    )
    draft.box(
        (one.right - 0.19, deep - 0.06, 1.01), (one.right - 0.06, deep - 0.045, 1.03), palette.steel
    )
    _casing(draft, one, board)
    draft.box((one.left - 0.07, -0.018, 0), (one.left, 0, one.high), board)
    draft.box((one.right, -0.018, 0), (one.right + 0.07, 0, one.high), board)


def _casing(draft: Draft, one: Opening, board: Material) -> None:
    draft.box((one.left - 0.07, -0.018, one.high), (one.right + 0.07, 0, one.high + 0.07), board)


def _window(
    rng: Rng, palette: Palette, draft: Draft, one: Opening, wall: Wall, height: float
) -> Lamp:
    """Pane, bars, sill, perhaps a radiator and curtains; returns the light of the sky."""
    deep, frame = float(rng.uniform(0.08, 0.16)), palette.white
    bright = float(rng.uniform(1.2, 3.0))
    sky = Material("landscape", (0.5, 0.6, 0.7), SKY, seed=int(rng.integers(65536)), glow=bright)
    left, right, low, high = one.left, one.right, one.low, one.high
    draft.box((left, deep, low), (right, deep + 0.02, high), sky, clear=True)
    bar = 0.045
    for x in (left, (left + right) / 2 - bar / 2, right - bar):
        draft.box((x, deep - 0.04, low), (x + bar, deep, high), frame)
    for z in (low, high - bar):
        draft.box((left, deep - 0.04, z), (right, deep, z + bar), frame)
    draft.box((left - 0.05, -0.1, low - 0.03), (right + 0.05, deep - 0.04, low), frame)
    if low > 0.8 and rng.random() < 0.6:
        for x in np.arange(left + 0.05, right - 0.1, 0.08):
            draft.box((x, -0.1, 0.12), (x + 0.06, -0.03, low - 0.12), frame)
        draft.box((left + 0.05, -0.08, 0.2), (right - 0.05, -0.04, low - 0.2), frame)
    if rng.random() < 0.55:
        cloth = palette.cloth()
        top = min(high + 0.15, height - 0.06)
        draft.rod((left - 0.3, -0.08, top), (right + 0.3, -0.08, top), 0.0125, palette.steel)
        for a, b in ((left - 0.25, left + 0.12), (right - 0.12, right + 0.25)):
            for k, x in enumerate(np.arange(a, b, 0.06)):
                y = -0.09 + 0.025 * (k % 2)
                draft.box((x, y - 0.012, 0.06), (x + 0.066, y + 0.012, top), cloth)
    about = yawed(wall.yaw)
    middle = about @ ((left + right) / 2, deep - 0.05, (low + high) / 2) + (*wall.place, 0.0)
    sides = np.array([about @ ((right - left) / 2, 0, 0), (0, 0, (high - low) / 2)])
    return Lamp("panel", middle, 2.2 * bright * np.array(SKY), sides)


def hang_pictures(
    rng: Rng, palette: Palette, ground: Ground, wall: Wall, openings: list[Opening], draft: Draft
) -> None:
    """Hang pictures, and boards with books, where nothing high stands before the wall."""
    spans: list[tuple[float, float]] = [(one.left - 0.1, one.right + 0.1) for one in openings]
    local = Draft()
    for _ in range(int(rng.integers(0, 4))):
        wide, high = (float(each) for each in rng.uniform(0.35, 1.0, 2))
        left = float(rng.uniform(0.2, max(0.21, wall.length - wide - 0.2)))
        x, y = wall.at(left + wide / 2, 0.06)
        before = Footprint(x, y, wide / 2, 0.055, wall.yaw)
        apart = all(left > b or left + wide < a for a, b in spans)
        if not apart or left + wide > wall.length - 0.1 or not ground.free(before, 2.0, low=1.15):
            continue
        spans.append((left - 0.1, left + wide + 0.1))
        low = float(rng.uniform(1.2, 1.45))
        if rng.random() < 0.25:
            board = palette.board()
            local.box((left, -0.22, low), (left + wide, 0, low + 0.025), board)
            from_ = Draft()
            fill(rng, palette, from_, (0.0, wide), (0.0, 0.18), 0.0, 0.3)
            local.put(from_, (left, -0.2, low + 0.025))
            continue
        edge = plain((0.03, 0.03, 0.03), 0.3) if rng.random() < 0.5 else palette.wood()
        thick = float(rng.uniform(0.015, 0.035))
        top = min(low + high, 2.2)
        local.box((left, -thick, low), (left + wide, 0, top), edge)
        local.box(
            (left + 0.025, -thick - 0.002, low + 0.025),
            (left + wide - 0.025, -thick, top - 0.025),
            palette.picture(),
        )
    draft.put(local, (*wall.place, 0.0), wall.yaw)
