"""Pebbles, and a ball of patterned stone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Ellipsoids
from .textures import Noise, ink, linear, mixed, varied
from .things import Thing, rotation


def pebbles(noise: Noise, rng: np.random.Generator) -> Thing:
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
        cloud = noise.fractal(shifted * 2.2, 4)
        grains = noise(shifted * 15)
        vein = ((noise.fractal(shifted * 1.1, 3) - 0.5).abs() < 0.012).float()
        speck = 0.75 + 0.5 * cloud - 0.35 * (grains > 0.8).float()
        return mixed(tone * speck, ink(chart, linear("#ece7dc")), 0.75 * vein)

    shape = Ellipsoids(middles, sizes, turns)
    return Thing("pebbles", [Body(shape, Material(paint, gloss=0.12))], 0.128)


def marble(noise: Noise, rng: np.random.Generator) -> Thing:
    """A polished ball with swirls."""
    radius = rng.uniform(0.115, 0.13)
    deep, pale = varied(rng, "#1f5c7a", 0.08), linear("#f1e6cf")
    rust = varied(rng, "#c9822f", 0.03)

    def paint(chart: Tensor, piece: Tensor) -> Tensor:
        bent = noise.fractal(chart * 1.7 + 11, 4)
        more = noise.fractal(chart * 3.1 + 4, 4)
        bands = 0.5 + 0.5 * torch.sin(8 * chart[2] + 3 * chart[0] + 13 * bent)
        found = mixed(ink(chart, deep), ink(chart, pale), 1.7 * bands - 0.35)
        return mixed(found, ink(chart, rust), 6 * (more - 0.58))

    shape = Ellipsoids([(0, 0, radius)], [(radius,) * 3])
    return Thing("marble ball", [Body(shape, Material(paint, gloss=0.7))], radius)
