"""Chairs and benches: the sitter looks towards -z; lengths roughly in metres."""

from __future__ import annotations

import numpy as np

from .outlines import (
    DARKS,
    FABRICS,
    METALS,
    PAINTS,
    WHITES,
    WOODS,
    curve,
    paint,
    tinted,
)
from .parts import Part, both, extrude, loft, spun, turned
from .shapes import box, cylinder, ellipsoid, rounded_box, torus, tube


def _legs(
    half_width: float,
    front: float,
    back: float,
    height: float,
    radius: float,
    rgb: tuple[float, float, float],
    splay: float = 0.05,
) -> list[Part]:
    """Return four round legs, thinner at the floor, spread by `splay`."""
    return both(
        *(
            cylinder(
                (half_width + splay, 0, z + np.sign(z) * splay),
                (half_width, height, z),
                radius * 0.7,
                rgb,
                end_radius=radius,
                sides=14,
            )
            for z in (front, back)
        )
    )


def dining_chair(rng: np.random.Generator) -> list[Part]:
    """Return a wooden chair with a slatted back and a padded seat."""
    half, seat, top = rng.uniform(0.2, 0.24), rng.uniform(0.43, 0.48), rng.uniform(0.9, 1.05)
    wood, cloth = paint(rng, WOODS), paint(rng, FABRICS)
    lean, count = rng.uniform(0.06, 0.13), int(rng.integers(3, 6))
    post = tube(
        np.array([[half, 0, half + 0.05], [half, seat, half], [half, top, half + lean]]),
        [0.016, 0.022, 0.017],
        wood,
    )
    rails = []
    for share in (0.3, 0.97):
        y, z = seat + share * (top - seat), half + share * lean
        rails.append(rounded_box((0, y, z), (2 * half, 0.07, 0.025), wood, 0.01))
    slats = [
        tube(
            np.array(
                [
                    [x, seat + 0.3 * (top - seat), half + 0.3 * lean],
                    [x, seat + 0.97 * (top - seat), half + 0.97 * lean],
                ]
            ),
            0.011,
            wood,
            sides=8,
        )
        for x in np.linspace(-0.7, 0.7, count) * half
    ]
    return [
        *both(
            post,
            cylinder((half, 0, -half), (half, seat, -half), 0.015, wood, end_radius=0.022),
            cylinder((half, seat * 0.45, -half), (half, seat * 0.45, half), 0.011, wood),
        ),
        box((0, seat - 0.04, 0), (2 * half, 0.06, 2 * half), wood),
        rounded_box(
            (0, seat + 0.015, -0.01), (2 * half + 0.04, 0.05, 2 * half + 0.02), cloth, 0.022
        ),
        *rails,
        *slats,
    ]


def office_chair(rng: np.random.Generator) -> list[Part]:
    """Return a swivel chair on a five-armed base with castors."""
    seat, half, top = rng.uniform(0.46, 0.54), rng.uniform(0.23, 0.27), rng.uniform(0.95, 1.15)
    cloth, frame = paint(rng, (*FABRICS, *DARKS)), paint(rng, (*DARKS, METALS[1]))
    reach = rng.uniform(0.28, 0.34)
    foot = [
        tube(
            np.array([[0.02, 0.13, 0], [reach * 0.5, 0.1, 0], [reach, 0.065, 0]]),
            [0.03, 0.025, 0.018],
            frame,
        ),
        ellipsoid((reach, 0.03, 0), (0.032, 0.03, 0.022), DARKS[0], sides=12),
    ]
    arm = curve(
        [
            (half + 0.02, seat - 0.02, 0.08),
            (half + 0.06, seat + 0.08, 0.1),
            (half + 0.06, seat + 0.2, 0.06),
        ],
        6,
    )
    back = rounded_box(
        (0, (top + seat + 0.1) / 2, half + 0.03),
        (2 * half * 0.92, top - seat - 0.1, 0.07),
        cloth,
        0.034,
        taper=(0.86, 1),
        shift=(0, 0.09),
    )
    return [
        *spun(foot, 5),
        cylinder((0, 0.08, 0), (0, seat - 0.06, 0), 0.028, METALS[0]),
        cylinder((0, seat - 0.12, 0), (0, seat - 0.04, 0), 0.07, frame),
        rounded_box((0, seat, 0), (2 * half, 0.09, 2 * half), cloth, 0.044),
        tube(
            curve(
                [
                    (0, seat - 0.05, 0.1),
                    (0, seat - 0.03, half + 0.05),
                    (0, seat + 0.2, half + 0.09),
                ],
                6,
            ),
            0.022,
            frame,
        ),
        back,
        *both(
            tube(arm, 0.015, frame),
            rounded_box((half + 0.06, seat + 0.21, 0.0), (0.06, 0.03, 0.26), frame, 0.014),
        ),
    ]


