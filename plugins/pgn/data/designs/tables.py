"""Tables and cabinets: fronts towards -z; lengths roughly in metres."""

from __future__ import annotations

import numpy as np

from .outlines import (
    DARKS,
    METALS,
    PAINTS,
    WHITES,
    WOODS,
    curve,
    paint,
    ring,
    tinted,
)
from .parts import Part, both, extrude, moved, spun
from .shapes import box, cylinder, ellipsoid, revolve, rounded_box, torus, tube


def dining_table(rng: np.random.Generator) -> list[Part]:
    """Return a rectangular table with tapered square legs and an apron."""
    half, depth, height = rng.uniform(0.7, 1.0), rng.uniform(0.4, 0.5), rng.uniform(0.7, 0.78)
    wood = paint(rng, WOODS)
    leg, top = rng.uniform(0.06, 0.085), tinted(wood, 1.12)
    x, z = half - 0.09, depth - 0.09
    legs = [
        box((x, height / 2, s * z), (leg * 0.6, height, leg * 0.6), wood, taper=(1.6, 1.6))
        for s in (-1, 1)
    ]
    return [
        rounded_box((0, height, 0), (2 * half, 0.04, 2 * depth), top, 0.014),
        *both(*legs, box((x, height - 0.07, 0), (0.025, 0.1, 2 * z), wood)),
        *both(box((0, height - 0.07, z), (2 * x, 0.1, 0.025), wood), axis=2),
    ]


def pedestal_table(rng: np.random.Generator) -> list[Part]:
    """Return a round table on one turned column with curved feet."""
    radius, height = rng.uniform(0.42, 0.6), rng.uniform(0.68, 0.76)
    wood = paint(rng, WOODS)
    count, swell = int(rng.integers(3, 5)), rng.uniform(0.05, 0.075)
    reach = radius * rng.uniform(0.66, 0.8)
    column = curve(
        [
            (0.05, 0.14),
            (swell, 0.22),
            (0.03, 0.32),
            (0.045, 0.44),
            (0.035, 0.56),
            (0.07, height - 0.02),
        ],
        5,
    )
    foot = tube(
        curve(
            [(0.02, 0.24, 0), (reach * 0.45, 0.2, 0), (reach * 0.85, 0.06, 0), (reach, 0.03, 0)], 5
        ),
        np.linspace(0.035, 0.022, 16),
        wood,
    )
    return [
        revolve(
            [
                (0, height - 0.02),
                (radius - 0.03, height - 0.02),
                (radius, height),
                (radius, height + 0.012),
                (radius - 0.012, height + 0.022),
                (0, height + 0.022),
            ],
            tinted(wood, 1.12),
            sides=48,
        ),
        revolve(column, wood),
        *spun([foot], count),
    ]


def coffee_table(rng: np.random.Generator) -> list[Part]:
    """Return a low oval glass-topped table with bent metal legs and a shelf."""
    half, depth, height = rng.uniform(0.5, 0.65), rng.uniform(0.28, 0.36), rng.uniform(0.36, 0.44)
    metal, wood = paint(rng, (*METALS, DARKS[0])), paint(rng, WOODS)
    oval = ring(40) * [half, depth]
    shelf = height * rng.uniform(0.35, 0.5)
    loop = curve(
        [
            (half * 0.66, 0.015, -depth * 0.7),
            (half * 0.56, height - 0.035, -depth * 0.45),
            (half * 0.52, height - 0.016, 0),
            (half * 0.56, height - 0.035, depth * 0.45),
            (half * 0.66, 0.015, depth * 0.7),
        ],
        7,
    )
    return [
        extrude(oval, 0.022, (0.45, 0.62, 0.66), plane="xz", at=height + 0.01, bevel=0.005),
        extrude(oval * 0.72, 0.03, wood, plane="xz", at=shelf, bevel=0.008),
        *both(tube(loop, 0.014, metal)),
    ]


def desk(rng: np.random.Generator) -> list[Part]:
    """Return a writing desk with a drawer pedestal on its +x side."""
    half, depth, height = rng.uniform(0.6, 0.75), rng.uniform(0.3, 0.36), rng.uniform(0.7, 0.76)
    wood, body = paint(rng, WOODS), paint(rng, (*WHITES, *WOODS))
    wide, count = rng.uniform(0.36, 0.44), int(rng.integers(3, 5))
    x, step = half - wide / 2 - 0.02, (height - 0.12) / count
    parts = [
        rounded_box((0, height, 0), (2 * half, 0.035, 2 * depth), wood, 0.012),
        box((x, height / 2 + 0.03, 0), (wide, height - 0.09, 2 * depth - 0.06), body),
        *both(
            cylinder(
                (-half + 0.06, 0, -depth + 0.06),
                (-half + 0.06, height, -depth + 0.06),
                0.02,
                METALS[1],
            ),
            axis=2,
        ),
        box(
            (-0.2 * half, height - 0.16, depth - 0.06),
            (1.3 * half, 0.26, 0.018),
            tinted(body, 0.85),
        ),
    ]
    for k in range(count):
        y = 0.1 + step * (k + 0.5)
        parts += [
            rounded_box(
                (x, y, -depth + 0.025), (wide - 0.03, step - 0.02, 0.025), tinted(body, 1.08), 0.008
            ),
            cylinder(
                (x - 0.06, y, -depth - 0.012),
                (x + 0.06, y, -depth - 0.012),
                0.01,
                METALS[0],
                sides=8,
            ),
        ]
    return parts


