"""Aeroplanes: nose towards -z, wings along x."""

from __future__ import annotations

import numpy as np

from .outlines import (
    DARKS,
    GLASS,
    METALS,
    PAINTS,
    RUBBER,
    WHITES,
    arc,
    paint,
    tinted,
)
from .parts import Part, both, extrude, turned
from .shapes import box, cylinder, ellipsoid, hull, revolve, torus, wing


def _fuselage(
    length: float,
    radius: float,
    rgb: tuple[float, float, float],
    *,
    rise: float = 0.5,
    nose: float = 0.16,
    tail: float = 0.4,
) -> Part:
    """Return a body from z = -length / 2 to length / 2; the tail cone rises."""
    stations = []
    for share in np.linspace(0, np.pi / 2, 8):
        size = radius * max(np.sin(share), 0.06)
        stations.append(
            (
                length * (-0.5 + nose * (1 - np.cos(share))),
                -0.12 * radius * np.cos(share),
                size,
                size,
            )
        )
    for share in np.linspace(0, 1, 9):
        size = radius * (1 - 0.88 * share**1.6)
        stations.append(
            (length * (0.5 - tail * (1 - share)), rise * radius * share**1.6, size, size)
        )
    return hull(stations, rgb)


def _fin(
    z: float,
    y: float,
    chords: tuple[float, float],
    height: float,
    sweep: float,
    rgb: tuple[float, float, float],
    thickness: float = 0.03,
) -> Part:
    """Return an upright fin whose leading edge starts at (z, y)."""
    root, tip = chords
    outline = np.array(
        [[z, y], [z + root, y], [z + sweep + tip, y + height], [z + sweep, y + height]]
    )
    return extrude(outline, thickness, rgb, plane="zy", bevel=thickness * 0.4)


def _propeller(z: float, y: float, x: float, radius: float, blades: int) -> list[Part]:
    parts = [
        turned(
            revolve(
                [
                    (0.16 * radius, 0),
                    (0.13 * radius, 0.15 * radius),
                    (0.05 * radius, 0.3 * radius),
                    (0, 0.36 * radius),
                ],
                METALS[0],
            ),
            0,
            -90,
        )
    ]
    for k in range(blades):
        blade = box(
            (0, radius * 0.55, 0.0),
            (0.14 * radius, 0.9 * radius, 0.04 * radius),
            DARKS[1],
            taper=(0.6, 1),
        )
        parts.append(turned(blade, 2, 360 * k / blades + 15))
    return [_at(part, (x, y, z)) for part in parts]


def _at(part: Part, offset: tuple[float, float, float]) -> Part:
    return Part(part.vertices + np.array(offset), part.triangles, part.rgb)


def _windows(length: float, radius: float, first: float, last: float, count: int) -> list[Part]:
    panes = [
        ellipsoid((0.975 * radius, 0.25 * radius, length * z), (0.03, 0.045, 0.028), GLASS, sides=8)
        for z in np.linspace(first, last, count)
    ]
    return both(*panes)


def airliner(rng: np.random.Generator) -> list[Part]:
    """Return a twin-jet airliner with swept low wings."""
    length, radius = rng.uniform(4.2, 5.4), rng.uniform(0.26, 0.33)
    span, sweep = rng.uniform(2.0, 2.6), rng.uniform(0.7, 1.1)
    body, trim = paint(rng, WHITES), paint(rng, PAINTS)
    z, engine = rng.uniform(-0.15, 0.15), rng.uniform(0.13, 0.17)
    at = rng.uniform(0.32, 0.40)
    ex, ez = radius + at * (span - radius), z + at * sweep - 0.42
    jet = turned(
        revolve([(engine * 0.75, 0.0), (engine, 0.12), (engine, 0.45), (engine * 0.6, 0.75)], trim),
        0,
        90,
    )
    inlet = turned(revolve([(engine * 0.62, -0.01), (engine * 0.62, 0.02)], DARKS[0]), 0, 90)
    return [
        _fuselage(length, radius, body),
        *both(
            wing(
                (0, -0.45 * radius, z),
                (span, 0.2, z + sweep),
                (1.15, 0.32),
                0.11,
                tinted(METALS[0], 1.1),
            ),
            wing(
                (0, 0.25 * radius, length * 0.43),
                (0.85, 0.3, length * 0.43 + 0.38),
                (0.5, 0.22),
                0.1,
                body,
            ),
            _at(jet, (ex, -0.24, ez)),
            _at(inlet, (ex, -0.24, ez)),
            box((ex, -0.08, ez + 0.35), (0.03, 0.2, 0.4), METALS[0]),
        ),
        _fin(length * 0.33, 0.2, (0.78, 0.34), rng.uniform(0.75, 0.95), 0.6, trim, 0.05),
        hull([(-length * 0.468, 0.07, 0.14, 0.05), (-length * 0.44, 0.115, 0.19, 0.07)], GLASS),
        *_windows(length, radius, -0.32, 0.2, 14),
    ]


