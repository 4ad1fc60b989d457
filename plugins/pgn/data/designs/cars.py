"""Cars: front towards -z, wheels along x; lengths roughly in metres."""

from __future__ import annotations

import numpy as np

from .outlines import DARKS, GLASS, METALS, PAINTS, RUBBER, paint, ring, tinted
from .parts import Part, both, loft
from .shapes import box, cylinder, ellipsoid, hull, rounded_box, tube

_LAMP = (0.94, 0.92, 0.80)
_TAIL = (0.70, 0.06, 0.06)


def _wheels(half_track: float, axles: tuple[float, ...], radius: float) -> list[Part]:
    parts = []
    for z in axles:
        middle = (half_track - 0.11, radius, z)
        parts += [
            cylinder((half_track - 0.24, radius, z), (half_track + 0.0, radius, z), radius, RUBBER),
            cylinder(middle, (half_track + 0.015, radius, z), radius * 0.62, METALS[0]),
            cylinder(middle, (half_track + 0.03, radius, z), radius * 0.2, DARKS[1], sides=12),
        ]
    return both(*parts)


def _cabin(
    bottom: tuple[float, float, float, float],
    top: tuple[float, float, float, float],
    rgb: tuple[float, float, float],
) -> list[Part]:
    """Return a glazed cabin with a painted roof and pillars.

    Each level is (front z, back z, y, half width).
    """

    def level(front: float, back: float, y: float, width: float) -> np.ndarray:
        shape = np.sign(ring(32)) * np.abs(ring(32)) ** 0.45
        points = np.empty((32, 3))
        points[:, 0] = shape[:, 0] * width
        points[:, 1] = y
        points[:, 2] = (front + back) / 2 + shape[:, 1] * (back - front) / 2
        return points

    low, high = level(*bottom), level(*top)
    front, back, y, width = top
    roof = [
        level(front - 0.03, back + 0.03, y - 0.015, width + 0.015),
        level(front + 0.04, back - 0.04, y + 0.035, width - 0.05),
        level(front + 0.3, back - 0.3, y + 0.06, width - 0.25),
    ]
    # The corner pillars lie on the rounded corners of the glass, the middle ones on its sides.
    pillars = [tube(np.array([low[k], high[k]]), 0.033, rgb, sides=8) for k in (0, 4, 28)]
    return [loft(np.array([low, high]), GLASS), loft(np.array(roof), rgb), *both(*pillars)]


def _lights(
    half_width: float, front: float, back: float, y: float, *, share: float = 0.7
) -> list[Part]:
    """Return lamps at both ends; `share` of the half width is where they sit."""
    return both(
        ellipsoid((half_width * share, y, front), (0.16, 0.075, 0.06), _LAMP, sides=12),
        rounded_box((half_width * (share + 0.03), y + 0.06, back), (0.24, 0.12, 0.05), _TAIL, 0.02),
    )


def sedan(rng: np.random.Generator) -> list[Part]:
    """Return a four-door saloon with a bonnet and a boot."""
    length, width, height = rng.uniform(4.3, 4.9), rng.uniform(1.7, 1.85), rng.uniform(1.38, 1.5)
    half, side = length / 2, width / 2
    rgb, wheel = paint(rng, PAINTS), rng.uniform(0.31, 0.35)
    belt = rng.uniform(0.86, 0.94)
    middle, thick = (belt + 0.2) / 2, (belt - 0.2) / 2
    body = hull(
        [
            (-half, middle - 0.1, side * 0.78, thick * 0.6),
            (-half + 0.15, middle - 0.06, side * 0.92, thick * 0.84),
            (-half + 0.8, middle - 0.02, side, thick * 0.95),
            (-half * 0.3, middle, side, thick),
            (half * 0.5, middle, side, thick),
            (half - 0.2, middle, side * 0.94, thick * 0.95),
            (half, middle, side * 0.8, thick * 0.7),
        ],
        rgb,
        exponent=5,
    )
    return [
        body,
        *_cabin(
            (-half * 0.42, half * 0.68, belt - 0.05, side * 0.93),
            (-half * 0.06, half * 0.40, height, side * 0.72),
            rgb,
        ),
        *_wheels(side + 0.02, (-half * 0.62, half * 0.6), wheel),
        *_lights(side, -half + 0.03, half - 0.02, belt - 0.28, share=0.62),
        rounded_box((0, 0.36, -half), (width * 0.7, 0.14, 0.1), DARKS[1], 0.04),
        *both(
            ellipsoid((side - 0.03, belt + 0.04, -half * 0.24), (0.1, 0.06, 0.07), rgb, sides=12)
        ),
    ]


