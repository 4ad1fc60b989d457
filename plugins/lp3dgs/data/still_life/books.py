"""Books, a puzzle cube and a pencil."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Blocks, Tubes
from .textures import Noise, Print, ink, linear, mixed, on_face, varied
from .things import Thing, rotation


def books(noise: Noise, rng: np.random.Generator) -> Thing:
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
        lines = noise(torch.stack([chart[2] * thick * 420, piece * 9.0, face * 3.0]))
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
    cube = _cube(rng, 0.066, (-0.055, 0.02, z), rng.uniform(0, 1.5))
    return Thing("books", [Body(shape, Material(paint, gloss=0.45)), cube,
                           *_pencil(rng, z)], 0.262)  # fmt: skip


def _cube(
    rng: np.random.Generator, half: float, place: tuple[float, float, float], turn: float
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


def _pencil(rng: np.random.Generator, z: float) -> list[Body]:
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
