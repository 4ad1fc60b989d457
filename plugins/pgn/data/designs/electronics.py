"""Displays, loudspeakers and telephones: screens and cones face -z."""

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
    rounded_rectangle,
    tinted,
)
from .parts import Part, both, extrude, loft, moved, turned
from .shapes import (
    box,
    cylinder,
    ellipsoid,
    hull,
    revolve,
    rounded_box,
    torus,
    tube,
)

_SCREENS = ((0.28, 0.44, 0.62), (0.22, 0.30, 0.38), (0.34, 0.54, 0.60), (0.44, 0.36, 0.58))


def flat_monitor(rng: np.random.Generator) -> list[Part]:
    """Return a thin monitor on a neck with a flat foot."""
    half, tall = rng.uniform(0.27, 0.34), rng.uniform(0.16, 0.2)
    frame, screen = paint(rng, (*DARKS, *METALS)), paint(rng, _SCREENS)
    y = tall + rng.uniform(0.1, 0.15)
    foot = rounded_rectangle(half * 0.42, 0.085, 0.04, 6) + np.array([0, 0.02])
    return [
        rounded_box((0, y, 0), (2 * half, 2 * tall, 0.03), frame, 0.012),
        rounded_box((0, y, 0.022), (1.2 * half, 1.2 * tall, 0.04), frame, 0.018),
        box((0, y + 0.006, -0.0145), (2 * half - 0.024, 2 * tall - 0.036, 0.005), screen),
        rounded_box((0, y * 0.5, 0.04), (0.07, y, 0.022), tinted(frame, 1.25), 0.01),
        extrude(foot, 0.014, tinted(frame, 1.25), plane="xz", at=0.007, bevel=0.004),
    ]


def tube_television(rng: np.random.Generator) -> list[Part]:
    """Return a deep old television with a bulging screen and knobs."""
    half, tall, depth = rng.uniform(0.28, 0.34), rng.uniform(0.22, 0.26), rng.uniform(0.3, 0.38)
    case, screen = paint(rng, (*WOODS, *DARKS, METALS[1])), paint(rng, _SCREENS)
    y, side = tall + 0.05, -half * 0.18
    knobs = [
        turned(cylinder((0, 0, 0), (0, 0.03, 0), 0.025, METALS[0], end_radius=0.02), 0, -90)
        for _ in range(2)
    ]
    return [
        rounded_box((0, y, -0.02), (2 * half, 2 * tall, 0.2), case, 0.03),
        hull(
            [
                (0.06, y, half * 0.92, tall * 0.9),
                (0.1 + depth * 0.5, y - 0.01, half * 0.7, tall * 0.72),
                (0.08 + depth, y - 0.03, half * 0.4, tall * 0.45),
            ],
            tinted(case, 0.75),
            exponent=5,
        ),
        rounded_box((side, y, -0.125), (1.5 * half, 1.7 * tall, 0.02), DARKS[0], 0.009),
        moved(
            hull(
                [
                    (-0.13, 0, half * 0.7, tall * 0.78),
                    (-0.145, 0, half * 0.6, tall * 0.66),
                    (-0.152, 0, half * 0.3, tall * 0.35),
                ],
                screen,
                exponent=4,
            ),
            (side, y, 0),
        ),
        *[
            moved(knob, (half * 0.8, y + tall * s, -0.12))
            for knob, s in zip(knobs, (0.6, 0.25), strict=True)
        ],
        box((half * 0.8, y - tall * 0.4, -0.122), (half * 0.24, tall * 0.7, 0.012), DARKS[2]),
        *both(
            cylinder((half * 0.75, 0, -0.06), (half * 0.7, 0.06, -0.05), 0.014, DARKS[0]),
            cylinder((half * 0.6, 0, depth * 0.4), (half * 0.5, 0.2, depth * 0.4), 0.014, DARKS[0]),
            cylinder(
                (0.02, y + tall, 0.02),
                (half * 0.6, y + tall + 0.28, 0.06),
                0.006,
                METALS[0],
                sides=8,
            ),
        ),
    ]


