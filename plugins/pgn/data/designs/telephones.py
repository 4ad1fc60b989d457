"""Telephones: keys and screens face up and towards -z."""

from __future__ import annotations

import numpy as np

from .outlines import (
    DARKS,
    METALS,
    PAINTS,
    WHITES,
    arc,
    curve,
    paint,
    rounded_rectangle,
    tinted,
)
from .parts import Part, both, extrude, loft, moved, turned
from .shapes import box, cylinder, ellipsoid, revolve, rounded_box, torus, tube

_SCREENS = ((0.26, 0.42, 0.60), (0.48, 0.60, 0.48), (0.28, 0.28, 0.36))


def _keys(
    half: float,
    low: float,
    high: float,
    z: float,
    rows: int,
    rgb: tuple[float, float, float],
    depth: float = 0.008,
) -> list[Part]:
    """Return three columns of keys standing out of the plane at z towards -z."""
    step = (high - low) / rows
    return [
        rounded_box(
            (x, low + (k + 0.5) * step, z), (half * 0.52, step * 0.66, depth), rgb, depth * 0.45
        )
        for k in range(rows)
        for x in (-0.62 * half, 0.0, 0.62 * half)
    ]


def smartphone(rng: np.random.Generator) -> list[Part]:
    """Return an upright slab with a full-face screen, side keys and a lens hump."""
    half, tall = rng.uniform(0.034, 0.04), rng.uniform(0.07, 0.082)
    thick = rng.uniform(0.008, 0.011)
    body, screen = paint(rng, (*PAINTS, *METALS, *DARKS)), paint(rng, _SCREENS)
    face = rounded_rectangle(half, tall, half * 0.24, 8)
    glass = rounded_rectangle(half * 0.93, tall * 0.965, half * 0.2, 8)
    hump = rounded_rectangle(half * 0.4, half * 0.42, half * 0.16, 6)
    hump = hump + np.array([half * 0.5, tall * 0.72])
    return [
        extrude(face, thick, body, bevel=thick * 0.3),
        extrude(glass, 0.002, screen, at=-thick / 2),
        extrude(hump, 0.004, tinted(body, 0.8), at=thick / 2 + 0.001, bevel=0.001),
        *[
            cylinder(
                (half * 0.5 + x, tall * 0.72 + y, thick / 2),
                (half * 0.5 + x, tall * 0.72 + y, thick / 2 + 0.0045),
                half * 0.14,
                DARKS[0],
                sides=16,
            )
            for x, y in ((-half * 0.18, half * 0.18), (half * 0.18, -half * 0.18))
        ],
        box((half, tall * 0.3, 0), (0.0025, tall * 0.22, thick * 0.4), tinted(body, 0.7)),
        box((-half, tall * 0.45, 0), (0.0025, tall * 0.14, thick * 0.4), tinted(body, 0.7)),
        box((0, tall * 0.91, -thick / 2 - 0.001), (half * 0.4, 0.002, 0.001), DARKS[1]),
    ]


def candybar(rng: np.random.Generator) -> list[Part]:
    """Return an upright mobile phone with a small screen, keypad and stub aerial."""
    half, tall = rng.uniform(0.023, 0.028), rng.uniform(0.055, 0.066)
    thick = rng.uniform(0.017, 0.023)
    body, key = paint(rng, (*PAINTS, *DARKS)), paint(rng, WHITES)
    waist = rng.uniform(0.84, 0.95)
    sections = []
    for share in np.linspace(-0.995, 0.995, 17):
        end = (1 - abs(share) ** 6) ** 0.5
        width = half * (1 - (1 - waist) * np.cos(share * np.pi / 2)) * max(0.55, end)
        outline = rounded_rectangle(width, thick / 2 * max(0.6, end), thick * 0.3, 6)
        sections.append(np.insert(outline, 1, share * tall, axis=1))
    z = -thick / 2
    return [
        loft(np.array(sections), body),
        extrude(
            rounded_rectangle(half * 0.74, tall * 0.3, 0.006, 6) + np.array([0, tall * 0.42]),
            0.004,
            DARKS[0],
            at=z,
            bevel=0.001,
        ),
        box((0, tall * 0.42, z - 0.0015), (half * 1.15, tall * 0.42, 0.002), paint(rng, _SCREENS)),
        *_keys(half * 0.82, -tall * 0.86, -tall * 0.12, z, 4, key, 0.005),
        ellipsoid((0, tall * 0.0, z), (half * 0.28, tall * 0.07, 0.003), METALS[0], sides=16),
        cylinder(
            (half * 0.6, tall * 0.8, 0),
            (half * 0.6, tall * rng.uniform(1.2, 1.4), 0),
            0.0055,
            DARKS[0],
            end_radius=0.0045,
        ),
    ]


