"""Furniture finds its place: against walls, anywhere, around tables, and things on top of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..tracing.solids import Draft, yawed
from . import seats, small
from .ground import Footprint, Ground
from .palette import Palette, Rng
from .pieces import Piece, Placed
from .shell import Opening, Wall

Make = Callable[[Rng, Palette], Piece]
"""What draws a piece of furniture."""


class Fitting:
    """Puts pieces where there is room for them.

    Parameters
    ----------
    rng : numpy.random.Generator
    palette : Palette
    ground : Ground
        What is taken is noted there.
    draft : Draft
        What pieces are added to.
    walls : tuple of Wall
    openings : list of list of Opening
        Of each wall; the floor before doors stays free.

    Attributes
    ----------
    placed : list of Placed
        In the room's own axes.
    bulbs : list of (3,) float64
        Lamps that are in what was placed.
    """

    def __init__(
        self, rng: Rng, palette: Palette, ground: Ground, draft: Draft,
        walls: tuple[Wall, ...], openings: list[list[Opening]],
    ) -> None:  # fmt: skip
        self.rng, self.palette, self.ground, self.draft = rng, palette, ground, draft
        self.walls, self.openings = walls, openings
        self.placed: list[Placed] = []
        self.bulbs: list[np.ndarray] = []
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