def laptop(rng: np.random.Generator) -> list[Part]:
    """Return an open laptop with a keyboard and a leaning lid."""
    half, depth = rng.uniform(0.16, 0.19), rng.uniform(0.11, 0.13)
    case, screen = paint(rng, (*METALS, *DARKS, WHITES[1])), paint(rng, _SCREENS)
    angle, tall = rng.uniform(8, 28), 2 * depth * 0.96
    lid = [
        rounded_box((0, tall / 2, 0), (2 * half, tall, 0.008), case, 0.0035),
        box((0, tall / 2 + 0.002, -0.004), (2 * half - 0.02, tall - 0.026, 0.002), screen),
    ]
    keys = [
        rounded_box((x, 0.0155, z), (half * 0.125, 0.004, 0.015), DARKS[0], 0.0015)
        for z in np.linspace(0.0, depth * 0.72, 5)
        for x in np.linspace(-0.86, 0.86, 12) * half
    ]
    return [
        rounded_box((0, 0.007, 0), (2 * half, 0.014, 2 * depth), case, 0.005),
        *keys,
        box((0, 0.0142, -depth * 0.55), (half * 0.62, 0.002, depth * 0.55), tinted(case, 0.8)),
        *[turned(moved(part, (0, 0.014, depth)), 0, angle, (0, 0.014, depth)) for part in lid],
        *both(
            cylinder(
                (half * 0.55, 0.012, depth), (half * 0.8, 0.012, depth), 0.007, DARKS[1], sides=12
            )
        ),
    ]


def curved_monitor(rng: np.random.Generator) -> list[Part]:
    """Return a wide curved monitor on a V-shaped stand."""
    half, tall, bend = rng.uniform(0.38, 0.46), rng.uniform(0.16, 0.19), rng.uniform(0.06, 0.11)
    case, screen = paint(rng, (*DARKS, WHITES[0], METALS[1])), paint(rng, _SCREENS)
    y = tall + rng.uniform(0.1, 0.14)

    def sheet(
        scale: float, rise: float, front: float, back: float, rgb: tuple[float, float, float]
    ) -> Part:
        sections = []
        for x in np.linspace(-scale, scale, 21):
            z = -bend * x * x
            sections.append(
                [
                    [x * half, y - rise, z + front],
                    [x * half, y + rise, z + front],
                    [x * half, y + rise, z + back],
                    [x * half, y - rise, z + back],
                ]
            )
        return loft(np.array(sections), rgb)

    legs = tube(
        curve([(0, 0.05, 0.08), (0.08, 0.02, 0.0), (half * 0.55, 0.012, -0.12)], 6),
        0.012,
        METALS[1],
    )
    return [
        sheet(1.0, tall, -0.008, 0.018, case),
        sheet(0.975, tall - 0.014, -0.011, 0.0, screen),
        *both(legs),
        cylinder((0, 0.02, 0.08), (0, y + 0.02, 0.07), 0.02, METALS[1]),
        cylinder((0, y, 0.015), (0, y, 0.08), 0.035, DARKS[1]),
        cylinder((0, 0.0, 0.08), (0, 0.03, 0.08), 0.045, METALS[1]),
    ]


def _cone(
    x: float,
    y: float,
    z: float,
    radius: float,
    rgb: tuple[float, float, float],
    rim: tuple[float, float, float],
) -> list[Part]:
    """Return a loudspeaker cone facing -z: a rim, a dished membrane and a dust cap."""
    dish = turned(
        revolve(
            [
                (radius * 0.95, 0.0),
                (radius * 0.9, 0.012),
                (radius * 0.4, -0.0),
                (0, -0.002),
                (0, -0.02),
                (radius * 0.9, -0.02),
            ],
            rgb,
            closed=False,
        ),
        0,
        -90,
    )
    return [
        torus((x, y, z), radius, radius * 0.09, rim, 2),
        moved(dish, (x, y, z)),
        ellipsoid((x, y, z - 0.002), (radius * 0.3, radius * 0.3, radius * 0.16), rim, sides=16),
    ]