def desk_phone(rng: np.random.Generator) -> list[Part]:
    """Return an office telephone: wedge base, keypad, screen, handset and cord."""
    half, depth, rise = rng.uniform(0.095, 0.115), rng.uniform(0.09, 0.105), rng.uniform(0.05, 0.07)
    body = paint(rng, (*DARKS, *WHITES, METALS[1]))
    key = tinted(body, 1.5) if sum(body) < 1 else tinted(body, 0.7)
    wedge = np.array(
        [
            [-depth, 0.0],
            [depth, 0.0],
            [depth, rise + 0.01],
            [depth * 0.85, rise + 0.015],
            [-depth, 0.018],
        ]
    )
    slope = np.degrees(np.arctan2(rise, 1.9 * depth))

    def on_top(part: Part) -> Part:
        return moved(turned(part, 0, 90 - slope), (half * 0.28, 0.016 + rise / 2, -depth * 0.05))

    side = -half * 0.62
    hand = tube(
        curve(
            [
                (side, rise * 0.35 + 0.035, -depth * 0.86),
                (side, 0.075 + rise * 0.5, -0.3 * depth),
                (side, 0.085 + rise * 0.8, depth * 0.4),
                (side, rise + 0.05, depth * 0.9),
            ],
            6,
        ),
        0.014,
        tinted(body, 0.85),
    )
    turns = np.linspace(0, 9 * 2 * np.pi, 110)
    cord = np.stack(
        [
            side - half * 0.5 + 0.008 * np.cos(turns),
            0.009 + 0.007 * np.sin(turns) + 0.0 * turns,
            np.linspace(-depth * 0.85, depth * 0.7, 110),
        ],
        -1,
    )
    return [
        extrude(wedge, 2 * half, body, plane="zy", bevel=0.004),
        *[on_top(part) for part in _keys(half * 0.5, -depth * 0.75, depth * 0.15, 0, 4, key)],
        on_top(box((0, depth * 0.55, 0), (half * 1.1, depth * 0.5, 0.008), paint(rng, _SCREENS))),
        hand,
        *[
            ellipsoid((side, y, z), (0.025, 0.02, 0.028), tinted(body, 0.85))
            for y, z in ((rise * 0.12 + 0.032, -depth * 0.78), (rise + 0.03, depth * 0.8))
        ],
        tube(cord, 0.0028, DARKS[1], sides=6),
    ]


