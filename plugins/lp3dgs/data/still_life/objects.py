"""The objects, each as bodies round the origin that stand on z = 0; and the room they need."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material, Paint
from ..tracing.shapes import Blocks, Ellipsoids, Lathe, Ring, Tubes
from .textures import (
    Colour,
    Noise,
    Print,
    gingham,
    ink,
    linear,
    mixed,
    on_face,
    varied,
    wood,
)


@dataclass(frozen=True, eq=False)
class Thing:
    """An object.

    Parameters
    ----------
    name : str
    bodies : list of Body
    room : float
        Radius of the circle on the table that it needs.
    """

    name: str
    bodies: list[Body]
    room: float


def plain(colour: Colour) -> Paint:
    """One colour everywhere."""
    return lambda points, piece: ink(points, colour).expand_as(points)


def rotation(axis: int, angle: float) -> np.ndarray:
    """Rows are the axes of a frame that is turned about one of the world's: (3, 3)."""
    cos, sin = math.cos(angle), math.sin(angle)
    found = np.eye(3)
    one, other = (axis + 1) % 3, (axis + 2) % 3
    found[one, one] = found[other, other] = cos
    found[one, other], found[other, one] = sin, -sin
    return found


class Maker:
    """Makes the objects of one scene; each from its own stream of random numbers.

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.noise = Noise(np.random.default_rng((seed, 0)))

    def table(self, rng: np.random.Generator) -> Thing:
        """A round table top with a checked napkin."""
        planks = wood(self.noise, varied(rng, "#d9a671", 0.015, 0.03),
                      varied(rng, "#8a5730", 0.015, 0.03), 0.25)  # fmt: skip
        top = Lathe([(0, 0), (0.985, 0), (1, -0.015), (1, -0.075), (0.97, -0.09), (0, -0.09)])

        def paint(points: Tensor, piece: Tensor) -> Tensor:
            return planks(points, points[2] > -0.01)

        wooden = Material(paint, gloss=0.35)
        return Thing("table", [Body(top, wooden, (0, 0, 0), rng.uniform(0, math.tau))], 1.0)

    def napkin(self, rng: np.random.Generator) -> Thing:
        """A checked napkin, laid under what stands on it."""
        half = 0.3
        colour = varied(rng, "#33589c", 0.06)
        ground = linear("#f4efe4")

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            found = gingham(chart * half, 0.03, colour, ground, self.noise)
            edge = chart[:2].abs().amax(dim=0) > 0.955
            return torch.where(edge, ink(chart, colour), found)

        cloth = Blocks([(0, 0, 0.003)], [(half, half, 0.003)])
        return Thing("napkin", [Body(cloth, Material(paint))], half)

    def mug(self, rng: np.random.Generator) -> Thing:
        """A glazed mug of coffee with a dark band."""
        high, wide = rng.uniform(0.24, 0.28), rng.uniform(0.12, 0.135)
        glaze, band = varied(rng, "#e9e3d5", 0.05, 0.03), varied(rng, "#c8553d", 0.06)
        wall, coffee = wide - 0.014, high * 0.82
        cup = Lathe([(0, 0), (wide - 0.012, 0), (wide, 0.012), (wide, high - 0.005),
                     (wide - 0.005, high), (wall + 0.004, high), (wall, high - 0.004),
                     (wall, coffee)])  # fmt: skip

        def paint(points: Tensor, piece: Tensor) -> Tensor:
            height = points[2] / high
            turn = torch.atan2(points[1], points[0])
            wave = 0.012 * torch.sin(12 * turn)
            outside = torch.hypot(points[0], points[1]) > wide - 0.003
            stripe = ((height > 0.2) & (height < 0.27)) | ((height - 0.43 - wave).abs() < 0.075)
            speckle = self.noise(points * 90) > 0.9
            found = mixed(ink(points, glaze), ink(points, band), (stripe & outside).float())
            return mixed(found, ink(points, linear("#8a7660")), 0.45 * speckle.float())

        glazed = Material(paint, gloss=1.0)
        handle = Ring((wide + 0.012, high * 0.5), 0.072, 0.0165, wide - 0.006)
        drink = Lathe([(0, coffee), (wall + 0.002, coffee)])
        return Thing("mug", [
            Body(cup, glazed),
            Body(handle, Material(plain(band), gloss=1.0)),
            Body(drink, Material(plain(linear("#3b2114")), gloss=1.0)),
        ], wide + 0.05)  # fmt: skip

    def blocks(self, rng: np.random.Generator) -> Thing:
        """Three wooden letter blocks, one on two others."""
        half = 0.074
        letters = Print(("P", "3", "D"), 160, 160, 124)
        inks = [linear(c) for c in ("#d1495b", "#2a7f9e", "#e0a526", "#3f8f5b", "#7a4fa3")]
        order = torch.as_tensor(rng.permutation(3))
        tones = torch.as_tensor(rng.integers(0, len(inks), (3, 6)))
        body = wood(self.noise, linear("#efd6a8"), linear("#c99a5f"), 10.0)

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            face, right, up = on_face(chart)
            tone = chart.new_tensor(inks).T[:, tones.to(chart.device)[piece, face]]
            most = torch.maximum(right.abs(), up.abs())
            cover = letters(order.to(chart.device)[piece], right / 0.72, up / 0.72)
            frame = ((most > 0.78) & (most < 0.91)).float()
            grain = body(chart * half + piece * 0.37, most > 9)
            return mixed(grain, tone, torch.maximum(cover, frame))

        apart = half + 0.008
        yaw = rng.uniform(-0.12, 0.12, 3)
        yaw[2] += rng.uniform(0.2, 0.6)
        middles = [(-apart, 0, half), (apart, 0.012, half), (rng.uniform(-0.02, 0.02), 0, 3 * half)]
        turns = np.stack([rotation(2, angle) for angle in yaw])
        shape = Blocks(middles, [(half,) * 3] * 3, turns)
        return Thing("letter blocks", [Body(shape, Material(paint, gloss=0.3))], 2 * apart + 0.015)

    def books(self, rng: np.random.Generator) -> Thing:
        """Three books with a puzzle cube and a pencil on top."""
        sizes = [(0.21, 0.15, 0.03), (0.195, 0.138, 0.024), (0.18, 0.128, 0.028)]
        covers = [varied(rng, c) for c in ("#274c66", "#b8433a", "#dcae4e")]
        gold, page = linear("#ecd9a0"), linear("#efe8d6")
        words = Print(("GAUSSIANS", "OPACITY", "SPLATS"), 320, 64, 44)
        halves = torch.as_tensor(np.array(sizes, np.float32).T.copy())

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            face, right, up = on_face(chart)
            cover = chart.new_tensor(covers).T[:, piece]
            thick = halves.to(chart.device)[2, piece]
            spine = face == 4
            board = (chart[2].abs() * thick > thick - 0.005) | spine | (face % 3 == 2)
            lines = self.noise(torch.stack([chart[2] * thick * 420, piece * 9.0, face * 3.0]))
            leaf = ink(chart, page) * (0.72 + 0.3 * lines)
            found = torch.where(board, cover, leaf)
            title = torch.where(spine, words(piece, right / 0.62, up / 0.8), 0.0)
            rule = spine & ((right.abs() - 0.78).abs() < 0.025)
            rule |= (face % 3 == 2) & ((chart[:2].abs().amax(dim=0) - 0.86).abs() < 0.02)
            return mixed(found, ink(chart, gold), torch.maximum(title, rule.float()))

        heights, z = [], 0.0
        for size in sizes:
            heights.append(z + size[2])
            z += 2 * size[2] + 0.001
        angles = (rng.uniform(-0.05, 0.05), rng.uniform(0.1, 0.3), rng.uniform(-0.35, -0.1))
        shape = Blocks([(0, 0, h) for h in heights], sizes,
                       np.stack([rotation(2, angle) for angle in angles]))  # fmt: skip
        cube = self._cube(rng, 0.066, (-0.055, 0.02, z), rng.uniform(0, 1.5))
        return Thing("books", [Body(shape, Material(paint, gloss=0.45)), cube,
                               *self._pencil(rng, z)], 0.262)  # fmt: skip

    def _cube(
        self, rng: np.random.Generator, half: float, place: tuple[float, float, float], turn: float
    ) -> Body:
        names = ("#d43d2f", "#2f6fc4", "#f2f0ea", "#e9822b", "#2f9a51", "#f0cf3a")
        inks = [linear(name) for name in names]
        stickers = torch.as_tensor(rng.permutation(np.repeat(np.arange(6), 9)).reshape(6, 3, 3))

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            face, right, up = on_face(chart)
            across, along = ((each.clamp(-0.999, 0.999) + 1) * 1.5 for each in (right, up))
            column, row = across.long(), along.long()
            tone = chart.new_tensor(inks).T[:, stickers.to(chart.device)[face, row, column]]
            off = torch.maximum((across % 1 - 0.5).abs(), (along % 1 - 0.5).abs())
            return torch.where(off < 0.43, tone, ink(chart, linear("#17181a")))

        x, y, z = place
        shape = Blocks([(0, 0, half)], [(half,) * 3])
        return Body(shape, Material(paint, gloss=0.8), (x, y, z + 0.001), turn)

    def _pencil(self, rng: np.random.Generator, z: float) -> list[Body]:
        colour = varied(rng, "#2d9c8f", 0.1)

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            along = chart[0]
            bands = [(0.965, "#35302c"), (0.9, "#e3c08d"), (-9.0, "")]
            found = ink(chart, colour).expand_as(chart)
            for least, name in reversed(bands[:2]):
                found = torch.where(along > least, ink(chart, linear(name)), found)
            found = torch.where(along < 0.09, ink(chart, linear("#b9bcc0")), found)
            return torch.where(along < 0.05, ink(chart, linear("#e08a93")), found)

        radius = 0.0095
        start, end = np.array([0.03, -0.1, z + radius]), np.array([0.135, 0.09, z + radius])
        shape = Tubes([start], [end], [radius])
        return [Body(shape, Material(paint, gloss=0.6))]

    def pebbles(self, rng: np.random.Generator) -> Thing:
        """Four pebbles, one on the other."""
        sizes = np.array([(0.12, 0.098, 0.05), (0.088, 0.08, 0.04), (0.064, 0.055, 0.034),
                          (0.04, 0.036, 0.028)]) * rng.uniform(0.92, 1.06, (4, 1))  # fmt: skip
        tones = [varied(rng, c) for c in ("#77777a", "#b9a88f", "#5b6570", "#c9c3b6")]
        low = np.concatenate([[0], np.cumsum(2 * sizes[:-1, 2] * 0.985)])
        off = np.vstack([np.zeros(2), np.cumsum(rng.uniform(-0.009, 0.009, (3, 2)), axis=0)])
        middles = np.column_stack([off, low + sizes[:, 2]])
        turns = np.stack([rotation(2, angle) for angle in rng.uniform(0, 3, 4)])

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            tone = chart.new_tensor(tones).T[:, piece]
            shifted = chart + piece * 3.7
            cloud = self.noise.fractal(shifted * 2.2, 4)
            grains = self.noise(shifted * 15)
            vein = ((self.noise.fractal(shifted * 1.1, 3) - 0.5).abs() < 0.012).float()
            speck = 0.75 + 0.5 * cloud - 0.35 * (grains > 0.8).float()
            return mixed(tone * speck, ink(chart, linear("#ece7dc")), 0.75 * vein)

        shape = Ellipsoids(middles, sizes, turns)
        return Thing("pebbles", [Body(shape, Material(paint, gloss=0.12))], 0.128)

    def marble(self, rng: np.random.Generator) -> Thing:
        """A polished ball with swirls."""
        radius = rng.uniform(0.115, 0.13)
        deep, pale = varied(rng, "#1f5c7a", 0.08), linear("#f1e6cf")
        rust = varied(rng, "#c9822f", 0.03)

        def paint(chart: Tensor, piece: Tensor) -> Tensor:
            bent = self.noise.fractal(chart * 1.7 + 11, 4)
            more = self.noise.fractal(chart * 3.1 + 4, 4)
            bands = 0.5 + 0.5 * torch.sin(8 * chart[2] + 3 * chart[0] + 13 * bent)
            found = mixed(ink(chart, deep), ink(chart, pale), 1.7 * bands - 0.35)
            return mixed(found, ink(chart, rust), 6 * (more - 0.58))

        shape = Ellipsoids([(0, 0, radius)], [(radius,) * 3])
        return Thing("marble ball", [Body(shape, Material(paint, gloss=0.7))], radius)

    def mirror(self, rng: np.random.Generator) -> Thing:
        """A ball of chrome."""
        radius = rng.uniform(0.13, 0.15)
        shape = Ellipsoids([(0, 0, radius)], [(radius,) * 3])
        chrome = Material(kind="mirror", tint=(0.86, 0.87, 0.89))
        return Thing("mirror ball", [Body(shape, chrome)], radius)

    def glass(self, rng: np.random.Generator) -> Thing:
        """A ball of glass on a ring of brass."""
        radius = rng.uniform(0.13, 0.145)
        stand = Lathe([(0.062, 0), (0.076, 0), (0.07, 0.03), (0.058, 0.03), (0.062, 0)])
        lift = 0.03 + math.sqrt(radius**2 - 0.058**2)
        ball = Ellipsoids([(0, 0, lift)], [(radius,) * 3])
        clear = Material(kind="glass", index=1.5, dim=(0.9, 0.35, 0.45))
        return Thing("glass ball", [
            Body(ball, clear),
            Body(stand, Material(plain(linear("#b08a3e")), gloss=1.0)),
        ], radius)  # fmt: skip

    def chair(self, rng: np.random.Generator) -> Thing:
        """A small chair of thin wire."""
        wide, deep, seat, high = 0.1, 0.095, 0.2, rng.uniform(0.42, 0.46)
        lean = 0.05
        rods: list[tuple[tuple[float, float, float], tuple[float, float, float], float]] = []
        thick, thin = 0.0075, 0.0042
        for x in (-wide, wide):
            rods.append(((1.12 * x, -1.12 * deep, thick), (x, -deep, seat), thick))
            rods.append(((1.12 * x, 1.2 * deep, thick), (x, deep, seat), thick))
            rods.append(((x, deep, seat), (0.94 * x, deep + lean, high), thick))
            rods.append(((x, -deep, seat), (x, deep, seat), thick))
            rods.append(((1.06 * x, -1.06 * deep, 0.09), (1.06 * x, 1.1 * deep, 0.09), thin))
        for y, z in ((-deep, seat), (deep, seat)):
            rods.append(((-wide, y, z), (wide, y, z), thick))
        rods.append(((-0.94 * wide, deep + lean, high), (0.94 * wide, deep + lean, high), thick))
        for share in np.linspace(-0.75, 0.75, 7):
            x = wide * share
            rods.append(((x, -deep, seat), (x, deep, seat), thin))
            rods.append(((x, deep, seat), (0.94 * x, deep + lean, high), thin))
        middle = (seat + high) / 2
        rods.append(((-0.97 * wide, deep + lean / 2, middle), (0.97 * wide, deep + lean / 2, middle),
                     thin))  # fmt: skip
        starts, ends, radii = zip(*rods, strict=True)
        lacquer = Material(plain(varied(rng, "#c9362c", 0.04)), gloss=0.9)
        return Thing("wire chair", [Body(Tubes(starts, ends, radii), lacquer)], 0.17)

    def plant(self, rng: np.random.Generator) -> Thing:
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
            cloud = 0.82 + 0.36 * self.noise.fractal(points * 24, 3)
            return mixed(ink(points, clay) * cloud, ink(points, white), line.float())

        def earth(points: Tensor, piece: Tensor) -> Tensor:
            return ink(points, linear("#4a3527")) * (0.5 + self.noise.fractal(points * 60, 3))

        stems, leaves = _grown(rng, high - 0.03)
        green, pale = varied(rng, "#3f7d3a", 0.03), varied(rng, "#8fbf5c", 0.03)

        def leafy(chart: Tensor, piece: Tensor) -> Tensor:
            tone = self.noise(torch.stack([piece * 1.37 + 0.5, piece * 0.73, piece * 0.0]))
            rib = (chart[1].abs() < 0.09).float()
            veins = ((chart[0] * 5 - chart[1].abs() * 4) % 1 < 0.16).float()
            found = mixed(ink(chart, green), ink(chart, pale), 0.75 * tone)
            return mixed(found, ink(chart, pale), 0.8 * rib + 0.3 * veins)

        return Thing("plant", [
            Body(pot, Material(fired, gloss=0.08)), Body(soil, Material(earth)),
            *(Body(part, Material(plain(linear("#5f7f3b")), gloss=0.2)) for part in stems),
            *(Body(part, Material(leafy, gloss=0.15)) for part in leaves),
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


Recipe = Callable[[Maker, np.random.Generator], Thing]
STANDING: tuple[Recipe, ...] = (
    Maker.books, Maker.plant, Maker.blocks, Maker.chair, Maker.mug, Maker.mirror, Maker.glass,
    Maker.marble, Maker.pebbles,
)  # fmt: skip
"""What stands on the table, the largest first."""