def bookshelf_speaker(rng: np.random.Generator) -> list[Part]:
    """Return a two-way box speaker with a woofer, a tweeter and a port."""
    half, tall, depth = rng.uniform(0.1, 0.13), rng.uniform(0.17, 0.22), rng.uniform(0.11, 0.15)
    case, cone = (
        paint(rng, (*WOODS, *DARKS, WHITES[0])),
        paint(rng, (*DARKS, *METALS, (0.75, 0.6, 0.2))),
    )
    woofer = half * rng.uniform(0.64, 0.76)
    z = -depth - 0.004
    return [
        rounded_box((0, tall, 0), (2 * half, 2 * tall, 2 * depth), case, 0.012),
        box((0, tall, -depth), (2 * half - 0.02, 2 * tall - 0.02, 0.008), DARKS[1]),
        *_cone(0, tall * 0.74, z, woofer, cone, DARKS[0]),
        *_cone(0, tall * 1.56, z, half * 0.32, METALS[0], DARKS[0]),
        torus((half * 0.6, tall * 0.16, z), half * 0.13, 0.005, METALS[0], 2),
        *both(
            cylinder(
                (half * 0.75, -0.014, -depth * 0.75),
                (half * 0.75, 0.005, -depth * 0.75),
                0.014,
                DARKS[0],
            ),
            cylinder(
                (half * 0.75, -0.014, depth * 0.75),
                (half * 0.75, 0.005, depth * 0.75),
                0.014,
                DARKS[0],
            ),
        ),
    ]


def tower_speaker(rng: np.random.Generator) -> list[Part]:
    """Return a slim floor-standing column with three or four cones and a plinth."""
    half, tall, depth = rng.uniform(0.1, 0.13), rng.uniform(0.46, 0.58), rng.uniform(0.14, 0.18)
    case, cone = paint(rng, (*WOODS, *DARKS)), paint(rng, (*METALS, (0.8, 0.7, 0.3)))
    count, z = int(rng.integers(2, 4)), -depth - 0.002
    parts = [
        hull(
            [
                (-depth, tall + 0.04, half, tall),
                (0, tall + 0.04, half * 1.02, tall),
                (depth * 0.6, tall + 0.04, half * 0.85, tall),
                (depth, tall + 0.04, half * 0.55, tall),
            ],
            case,
            exponent=12,
        ),
        rounded_box((0, 0.02, 0), (2.8 * half, 0.04, 2.5 * depth), DARKS[0], 0.014),
    ]
    for k in range(count):
        parts += _cone(0, 0.2 + 2.15 * half * k, z, half * 0.78, cone, DARKS[0])
    parts += _cone(0, 2 * tall - 0.06, z, half * 0.36, METALS[0], DARKS[0])
    parts += _cone(0, 2 * tall - 0.06 - half * 1.3, z, half * 0.55, cone, DARKS[0])
    return parts


def horn_speaker(rng: np.random.Generator) -> list[Part]:
    """Return a public-address horn on a bracket and a round base."""
    length, mouth = rng.uniform(0.3, 0.4), rng.uniform(0.17, 0.22)
    rgb, metal = paint(rng, (*WHITES, *METALS, *PAINTS)), METALS[1]
    y = mouth + rng.uniform(0.1, 0.14)
    share = np.linspace(0, 1, 12)
    outer = [(0.035 + (mouth - 0.035) * s**2.2, -s * length) for s in share]
    bell = outer + [(max(r - 0.012, 0.005), h) for r, h in reversed(outer)]
    back = [(0.03, -0.01), (0.075, 0.0), (0.08, 0.03), (0.078, 0.1), (0.05, 0.12), (0, 0.125)]
    return [
        *[
            moved(turned(part, 0, 90), (0, y, -length * 0.2))
            for part in (
                revolve(bell, rgb, closed=True, sides=40),
                revolve(back, tinted(rgb, 0.8)),
                torus((0, -length, 0), mouth, 0.012, rgb, 1),
                revolve(
                    [
                        (0, -length * 0.72),
                        (0.02, -length * 0.68),
                        (0.05, -length * 0.5),
                        (0.02, -length * 0.1),
                        (0, 0),
                    ],
                    tinted(rgb, 0.7),
                ),
            )
        ],
        tube(
            curve(
                [
                    (0.095, y, -0.03),
                    (0.1, y - 0.1, -0.03),
                    (0, y - 0.13, -0.03),
                    (-0.1, y - 0.1, -0.03),
                    (-0.095, y, -0.03),
                ],
                6,
            ),
            0.012,
            metal,
        ),
        cylinder((0, 0.0, -0.03), (0, y - 0.12, -0.03), 0.018, metal),
        revolve(
            [(0.15, 0), (0.15, 0.012), (0.12, 0.025), (0.02, 0.04)], metal, center=(0, 0, -0.03)
        ),
    ]