def fighter(rng: np.random.Generator) -> list[Part]:
    """Return a delta-winged jet fighter with two fins."""
    length, span = rng.uniform(3.2, 3.8), rng.uniform(1.05, 1.4)
    grey = paint(rng, ((0.48, 0.51, 0.55), (0.38, 0.42, 0.34), (0.60, 0.57, 0.46)))
    half = length / 2
    body = hull(
        [
            (-half, 0, 0.01, 0.01),
            (-half * 0.8, 0, 0.08, 0.07),
            (-half * 0.5, 0.01, 0.15, 0.14),
            (-half * 0.2, 0, 0.28, 0.17),
            (half * 0.3, 0, 0.34, 0.17),
            (half * 0.85, 0, 0.3, 0.15),
            (half * 0.92, 0, 0.26, 0.13),
        ],
        grey,
        exponent=2.6,
    )
    delta = np.array(
        [[0.2, -half * 0.25], [span, half * 0.55], [span, half * 0.75], [0.25, half * 0.72]]
    )
    tail = np.array(
        [[0.25, half * 0.7], [0.72, half * 0.95], [0.72, half * 1.08], [0.25, half * 1.0]]
    )
    fin = _fin(half * 0.5, 0.1, (0.6, 0.26), rng.uniform(0.45, 0.6), 0.42, tinted(grey, 0.85))
    lean = rng.uniform(8, 22)
    nozzle = turned(
        revolve([(0.14, 0), (0.11, 0.22), (0.08, 0.2), (0.1, 0.0)], DARKS[1], closed=True), 0, 90
    )
    return [
        body,
        ellipsoid((0, 0.14, -half * 0.48), (0.12, 0.13, 0.42), GLASS),
        *both(
            extrude(delta, 0.05, tinted(grey, 1.1), plane="xz", bevel=0.015),
            extrude(tail, 0.04, grey, plane="xz", bevel=0.012),
            turned(_at(fin, (0.2, 0, 0)), 2, -lean, (0.2, 0.1, 0)),
            box((0.3, -0.04, -half * 0.12), (0.18, 0.26, 0.6), tinted(grey, 0.7), taper=(1, 0.8)),
            _at(nozzle, (0.14, 0, half * 0.9)),
            cylinder((span, 0, half * 0.4), (span, 0, half * 0.95), 0.035, WHITES[0]),
        ),
    ]


def biplane(rng: np.random.Generator) -> list[Part]:
    """Return a biplane with struts, wheels and a radial engine."""
    length, span, gap = rng.uniform(2.5, 2.9), rng.uniform(1.5, 1.9), rng.uniform(0.62, 0.78)
    red, cream = paint(rng, PAINTS), paint(rng, ((0.90, 0.82, 0.60), (0.86, 0.85, 0.80)))
    half, chord = length / 2, rng.uniform(0.5, 0.62)
    z, low = -half * 0.45, -0.18
    parts = [
        hull(
            [
                (-half * 0.8, 0, 0.2, 0.2),
                (-half * 0.4, 0, 0.23, 0.24),
                (0, 0.0, 0.2, 0.23),
                (half * 0.5, 0.05, 0.1, 0.14),
                (half, 0.1, 0.02, 0.06),
            ],
            red,
            exponent=2.6,
        ),
        cylinder((0, 0, -half * 0.98), (0, 0, -half * 0.78), 0.22, METALS[1], end_radius=0.24),
        *_propeller(-half, 0, 0, 0.55, 2),
        ellipsoid((0, 0.24, -half * 0.02), (0.11, 0.1, 0.18), DARKS[2]),
        box((0, 0.3, -half * 0.13), (0.2, 0.12, 0.02), GLASS),
        extrude(
            np.concatenate(
                [
                    arc((half * 0.94, 0.3), 0.2, -20, 200, 14),
                    [[half * 0.7, 0.06], [half * 1.0, 0.06]],
                ]
            ),
            0.03,
            red,
            plane="zy",
        ),
    ]
    side = [
        wing(
            (0, low, z + 0.08),
            (span * 0.92, low + 0.1, z + 0.08),
            (chord, chord * 0.9),
            0.08,
            cream,
        ),
        wing((0, low + gap, z), (span, low + gap + 0.06, z), (chord, chord * 0.9), 0.08, cream),
        wing((0, 0.1, half * 0.86), (0.55, 0.1, half * 0.9), (0.36, 0.2), 0.08, cream),
        cylinder((0.12, 0.1, z), (0.2, low + gap, z), 0.014, DARKS[2], sides=8),
        cylinder((0.16, -0.15, z), (0.3, -0.5, z - 0.05), 0.022, METALS[1], sides=8),
        turned(torus((0, 0, 0), 0.13, 0.045, RUBBER, 0), 1, 0),
    ]
    side[-1] = _at(side[-1], (0.32, -0.52, z - 0.05))
    for shift in (-0.17, 0.2):
        side.append(
            cylinder(
                (span * 0.72, low + 0.06, z + shift),
                (span * 0.74, low + gap + 0.03, z + shift),
                0.016,
                DARKS[2],
                sides=8,
            )
        )
    return [
        *parts,
        *both(*side),
        cylinder((-0.32, -0.52, z - 0.05), (0.32, -0.52, z - 0.05), 0.018, METALS[1], sides=8),
    ]