def trestle_table(rng: np.random.Generator) -> list[Part]:
    """Return a rustic table: thick planks on two X-shaped trestles."""
    half, depth, height = rng.uniform(0.75, 0.95), rng.uniform(0.34, 0.42), rng.uniform(0.68, 0.76)
    wood = paint(rng, WOODS)
    at, planks = half * rng.uniform(0.66, 0.78), int(rng.integers(3, 5))
    width = 2 * depth / planks
    cross = [
        tube(
            np.array([[at, 0.0, s * depth * 0.92], [at, height - 0.03, -s * depth * 0.75]]),
            0.035,
            tinted(wood, 0.85),
            sides=4,
        )
        for s in (-1, 1)
    ]
    return [
        *[
            rounded_box(
                (0, height, -depth + width * (k + 0.5)), (2 * half, 0.05, width * 0.96), wood, 0.012
            )
            for k in range(planks)
        ],
        *both(*cross, box((at, height - 0.05, 0), (0.07, 0.05, 2 * depth * 0.9), wood)),
        box((0, height * 0.47, 0), (2 * at + 0.2, 0.07, 0.05), tinted(wood, 0.8)),
    ]


def _knob(x: float, y: float, z: float, rgb: tuple[float, float, float]) -> Part:
    return ellipsoid((x, y, z), (0.02, 0.02, 0.022), rgb, sides=12)


def wardrobe(rng: np.random.Generator) -> list[Part]:
    """Return a tall two-door wardrobe with a cornice and panelled doors."""
    half, depth, height = rng.uniform(0.45, 0.6), rng.uniform(0.26, 0.32), rng.uniform(1.7, 2.0)
    wood = paint(rng, WOODS)
    metal, split = paint(rng, METALS), rng.uniform(0.32, 0.45)
    light = tinted(wood, 1.14)
    door = [
        box((half * 0.5, height * 0.52, -depth - 0.012), (half * 0.95, height * 0.84, 0.025), light)
    ]
    for y, size in ((0.1 + split * 0.42, split * 0.8), (0.1 + split + 0.2, 0.8 - split - 0.08)):
        door.append(
            rounded_box(
                (half * 0.5, y * height + 0.04, -depth - 0.026),
                (half * 0.66, size * height * 0.86, 0.03),
                wood,
                0.012,
            )
        )
    return [
        box((0, height / 2, 0), (2 * half, height - 0.16, 2 * depth), wood),
        *both(
            *door,
            _knob(0.04, height * 0.5, -depth - 0.05, metal),
            *[
                cylinder((half * 0.88, 0, z), (half * 0.88, 0.1, z), 0.022, wood, end_radius=0.04)
                for z in (-depth * 0.85, depth * 0.85)
            ],
        ),
        box((0, height - 0.05, 0), (2 * half, 0.1, 2 * depth), light, taper=(1.14, 1.2)),
        box((0, height + 0.015, 0), (2.34 * half, 0.03, 2.44 * depth), wood),
    ]


def dresser(rng: np.random.Generator) -> list[Part]:
    """Return a wide chest with rows of drawers on splayed legs."""
    half, depth, height = rng.uniform(0.6, 0.8), rng.uniform(0.22, 0.28), rng.uniform(0.75, 0.95)
    body, metal = paint(rng, (*WOODS, *PAINTS)), paint(rng, METALS)
    rows, columns = int(rng.integers(3, 5)), int(rng.integers(2, 4))
    base = rng.uniform(0.14, 0.2)
    step, width = (height - base - 0.05) / rows, (2 * half - 0.06) / columns
    parts = [
        box((0, (height + base) / 2, 0), (2 * half, height - base, 2 * depth), body),
        rounded_box(
            (0, height + 0.012, 0), (2 * half + 0.05, 0.035, 2 * depth + 0.05), WOODS[1], 0.012
        ),
    ]
    for row in range(rows):
        for column in range(columns):
            x = -half + 0.03 + width * (column + 0.5)
            y = base + 0.025 + step * (row + 0.5)
            parts += [
                rounded_box(
                    (x, y, -depth - 0.01),
                    (width - 0.025, step - 0.025, 0.03),
                    tinted(body, 1.12),
                    0.009,
                ),
                *[_knob(x + s * width * 0.25, y, -depth - 0.035, metal) for s in (-1, 1)],
            ]
    parts += both(
        *(
            cylinder(
                (half * 0.95, 0, s * depth * 0.95),
                (half * 0.85, base, s * depth * 0.8),
                0.018,
                WOODS[1],
                end_radius=0.03,
            )
            for s in (-1, 1)
        )
    )
    return parts


