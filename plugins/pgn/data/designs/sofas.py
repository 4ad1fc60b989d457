"""Sofas: the sitters look towards -z; lengths roughly in metres."""

from __future__ import annotations

import numpy as np

from .outlines import FABRICS, METALS, WOODS, arc, curve, paint, tinted
from .parts import Part, both, extrude, loft
from .shapes import box, cylinder, ellipsoid, rounded_box


def _feet(half: float, depth: float, height: float, rgb: tuple[float, float, float]) -> list[Part]:
    return both(
        *(
            cylinder(
                (half * 0.92, 0, z), (half * 0.9, height, z), 0.022, rgb, end_radius=0.034, sides=12
            )
            for z in (-depth * 0.85, depth * 0.85)
        )
    )


def three_seater(rng: np.random.Generator) -> list[Part]:
    """Return a classic sofa: three seat and back cushions between padded arms."""
    half, depth = rng.uniform(0.95, 1.15), rng.uniform(0.42, 0.48)
    cloth, seat = paint(rng, FABRICS), rng.uniform(0.42, 0.46)
    top, arm = rng.uniform(0.78, 0.9), rng.uniform(0.56, 0.66)
    width = (2 * half - 0.3) / 3
    parts = [
        rounded_box((0, 0.22, 0), (2 * half, 0.22, 2 * depth), cloth, 0.04),
        rounded_box(
            (0, (top + 0.2) / 2, depth - 0.08), (2 * half - 0.1, top - 0.2, 0.18), cloth, 0.07
        ),
        *both(
            rounded_box(
                (half - 0.07, (arm + 0.12) / 2, 0), (0.19, arm - 0.12, 2 * depth), cloth, 0.08
            )
        ),
        *_feet(half, depth, 0.12, paint(rng, WOODS)),
    ]
    for k in (-1, 0, 1):
        parts += [
            rounded_box(
                (k * width, seat - 0.06, -0.08),
                (width * 0.98, 0.17, 2 * depth - 0.24),
                tinted(cloth, 1.12),
                0.07,
            ),
            rounded_box(
                (k * width, seat + 0.19, depth - 0.24),
                (width * 0.95, 0.36, 0.17),
                tinted(cloth, 1.06),
                0.08,
                shift=(0, 0.08),
            ),
        ]
    return parts


def chesterfield(rng: np.random.Generator) -> list[Part]:
    """Return a leather sofa whose rolled arms run level into a rolled back."""
    half, depth, top = rng.uniform(0.9, 1.1), rng.uniform(0.4, 0.46), rng.uniform(0.66, 0.74)
    leather = paint(
        rng, ((0.50, 0.27, 0.16), (0.42, 0.25, 0.18), (0.26, 0.38, 0.30), (0.55, 0.18, 0.15))
    )
    roll = rng.uniform(0.095, 0.12)
    count = int(rng.integers(2, 4))
    width = (2 * half - 0.24) / count
    buttons = [
        ellipsoid((x, y, depth - 0.15), (0.02, 0.02, 0.012), tinted(leather, 0.6), sides=8)
        for y, xs in ((0.52, np.linspace(-0.75, 0.75, 7)), (0.6, np.linspace(-0.65, 0.65, 6)))
        for x in xs * half
    ]
    return [
        rounded_box((0, 0.21, 0), (2 * half, 0.2, 2 * depth), leather, 0.04),
        rounded_box(
            (0, (top + 0.15) / 2, depth - 0.06), (2 * half, top - 0.15, 0.18), leather, 0.05
        ),
        cylinder(
            (-half - 0.03, top - roll * 0.6, depth),
            (half + 0.03, top - roll * 0.6, depth),
            roll,
            leather,
        ),
        *both(
            rounded_box(
                (half - 0.04, (top + 0.12) / 2, 0), (0.15, top - 0.15, 2 * depth), leather, 0.04
            ),
            cylinder(
                (half + 0.01, top - roll * 0.6, -depth - 0.01),
                (half + 0.01, top - roll * 0.6, depth),
                roll,
                leather,
            ),
            cylinder(
                (half + 0.01, top - roll * 0.6, -depth - 0.025),
                (half + 0.01, top - roll * 0.6, -depth),
                roll * 0.5,
                tinted(leather, 0.7),
            ),
        ),
        *[
            rounded_box(
                ((k - (count - 1) / 2) * width, 0.37, -0.07),
                (width * 0.98, 0.15, 2 * depth - 0.16),
                tinted(leather, 1.15),
                0.06,
            )
            for k in range(count)
        ],
        *buttons,
        *_feet(half, depth, 0.12, WOODS[2]),
    ]