def van(rng: np.random.Generator) -> list[Part]:
    """Return a tall delivery van with a short sloping nose."""
    length, width, height = rng.uniform(4.6, 5.3), rng.uniform(1.85, 2.0), rng.uniform(2.0, 2.4)
    half, side = length / 2, width / 2
    rgb, wheel = paint(rng, PAINTS), rng.uniform(0.33, 0.37)
    base, nose = 0.25, -half + rng.uniform(0.7, 0.9)
    middle, thick = (height + base) / 2, (height - base) / 2
    cargo = hull(
        [
            (nose + 0.75, middle, side * 0.96, thick * 0.97),
            (nose + 0.95, middle, side, thick),
            (half - 0.1, middle, side, thick),
            (half, middle, side * 0.94, thick * 0.95),
        ],
        rgb,
        exponent=8,
    )
    bonnet = hull(
        [
            (-half, 0.58, side * 0.84, 0.28),
            (-half + 0.12, 0.64, side * 0.95, 0.38),
            (nose + 0.2, 0.72, side, 0.5),
            (nose + 1.0, 0.78, side, 0.55),
        ],
        rgb,
        exponent=6,
    )
    screen = hull(
        [
            (nose - 0.15, 1.1, side * 0.86, 0.1),
            (nose + 0.45, 1.4, side * 0.92, 0.5),
            (nose + 0.85, 1.5, side * 0.94, height - 1.58),
        ],
        GLASS,
        exponent=5,
    )
    pane = box((side - 0.01, height * 0.68, nose + 1.35), (0.05, height * 0.24, 0.7), GLASS)
    return [
        cargo,
        bonnet,
        screen,
        *_wheels(side + 0.01, (-half * 0.62, half * 0.6), wheel),
        *_lights(side, -half + 0.08, half, 0.72),
        *both(pane, box((side + 0.1, 1.25, nose + 0.5), (0.14, 0.26, 0.08), DARKS[0])),
        rounded_box((0, 0.36, -half), (width * 0.9, 0.2, 0.16), DARKS[1], 0.06),
        rounded_box((0, 0.36, half), (width * 0.94, 0.16, 0.14), DARKS[1], 0.05),
    ]


def roadster(rng: np.random.Generator) -> list[Part]:
    """Return an open two-seater with long bonnet, seats and round fenders."""
    length, width = rng.uniform(3.8, 4.2), rng.uniform(1.6, 1.72)
    half, side = length / 2, width / 2
    rgb, leather = paint(rng, PAINTS), paint(rng, ((0.45, 0.26, 0.15), (0.13, 0.12, 0.12)))
    belt, wheel = rng.uniform(0.72, 0.8), rng.uniform(0.31, 0.34)
    middle, thick = (belt + 0.16) / 2, (belt - 0.16) / 2
    seat_z = half * 0.26
    body = hull(
        [
            (-half, middle - 0.06, side * 0.55, thick * 0.5),
            (-half + 0.25, middle - 0.04, side * 0.82, thick * 0.8),
            (-half * 0.4, middle, side * 0.93, thick),
            (half * 0.4, middle, side * 0.95, thick),
            (half - 0.3, middle, side * 0.85, thick * 0.85),
            (half, middle, side * 0.6, thick * 0.5),
        ],
        rgb,
        exponent=3.2,
    )
    fenders = [
        ellipsoid((side * 0.84, wheel + 0.12, z), (0.2, 0.36, 0.62), rgb)
        for z in (-half * 0.6, half * 0.58)
    ]
    screen = rounded_box(
        (0, belt + 0.2, -half * 0.1), (width * 0.72, 0.36, 0.03), GLASS, 0.01, shift=(0, 0.14)
    )
    seat = [
        rounded_box(
            (side * 0.4, belt + 0.16, seat_z + 0.3),
            (0.44, 0.5, 0.16),
            leather,
            0.07,
            shift=(0, 0.08),
        )
    ]
    return [
        body,
        rounded_box((0, belt - 0.02, half * 0.14), (width * 0.76, 0.1, 1.0), DARKS[0], 0.04),
        screen,
        *both(*fenders, *seat),
        tube(
            np.array([[side * 0.4, belt + 0.08, seat_z - 0.5]])
            + 0.15 * np.insert(ring(20), 2, 0.0, axis=1),
            0.018,
            DARKS[1],
            closed=True,
            sides=8,
        ),
        *_wheels(side + 0.03, (-half * 0.6, half * 0.58), wheel),
        *both(
            ellipsoid((side * 0.62, belt - 0.16, -half + 0.24), (0.1, 0.1, 0.1), _LAMP, sides=12)
        ),
        *both(
            ellipsoid((side * 0.52, belt - 0.16, half - 0.12), (0.07, 0.06, 0.06), _TAIL, sides=10)
        ),
        rounded_box((0, 0.34, -half + 0.02), (width * 0.5, 0.1, 0.1), METALS[0], 0.04),
    ]


