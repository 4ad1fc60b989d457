"""A ball that mirrors and a ball that is clear."""

from __future__ import annotations

import math

import numpy as np

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Ellipsoids, Lathe
from .textures import Noise, linear
from .things import Thing, plain


def mirror(noise: Noise, rng: np.random.Generator) -> Thing:
    """A ball of chrome."""
    radius = rng.uniform(0.13, 0.15)
    shape = Ellipsoids([(0, 0, radius)], [(radius,) * 3])
    chrome = Material(kind="mirror", tint=(0.86, 0.87, 0.89))
    return Thing("mirror ball", [Body(shape, chrome)], radius)


def glass(noise: Noise, rng: np.random.Generator) -> Thing:
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
