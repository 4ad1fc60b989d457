"""Bodies: shapes of a material, standing somewhere; and what a ray meets among them."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .shapes import Shape
from .vectors import dot, fresnel

STEP = 2e-4
"""How far off a surface rays begin."""
Paint = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Material:
    """What a surface does with light.

    Parameters
    ----------
    paint : callable, optional
        Of coordinates (3, R), see `Shape.chart`, and numbers of pieces (R,): how much a solid
        surface scatters, linear RGB (3, R) in 0..1.
    kind : str
    gloss : float
        Of a solid: share of the reflection that a varnish has.
    thin : float
        Of a solid: share of what it scatters that comes from light on its other side.
    tint : (3,) float
        Of a mirror: what it reflects, linear RGB.
    index : float
        Refractive index of glass.
    dim : (3,) float
        Of glass: what is lost in it, per unit of length, linear RGB.
    """

    paint: Paint | None = None
    kind: Literal["solid", "mirror", "glass"] = "solid"
    gloss: float = 0.0
    thin: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    index: float = 1.5
    dim: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Body:
    """A shape that stands somewhere.

    Parameters
    ----------
    shape : Shape
    material : Material
        Glass is for `Ellipsoids` without an outline: light goes in and comes out again.
    place : (3,) float
        Of the origin of the shape.
    turn : float
        About z, in radians.
    """

    shape: Shape
    material: Material
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: float = 0.0

    @property
    def middle(self) -> np.ndarray:
        """Of a ball around it, in the world: (3,)."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        x, y, z = (float(value) for value in self.shape.middle)
        return np.array([cos * x - sin * y, sin * x + cos * y, z]) + self.place

    def into(self, vectors: Tensor) -> Tensor:
        """Directions of the world in the frame of the shape."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        x, y, z = vectors
        return torch.stack([cos * x + sin * y, cos * y - sin * x, z])

    def out(self, vectors: Tensor) -> Tensor:
        """Directions of the frame of the shape in the world."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        x, y, z = vectors
        return torch.stack([cos * x - sin * y, sin * x + cos * y, z])

    def local(self, points: Tensor) -> Tensor:
        """Points of the world in the frame of the shape."""
        return self.into(points - points.new_tensor(self.place)[:, None])


class Met(NamedTuple):
    """What rays meet first.

    Parameters
    ----------
    distance : (R,) float
        Infinite where there is nothing.
    body, piece : (R,) int
        Number of the body, -1 where there is none, and of the piece of its shape.
    """

    distance: Tensor
    body: Tensor
    piece: Tensor


@dataclass(frozen=True, eq=False)
class Bodies:
    """All that stands in a scene.

    Parameters
    ----------
    each : sequence of Body
    device : str
    """

    each: Sequence[Body]
    device: str = "cpu"
    balls: tuple[Tensor, Tensor] = field(init=False)
    tops: Tensor = field(init=False)

    def __post_init__(self) -> None:
        if self.device != "cpu":
            moved = [Body(_moved(one.shape, self.device), one.material, one.place, one.turn)
                     for one in self.each]  # fmt: skip
            object.__setattr__(self, "each", moved)
        middles = np.array([one.middle for one in self.each], np.float32).reshape(-1, 3).T
        radii = np.array([one.shape.radius for one in self.each], np.float32) * 1.001 + 1e-4
        balls = tuple(torch.tensor(values, device=self.device) for values in (middles, radii))
        object.__setattr__(self, "balls", balls)
        tops = [one.place[2] + one.shape.top for one in self.each]
        object.__setattr__(self, "tops", torch.tensor(tops, device=self.device))

    def _entries(self, origins: Tensor, directions: Tensor) -> Tensor:
        """Where rays enter the ball around each body, (B, R); infinite where they miss it."""
        middles, radii = self.balls
        toward = torch.addmm(-dot(directions, origins)[None], middles.T, directions)
        off = (radii**2 - dot(middles, middles))[:, None] - dot(origins, origins)
        depth = torch.addmm(off, middles.T, origins, alpha=2).addcmul_(toward, toward)
        half = depth.sqrt_()  # no number where the ball is missed, which is less than nothing
        good = toward + half > 0
        good &= (directions[2] < 0) | (origins[2] <= self.tops[:, None])
        return torch.where(good, toward - half, math.inf)

    def _cut(self, number: int, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Cut one body by rays that are begun anew near it, where float32 is finer."""
        body = self.each[number]
        near = dot(self.balls[0][:, number : number + 1] - origins, directions)
        start = body.local(origins + near * directions)
        distance, piece = body.shape.cut(start, body.into(directions), STEP / 2 - near)
        return distance + near, piece

    def meet(self, origins: Tensor, directions: Tensor) -> Met:
        """Find what rays meet first.

        Parameters
        ----------
        origins, directions : (3, R) Tensor
            Directions of length 1.
        """
        entries = self._entries(origins, directions)
        count = origins.shape[1]
        best = origins.new_full((count,), math.inf)
        body = torch.full((count,), -1, dtype=torch.long, device=origins.device)
        piece = torch.zeros_like(body)
        for number in range(len(self.each)):
            rays = (entries[number] < best).nonzero()[:, 0]
            if not len(rays):
                continue
            distance, which = self._cut(number, origins[:, rays], directions[:, rays])
            closer = distance < best[rays]
            rays = rays[closer]
            best[rays], piece[rays], body[rays] = distance[closer], which[closer], number
        return Met(best, body, piece)

    def passing(self, origins: Tensor, directions: Tensor, most: Tensor | float) -> Tensor:
        """How much light comes along rays, (R,): none past solids and mirrors, some through glass.

        Light goes straight through glass here, which takes what its surface reflects.

        Parameters
        ----------
        origins, directions : (3, R) Tensor
        most : (R,) Tensor or float
            How far away the light is.
        """
        near = self._entries(origins, directions) < most
        share = origins.new_ones(origins.shape[1])
        for number, body in enumerate(self.each):
            rays = (near[number] & (share > 0)).nonzero()[:, 0]
            if not len(rays):
                continue
            start, along = origins[:, rays], directions[:, rays]
            distance, piece = self._cut(number, start, along)
            cut = distance < (most if isinstance(most, float) else most[rays])
            if body.material.kind == "glass":
                points = body.local(start + distance * along)
                normals = body.shape.normals(points, piece)
                cosine = dot(body.into(along), normals).abs().clamp(0, 1)
                lost, _ = fresnel(cosine, torch.full_like(cosine, 1 / body.material.index))
                share[rays] *= torch.where(cut, (1 - lost) ** 2, 1.0)
            else:
                share[rays[cut]] = 0.0
        return share


def _moved(shape: Shape, device: str) -> Shape:
    """The shape with its tensors on a device."""
    found = copy.copy(shape)
    for name, value in vars(shape).items():
        if isinstance(value, Tensor):
            setattr(found, name, value.to(device))
    return found