def shell_chair(rng: np.random.Generator) -> list[Part]:
    """Return a moulded shell on four splayed dowel legs."""
    half, seat, top = rng.uniform(0.22, 0.26), rng.uniform(0.42, 0.46), rng.uniform(0.78, 0.88)
    rgb, wood = paint(rng, (*PAINTS, *WHITES)), paint(rng, WOODS)
    spine = curve(
        [
            (seat - 0.03, -half * 1.05),
            (seat, -half * 0.7),
            (seat - 0.03, half * 0.3),
            (seat + 0.05, half * 0.8),
            (seat + 0.2, half * 1.02),
            (top, half * 1.25),
        ],
        5,
    )
    share = np.linspace(0, 1, len(spine))
    widths = half * (0.86 + 0.34 * np.sin(np.pi * np.clip(share, 0, 1)) - 0.1 * share)
    across = np.linspace(-1, 1, 15)
    sections = []
    for (y, z), width, s in zip(spine, widths, share, strict=True):
        lift = 0.10 * np.sin(np.pi * min(s * 1.15, 1.0)) * across**4
        forward = -0.12 * max(0.0, s - 0.35) * np.abs(across) ** 3
        upper = np.stack([across * width, y + lift + 0.009, z + forward - 0.009], -1)
        lower = np.stack([across * width, y + lift - 0.009, z + forward + 0.009], -1)
        sections.append(np.concatenate([upper, lower[::-1]]))
    brace = [
        cylinder(
            (half * 0.55, seat * 0.55, -half * 0.62),
            (-half * 0.55, seat * 0.55, half * 0.62),
            0.007,
            DARKS[0],
        )
    ]
    return [
        loft(np.array(sections), rgb),
        *_legs(
            half * 0.5, -half * 0.55, half * 0.55, seat - 0.02, 0.018, wood, rng.uniform(0.05, 0.09)
        ),
        *brace,
        *[turned(part, 1, 2 * np.degrees(np.arctan2(0.62, 0.55))) for part in brace],
    ]


def stool(rng: np.random.Generator) -> list[Part]:
    """Return a bar stool with a round seat, footring and low curved back."""
    height, radius = rng.uniform(0.66, 0.8), rng.uniform(0.17, 0.21)
    wood, cloth = paint(rng, (*WOODS, *METALS)), paint(rng, FABRICS)
    spread, step = rng.uniform(0.05, 0.09), rng.uniform(0.22, 0.3)
    leg = cylinder(
        (radius * 0.6 + spread, 0, radius * 0.6 + spread),
        (radius * 0.6, height, radius * 0.6),
        0.014,
        wood,
        end_radius=0.018,
    )
    at = (radius * 0.6 + spread * (1 - step / height)) * np.sqrt(2)
    angles = np.radians(np.linspace(20, 160, 15))
    rail = np.stack(
        [radius * np.cos(angles), np.full(15, height + 0.2), radius * np.sin(angles)], -1
    )
    return [
        *spun([leg], 4),
        torus((0, step, 0), at, 0.011, METALS[0]),
        cylinder((0, height - 0.02, 0), (0, height + 0.015, 0), radius * 0.96, wood),
        ellipsoid((0, height + 0.02, 0), (radius, 0.045, radius), cloth),
        tube(rail, 0.024, wood),
        *[
            cylinder((p[0], height, p[2]), (p[0], height + 0.2, p[2]), 0.009, wood, sides=8)
            for p in rail[1::4]
        ],
    ]


