"""Where everything stands: laid on the table by chance, with room around each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..tracing.bodies import Bodies, Body
from .balls import glass, mirror
from .blocks import blocks
from .books import books
from .chair import chair
from .mug import mug
from .plant import plant
from .stones import marble, pebbles
from .table import table
from .textures import Noise
from .things import Thing

STANDING = (books, plant, blocks, chair, mug, mirror, glass, marble, pebbles)
"""What makes the objects, from noise and random numbers; those that need most room first."""
GAP = 0.025
"""Least room between two objects; the table's radius is 1."""
RIM = 0.92
"""Radius within which all stand."""
TRIES = 400


@dataclass(frozen=True, eq=False)
class Placed:
    """One object of a scene: its name, the middle of its foot and the radius it needs."""

    name: str
    place: tuple[float, float]
    room: float


def still_life(seed: int, device: str = "cpu") -> tuple[Bodies, tuple[Placed, ...]]:
    """Make the scene of a seed: its bodies, and what stands where.

    Parameters
    ----------
    seed : int
    device : str
        Where rays are followed.
    """
    noise = Noise(np.random.default_rng((seed, 0)))
    things = [make(noise, np.random.default_rng((seed, 2, k))) for k, make in enumerate(STANDING)]
    rng = np.random.default_rng((seed, 1))
    places = _places(things, rng)
    bodies = list(table(noise, np.random.default_rng((seed, 3))).bodies)
    placed = []
    for thing, (x, y) in zip(things, places, strict=True):
        bodies += _set(thing, x, y, rng.uniform(0, math.tau))
        placed.append(Placed(thing.name, (round(x, 4), round(y, 4)), round(thing.room, 4)))
    return Bodies(tuple(bodies), device), tuple(placed)


def _set(thing: Thing, x: float, y: float, turn: float) -> list[Body]:
    cos, sin = math.cos(turn), math.sin(turn)
    found = []
    for body in thing.bodies:
        a, b, z = body.place
        place = (x + cos * a - sin * b, y + sin * a + cos * b, z)
        found.append(replace(body, place=place, turn=body.turn + turn))
    return found


def _places(things: list[Thing], rng: np.random.Generator) -> list[tuple[float, float]]:
    """Middles of circles that do not touch, the first of them laid first."""
    while True:
        found: list[tuple[float, float]] = []
        for thing in things:
            for _ in range(TRIES):
                within = RIM - max(thing.room, thing.reach)
                radius, turn = within * math.sqrt(rng.random()), rng.uniform(0, math.tau)
                x, y = radius * math.cos(turn), radius * math.sin(turn)
                if all(math.hypot(x - a, y - b) > thing.room + other.room + GAP
                       for (a, b), other in zip(found, things, strict=False)):  # fmt: skip
                    found.append((x, y))
                    break
            else:
                break  # crowded: begin again
        if len(found) == len(things):
            return found
