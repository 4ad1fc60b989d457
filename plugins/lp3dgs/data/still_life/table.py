"""The table, and the napkin on it."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Blocks, Lathe
from .textures import Noise, gingham, ink, linear, varied, wood
from .things import Thing

NAPKIN, THICK = 0.24, 0.0015
"""Halves of the sides of the napkin."""


def table(noise: Noise, rng: np.random.Generator) -> Thing:
    """A round table top of planks."""
    planks = wood(noise, varied(rng, "#d9a671", 0.015, 0.03),
                  varied(rng, "#8a5730", 0.015, 0.03), 0.25)  # fmt: skip
    top = Lathe([(0, 0), (0.985, 0), (1, -0.015), (1, -0.075), (0.97, -0.09), (0, -0.09)])

    def paint(points: Tensor, piece: Tensor) -> Tensor:
        return planks(points, points[2] > -0.01)

    wooden = Material(paint, gloss=0.25)
    return Thing("table", [Body(top, wooden, (0, 0, 0), rng.uniform(0, math.tau))], 1.0)


def napkin(noise: Noise, rng: np.random.Generator) -> Body:
    """A checked napkin, to lay under what stands on it."""
    colour = varied(rng, "#33589c", 0.06)
    ground = linear("#f4efe4")

    def paint(chart: Tensor, piece: Tensor) -> Tensor:
        found = gingham(chart * NAPKIN, 0.03, colour, ground, noise)
        edge = chart[:2].abs().amax(dim=0) > 0.955
        return torch.where(edge, ink(chart, colour), found)

    cloth = Blocks([(0, 0, THICK)], [(NAPKIN, NAPKIN, THICK)])
    return Body(cloth, Material(paint), turn=rng.uniform(0, math.tau))
