"""Shapes that rays are cut with in closed form: many of a kind at once, in their own frame.

Rays are given by origins and directions, (3, R) with unit directions, and by the least distance
that counts, (R,). Each shape says how far the nearest cut is (infinite where there is none) and
which of its pieces it is on; then, for points (3, R) on pieces, the normal, outwards where there
is an inside, and coordinates to paint by.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from .vectors import column, dot, turned, unit, unturned

Cut = tuple[Tensor, Tensor]
Outline = Callable[[Tensor], Tensor]


class Shape(Protocol):
    """What rays can be cut with."""

    middle: np.ndarray
    radius: float
    top: float

    def cut(self, origins: Tensor, directions: Tensor, least: Tensor) -> Cut:
        """Distances (R,), infinite where there is no cut, and numbers of pieces (R,)."""
        ...

    def normals(self, points: Tensor, which: Tensor) -> Tensor:
        """Unit vectors (3, R)."""
        ...

    def chart(self, points: Tensor, which: Tensor) -> Tensor:
        """Coordinates (3, R) that pieces are painted by."""
        ...


def _nearest(found: Tensor) -> Cut:
    distance, which = found.min(dim=1)
    return distance, which


def _bound(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, float]:
    middle = (low + high) / 2
    return middle, float(np.linalg.norm(high - middle))


class Ellipsoids:
    """Ellipsoids, or what an outline leaves of their surface, such as a thin leaf.

    Parameters
    ----------
    middles, radii : (M, 3)
    turns : (M, 3, 3), optional
        Rows are the axes of each; those of the frame if not given.
    outline : callable, optional
        Says of points (3, ...) on the unit sphere, which the ellipsoid is stretched from,
        whether there is surface.
    """

    def __init__(
        self,
        middles: object,
        radii: object,
        turns: np.ndarray | None = None,
        outline: Outline | None = None,
    ) -> None:
        self.middles, self.radii = column(middles), column(radii)
        turned_ = np.eye(3)[None] if turns is None else np.asarray(turns)
        turned_ = np.broadcast_to(turned_, (self.middles.shape[1], 3, 3))
        self.turns = torch.as_tensor(np.moveaxis(turned_, 0, -1).astype(np.float32))
        self.straight = turns is None
        self.outline = outline
        self.many = self.middles.shape[1]
        into = self.turns / self.radii[:, None]  # onto the unit ball
        self.shift = turned(into, self.middles)
        self.into = into.transpose(0, 1).reshape(3, 3 * self.many)
        most = self.radii.max(dim=0).values
        self.middle, self.radius = _bound(
            (self.middles - most).min(dim=1).values.numpy(),
            (self.middles + most).max(dim=1).values.numpy(),
        )
        self.top = float((self.middles[2] + most).max())

    def cut(self, origins: Tensor, directions: Tensor, least: Tensor) -> Cut:
        """Cut them; see `Shape`."""
        start = (origins.T @ self.into).reshape(-1, 3, self.many).movedim(1, 0) - self.shift[
            :, None
        ]
        along = (directions.T @ self.into).reshape(-1, 3, self.many).movedim(1, 0)
        square = dot(along, along)
        slant = dot(start, along)
        depth = slant**2 - square * (dot(start, start) - 1)
        found = torch.full_like(square, math.inf)
        ray, piece = (depth > 0).nonzero(as_tuple=True)
        start, along, square = start[:, ray, piece], along[:, ray, piece], square[ray, piece]
        closest = -slant[ray, piece] / square
        nearby = start + closest * along  # finer than by `depth`
        half = ((1 - dot(nearby, nearby)).clamp_min(0) / square).sqrt()
        best = torch.full_like(closest, math.inf)
        for distance in (closest + half, closest - half):  # the nearer one is written last
            good = distance > least[ray]
            if self.outline is not None:
                good &= self.outline(start + distance * along)
            best = torch.where(good, distance, best)
        found[ray, piece] = best
        return _nearest(found)

    def chart(self, points: Tensor, which: Tensor) -> Tensor:
        """Points on the unit sphere."""
        local = points - self.middles[:, which]
        if not self.straight:
            local = turned(self.turns[:, :, which], local)
        return local / self.radii[:, which]

    def normals(self, points: Tensor, which: Tensor) -> Tensor:
        """Outwards; see `Shape`."""
        steep = self.chart(points, which) / self.radii[:, which]
        return unit(steep if self.straight else unturned(self.turns[:, :, which], steep))


class Tubes:
    """Round rods with round ends.

    Parameters
    ----------
    starts, ends : (M, 3)
    radii : (M,)
    """

    def __init__(self, starts: object, ends: object, radii: object) -> None:
        self.starts, self.ends = column(starts), column(ends)
        self.radii = torch.as_tensor(np.asarray(radii, np.float32))
        self.axes = self.ends - self.starts
        self.squares = dot(self.axes, self.axes)
        both = np.concatenate([self.starts.numpy(), self.ends.numpy()], axis=1)
        thick = float(self.radii.max())
        self.middle, self.radius = _bound(both.min(axis=1) - thick, both.max(axis=1) + thick)
        self.top = float(both[2].max()) + thick

    def cut(self, origins: Tensor, directions: Tensor, least: Tensor) -> Cut:
        """Cut them from outside; see `Shape`."""
        d, o = directions.T, origins.T
        slant = d @ self.axes
        first = o @ self.axes - dot(self.starts, self.axes)
        toward = dot(directions, origins)[:, None] - d @ self.starts
        far = (dot(origins, origins)[:, None] - 2 * (o @ self.starts)
               + dot(self.starts, self.starts))  # fmt: skip
        a = (self.squares - slant**2).clamp_min(1e-9)
        b = self.squares * toward - first * slant
        c = self.squares * (far - self.radii**2) - first**2
        depth = b**2 - a * c
        found = torch.full_like(depth, math.inf)
        ray, piece = (depth > 0).nonzero(as_tuple=True)
        a, b, depth, first, slant, toward, far, least = (
            each[ray, piece] for each in (a, b, depth, first, slant, toward, far,
                                          least[:, None].expand_as(depth))
        )  # fmt: skip
        square, thick = self.squares[piece], self.radii[piece] ** 2
        side = (-b - depth.sqrt()) / a
        place = first + side * slant
        within = (place > 0) & (place < square) & (side > least)
        best = torch.where(within, side, math.inf)
        for share in (0, 1):  # balls at the ends: what was from the start, from either
            off = toward - share * slant
            ball = off**2 - (far - share * (2 * first - square)) + thick
            cap = -off - ball.clamp_min(0).sqrt()
            best = torch.where((ball > 0) & (cap > least), torch.minimum(best, cap), best)
        found[ray, piece] = best
        return _nearest(found)

    def chart(self, points: Tensor, which: Tensor) -> Tensor:
        """Share of the way from start to end, distance from the axis and 0."""
        local = points - self.starts[:, which]
        along = dot(local, self.axes[:, which]) / self.squares[which]
        off = local - along.clamp(0, 1) * self.axes[:, which]
        return torch.stack([along, dot(off, off).sqrt(), torch.zeros_like(along)])

    def normals(self, points: Tensor, which: Tensor) -> Tensor:
        """Outwards; see `Shape`."""
        local = points - self.starts[:, which]
        along = (dot(local, self.axes[:, which]) / self.squares[which]).clamp(0, 1)
        return unit(local - along * self.axes[:, which])


class Blocks:
    """Boxes.

    Parameters
    ----------
    middles, halves : (M, 3)
        Halves of their sides.
    turns : (M, 3, 3), optional
        Rows are the axes of each.
    """

    def __init__(self, middles: object, halves: object, turns: np.ndarray | None = None) -> None:
        self.middles, self.halves = column(middles), column(halves)
        turned_ = np.eye(3)[None] if turns is None else np.asarray(turns)
        turned_ = np.broadcast_to(turned_, (self.middles.shape[1], 3, 3))
        self.turns = torch.as_tensor(np.moveaxis(turned_, 0, -1).astype(np.float32))
        most = dot(self.halves, self.halves).sqrt()
        self.middle, self.radius = _bound(
            (self.middles - most).min(dim=1).values.numpy(),
            (self.middles + most).max(dim=1).values.numpy(),
        )
        self.top = float((self.middles[2] + most).max())

    def cut(self, origins: Tensor, directions: Tensor, least: Tensor) -> Cut:
        """Cut them; see `Shape`."""
        turns = self.turns[:, :, None]
        start = turned(turns, origins[:, :, None] - self.middles[:, None])
        along = turned(turns, directions[:, :, None])
        along = torch.where(along.abs() < 1e-9, 1e-9, along)
        span = self.halves[:, None] / along.abs()
        centre = -start / along
        enter, leave = (centre - span).amax(dim=0), (centre + span).amin(dim=0)
        good = enter < leave
        least = least[:, None]
        found = torch.where(good & (leave > least), leave, math.inf)
        return _nearest(torch.where(good & (enter > least), enter, found))

    def chart(self, points: Tensor, which: Tensor) -> Tensor:
        """Coordinates along the axes of the box, -1 to 1."""
        local = turned(self.turns[:, :, which], points - self.middles[:, which])
        return local / self.halves[:, which]

    def normals(self, points: Tensor, which: Tensor) -> Tensor:
        """Outwards; see `Shape`."""
        local = self.chart(points, which)
        face = local.abs().argmax(dim=0)
        axis = torch.arange(3, device=points.device)[:, None] == face
        return unturned(self.turns[:, :, which], torch.where(axis, local.sign(), 0.0))


class Lathe:
    """What a lathe makes: surfaces of revolution about z, put together from cones and rings.

    Parameters
    ----------
    profile : (K + 1, 2)
        Radius and height of the corners, each joined with the next; level parts are flat rings.
    """

    def __init__(self, profile: object) -> None:
        corners = np.asarray(profile, np.float32)
        parts = np.concatenate([corners[:-1], corners[1:]], axis=1)
        self.parts = torch.as_tensor(parts.T.copy())  # rows: radius and height, twice
        level = parts[:, 1] == parts[:, 3]
        self.flat = torch.as_tensor(np.flatnonzero(level))
        self.steep = torch.as_tensor(np.flatnonzero(~level))
        r0, z0, r1, z1 = (self.parts[k, self.steep] for k in range(4))
        self.slopes = (r1 - r0) / (z1 - z0)
        most, low, high = corners[:, 0].max(), corners[:, 1].min(), corners[:, 1].max()
        self.middle = np.array([0, 0, (low + high) / 2], np.float32)
        self.radius = float(np.hypot(most, (high - low) / 2))
        self.top = float(high)

    def cut(self, origins: Tensor, directions: Tensor, least: Tensor) -> Cut:
        """Cut it; see `Shape`."""
        found = origins.new_full((origins.shape[1], self.parts.shape[1]), math.inf)
        x, y, z = (each[:, None] for each in origins)
        dx, dy, dz = (each[:, None] for each in directions)
        dz = torch.where(dz.abs() < 1e-9, 1e-9, dz)
        least = least[:, None]
        if len(self.steep):
            r0, z0, _, z1 = (self.parts[k, self.steep] for k in range(4))
            low, high = torch.minimum(z0, z1), torch.maximum(z0, z1)
            wide = r0 + self.slopes * (z - z0)
            a = dx**2 + dy**2 - (self.slopes * dz) ** 2
            a = torch.where(a.abs() < 1e-9, 1e-9, a)
            b = x * dx + y * dy - wide * self.slopes * dz
            c = x**2 + y**2 - wide**2
            depth = b**2 - a * c
            half = depth.clamp_min(0).sqrt()
            best = torch.full_like(depth, math.inf)
            for distance in ((-b - half) / a, (-b + half) / a):
                height = z + distance * dz
                good = (depth > 0) & (distance > least) & (height >= low) & (height <= high)
                best = torch.minimum(best, torch.where(good, distance, math.inf))
            found[:, self.steep] = best
        if len(self.flat):
            r0, z0, r1, _ = (self.parts[k, self.flat] for k in range(4))
            distance = (z0 - z) / dz
            square = (x + distance * dx) ** 2 + (y + distance * dy) ** 2
            good = (distance > least) & (square <= torch.maximum(r0, r1) ** 2)
            good &= square >= torch.minimum(r0, r1) ** 2
            found[:, self.flat] = torch.where(good, distance, math.inf)
        return _nearest(found)

    def chart(self, points: Tensor, which: Tensor) -> Tensor:
        """The points themselves."""
        return points

    def normals(self, points: Tensor, which: Tensor) -> Tensor:
        """Across the surface, to any side; see `Shape`."""
        r0, z0, r1, z1 = self.parts[:, which]
        across = torch.hypot(points[0], points[1]).clamp_min(1e-9)
        out, up = z1 - z0, r0 - r1
        return unit(torch.stack([out * points[0] / across, out * points[1] / across, up]))


class Ring:
    """The part of an upright torus in the plane of x and z that lies beyond an x, as a handle.

    The distance to a torus is known exactly, so a ray is followed by steps of that length.

    Parameters
    ----------
    middle : (2,)
        x and z.
    wide, thick : float
        Radius of the ring, and of what it is made from.
    beyond : float
        Least x.
    """

    STEPS = 96
    TOUCH = 1e-5

    def __init__(self, middle: object, wide: float, thick: float, beyond: float) -> None:
        x, z = np.asarray(middle, np.float32)
        self.x, self.z, self.wide, self.thick = float(x), float(z), wide, thick
        self.beyond = beyond
        self.middle = np.array([x, 0, z], np.float32)
        self.radius = wide + thick
        self.top = float(z) + self.radius

    def _away(self, points: Tensor) -> Tensor:
        off = torch.hypot(points[0] - self.x, points[2] - self.z) - self.wide
        return torch.maximum(torch.hypot(off, points[1]) - self.thick, self.beyond - points[0])

    def cut(self, origins: Tensor, directions: Tensor, least: Tensor) -> Cut:
        """Cut it from outside; see `Shape`."""
        local = origins - torch.as_tensor(self.middle, device=origins.device)[:, None]
        closest = -dot(local, directions)
        half = (closest**2 - dot(local, local) + self.radius**2).clamp_min(0).sqrt()
        distance, end = torch.maximum(closest - half, least), closest + half
        for _ in range(self.STEPS):
            away = self._away(origins + distance * directions)
            going = (away > self.TOUCH) & (distance < end)
            distance = torch.where(going, distance + away, distance)
            if not bool(going.any()):
                break
        near = self._away(origins + distance * directions) < 10 * self.TOUCH
        found = torch.where(near & (distance < end) & (half > 0), distance, math.inf)
        return found, torch.zeros_like(found, dtype=torch.long)

    def chart(self, points: Tensor, which: Tensor) -> Tensor:
        """The points themselves."""
        return points

    def normals(self, points: Tensor, which: Tensor) -> Tensor:
        """Outwards; see `Shape`."""
        x, y, z = points[0] - self.x, points[1], points[2] - self.z
        across = torch.hypot(x, z).clamp_min(1e-9)
        share = 1 - self.wide / across
        round_ = unit(torch.stack([share * x, y, share * z]))
        ends = round_.new_tensor([-1.0, 0.0, 0.0])[:, None]
        return torch.where(points[0] - self.beyond < 10 * self.TOUCH, ends, round_)