def corner_sofa(rng: np.random.Generator) -> list[Part]:
    """Return an L-shaped sofa with a chaise on its +x side and loose pillows."""
    half, depth, chaise = rng.uniform(1.15, 1.35), rng.uniform(0.42, 0.47), rng.uniform(0.55, 0.8)
    cloth, seat, top = paint(rng, FABRICS), rng.uniform(0.38, 0.43), rng.uniform(0.72, 0.8)
    wide = rng.uniform(0.72, 0.84)
    x = half - wide / 2
    light = tinted(cloth, 1.12)
    rest = 2 * half - wide - 0.18
    pillow = paint(rng, FABRICS)
    return [
        rounded_box((0, 0.18, 0), (2 * half, 0.2, 2 * depth), cloth, 0.03),
        rounded_box((x, 0.18, -depth - chaise / 2 + 0.1), (wide, 0.2, chaise + 0.2), cloth, 0.03),
        rounded_box(
            (x, seat - 0.06, -0.14 - chaise / 2),
            (wide * 0.97, 0.16, 2 * depth + chaise - 0.28),
            light,
            0.06,
        ),
        *[
            rounded_box(
                (-half + 0.18 + rest * (k + 0.5) / 2, seat - 0.06, -0.1),
                (rest * 0.49, 0.16, 2 * depth - 0.22),
                light,
                0.06,
            )
            for k in (0, 1)
        ],
        rounded_box((0, (top + 0.1) / 2, depth - 0.07), (2 * half, top - 0.12, 0.16), cloth, 0.06),
        *[
            rounded_box(
                (-half + 0.18 + (2 * half - 0.2) * (k + 0.5) / 3, seat + 0.17, depth - 0.22),
                ((2 * half - 0.2) * 0.32, 0.32, 0.15),
                light,
                0.07,
                shift=(0, 0.07),
            )
            for k in range(3)
        ],
        rounded_box((-half + 0.09, 0.33, 0), (0.18, 0.5, 2 * depth), cloth, 0.06),
        rounded_box(
            (-half + 0.36, seat + 0.16, 0.06), (0.36, 0.32, 0.13), pillow, 0.06, shift=(0, 0.1)
        ),
        *_feet(half, depth, 0.1, METALS[1]),
    ]


def loveseat(rng: np.random.Generator) -> list[Part]:
    """Return a small round-backed two-seater, its back wrapping into the arms."""
    half, depth, top = rng.uniform(0.62, 0.74), rng.uniform(0.38, 0.44), rng.uniform(0.74, 0.84)
    cloth, wood = paint(rng, FABRICS), paint(rng, WOODS)
    arm = rng.uniform(0.52, 0.6)
    sections = []
    for angle in np.radians(np.linspace(-28, 208, 31)):
        x, z = half * np.cos(angle), depth * np.sin(angle) * (1.0 if np.sin(angle) > 0 else 0.9)
        high = arm + (top - arm) * max(np.sin(angle), 0.0) ** 1.5
        out = np.array([np.cos(angle), 0, np.sin(angle)])
        middle = (high + 0.14) / 2
        shape = arc((0, 0), 1.0, 0, 330, 12)
        shape = np.sign(shape) * np.abs(shape) ** 0.6
        points = np.array([x, middle, z]) + shape[:, :1] * 0.075 * out
        points[:, 1] += shape[:, 1] * (high - 0.14) / 2
        sections.append(points)
    plate = np.concatenate([arc((0, 0), 1, -25, 205, 24)]) * [half - 0.02, depth - 0.02]
    cushion = arc((0, 0), 1, -32, 212, 24) * [half - 0.09, depth - 0.09]
    return [
        loft(np.array(sections), cloth),
        extrude(plate, 0.18, cloth, plane="xz", at=0.22, bevel=0.03),
        extrude(cushion, 0.16, tinted(cloth, 1.15), plane="xz", at=0.37, bevel=0.04),
        *both(
            rounded_box(
                (half * 0.42, 0.56, depth * 0.42),
                (half * 0.72, 0.3, 0.14),
                tinted(cloth, 1.08),
                0.06,
                shift=(0, 0.08),
            ),
            *[
                cylinder(
                    (half * 0.7, 0, z * depth),
                    (half * 0.68, 0.15, z * depth),
                    0.022,
                    wood,
                    end_radius=0.034,
                    sides=12,
                )
                for z in (-0.3, 0.6)
            ],
        ),
    ]


def daybed(rng: np.random.Generator) -> list[Part]:
    """Return a low daybed: a mattress on a wooden frame, one raised scrolled end."""
    half, depth, seat = rng.uniform(0.9, 1.05), rng.uniform(0.36, 0.42), rng.uniform(0.36, 0.42)
    cloth, wood = paint(rng, FABRICS), paint(rng, WOODS)
    rise = rng.uniform(0.3, 0.4)
    end = curve(
        [
            (half - 0.12, seat - 0.1),
            (half - 0.02, seat + rise * 0.5),
            (half + 0.1, seat + rise),
            (half + 0.18, seat + rise - 0.06),
            (half + 0.08, seat + rise * 0.4),
            (half, seat - 0.12),
        ],
        5,
        closed=True,
    )
    bolster = seat + 0.13
    return [
        box((0, seat - 0.14, 0), (2 * half, 0.08, 2 * depth), wood),
        rounded_box((0, seat - 0.01, 0), (2 * half - 0.08, 0.19, 2 * depth - 0.04), cloth, 0.07),
        extrude(end, 2 * depth, tinted(cloth, 0.9), plane="xy", bevel=0.015),
        rounded_box(
            (0, seat + 0.14, depth - 0.06),
            (2 * half * 0.94, 0.36, 0.12),
            tinted(cloth, 0.92),
            0.05,
            taper=(0.9, 1),
        ),
        cylinder(
            (half - 0.24, bolster, -depth * 0.9),
            (half - 0.24, bolster, depth * 0.7),
            0.09,
            tinted(cloth, 1.2),
        ),
        ellipsoid((-half * 0.72, seat + 0.2, depth * 0.55), (0.2, 0.17, 0.08), paint(rng, FABRICS)),
        *_feet(half, depth, seat - 0.17, wood),
    ]
