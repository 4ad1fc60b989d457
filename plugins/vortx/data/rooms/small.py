"""Lamps, plants, racks and bins, and the things that stand on furniture."""

from __future__ import annotations

import numpy as np

from ..tracing.solids import Draft, pitched, yawed
from .palette import Palette, Rng, plain
from .pieces import Piece

_WARM = (1.0, 0.86, 0.66)


def floor_lamp(rng: Rng, palette: Palette) -> Piece:
    """A lamp on a thin pole, with a shade, or bowed over."""
    h = float(rng.uniform(1.4, 1.75))
    piece = Piece("floor lamp", 0.44, 0.44, h)
    metal = palette.black if rng.random() < 0.5 else palette.steel
    piece.draft.rod((0, 0, 0), (0, 0, 0.025), 0.14, metal)
    piece.draft.rod((0, 0, 0.025), (0, 0, h - 0.2), float(rng.uniform(0.01, 0.017)), metal)
    shade = plain(_WARM, glow=float(rng.uniform(0.6, 1.4)))
    piece.draft.rod(
        (0, 0, h - 0.3), (0, 0, h), float(rng.uniform(0.17, 0.22)), shade, 0.13, clear=True
    )
    piece.bulbs.append((0, 0, h - 0.15))
    return piece


def plant(rng: Rng, palette: Palette) -> Piece:
    """A plant in a pot: stems and leaves that bend outwards."""
    r, tall = float(rng.uniform(0.12, 0.2)), float(rng.uniform(0.5, 1.3))
    piece = Piece("plant", 3.2 * r, 3.2 * r, 0.3 + tall)
    _plant(rng, palette, piece.draft, r, 1.5 * r, tall, int(rng.integers(10, 24)))
    return piece


def _plant(
    rng: Rng, palette: Palette, draft: Draft, r: float, pot: float, tall: float, leaves: int
) -> None:
    draft.rod((0, 0, 0), (0, 0, pot), 0.72 * r, palette.pot(), r)
    draft.rod((0, 0, pot - 0.01), (0, 0, pot + 0.003), 0.9 * r, plain((0.05, 0.035, 0.025)))
    stem, leaf = plain((0.16, 0.13, 0.06)), palette.leaf()
    reach = 1.5 * r
    for k in range(leaves):
        angle = 2.4 * k + float(rng.uniform(-0.3, 0.3))
        c, s = np.cos(angle), np.sin(angle)
        high = pot + tall * (0.25 + 0.75 * (k + 0.5) / leaves) * float(rng.uniform(0.85, 1.0))
        out = reach * float(rng.uniform(0.45, 1.0)) * (1.15 - 0.6 * k / leaves)
        tip = np.array((out * c, out * s, high))
        if k % 2 == 0:
            draft.rod((0.02 * c, 0.02 * s, pot), tip, 0.006, stem)
        size = float(rng.uniform(0.07, 0.13))
        turn = yawed(angle - np.pi / 2) @ pitched(float(rng.uniform(-0.9, 0.2)))
        draft.ball(tip, (0.45 * size, size, 0.008), leaf, turn)


def bin_(rng: Rng, palette: Palette) -> Piece:
    """A waste-paper bin, or a basket."""
    r, h = float(rng.uniform(0.12, 0.2)), float(rng.uniform(0.25, 0.45))
    piece = Piece("bin", 2 * r, 2 * r, h)
    piece.draft.rod(
        (0, 0, 0), (0, 0, h), 0.8 * r, palette.cloth() if rng.random() < 0.5 else palette.black, r
    )
    return piece


def clothes_rack(rng: Rng, palette: Palette) -> Piece:
    """Thin rods and clothes that hang from them."""
    w, h = float(rng.uniform(0.8, 1.2)), float(rng.uniform(1.45, 1.7))
    piece = Piece("clothes rack", w, 0.44, h)
    metal = palette.black if rng.random() < 0.5 else palette.steel
    for x in (-w / 2 + 0.02, w / 2 - 0.02):
        piece.draft.rod((x, 0, 0), (x, 0, h), 0.0125, metal)
        piece.draft.rod((x, -0.22, 0.015), (x, 0.22, 0.015), 0.0125, metal)
    piece.draft.rod((-w / 2, 0, h - 0.0125), (w / 2, 0, h - 0.0125), 0.0125, metal)
    x = -w / 2 + 0.12
    while x < w / 2 - 0.12:
        thick, long = float(rng.uniform(0.025, 0.06)), float(rng.uniform(0.5, 1.0))
        piece.draft.box((x, -0.2, h - 0.08 - long), (x + thick, 0.2, h - 0.08), palette.cloth())
        x += thick + float(rng.uniform(0.01, 0.12))
    return piece