def flip_phone(rng: np.random.Generator) -> list[Part]:
    """Return an open clamshell phone: keypad half, hinge and leaning screen half."""
    half, tall = rng.uniform(0.023, 0.027), rng.uniform(0.042, 0.05)
    thick = rng.uniform(0.009, 0.012)
    body, key = paint(rng, (*PAINTS, *METALS)), paint(rng, (*WHITES, *METALS))
    angle = rng.uniform(15, 40)
    outline = np.concatenate(
        [
            arc((0, tall - half * 0.5), half, 0, 180, 14) * [1, 0.5]
            + [0, (tall - half * 0.5) * 0.5],
            [[-half, -tall], [half, -tall]],
        ]
    )
    lid = [
        extrude(outline, thick * 0.8, body, bevel=thick * 0.25),
        box(
            (0, -tall * 0.05, -thick * 0.4), (half * 1.5, tall * 1.2, 0.0025), paint(rng, _SCREENS)
        ),
        box((0, tall * 0.78, -thick * 0.4), (half * 0.5, 0.003, 0.003), DARKS[0]),
        ellipsoid(
            (0, tall * 0.2, thick * 0.4), (half * 0.3, half * 0.3, 0.002), METALS[1], sides=16
        ),
    ]
    base = [
        extrude(outline * [1, -1], thick, tinted(body, 0.9), bevel=thick * 0.25),
        *_keys(half * 0.86, -tall * 0.82, tall * 0.25, -thick / 2, 4, key, 0.004),
        torus((0, tall * 0.55, -thick / 2), half * 0.34, 0.0022, METALS[0], 2),
        ellipsoid((0, tall * 0.55, -thick / 2), (half * 0.2, half * 0.2, 0.003), key, sides=16),
    ]
    pivot = (0.0, 0.0, 0.0)
    return [
        *[turned(moved(part, (0, -tall, 0)), 0, angle + 30, pivot) for part in base],
        *[turned(moved(part, (0, tall, 0)), 0, 12, pivot) for part in lid],
        cylinder((-half, 0, 0), (half, 0, 0), thick * 0.75, DARKS[1]),
    ]


def rotary_phone(rng: np.random.Generator) -> list[Part]:
    """Return an old dial telephone with a cradle and an arched handset."""
    half, depth = rng.uniform(0.095, 0.11), rng.uniform(0.095, 0.11)
    tall = rng.uniform(0.085, 0.105)
    body = paint(rng, (*DARKS, (0.62, 0.12, 0.12), (0.85, 0.80, 0.68), (0.25, 0.42, 0.36)))
    reach = half * 1.12
    top = tall + rng.uniform(0.045, 0.06)
    slope = np.degrees(np.arctan2(tall, depth * 1.1))
    dial = [
        revolve([(0.055, 0), (0.055, 0.006), (0.05, 0.009), (0, 0.009)], METALS[0]),
        *[
            cylinder(
                (0.037 * np.cos(a), 0.006, 0.037 * np.sin(a)),
                (0.037 * np.cos(a), 0.0115, 0.037 * np.sin(a)),
                0.0085,
                DARKS[0],
                sides=14,
            )
            for a in np.radians(np.arange(10) * 30 - 60)
        ],
        cylinder((0, 0.006, 0), (0, 0.0115, 0), 0.02, WHITES[2]),
    ]
    handle = curve(
        [
            (-reach, top - 0.03, 0.015),
            (-half * 0.75, top, 0.015),
            (0, top + 0.016, 0.015),
            (half * 0.75, top, 0.015),
            (reach, top - 0.03, 0.015),
        ],
        6,
    )
    cup = [
        revolve([(0.024, -0.02), (0.033, -0.012), (0.028, 0.012), (0.016, 0.024), (0, 0.026)], body)
    ]
    return [
        rounded_box(
            (0, tall / 2, 0.012),
            (2 * half, tall, 2 * depth),
            body,
            0.02,
            taper=(0.7, 0.36),
            shift=(0, 0.028),
        ),
        *[
            moved(turned(part, 0, -(90 - slope) - 14), (0, tall * 0.52, -depth * 0.62))
            for part in dial
        ],
        *both(
            cylinder(
                (half * 0.42, tall - 0.01, 0.03), (half * 0.46, top - 0.012, 0.03), 0.012, body
            ),
            *[moved(part, (reach, top - 0.035, 0.015)) for part in cup],
        ),
        tube(handle, 0.013, body),
        tube(
            curve(
                [
                    (-reach, top - 0.055, 0.015),
                    (-reach - 0.012, 0.03, 0.05),
                    (-half * 0.7, 0.01, depth + 0.02),
                    (0, 0.02, depth * 0.9),
                ],
                6,
            ),
            0.004,
            DARKS[0],
            sides=8,
        ),
        *both(
            cylinder(
                (half * 0.8, -0.006, -depth * 0.75),
                (half * 0.8, 0.006, -depth * 0.75),
                0.01,
                DARKS[0],
            )
        ),
    ]
