"""A plant in a pot."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Ellipsoids, Lathe, Tubes
from .textures import Noise, ink, linear, mixed, varied
from .things import Thing, plain, rotation


def plant(noise: Noise, rng: np.random.Generator) -> Thing:
    """A plant with thin leaves on thin stems, in a pot of clay."""
    high = 0.2
    pot = Lathe([(0, 0), (0.1, 0), (0.132, high - 0.045), (0.146, high - 0.045),
                 (0.15, high), (0.134, high), (0.128, high - 0.03)])  # fmt: skip
    soil = Lathe([(0, high - 0.03), (0.13, high - 0.03)])
    clay, white = varied(rng, "#b9643f", 0.015), linear("#efe3d0")

    def fired(points: Tensor, piece: Tensor) -> Tensor:
        turn = torch.atan2(points[1], points[0]) * (16 / math.tau)
        zigzag = 0.075 + 0.03 * (2 * (turn % 1 - 0.5).abs())
        line = ((points[2] - zigzag).abs() < 0.009) | ((points[2] - 0.045).abs() < 0.004)
        cloud = 0.82 + 0.36 * noise.fractal(points * 24, 3)
        return mixed(ink(points, clay) * cloud, ink(points, white), line.float())

    def earth(points: Tensor, piece: Tensor) -> Tensor:
        return ink(points, linear("#4a3527")) * (0.5 + noise.fractal(points * 60, 3))

    stems, leaves = _grown(rng, high - 0.03)
    green, pale = varied(rng, "#3f7d3a", 0.03), varied(rng, "#8fbf5c", 0.03)

    def leafy(chart: Tensor, piece: Tensor) -> Tensor:
        tone = noise(torch.stack([piece * 1.37 + 0.5, piece * 0.73, piece * 0.0]))
        rib = (chart[1].abs() < 0.09).float()
        veins = ((chart[0] * 5 - chart[1].abs() * 4) % 1 < 0.16).float()
        found = mixed(ink(chart, green), ink(chart, pale), 0.75 * tone)
        return mixed(found, ink(chart, pale), 0.8 * rib + 0.3 * veins)

    return Thing("plant", [
        Body(pot, Material(fired, gloss=0.08)), Body(soil, Material(earth)),
        *(Body(part, Material(plain(linear("#5f7f3b")), gloss=0.2)) for part in stems),
        *(Body(part, Material(leafy, gloss=0.15, thin=0.35)) for part in leaves),
    ], 0.24)  # fmt: skip


def _leaf(points: Tensor) -> Tensor:
    """Outline of a leaf on the upper half of the unit ball: pointed at both ends of x."""
    return (points[2] > 0) & (points[1].abs() < 0.94 * (1 - points[0].abs() ** 1.7))


def _grown(rng: np.random.Generator, ground: float) -> tuple[list[Tubes], list[Ellipsoids]]:
    """Stems that bend outwards, and leaves along them, in four lots by where they point."""
    rods: list[list[tuple[np.ndarray, np.ndarray, float]]] = [[], [], [], []]
    lots: list[list[tuple[np.ndarray, tuple[float, float, float], np.ndarray]]] = [[], [], [], []]
    count = 13
    for number in range(count):
        azimuth = math.tau * (number * 0.618 + rng.uniform(-0.05, 0.05))
        reach, rise = rng.uniform(0.09, 0.23), rng.uniform(0.2, 0.46)
        out = np.array([math.cos(azimuth), math.sin(azimuth), 0])
        at = 0.03 * out * rng.uniform(0.3, 1) + (0, 0, ground - 0.005)
        path = [
            at + out * reach * s**2.2 + np.array([0, 0, rise * s]) for s in np.linspace(0, 1, 6)
        ]
        part = int(azimuth % math.tau / (math.pi / 2)) % 4
        lot = lots[part]
        rods[part] += [(*path[k : k + 2], 0.0052 - 0.0005 * k) for k in range(5)]
        for step, point in enumerate(path[2:]):
            last = step == 3
            for side in (0.0,) if last else (-1.0, 1.0):
                yaw = azimuth + side * rng.uniform(0.7, 1.3)
                pitch = rng.uniform(-0.5, 0.25) if last else rng.uniform(-0.25, 0.5)
                long = rng.uniform(0.055, 0.085) * (1.15 if last else 0.8 + 0.1 * (3 - step))
                radii_ = (long, long * 0.42, long * 0.22)
                turn = rotation(0, rng.uniform(-0.3, 0.3)) @ rotation(1, -pitch) @ rotation(2, yaw)
                lot.append((point + turn[0] * (long * 0.97), radii_, turn))
    leaves = [
        Ellipsoids([m for m, _, _ in lot], [r for _, r, _ in lot], np.stack([t for *_, t in lot]),
                   _leaf)
        for lot in lots if lot
    ]  # fmt: skip
    return [Tubes(*zip(*part, strict=True)) for part in rods if part], leaves