def armchair(rng: np.random.Generator) -> list[Part]:
    """Return an upholstered wing chair on short legs."""
    half, seat, top = rng.uniform(0.3, 0.35), rng.uniform(0.4, 0.45), rng.uniform(0.95, 1.1)
    cloth, wood = paint(rng, FABRICS), paint(rng, WOODS)
    depth, arm = rng.uniform(0.34, 0.38), rng.uniform(0.58, 0.64)
    wing_outline = curve(
        [
            (depth - 0.06, arm - 0.04),
            (depth + 0.02, top * 0.75),
            (depth + 0.07, top - 0.04),
            (depth - 0.1, top - 0.08),
            (depth - 0.2, top * 0.76),
        ],
        4,
        closed=True,
    )
    return [
        *_legs(half * 0.85, -depth * 0.85, depth * 0.8, 0.18, 0.03, wood, 0.02),
        rounded_box((0, 0.25, 0), (2 * half, 0.2, 2 * depth), cloth, 0.05),
        rounded_box(
            (0, seat - 0.03, -0.05),
            (2 * half - 0.14, 0.14, 2 * depth - 0.1),
            tinted(cloth, 1.12),
            0.06,
        ),
        rounded_box(
            (0, (top + 0.3) / 2, depth - 0.06),
            (2 * half - 0.02, top - 0.3, 0.16),
            cloth,
            0.07,
            taper=(0.92, 0.8),
            shift=(0, 0.12),
        ),
        *both(
            rounded_box(
                (half, (arm + 0.2) / 2, -0.02), (0.12, arm - 0.2, 2 * depth - 0.06), cloth, 0.05
            ),
            cylinder(
                (half + 0.01, arm - 0.02, -depth + 0.01),
                (half + 0.01, arm - 0.02, depth),
                0.075,
                cloth,
            ),
            extrude(wing_outline, 0.07, cloth, plane="zy", at=half - 0.02, bevel=0.02),
        ),
    ]


def park_bench(rng: np.random.Generator) -> list[Part]:
    """Return a slatted garden bench with cast-iron sides and arm rests."""
    half, seat, top = rng.uniform(0.7, 0.95), rng.uniform(0.4, 0.46), rng.uniform(0.78, 0.9)
    wood, iron = paint(rng, WOODS), paint(rng, (*DARKS, (0.16, 0.26, 0.2)))
    lean = rng.uniform(0.08, 0.16)
    parts = [
        rounded_box((0, seat, z), (2 * half, 0.03, 0.075), wood, 0.01)
        for z in np.linspace(-0.2, 0.16, 5)
    ]
    for share in (0.3, 0.62, 0.94):
        parts.append(
            rounded_box(
                (0, seat + share * (top - seat), 0.2 + share * lean),
                (2 * half, 0.085, 0.028),
                wood,
                0.01,
            )
        )
    side = [
        tube(
            curve(
                [
                    (half - 0.08, 0, 0.26),
                    (half - 0.08, seat * 0.6, 0.2),
                    (half - 0.08, seat, 0.21),
                    (half - 0.08, top, 0.22 + lean),
                ],
                6,
            ),
            0.024,
            iron,
        ),
        tube(
            curve(
                [
                    (half - 0.08, 0, -0.26),
                    (half - 0.08, seat * 0.6, -0.19),
                    (half - 0.08, seat + 0.2, -0.22),
                ],
                6,
            ),
            0.024,
            iron,
        ),
        tube(
            curve(
                [
                    (half - 0.08, seat + 0.2, -0.24),
                    (half - 0.08, seat + 0.23, -0.1),
                    (half - 0.08, seat + 0.2, 0.26),
                ],
                6,
            ),
            0.026,
            iron,
        ),
        cylinder((half - 0.08, seat - 0.03, -0.22), (half - 0.08, seat - 0.03, 0.22), 0.02, iron),
    ]
    return [*parts, *both(*side)]


def plank_bench(rng: np.random.Generator) -> list[Part]:
    """Return a backless bench: a thick plank on two trestles with a stretcher."""
    half, seat, depth = rng.uniform(0.6, 0.9), rng.uniform(0.42, 0.48), rng.uniform(0.16, 0.21)
    wood = paint(rng, WOODS)
    at = half * rng.uniform(0.68, 0.8)
    leg = np.array(
        [
            [-depth * 1.05, 0],
            [-depth * 0.5, 0],
            [-depth * 0.2, seat * 0.22],
            [depth * 0.2, seat * 0.22],
            [depth * 0.5, 0],
            [depth * 1.05, 0],
            [depth * 0.7, seat],
            [-depth * 0.7, seat],
        ]
    )
    return [
        rounded_box((0, seat, 0), (2 * half, 0.055, 2 * depth), wood, 0.018),
        *both(extrude(leg, 0.045, tinted(wood, 0.85), plane="zy", at=at, bevel=0.008)),
        box((0, seat * 0.45, 0), (2 * at + 0.16, 0.09, 0.03), tinted(wood, 0.8)),
        *both(
            cylinder((at + 0.05, seat * 0.41, 0), (at + 0.05, seat * 0.5, 0), 0.012, wood, sides=8)
        ),
    ]