def portable_speaker(rng: np.random.Generator) -> list[Part]:
    """Return a lying capsule speaker with ringed ends and a carrying handle."""
    half, radius = rng.uniform(0.15, 0.22), rng.uniform(0.075, 0.1)
    rgb, rim = paint(rng, PAINTS), paint(rng, DARKS)
    profile = [
        (radius * 0.8, -half),
        (radius, -half + 0.02),
        (radius, half - 0.02),
        (radius * 0.8, half),
    ]
    caps = [
        torus((half, 0, 0), radius * 0.86, 0.014, rim, 0),
        ellipsoid((half - 0.005, 0, 0), (0.022, radius * 0.62, radius * 0.62), METALS[0]),
        cylinder((half * 0.72, 0, 0), (half * 0.8, 0, 0), radius * 1.02, rim),
    ]
    handle = curve(
        [
            (half * 0.76, radius, 0),
            (half * 0.6, radius * 1.75, 0),
            (0, radius * 1.95, 0),
            (-half * 0.6, radius * 1.75, 0),
            (-half * 0.76, radius, 0),
        ],
        6,
    )
    return [
        turned(revolve(profile, rgb, sides=40), 2, 90),
        *both(*caps),
        tube(handle, 0.013, rim),
        *both(rounded_box((half * 0.5, -radius, 0), (half * 0.3, 0.03, radius * 0.9), rim, 0.012)),
        rounded_box((0, 0, -radius), (half * 0.5, radius * 0.4, 0.014), rim, 0.006),
        *[
            cylinder((x, radius * 0.94, 0), (x, radius * 1.05, 0), 0.012, METALS[0], sides=12)
            for x in np.linspace(-0.3, 0.3, 3) * half
        ],
    ]


def egg_speaker(rng: np.random.Generator) -> list[Part]:
    """Return an egg-shaped speaker on a stalk with one large and one small cone."""
    radius, tall = rng.uniform(0.12, 0.15), rng.uniform(0.17, 0.21)
    rgb, stand = paint(rng, (*WHITES, *PAINTS)), rng.uniform(0.1, 0.2)
    y = stand + tall
    egg = [
        (radius * np.cos(a) * (1 - 0.16 * np.sin(a)), tall * np.sin(a))
        for a in np.radians(np.linspace(-88, 88, 21))
    ]
    return [
        revolve(egg, rgb, center=(0, y, 0), sides=40),
        *_cone(0, y - tall * 0.1, -radius * 1.08, radius * 0.5, DARKS[2], METALS[0]),
        cylinder(
            (0, y - tall * 0.1, -radius * 0.5),
            (0, y - tall * 0.1, -radius * 1.06),
            radius * 0.5,
            DARKS[1],
        ),
        *_cone(0, y + tall * 0.46, -radius * 0.93, radius * 0.2, METALS[0], DARKS[0]),
        cylinder(
            (0, y + tall * 0.46, -radius * 0.5),
            (0, y + tall * 0.46, -radius * 0.92),
            radius * 0.2,
            DARKS[1],
        ),
        cylinder((0, 0.01, 0), (0, stand + 0.02, 0), 0.02, METALS[0], end_radius=0.035),
        revolve(
            [(radius * 0.9, 0), (radius * 0.9, 0.01), (radius * 0.7, 0.022), (0.02, 0.035)],
            METALS[0],
        ),
        tube(
            np.insert(ring(24) * radius * 0.5, 1, stand + 0.018, axis=1),
            0.01,
            METALS[1],
            closed=True,
        ),
    ]
