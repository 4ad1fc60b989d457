"""A chair of wire."""

from __future__ import annotations

import numpy as np

from ..tracing.bodies import Body, Material
from ..tracing.shapes import Tubes
from .textures import Noise, varied
from .things import Thing, plain


def chair(noise: Noise, rng: np.random.Generator) -> Thing:
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
