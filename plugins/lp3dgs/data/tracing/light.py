"""The light of a studio: a lamp of some size, and the walls around."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import torch
from torch import Tensor

from .bodies import STEP, Bodies
from .vectors import dot, unit

# Steps of the R2 sequence: numbers that fill a square evenly, however many are taken.
_GOLDEN = (0.7548776662466927, 0.5698402909980532)
_LEVELS = 65
_FADES = 0.4  # share of half of the lamp's side over which it fades
_MEAN = 1 - _FADES / 2


@dataclass(frozen=True)
class Studio:
    """A lamp that is a parallelogram, and walls that shine softly.

    Parameters
    ----------
    middle, half, other : (3,) float
        Of the lamp: its middle, and half of each side.
    bright : float
        What the lamp sends to each side, linear.
    zenith, horizon, ground : (3,) float
        What the walls send from above, from the sides and from below, linear RGB.
    bounced : float
        Share of the light of the walls that comes from where something stands before them.
    """

    middle: tuple[float, float, float] = (-2.2, -1.7, 3.6)
    half: tuple[float, float, float] = (0.66, -0.86, 0.0)
    other: tuple[float, float, float] = (0.62, 0.48, 0.68)
    bright: float = 22.0
    zenith: tuple[float, float, float] = (1.02, 1.05, 1.1)
    horizon: tuple[float, float, float] = (0.4, 0.41, 0.44)
    ground: tuple[float, float, float] = (0.16, 0.155, 0.15)
    bounced: float = 0.16

    def walls(self, directions: Tensor) -> Tensor:
        """What comes from the walls in directions (3, R), linear RGB (3, R)."""
        zenith, horizon, ground = (
            directions.new_tensor(colour)[:, None]
            for colour in (self.zenith, self.horizon, self.ground)
        )
        up = directions[2]
        above = (up.clamp(0, 1) ** 0.7)[None]
        below = ((-up).clamp(0, 1) ** 0.5)[None]
        return torch.where(
            up > 0, horizon + above * (zenith - horizon), horizon + below * (ground - horizon)
        )

    def seen(self, origins: Tensor, directions: Tensor) -> Tensor:
        """What comes along rays that meet no body: the walls, or the lamp; (3, R)."""
        middle, half, other = (
            directions.new_tensor(each)[:, None] for each in (self.middle, self.half, self.other)
        )
        facing = torch.linalg.cross(half, other, dim=0)
        slant = dot(directions, facing)
        slant = torch.where(slant.abs() < 1e-9, 1e-9, slant)
        away = dot(middle - origins, facing) / slant
        off = origins + away * directions - middle
        u, v = dot(off, half) / dot(half, half), dot(off, other) / dot(other, other)
        glow = _soft(u) * _soft(v) * (away > 0)
        walls = self.walls(directions)
        return walls + glow * (self.bright - walls)

    def level(self, up: Tensor) -> Tensor:
        """What the walls send to a white surface whose normal has these heights: (3, R)."""
        table = self._levels.to(up.device)
        place = (up.clamp(-1, 1) + 1) / 2 * (_LEVELS - 1)
        low = place.floor().clamp_max(_LEVELS - 2).long()
        return torch.lerp(table[:, low], table[:, low + 1], place - low)

    @cached_property
    def _levels(self) -> Tensor:
        """`level` at heights from -1 to 1, by summing over directions around each normal."""
        up = torch.linspace(-1, 1, _LEVELS)[:, None, None]
        square = (torch.arange(64) + 0.5) / 64
        cosine, turn = square.sqrt()[:, None], math.tau * square[None, :]
        height = up * cosine + (1 - up**2).sqrt() * (1 - cosine**2).sqrt() * turn.cos()
        flat = height.flatten()
        return self.walls(torch.stack([flat, flat, flat])).reshape(3, _LEVELS, -1).mean(dim=2)

    def falling(
        self, bodies: Bodies, points: Tensor, normals: Tensor, chance: Tensor, many: int
    ) -> Tensor:
        """Light that falls on points, as a white surface would send it on: (3, R).

        Parameters
        ----------
        bodies : Bodies
            What stands in the way.
        points, normals : (3, R) Tensor
        chance : (4, R) Tensor
            Where in the lamp and the walls the first ray of each point goes, 0 to 1.
        many : int
            Rays to each.
        """
        count = points.shape[1]
        places = torch.arange(many, device=points.device)[:, None] * chance.new_tensor(
            _GOLDEN * 2
        )  # (many, 4)
        square = ((chance[:, None] + places.T[:, :, None]) % 1).reshape(4, -1)
        start = (points + STEP * normals)[:, None].expand(3, many, count).reshape(3, -1)
        facing = normals[:, None].expand(3, many, count).reshape(3, -1)
        lamp = self._of_lamp(bodies, start, facing, square[:2]).reshape(many, count).mean(dim=0)
        share = self._of_walls(bodies, start, facing, square[2:])
        return lamp + self.level(normals[2]) * share.reshape(many, count).mean(dim=0)

    def _of_lamp(self, bodies: Bodies, start: Tensor, facing: Tensor, square: Tensor) -> Tensor:
        middle, half, other = (
            start.new_tensor(each)[:, None] for each in (self.middle, self.half, self.other)
        )
        u, v = _placed(square)
        to = middle + u * half + v * other - start
        away = dot(to, to).sqrt()
        to = to / away
        across = torch.linalg.cross(half, other, dim=0)
        size = 4 * across.norm()
        cosine = dot(facing, to).clamp_min(0)
        slant = dot(unit(across), to).abs()
        sent = self.bright * _MEAN**2 * size * cosine * slant / (math.pi * away**2)
        lit = (sent > 0).nonzero()[:, 0]
        share = torch.zeros_like(cosine)
        share[lit] = bodies.passing(start[:, lit], to[:, lit], away[lit])
        return sent * share

    def _of_walls(self, bodies: Bodies, start: Tensor, facing: Tensor, square: Tensor) -> Tensor:
        """Share of the walls' light that comes, by rays of which brighter ones count more.

        Light is what an open surface would have, times this: so open ones have no noise.
        """
        height, turn = 2 * square[0] - 1, 2 * math.pi * square[1]
        flat = (1 - height**2).clamp_min(0).sqrt()
        ball = torch.stack([flat * turn.cos(), flat * turn.sin(), height])
        to = unit(facing + 0.999 * ball)  # by the cosine
        share = bodies.passing(start, to, math.inf)
        weight = self.walls(to)[1] / self.level(facing[2])[1].clamp_min(1e-6)
        return 1 - (1 - self.bounced) * (1 - share) * weight


def _soft(across: Tensor) -> Tensor:
    """How bright the lamp is across one side, -1 to 1: it fades towards its edges."""
    inside = ((1 - across.abs()) / _FADES).clamp(0, 1)
    return inside * inside * (3 - 2 * inside)


def _placed(chance: Tensor) -> Tensor:
    """Places across a side, -1 to 1, for chances 0 to 1: the more, the brighter it is there."""
    table = _places().to(chance.device)
    place = chance * (len(table) - 1)
    below = place.floor().clamp(0, len(table) - 2).long()
    return torch.lerp(table[below], table[below + 1], place - below)


@cache
def _places() -> Tensor:
    """Places across a side before which even shares of its light lie."""
    across = torch.linspace(-1, 1, 1025, dtype=torch.float64)
    before = torch.cumulative_trapezoid(_soft(across), across)
    before = torch.cat([before.new_zeros(1), before / before[-1]])
    wanted = torch.linspace(0, 1, 1025, dtype=torch.float64)
    after = torch.searchsorted(before, wanted).clamp(1, 1024)
    low, high = before[after - 1], before[after]
    step = (wanted - low) / (high - low).clamp_min(1e-12) * (across[1] - across[0])
    return (across[after - 1] + step).float()


def spread(offsets: Tensor, number: int) -> Tensor:
    """The `number`-th of places (4, R) in two squares that begin at `offsets` and fill them."""
    return (offsets + number * offsets.new_tensor(_GOLDEN * 2)[:, None]) % 1