def pickup(rng: np.random.Generator) -> list[Part]:
    """Return a pick-up truck with a cab and an open bed."""
    length, width, height = rng.uniform(4.9, 5.5), rng.uniform(1.85, 2.0), rng.uniform(1.7, 1.85)
    half, side = length / 2, width / 2
    rgb, wheel = paint(rng, PAINTS), rng.uniform(0.38, 0.43)
    belt, floor = rng.uniform(1.05, 1.12), 0.42
    cab_end = rng.uniform(0.05, 0.18) * half
    middle, thick = (belt + floor) / 2, (belt - floor) / 2
    front = hull(
        [
            (-half, middle, side * 0.9, thick * 0.8),
            (-half + 0.12, middle, side * 0.98, thick * 0.95),
            (-half * 0.4, middle, side, thick),
            (cab_end + 0.1, middle, side, thick),
        ],
        rgb,
        exponent=7,
    )
    bed = half - cab_end
    rails = [box((side - 0.05, middle, cab_end + bed / 2), (0.1, 2 * thick, bed), rgb)]
    return [
        front,
        *_cabin(
            (-half * 0.42, cab_end, belt - 0.04, side * 0.95),
            (-half * 0.16, cab_end - 0.12, height, side * 0.8),
            rgb,
        ),
        box((0, floor + 0.12, cab_end + bed / 2), (width * 0.96, 0.24, bed), tinted(DARKS[1], 1.3)),
        box((0, middle, half - 0.05), (width, 2 * thick, 0.1), rgb),
        *both(*rails),
        *_wheels(side + 0.03, (-half * 0.63, half * 0.58), wheel),
        *_lights(side, -half + 0.04, half, belt - 0.25),
        rounded_box((0, 0.52, -half - 0.02), (width * 0.96, 0.2, 0.16), METALS[0], 0.06),
        box((0, belt - 0.26, -half + 0.02), (width * 0.5, 0.2, 0.08), DARKS[0]),
    ]


def hatchback(rng: np.random.Generator) -> list[Part]:
    """Return a short rounded city car with a steep back."""
    length, width, height = rng.uniform(3.4, 3.9), rng.uniform(1.6, 1.72), rng.uniform(1.48, 1.6)
    half, side = length / 2, width / 2
    rgb, wheel = paint(rng, PAINTS), rng.uniform(0.3, 0.34)
    belt = rng.uniform(0.88, 0.96)
    middle, thick = (belt + 0.2) / 2, (belt - 0.2) / 2
    body = hull(
        [
            (-half, middle - 0.08, side * 0.66, thick * 0.55),
            (-half + 0.2, middle - 0.04, side * 0.88, thick * 0.84),
            (-half * 0.4, middle, side, thick),
            (half * 0.7, middle, side, thick),
            (half, middle, side * 0.86, thick * 0.85),
        ],
        rgb,
        exponent=3.6,
    )
    return [
        body,
        *_cabin(
            (-half * 0.6, half * 0.96, belt - 0.06, side * 0.94),
            (-half * 0.1, half * 0.76, height, side * 0.74),
            rgb,
        ),
        *_wheels(side + 0.02, (-half * 0.64, half * 0.64), wheel),
        *_lights(side, -half + 0.09, half, belt - 0.26, share=0.54),
        rounded_box((0, 0.34, half - 0.02), (width * 0.84, 0.16, 0.14), DARKS[1], 0.05),
        *both(ellipsoid((side - 0.05, belt + 0.03, -half * 0.3), (0.1, 0.06, 0.07), rgb, sides=12)),
    ]
