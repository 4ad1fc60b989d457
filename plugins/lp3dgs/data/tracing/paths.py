"""Light along rays: what solids send on, what mirrors reflect, what glass bends."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .bodies import STEP, Bodies, Met
from .light import Studio
from .vectors import dot, fresnel, reflected, schlick

DEEPEST = 7
"""Surfaces that a path touches, at most."""
FAINTEST = 0.02
"""Paths that carry less see the studio as if nothing stood in it."""
BRIGHTEST = 3.0
"""What one sample may bring to its pixel, so that edges of bright reflections are smooth."""


class Front(NamedTuple):
    """Rays on their way, at most one for each sample of the picture.

    Parameters
    ----------
    samples : (R,) int
    origins, directions : (3, R)
    weights : (3, R)
        Share of their light that reaches the picture, linear RGB.
    shares : (R,)
        Share of the sample that they stand for in its alpha.
    plain : (R,) bool
        Whether nothing but glass was met, so that the background lies behind.
    """

    samples: Tensor
    origins: Tensor
    directions: Tensor
    weights: Tensor
    shares: Tensor
    plain: Tensor

    def of(self, rays: Tensor) -> Front:
        """Some of them, by numbers."""
        return Front(*(each[..., rays] for each in self))


def light_along(
    bodies: Bodies, studio: Studio, origins: Tensor, directions: Tensor, chance: Tensor, many: int
) -> tuple[Tensor, Tensor]:
    """Follow rays from the eye.

    Parameters
    ----------
    bodies : Bodies
    studio : Studio
    origins, directions : (3, R) Tensor
    chance : (4, R) Tensor
        See `Studio.falling`.
    many : int
        Rays to the lamp and to the walls from each point; half as many from points in mirrors.

    Returns
    -------
    light : (3, R) Tensor
        Linear RGB, times alpha.
    alpha : (R,) Tensor
        Share of the background that is hidden. Glass shows it where it is seen through.
    """
    return _Tracing(bodies, studio, chance, many).run(origins, directions)


class _Tracing:
    """One call of `light_along`."""

    def __init__(self, bodies: Bodies, studio: Studio, chance: Tensor, many: int) -> None:
        self.bodies, self.studio, self.chance, self.many = bodies, studio, chance, many
        count = chance.shape[1]
        self.light, self.alpha = chance.new_zeros((3, count)), chance.new_zeros(count)

    def run(self, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        count = origins.shape[1]
        first = Front(
            torch.arange(count, device=origins.device), origins, directions,
            torch.ones_like(origins), origins.new_ones(count),
            torch.ones(count, dtype=torch.bool, device=origins.device),
        )  # fmt: skip
        waiting = [(first, 0)]
        while waiting:
            front, depth = waiting.pop()
            met = self.bodies.meet(front.origins, front.directions)
            self._escape(front, (met.body < 0).nonzero()[:, 0])
            parts = self._touch(front, met, depth)
            for part in parts:
                ready = part.weights.amax(dim=0) >= FAINTEST
                if depth + 1 >= DEEPEST:
                    ready = torch.zeros_like(ready)
                self._escape(part, (~ready).nonzero()[:, 0])
                if bool(ready.any()):
                    waiting.append((part.of(ready.nonzero()[:, 0]), depth + 1))
        return self.light.clamp_max(BRIGHTEST), self.alpha.clamp(0, 1)

    def _add(self, front: Front, light: Tensor, hidden: Tensor) -> None:
        self.light[:, front.samples] += front.weights * light
        self.alpha[front.samples] += front.shares * hidden

    def _escape(self, front: Front, rays: Tensor) -> None:
        """Let rays see the studio; behind those that are plain there is the background."""
        if len(rays):
            front = front.of(rays)
            hidden = (~front.plain).float()
            seen = self.studio.seen(front.origins, front.directions)
            self._add(front, seen * hidden, hidden)

    def _touch(self, front: Front, met: Met, depth: int) -> list[Front]:
        """Light of solids is added; the rays that go on are given back: reflected, refracted."""
        on, through = [], []
        for number, body in enumerate(self.bodies.each):
            rays = (met.body == number).nonzero()[:, 0]
            if not len(rays):
                continue
            part, piece = front.of(rays), met.piece[rays]
            points = part.origins + met.distance[rays] * part.directions
            local = body.local(points)
            normals = body.out(body.shape.normals(local, piece))
            cosine = -dot(normals, part.directions)
            facing = torch.where(cosine > 0, normals, -normals)
            kind = body.material
            if kind.kind == "solid":
                assert kind.paint is not None
                colour = kind.paint(body.shape.chart(local, piece), piece)
                fallen = self._fallen(part, points, facing, depth)
                if kind.thin:
                    fallen = torch.lerp(
                        fallen, self._fallen(part, points, -facing, depth), kind.thin
                    )
                self._add(part, colour * fallen, torch.ones_like(part.shares))
                if kind.gloss and depth < 2:
                    share = kind.gloss * schlick(cosine.abs())
                    gloss = part._replace(weights=part.weights * share, shares=part.shares * 0)
                    on.append(_mirrored(gloss, points, facing))
            elif kind.kind == "mirror":
                tint = points.new_tensor(kind.tint)[:, None]
                on.append(_mirrored(part._replace(weights=part.weights * tint), points, facing))
            else:
                inside = cosine < 0
                if any(kind.dim):
                    gone = points.new_tensor(kind.dim)[:, None] * met.distance[rays]
                    kept = torch.where(inside, torch.exp(-gone), 1.0)
                    part = part._replace(weights=part.weights * kept)
                ratio = torch.where(inside, kind.index, 1 / kind.index)
                share, behind = fresnel(cosine.abs().clamp(0, 1), ratio)
                on.append(_mirrored(_shared(part, share), points, facing))
                bent = ratio * part.directions + (ratio * cosine.abs() - behind) * facing
                some = (share < 1).nonzero()[:, 0]
                going = _shared(part, 1 - share)._replace(
                    origins=points - STEP * facing, directions=bent
                )
                through.append(going.of(some))
        return [_joined(fronts) for fronts in (on, through) if fronts]

    def _fallen(self, front: Front, points: Tensor, facing: Tensor, depth: int) -> Tensor:
        many = self.many if depth == 0 else max(1, self.many // 2)
        chance = self.chance[:, front.samples]
        return self.studio.falling(self.bodies, points, facing, chance, many)


def _shared(front: Front, share: Tensor) -> Front:
    return front._replace(weights=front.weights * share, shares=front.shares * share)


def _mirrored(front: Front, points: Tensor, facing: Tensor) -> Front:
    return front._replace(
        origins=points + STEP * facing,
        directions=reflected(front.directions, facing),
        plain=torch.zeros_like(front.plain),
    )


def _joined(fronts: list[Front]) -> Front:
    return Front(*(torch.cat(each, dim=-1) for each in zip(*fronts, strict=True)))
