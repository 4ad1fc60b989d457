"""Lamps: upright, the arm of a bent one reaches towards -z."""

from __future__ import annotations

import numpy as np

from .outlines import DARKS, METALS, PAINTS, WHITES, WOODS, curve, paint, tinted
from .parts import Part, both, moved, spun, turned
from .shapes import box, cylinder, ellipsoid, revolve, shade, torus, tube

_SHADES = ((0.92, 0.87, 0.74), (0.90, 0.90, 0.88), (0.74, 0.42, 0.30), (0.40, 0.50, 0.58))
_BULB = (0.96, 0.94, 0.82)


def table_lamp(rng: np.random.Generator) -> list[Part]:
    """Return a turned vase base under a conical fabric shade."""
    belly, base = rng.uniform(0.085, 0.12), rng.uniform(0.2, 0.28)
    tall, low, high = rng.uniform(0.2, 0.26), rng.uniform(0.17, 0.22), rng.uniform(0.09, 0.13)
    glaze, cloth = paint(rng, PAINTS), paint(rng, _SHADES)
    body = curve(
        [
            (0.06, 0.025),
            (belly, base * 0.45),
            (belly * 0.8, base * 0.75),
            (0.03, base),
            (0.04, base + 0.02),
        ],
        6,
    )
    y = base + 0.08
    return [
        revolve([(0.075, 0), (0.075, 0.018), (0.055, 0.03)], METALS[2]),
        revolve(body, glaze),
        cylinder((0, base, 0), (0, y + tall * 0.5, 0), 0.009, METALS[2]),
        shade([(low, y), (high, y + tall)], 0.006, cloth),
        torus((0, y, 0), low - 0.003, 0.006, tinted(cloth, 0.8)),
        torus((0, y + tall, 0), high - 0.003, 0.006, tinted(cloth, 0.8)),
        ellipsoid((0, y + tall * 0.5, 0), (0.035, 0.05, 0.035), _BULB),
        *spun(
            [
                cylinder(
                    (0, y + tall * 0.93, 0),
                    (high - 0.004, y + tall * 0.97, 0),
                    0.004,
                    METALS[2],
                    sides=6,
                )
            ],
            3,
        ),
    ]


def desk_lamp(rng: np.random.Generator) -> list[Part]:
    """Return a jointed two-arm reading lamp with a bell shade."""
    lower, upper = rng.uniform(0.28, 0.36), rng.uniform(0.26, 0.34)
    tilt, bend = np.radians(rng.uniform(10, 28)), np.radians(rng.uniform(35, 55))
    rgb, metal = paint(rng, (*PAINTS, *DARKS)), METALS[0]
    knee = np.array([0, 0.03 + lower * np.cos(tilt), lower * np.sin(tilt)])
    head = knee + upper * np.array([0, np.sin(bend), -np.cos(bend)])
    bell = [(0.028, 0.05), (0.035, 0.02), (0.06, -0.03), (0.085, -0.1), (0.09, -0.11)]
    cap = revolve([(0.028, 0.03), (0.03, 0.055), (0.02, 0.085), (0, 0.09)], rgb)
    tip = rng.uniform(15, 35)
    rods = []
    for x in (0.014,):
        aside = np.array([x, 0, 0])
        rods += [
            cylinder(np.array([0, 0.03, 0]) + aside, knee + aside, 0.006, metal, sides=10),
            cylinder(knee + aside, head + aside, 0.006, metal, sides=10),
        ]
    return [
        revolve([(0.1, 0), (0.1, 0.012), (0.085, 0.025), (0.02, 0.034)], rgb),
        *both(*rods),
        *[
            cylinder(p - [0.024, 0, 0], p + np.array([0.024, 0, 0]), 0.016, DARKS[0], sides=16)
            for p in (np.array([0, 0.035, 0]), knee, head)
        ],
        *[
            moved(turned(part, 0, tip), head + np.array([0, -0.03, -0.02]))
            for part in (
                shade(bell, 0.005, rgb),
                cap,
                ellipsoid((0, -0.045, 0), (0.03, 0.04, 0.03), _BULB),
            )
        ],
    ]


def floor_lamp(rng: np.random.Generator) -> list[Part]:
    """Return a tall reading lamp on three legs with a drum shade."""
    tall, spread = rng.uniform(1.15, 1.4), rng.uniform(0.24, 0.32)
    radius, high = rng.uniform(0.2, 0.26), rng.uniform(0.24, 0.32)
    wood, cloth = paint(rng, (*WOODS, *DARKS)), paint(rng, _SHADES)
    neck = tall - high * 0.6
    leg = cylinder((spread, 0, 0), (0.02, neck, 0), 0.013, wood, end_radius=0.02, sides=14)
    low = tall - high / 2
    return [
        *[turned(part, 1, 30) for part in spun([leg], 3)],
        cylinder((0, neck - 0.05, 0), (0, neck + 0.03, 0), 0.045, METALS[2]),
        cylinder((0, neck, 0), (0, tall, 0), 0.012, METALS[2]),
        shade([(radius, low), (radius * 0.95, low + high)], 0.007, cloth),
        torus((0, low, 0), radius - 0.003, 0.007, tinted(cloth, 0.8)),
        torus((0, low + high, 0), radius * 0.95 - 0.003, 0.007, tinted(cloth, 0.8)),
        ellipsoid((0, tall, 0), (0.04, 0.06, 0.04), _BULB),
        *spun(
            [
                cylinder(
                    (0, low + high * 0.9, 0),
                    (radius * 0.95, low + high * 0.94, 0),
                    0.005,
                    METALS[2],
                    sides=6,
                )
            ],
            3,
        ),
        torus((0, neck * 0.45, 0), spread * 0.56, 0.008, METALS[2]),
    ]