def bookcase(rng: np.random.Generator) -> list[Part]:
    """Return an open bookcase with rows of books on its shelves."""
    half, depth, height = rng.uniform(0.38, 0.5), rng.uniform(0.14, 0.18), rng.uniform(1.3, 1.7)
    wood = paint(rng, (*WOODS, *WHITES))
    count = int(rng.integers(4, 6))
    step = (height - 0.08) / count
    parts = [
        *both(box((half - 0.015, height / 2, 0), (0.03, height, 2 * depth), wood)),
        box((0, height / 2, depth - 0.01), (2 * half, height, 0.018), tinted(wood, 0.85)),
        box((0, height, 0), (2 * half + 0.04, 0.035, 2 * depth + 0.03), wood),
    ]
    for row in range(count):
        y = 0.06 + row * step
        parts.append(box((0, y, 0), (2 * half - 0.04, 0.028, 2 * depth - 0.01), wood))
        x, end = -half + 0.05, half * rng.uniform(0.1, 0.85)
        while x < end:
            thick, tall = rng.uniform(0.035, 0.07), step * rng.uniform(0.55, 0.8)
            parts.append(
                box(
                    (x + thick / 2, y + 0.014 + tall / 2, -0.01),
                    (thick * 0.94, tall, 1.4 * depth),
                    paint(rng, PAINTS),
                )
            )
            x += thick
    return parts


def sideboard(rng: np.random.Generator) -> list[Part]:
    """Return a low sideboard: sliding doors, an open niche and hairpin legs."""
    half, depth, height = rng.uniform(0.8, 1.0), rng.uniform(0.2, 0.25), rng.uniform(0.6, 0.74)
    wood, accent = paint(rng, WOODS), paint(rng, (*PAINTS, *WHITES))
    base, niche = rng.uniform(0.18, 0.24), half * rng.uniform(0.5, 0.62)
    middle, tall = (height + base) / 2, height - base
    run = 2 * half - niche
    x = -half + niche
    legs = [
        tube(
            curve(
                [
                    (half * 0.86 - 0.04, base, s * depth * 0.7),
                    (half * 0.86, 0.008, s * depth * 0.85),
                    (half * 0.86 + 0.04, base, s * depth * 0.7),
                ],
                6,
            ),
            0.008,
            DARKS[0],
            sides=8,
        )
        for s in (-1, 1)
    ]
    return [
        rounded_box((0, height, 0), (2 * half, 0.035, 2 * depth), wood, 0.012),
        rounded_box((0, base, 0), (2 * half, 0.035, 2 * depth), wood, 0.012),
        *both(box((half - 0.018, middle, 0), (0.035, tall, 2 * depth), wood)),
        box((0, middle, depth - 0.012), (2 * half, tall, 0.02), tinted(wood, 0.8)),
        box((x, middle, 0), (0.025, tall, 2 * depth - 0.02), wood),
        box((x - niche / 2, middle, 0), (niche, 0.022, 1.8 * depth), wood),
        box((x + run * 0.27, middle, -depth + 0.04), (run * 0.5, tall - 0.03, 0.02), accent),
        box(
            (x + run * 0.72, middle, -depth + 0.015),
            (run * 0.5, tall - 0.03, 0.02),
            tinted(accent, 0.86),
        ),
        *both(*legs),
        *[
            moved(torus((0, 0, 0), 0.028, 0.006, DARKS[0], 2), (x + run * share, middle, z))
            for share, z in ((0.08, -depth + 0.028), (0.91, -depth + 0.004))
        ],
        revolve(
            [
                (0.03, height + 0.018),
                (0.07, height + 0.09),
                (0.03, height + 0.17),
                (0.04, height + 0.2),
            ],
            accent,
            center=(half * 0.6, 0, 0),
            sides=20,
        ),
    ]


def locker(rng: np.random.Generator) -> list[Part]:
    """Return a filing cabinet of metal with label frames and rounded edges."""
    half, depth = rng.uniform(0.22, 0.27), rng.uniform(0.28, 0.34)
    count = int(rng.integers(3, 5))
    step = rng.uniform(0.28, 0.34)
    height, steel = 0.1 + count * step, paint(rng, (*METALS, *PAINTS))
    parts = [
        rounded_box((0, height / 2 + 0.03, 0), (2 * half, height - 0.04, 2 * depth), steel, 0.02),
        box((0, 0.03, 0.02), (2 * half * 0.9, 0.06, 2 * depth * 0.9), DARKS[0]),
    ]
    for k in range(count):
        y = 0.08 + step * (k + 0.5)
        parts += [
            rounded_box(
                (0, y, -depth - 0.008),
                (2 * half - 0.05, step - 0.03, 0.035),
                tinted(steel, 1.14),
                0.014,
            ),
            box((0, y + step * 0.22, -depth - 0.03), (half * 0.5, step * 0.15, 0.012), WHITES[0]),
            tube(
                curve(
                    [
                        (-half * 0.3, y, -depth - 0.02),
                        (-half * 0.25, y, -depth - 0.055),
                        (half * 0.25, y, -depth - 0.055),
                        (half * 0.3, y, -depth - 0.02),
                    ],
                    5,
                ),
                0.011,
                METALS[0],
                sides=8,
            ),
        ]
    return parts
