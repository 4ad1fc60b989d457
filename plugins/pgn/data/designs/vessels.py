"""Vessels: bow towards -z, keel at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .outlines import DARKS, GLASS, METALS, PAINTS, WHITES, WOODS, paint, tinted
from .parts import Part, both, extrude, loft
from .shapes import box, cylinder, ellipsoid, rounded_box, torus, tube


def _boat(
    stations: Sequence[Sequence[float]],
    rgb: tuple[float, float, float],
    *,
    fullness: float = 2.6,
    low: float = 0.0,
    high: float = 1.0,
) -> Part:
    """Return a hull lofted along z, or the slice of it between two shares of its depth.

    Each station is (z, half beam, keel y, deck y); the section is half a superellipse.
    """
    depth = np.linspace(low, high, 10)
    spread = (1 - (1 - depth) ** fullness) ** (1 / fullness)
    sections = []
    for z, beam, keel, deck in stations:
        x, y = np.maximum(spread * beam, 2e-3), keel + depth * (deck - keel)
        points = np.stack([np.concatenate([x[::-1], -x]), np.concatenate([y[::-1], y])], -1)
        sections.append(np.insert(points, 2, z, axis=1))
    return loft(np.array(sections), rgb)


def _lines(
    length: float,
    beam: float,
    draft: float,
    *,
    stern: float = 0.8,
    sheer: float = 0.25,
    entry: float = 1.8,
) -> list[tuple[float, float, float, float]]:
    """Return stations of a hull with a pointed bow, deck at y = 0 amidships."""
    rows = []
    for share in np.linspace(0, 1, 17):
        z = (share - 0.5) * length
        bow = 1 - max(0.0, 1 - share / 0.45) ** entry
        aft = 1 - (1 - stern) * max(0.0, (share - 0.6) / 0.4) ** 2
        keel = -draft * (1 - 0.75 * max(0.0, 1 - share / 0.25) ** 2)
        rows.append(
            (
                z,
                max(beam * bow * aft, 0.01),
                keel,
                sheer * (1 - share / 0.6) ** 2
                if share < 0.6
                else 0.12 * sheer * ((share - 0.6) / 0.4) ** 2,
            )
        )
    return rows


def sailboat(rng: np.random.Generator) -> list[Part]:
    """Return a sloop with a mainsail, a jib and a fin keel."""
    length, beam, mast = rng.uniform(3.2, 3.8), rng.uniform(0.45, 0.56), rng.uniform(3.4, 4.2)
    rgb, sail = paint(rng, PAINTS), paint(rng, WHITES)
    lines = _lines(length, beam, 0.42, stern=0.65)
    z, boom = -0.12 * length, rng.uniform(1.2, 1.5)
    main = np.array(
        [
            [z + 0.04, 0.5],
            [z + boom, 0.5],
            [z + boom * 0.62, 0.5 + mast * 0.42],
            [z + 0.05, mast * 0.97],
        ]
    )
    jib = np.array([[-length * 0.47, 0.32], [z - 0.08, 0.45], [z - 0.06, mast * 0.85]])
    keel = np.array([[-0.35, -0.3], [0.35, -0.3], [0.3, -0.95], [-0.1, -0.95]])
    return [
        _boat(lines, rgb),
        _boat([(a, b * 0.97, d - 0.01, d + 0.03) for a, b, _, d in lines], WOODS[1]),
        rounded_box((0, 0.1, 0.05), (beam * 1.1, 0.22, length * 0.28), sail, 0.07),
        rounded_box((0, 0.12, length * 0.02), (beam * 1.12, 0.06, length * 0.2), GLASS, 0.02),
        cylinder((0, 0, z), (0, mast, z), 0.035, METALS[0], end_radius=0.02, sides=10),
        cylinder((0, 0.46, z), (0, 0.46, z + boom), 0.028, METALS[0], sides=10),
        extrude(main, 0.025, sail, plane="zy"),
        extrude(jib, 0.025, tinted(sail, 0.94), plane="zy"),
        extrude(keel, 0.07, DARKS[1], plane="zy", bevel=0.02),
        cylinder((0, mast, z), (0, 0.03, length * 0.48), 0.008, METALS[1], sides=6),
        cylinder((0, mast * 0.9, z), (0, 0.26, -length * 0.49), 0.008, METALS[1], sides=6),
    ]


def freighter(rng: np.random.Generator) -> list[Part]:
    """Return a container ship with a bridge at the stern and stacked boxes."""
    length, beam = rng.uniform(6.0, 7.2), rng.uniform(0.5, 0.62)
    rgb = paint(rng, PAINTS)
    lines = _lines(length, beam, 0.62, stern=0.85, sheer=0.3, entry=3.0)
    parts = [
        _boat(lines, (0.55, 0.16, 0.13), fullness=5, high=0.45),
        _boat([(a, b * 1.004, c, d) for a, b, c, d in lines], rgb, fullness=5, low=0.4),
    ]
    house = length * 0.33
    parts += [
        box((0, 0.38, house), (beam * 1.7, 0.78, 0.5), WHITES[0], taper=(0.9, 0.9)),
        box((0, 0.84, house - 0.04), (beam * 2.0, 0.16, 0.36), WHITES[1]),
        box((0, 0.86, house - 0.2), (beam * 1.9, 0.07, 0.08), GLASS),
        cylinder((0, 0.2, house + 0.5), (0, 1.05, house + 0.54), 0.16, rgb, end_radius=0.13),
        cylinder((0, 0.9, house), (0, 1.3, house), 0.02, METALS[1], sides=8),
        cylinder((0, 0.2, -length * 0.43), (0, 0.8, -length * 0.43), 0.02, METALS[1], sides=8),
    ]
    count = int(rng.integers(5, 8))
    pitch = length * 0.62 / count
    for k in range(count):
        z = -length * 0.34 + k * pitch
        high = int(rng.integers(1, 4))
        width = beam * (1.7 if k else 1.2)
        for level in range(high):
            parts.append(
                box((0, 0.14 + 0.2 * level, z), (width, 0.19, pitch * 0.9), paint(rng, PAINTS))
            )
    return parts


def speedboat(rng: np.random.Generator) -> list[Part]:
    """Return an open motor boat with a windscreen, seats and an outboard."""
    length, beam = rng.uniform(3.0, 3.5), rng.uniform(0.56, 0.66)
    rgb, cream = paint(rng, PAINTS), paint(rng, WHITES)
    lines = _lines(length, beam, 0.42, stern=0.9, sheer=0.22, entry=2.2)
    half = length / 2
    leather = paint(rng, ((0.72, 0.55, 0.36), (0.75, 0.2, 0.16), (0.88, 0.84, 0.76)))
    deck = [(a, b * 0.99, d - 0.02, d + 0.04) for a, b, _, d in lines if a < 0.06 * length]
    rim = np.array([(b, d + 0.02, a) for a, b, _, d in lines])
    return [
        _boat(lines, cream, fullness=1.7, high=0.55),
        _boat([(a, b * 1.005, c, d) for a, b, c, d in lines], rgb, fullness=1.7, low=0.5),
        _boat(deck, WOODS[0]),
        *both(
            tube(rim, 0.03, cream, sides=8),
            rounded_box(
                (beam * 0.45, 0.16, half * 0.34),
                (beam * 0.6, 0.34, 0.14),
                leather,
                0.06,
                shift=(0, 0.08),
            ),
            rounded_box((beam * 0.45, 0.06, half * 0.2), (beam * 0.6, 0.1, 0.36), leather, 0.04),
        ),
        rounded_box(
            (0, 0.2, 0.02), (beam * 1.6, 0.3, 0.03), GLASS, 0.012, taper=(0.85, 1), shift=(0, 0.16)
        ),
        rounded_box((0, 0.1, half * 0.76), (beam * 1.5, 0.26, 0.22), leather, 0.08),
        rounded_box((0, 0.2, half + 0.14), (0.26, 0.34, 0.3), DARKS[0], 0.1),
        box((0, -0.2, half + 0.14), (0.08, 0.6, 0.14), DARKS[1]),
        ellipsoid((0, -0.46, half + 0.16), (0.05, 0.05, 0.16), DARKS[1], sides=12),
    ]


def tugboat(rng: np.random.Generator) -> list[Part]:
    """Return a stubby harbour tug with tyres along its side and a tall funnel."""
    length, beam = rng.uniform(3.0, 3.5), rng.uniform(0.62, 0.74)
    rgb, house = paint(rng, PAINTS), paint(rng, WHITES)
    lines = _lines(length, beam, 0.6, stern=0.7, sheer=0.42, entry=3.2)
    z = -length * rng.uniform(0.06, 0.12)
    rim = np.array([(b, d + 0.01, a) for a, b, _, d in lines])
    tyres = [
        torus((b + 0.02, d - 0.16, a), 0.1, 0.045, DARKS[0], 0) for a, b, _, d in lines[4:15:2]
    ]
    return [
        _boat(lines, DARKS[1], fullness=3.5, high=0.5),
        _boat([(a, b * 1.005, c, d) for a, b, c, d in lines], rgb, fullness=3.5, low=0.45),
        *both(tube(rim, 0.05, DARKS[0], sides=8), *tyres),
        rounded_box((0, 0.24, z + 0.3), (beam * 1.2, 0.5, length * 0.38), house, 0.08),
        rounded_box((0, 0.68, z), (beam * 0.96, 0.44, 0.6), house, 0.1),
        rounded_box((0, 0.74, z), (beam * 0.99, 0.16, 0.63), GLASS, 0.05),
        rounded_box((0, 0.93, z), (beam * 1.15, 0.07, 0.78), rgb, 0.03),
        cylinder((0, 0.3, z + 0.62), (0, rng.uniform(1.15, 1.35), z + 0.66), 0.16, rgb),
        cylinder((0, 1.0, z + 0.65), (0, 1.08, z + 0.653), 0.175, DARKS[0]),
        cylinder((0, 0.9, z), (0, 1.6, z), 0.022, METALS[1], sides=8),
        cylinder((0, 0, length * 0.3), (0, 0.24, length * 0.3), 0.12, DARKS[0], end_radius=0.09),
    ]


def yacht(rng: np.random.Generator) -> list[Part]:
    """Return a motor yacht with three stepped decks and raked windows."""
    length, beam = rng.uniform(5.4, 6.4), rng.uniform(0.6, 0.72)
    white, trim = (
        paint(rng, WHITES),
        paint(rng, ((0.14, 0.2, 0.36), (0.86, 0.86, 0.85), (0.3, 0.32, 0.36))),
    )
    lines = _lines(length, beam, 0.6, stern=0.85, sheer=0.3, entry=1.9)
    parts = [_boat(lines, trim, fullness=2.2)]
    parts += both(tube(np.array([(b, d, a) for a, b, _, d in lines]), 0.035, white, sides=8))
    front, back = -length * rng.uniform(0.18, 0.24), length * 0.38
    for level in range(3):
        width, y = beam * (1.55 - 0.2 * level), 0.12 + 0.3 * level
        z, run = (front + back) / 2, back - front
        parts += [
            rounded_box(
                (0, y, z), (width, 0.3, run), white, 0.08, taper=(0.92, 0.94), shift=(0, 0.08)
            ),
            rounded_box((0, y + 0.03, z + 0.02), (width * 0.985, 0.11, run * 0.99), GLASS, 0.03),
        ]
        front, back = front + length * 0.1, back - length * 0.11
    top = 0.12 + 0.3 * 3 - 0.12
    parts += [
        box((0, top + 0.08, (front + back) / 2), (0.7 * beam, 0.04, 0.26), white),
        cylinder(
            (0, top - 0.1, (front + back) / 2),
            (0, top + 0.5, (front + back) / 2 + 0.08),
            0.03,
            white,
            sides=8,
        ),
        ellipsoid((0, top + 0.2, (front + back) / 2 + 0.1), (0.1, 0.09, 0.1), WHITES[0], sides=16),
        rounded_box((0, 0.0, length * 0.44), (beam * 1.3, 0.06, length * 0.1), WOODS[1], 0.02),
    ]
    return parts