def glider(rng: np.random.Generator) -> list[Part]:
    """Return a sailplane: very long thin wings, slender boom and a T-tail."""
    length, span = rng.uniform(2.6, 3.2), rng.uniform(2.6, 3.3)
    white, trim = paint(rng, WHITES), paint(rng, PAINTS)
    half, radius, fin = length / 2, rng.uniform(0.15, 0.19), rng.uniform(0.5, 0.62)
    body = hull(
        [
            (-half, -0.03, 0.01, 0.01),
            (-half * 0.9, -0.02, radius * 0.6, radius * 0.65),
            (-half * 0.6, 0, radius, radius * 1.15),
            (-half * 0.25, 0.02, radius * 0.9, radius),
            (half * 0.1, 0.03, radius * 0.4, radius * 0.45),
            (half, 0.04, 0.035, 0.04),
        ],
        white,
    )
    z = -half * 0.22
    return [
        body,
        ellipsoid((0, radius * 0.5, -half * 0.62), (radius * 0.8, radius * 0.85, 0.36), GLASS),
        *both(
            wing((0, radius * 0.6, z), (span * 0.6, radius + 0.04, z), (0.38, 0.3), 0.1, white),
            wing(
                (span * 0.6, radius + 0.04, z),
                (span, radius + 0.2, z + 0.06),
                (0.3, 0.12),
                0.1,
                white,
            ),
            wing(
                (span * 0.93, radius + 0.16, z + 0.05),
                (span, radius + 0.2, z + 0.06),
                (0.18, 0.13),
                0.14,
                trim,
            ),
            wing(
                (0, fin + 0.04, half + 0.1),
                (0.5, fin + 0.05, half + 0.14),
                (0.24, 0.13),
                0.1,
                white,
            ),
        ),
        _fin(half - 0.24, 0.02, (0.34, 0.24), fin, 0.14, trim),
        ellipsoid((0, -radius * 1.1, -half * 0.35), (0.03, 0.08, 0.08), RUBBER),
    ]


def turboprop(rng: np.random.Generator) -> list[Part]:
    """Return a high-winged transport with four propellers."""
    length, radius, span = rng.uniform(3.6, 4.3), rng.uniform(0.33, 0.4), rng.uniform(2.1, 2.5)
    body = paint(rng, ((0.45, 0.50, 0.42), (0.60, 0.62, 0.64), (0.86, 0.86, 0.84)))
    trim = tinted(body, 0.75)
    z = -0.1
    side = [
        wing((0, radius * 0.95, z), (span, radius + 0.1, z + 0.05), (0.7, 0.36), 0.12, body),
        wing(
            (0, radius * 0.7, length * 0.45),
            (0.95, radius * 0.75, length * 0.47),
            (0.5, 0.28),
            0.1,
            body,
        ),
        ellipsoid((radius * 0.9, -radius * 0.7, 0.1), (0.14, 0.16, 0.6), trim),
    ]
    for share in (0.34, 0.62):
        x, y = share * span, radius * 0.95
        side.append(
            hull(
                [
                    (z - 0.62, y, 0.07, 0.07),
                    (z - 0.45, y, 0.1, 0.12),
                    (z + 0.1, y, 0.08, 0.1),
                    (z + 0.35, y, 0.02, 0.03),
                ],
                trim,
            )
        )
        side[-1] = _at(side[-1], (x, 0, 0))
        side += _propeller(z - 0.63, y, x, 0.36, 4)
    return [
        _fuselage(length, radius, body, rise=0.75, nose=0.13, tail=0.45),
        *both(*side),
        _fin(length * 0.34, 0.3, (0.7, 0.4), rng.uniform(0.8, 1.0), 0.3, trim, 0.05),
        hull([(-length * 0.47, 0.09, 0.2, 0.06), (-length * 0.435, 0.15, 0.25, 0.08)], GLASS),
    ]