def boxes(rng: Rng, palette: Palette) -> Piece:
    """Cardboard boxes on top of each other."""
    w, d = float(rng.uniform(0.35, 0.6)), float(rng.uniform(0.3, 0.5))
    piece = Piece("boxes", w, d, 0.0)
    z = 0.0
    for _ in range(int(rng.integers(1, 4))):
        high, shrink = float(rng.uniform(0.2, 0.38)), float(rng.uniform(0.75, 1.0))
        tone = float(rng.uniform(0.8, 1.1))
        card = plain((0.42 * tone, 0.28 * tone, 0.15 * tone), seed=int(rng.integers(999)))
        turn = yawed(float(rng.uniform(-0.12, 0.12)))
        piece.draft.box(
            (-w / 2 * shrink, -d / 2 * shrink, z),
            (w / 2 * shrink, d / 2 * shrink, z + high),
            card,
            turn,
        )
        piece.draft.box(
            (-0.03, -d / 2 * shrink - 0.001, z),
            (0.03, d / 2 * shrink + 0.001, z + high + 0.001),
            plain((0.55, 0.42, 0.25)),
            turn,
        )
        z += high
    piece.height = z
    piece.tops.append((-w / 3, w / 3, -d / 3, d / 3, z))
    return piece


def clutter(
    rng: Rng, palette: Palette, room: float
) -> tuple[Draft, float, list[tuple[float, float, float]]]:
    """One thing that stands on furniture, and half the room that it takes.

    Returns
    -------
    draft : Draft
    radius : float
    bulbs : list of (x, y, z)
        Lamps that are in it.
    """
    draft, pick = Draft(), rng.random()
    bulbs: list[tuple[float, float, float]] = []
    if pick < 0.2:  # a pile of books
        z, turn = 0.0, float(rng.uniform(-3, 3))
        for _ in range(int(rng.integers(1, 6))):
            a, b, t = (
                float(rng.uniform(0.07, 0.1)),
                float(rng.uniform(0.1, 0.14)),
                float(rng.uniform(0.015, 0.045)),
            )
            draft.box(
                (-a, -b, z),
                (a, b, z + t),
                palette.spine(),
                yawed(turn + float(rng.uniform(-0.3, 0.3))),
            )
            z += t
        return draft, 0.15, bulbs
    if pick < 0.36 and room > 0.25:  # a monitor
        w, h = float(rng.uniform(0.24, 0.36)), float(rng.uniform(0.26, 0.36))
        draft.box((-0.1, -0.08, 0), (0.1, 0.1, 0.012), palette.black)
        draft.box((-0.02, 0.03, 0.012), (0.02, 0.05, 0.2), palette.black)
        draft.box((-w, 0.0, 0.1), (w, 0.035, 0.1 + h), palette.black)
        on = palette.screen() if rng.random() < 0.75 else palette.black
        draft.box((-w + 0.01, -0.002, 0.11), (w - 0.01, 0.0, 0.09 + h), on)
        return draft, w, bulbs
    if pick < 0.46:  # a lamp
        r, h = float(rng.uniform(0.08, 0.13)), float(rng.uniform(0.3, 0.48))
        draft.rod((0, 0, 0), (0, 0, 0.02), 0.07, palette.pot())
        draft.rod((0, 0, 0.02), (0, 0, 0.65 * h), 0.016, palette.steel)
        draft.rod(
            (0, 0, 0.6 * h),
            (0, 0, h),
            r,
            plain(_WARM, glow=float(rng.uniform(0.5, 1.2))),
            0.7 * r,
            clear=True,
        )
        bulbs.append((0, 0, 0.8 * h))
        return draft, r, bulbs
    if pick < 0.58:  # a vase or a bowl
        r = float(rng.uniform(0.05, 0.1))
        if rng.random() < 0.5:
            draft.ball((0, 0, 0.9 * r), (r, r, r), palette.pot())
            draft.rod((0, 0, 1.6 * r), (0, 0, 2.4 * r), 0.5 * r, palette.pot(), 0.6 * r)
        else:
            draft.rod((0, 0, 0), (0, 0, 0.9 * r), 0.6 * r, palette.pot(), 1.3 * r)
        return draft, 1.3 * r, bulbs
    if pick < 0.7:  # cups
        for _ in range(int(rng.integers(1, 4))):
            x, y = rng.uniform(-0.08, 0.08, 2)
            draft.rod(
                (x, y, 0), (x, y, float(rng.uniform(0.08, 0.12))), 0.035, palette.pot(), 0.042
            )
        return draft, 0.13, bulbs
    if pick < 0.82:  # a small plant
        r = float(rng.uniform(0.05, 0.08))
        _plant(rng, palette, draft, r, 1.6 * r, float(rng.uniform(0.12, 0.3)), 9)
        return draft, 1.6 * r, bulbs
    if pick < 0.92:  # a box
        a, b, t = rng.uniform(0.06, 0.16, 3)
        draft.box((-a, -b, 0), (a, b, t), palette.paint(), yawed(float(rng.uniform(-3, 3))))
        return draft, float(max(a, b)), bulbs
    a, t = 0.16, 0.018  # a laptop
    draft.box((-a, -0.11, 0), (a, 0.11, t), palette.steel)
    draft.box((-a, 0.1, 0.02), (a, 0.112, 0.24), palette.black, pitched(-0.25))
    draft.box((-a + 0.01, 0.097, 0.035), (a - 0.01, 0.0995, 0.23), palette.screen(), pitched(-0.25))
    return draft, 0.19, bulbs