def pendant(rng: np.random.Generator) -> list[Part]:
    """Return a hanging dome on a cord from a ceiling rose."""
    radius, high = rng.uniform(0.2, 0.28), rng.uniform(0.14, 0.2)
    cord, rgb = rng.uniform(0.35, 0.6), paint(rng, (*PAINTS, *METALS, DARKS[0]))
    dome = [(radius * np.cos(a), high * np.sin(a)) for a in np.radians(np.linspace(0, 80, 12))]
    dome[:0] = [(radius * 1.01, -0.02)]
    return [
        shade(dome, 0.008, rgb),
        torus((0, -0.02, 0), radius * 1.0, 0.009, tinted(rgb, 0.8)),
        revolve([(0.045, high - 0.01), (0.04, high + 0.04), (0.015, high + 0.075)], METALS[2]),
        cylinder((0, high + 0.06, 0), (0, high + cord, 0), 0.006, DARKS[1], sides=8),
        revolve(
            [(0.015, high + cord - 0.04), (0.05, high + cord - 0.015), (0.06, high + cord)],
            METALS[2],
        ),
        ellipsoid((0, 0.02, 0), (0.05, 0.065, 0.05), _BULB),
        cylinder((0, 0.06, 0), (0, high, 0), 0.022, DARKS[1]),
    ]


def arc_lamp(rng: np.random.Generator) -> list[Part]:
    """Return a floor lamp whose long bow hangs a globe over the room."""
    tall, reach = rng.uniform(1.3, 1.5), rng.uniform(0.65, 0.85)
    metal, globe = paint(rng, METALS), rng.uniform(0.12, 0.17)
    rgb = paint(rng, (*WHITES, *PAINTS))
    bow = curve(
        [
            (0, 0.06, reach * 0.45),
            (0, tall * 0.6, reach * 0.42),
            (0, tall, 0.0),
            (0, tall * 0.94, -reach * 0.4),
            (0, tall * 0.8, -reach * 0.55),
        ],
        9,
    )
    end = bow[-1]
    cap = [(globe * np.cos(a), globe * np.sin(a)) for a in np.radians(np.linspace(-12, 82, 12))]
    return [
        revolve(
            [(0.15, 0), (0.15, 0.05), (0.14, 0.065), (0.02, 0.07)],
            DARKS[1],
            center=(0, 0, reach * 0.45),
        ),
        tube(bow, np.linspace(0.017, 0.011, len(bow)), metal),
        shade(cap, 0.007, rgb, center=end - [0, globe + 0.02, 0]),
        ellipsoid(end - [0, globe + 0.05, 0], (globe * 0.6, globe * 0.6, globe * 0.6), _BULB),
        cylinder(end - [0, 0.05, 0], end + np.array([0, 0.02, 0]), 0.025, metal),
        cylinder((0, 0.06, reach * 0.45), (0, tall * 0.3, reach * 0.45), 0.022, metal),
    ]


def lantern(rng: np.random.Generator) -> list[Part]:
    """Return a standing lantern: six glazed bars, a peaked roof and a ring."""
    radius, tall = rng.uniform(0.11, 0.14), rng.uniform(0.22, 0.3)
    rgb = paint(rng, (*DARKS, *METALS, PAINTS[0]))
    bar = cylinder((radius * 0.82, 0.05, 0), (radius, 0.05 + tall, 0), 0.009, rgb, sides=8)
    top = 0.05 + tall
    return [
        revolve([(radius * 1.1, 0), (radius * 1.1, 0.03), (radius * 0.86, 0.055)], rgb, sides=6),
        *spun([bar], 6),
        cylinder((0, 0.05, 0), (0, 0.05 + tall * 0.5, 0), 0.045, WHITES[2]),
        ellipsoid((0, 0.05 + tall * 0.58, 0), (0.016, 0.035, 0.016), (0.95, 0.70, 0.25), sides=12),
        revolve(
            [
                (radius * 1.05, top - 0.01),
                (radius * 1.25, top),
                (radius * 0.5, top + 0.1),
                (radius * 0.3, top + 0.12),
                (0, top + 0.15),
            ],
            rgb,
            sides=6,
        ),
        torus((0, top + 0.2, 0), 0.05, 0.008, METALS[1], 2),
        box((0, top + 0.15, 0), (0.016, 0.03, 0.016), rgb),
    ]