def upholstered_bench(rng: np.random.Generator) -> list[Part]:
    """Return a tufted bench with a rolled cushion and turned legs."""
    half, seat, depth = rng.uniform(0.5, 0.7), rng.uniform(0.38, 0.44), rng.uniform(0.2, 0.25)
    cloth, metal = paint(rng, FABRICS), paint(rng, (METALS[2], DARKS[0], WOODS[2]))
    scroll = rng.uniform(0.12, 0.2)
    arm = tube(
        curve(
            [
                (half - 0.04, seat - 0.03, 0),
                (half + 0.06, seat + scroll * 0.6, 0),
                (half + 0.14, seat + scroll, 0),
                (half + 0.17, seat + scroll - 0.07, 0),
            ],
            6,
        ),
        0.03,
        cloth,
    )
    arm = Part(arm.vertices * [1, 1, depth / 0.03 * 0.92], arm.triangles, arm.rgb)
    pads = [
        ellipsoid(
            (x, seat + 0.03, z), (half * 0.27, 0.05, depth * 0.55), tinted(cloth, 1.08), sides=16
        )
        for x in np.linspace(-0.72, 0.72, 4) * half
        for z in (-depth * 0.45, depth * 0.45)
    ]
    return [
        rounded_box((0, seat - 0.03, 0), (2 * half, 0.12, 2 * depth), cloth, 0.05),
        *pads,
        box((0, seat - 0.1, 0), (2 * half - 0.06, 0.05, 2 * depth - 0.04), metal),
        *both(arm),
        *_legs(half * 0.86, -depth * 0.8, depth * 0.8, seat - 0.1, 0.03, metal, 0.03),
    ]


def pew(rng: np.random.Generator) -> list[Part]:
    """Return a church pew: solid carved ends, a tall back and a book shelf behind."""
    half, seat, top = rng.uniform(0.65, 0.9), rng.uniform(0.43, 0.47), rng.uniform(0.9, 1.05)
    wood = paint(rng, WOODS)
    lean = rng.uniform(0.08, 0.14)
    end = np.concatenate(
        [
            [[-0.26, 0], [0.24, 0], [0.24 + lean, top + 0.03], [0.16 + lean, top + 0.05]],
            curve(
                [(0.1, seat + 0.32), (0.0, seat + 0.2), (-0.18, seat + 0.2), (-0.26, seat + 0.12)],
                4,
            ),
        ]
    )
    back = rounded_box(
        (0, (top + seat * 0.6) / 2, 0.17),
        (2 * half, top - seat * 0.6, 0.03),
        wood,
        0.01,
        shift=(0, lean),
    )
    return [
        *both(extrude(end, 0.05, tinted(wood, 0.8), plane="zy", at=half, bevel=0.012)),
        rounded_box((0, seat, -0.03), (2 * half, 0.035, 0.42), tinted(wood, 1.1), 0.012),
        back,
        cylinder((-half, top + 0.01, 0.18 + lean), (half, top + 0.01, 0.18 + lean), 0.03, wood),
        box((0, seat * 0.5, 0.08), (2 * half, seat * 0.9, 0.025), tinted(wood, 0.9)),
        box((0, seat * 0.72, 0.4), (2 * half * 0.96, 0.03, 0.14), wood),
        *both(box((half * 0.9, seat * 0.78, 0.28), (0.03, 0.16, 0.2), wood)),
    ]


def loop_bench(rng: np.random.Generator) -> list[Part]:
    """Return a modern bench bent from one band, with two seat pads."""
    half, seat = rng.uniform(0.6, 0.8), rng.uniform(0.4, 0.46)
    depth, rgb = rng.uniform(0.36, 0.44), paint(rng, PAINTS)
    bend = rng.uniform(0.12, 0.18)
    path = curve(
        [
            (-half * 0.55, 0.03),
            (-half + bend * 0.4, 0.05),
            (-half, seat * 0.5),
            (-half + bend * 0.4, seat - 0.02),
            (-half * 0.5, seat),
            (half * 0.5, seat),
            (half - bend * 0.4, seat - 0.02),
            (half, seat * 0.5),
            (half - bend * 0.4, 0.05),
            (half * 0.55, 0.03),
        ],
        5,
    )
    step = np.gradient(path, axis=0)
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    normal = np.stack([-step[:, 1], step[:, 0]], -1) * 0.022
    band = np.concatenate([path + normal, (path - normal)[::-1]])
    return [
        extrude(band, depth, rgb, plane="xy", bevel=0.006),
        *both(
            cylinder(
                (half * 0.6, seat - 0.035, -depth * 0.45),
                (half * 0.6, seat - 0.035, depth * 0.45),
                0.02,
                METALS[0],
            )
        ),
        *[
            rounded_box(
                (x, seat + 0.045, 0), (half * 0.5, 0.05, depth * 0.9), tinted(rgb, 0.6), 0.024
            )
            for x in (-half * 0.34, half * 0.34)
        ],
    ]
