"""A mug of coffee."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Lathe, Ring
from .table import NAPKIN, THICK, napkin
from .textures import Noise, ink, linear, mixed, varied
from .things import Thing, plain


def mug(noise: Noise, rng: np.random.Generator) -> Thing:
    """A glazed mug of coffee with a band round it, on a napkin."""
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
        speckle = noise(points * 90) > 0.9
        found = mixed(ink(points, glaze), ink(points, band), (stripe & outside).float())
        return mixed(found, ink(points, linear("#8a7660")), 0.45 * speckle.float())

    glazed = Material(paint, gloss=1.0)
    handle = Ring((wide + 0.012, high * 0.5), 0.072, 0.0165, wide - 0.006)
    drink = Lathe([(0, coffee), (wall + 0.002, coffee)])
    on = (0.0, 0.0, 2 * THICK)
    return Thing("mug", [
        napkin(noise, rng),
        Body(cup, glazed, on),
        Body(handle, Material(plain(band), gloss=1.0), on),
        Body(drink, Material(plain(linear("#3b2114")), gloss=1.0), on),
    ], wide + 0.09, NAPKIN * math.sqrt(2))  # fmt: skip
