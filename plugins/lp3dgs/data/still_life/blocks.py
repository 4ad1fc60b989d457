"""Blocks with letters on them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Blocks
from .textures import Noise, Print, linear, mixed, on_face, wood
from .things import Thing, rotation


def blocks(noise: Noise, rng: np.random.Generator) -> Thing:
    """Three wooden letter blocks, one on two others."""
    half = 0.074
    letters = Print(("P", "3", "D"), 160, 160, 124)
    inks = [linear(c) for c in ("#d1495b", "#2a7f9e", "#e0a526", "#3f8f5b", "#7a4fa3")]
    order = torch.as_tensor(rng.permutation(3))
    tones = torch.as_tensor(rng.integers(0, len(inks), (3, 6)))
    body = wood(noise, linear("#efd6a8"), linear("#c99a5f"), 10.0)

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
