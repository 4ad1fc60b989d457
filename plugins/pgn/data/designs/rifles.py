"""Rifles: the muzzle points towards -z, the grip hangs down; lengths roughly in metres."""

from __future__ import annotations

import numpy as np

from .outlines import DARKS, METALS, WOODS, arc, curve, paint, tinted
from .parts import Part, both, extrude, turned
from .shapes import box, cylinder, ellipsoid, revolve, torus, tube

_STEELS = ((0.33, 0.34, 0.37), (0.44, 0.45, 0.48), (0.27, 0.27, 0.29))
_FINISHES = (*DARKS, (0.36, 0.38, 0.28), (0.58, 0.50, 0.36), (0.30, 0.33, 0.36))


def _guard(z: float, y: float, size: float, rgb: tuple[float, float, float]) -> list[Part]:
    """Return a trigger inside its guard, hanging from (z, y)."""
    bow = curve(
        [
            (0, y, z - size),
            (0, y - size * 0.8, z - size * 0.7),
            (0, y - size * 0.8, z + size * 0.5),
            (0, y, z + size * 0.8),
        ],
        5,
    )
    trigger = curve(
        [(0, y, z), (0, y - size * 0.4, z + size * 0.05), (0, y - size * 0.6, z - size * 0.1)], 4
    )
    return [tube(bow, 0.005, rgb, sides=8), tube(trigger, 0.005, rgb, sides=8)]


def _scope(z: float, y: float, length: float, rgb: tuple[float, float, float]) -> list[Part]:
    profile = [
        (0.022, -length / 2),
        (0.024, -length * 0.3),
        (0.014, -length * 0.2),
        (0.014, length * 0.22),
        (0.02, length * 0.34),
        (0.02, length / 2),
    ]
    tubes = turned(revolve(profile, rgb, sides=20), 0, 90)
    return [
        Part(tubes.vertices * [1, 1, 1] + [0, y, z], tubes.triangles, tubes.rgb),
        *[box((0, y - 0.022, z + s * length * 0.16), (0.02, 0.03, 0.022), rgb) for s in (-1, 1)],
        cylinder((0, y, z), (0, y + 0.026, z), 0.01, rgb, sides=12),
        cylinder((0, y, z), (0.026, y, z), 0.01, rgb, sides=12),
    ]


def hunting_rifle(rng: np.random.Generator) -> list[Part]:
    """Return a bolt-action rifle in a wooden stock with a scope."""
    barrel, stock = rng.uniform(0.56, 0.7), rng.uniform(0.34, 0.4)
    wood, steel = paint(rng, WOODS), paint(rng, _STEELS)
    drop = rng.uniform(0.035, 0.055)
    outline = curve(
        [
            (-0.42, 0.008),
            (-0.42, -0.022),
            (-0.1, -0.034),
            (0.06, -0.03),
            (0.12, -0.075),
            (0.17, -0.078),
            (0.2, -0.045),
            (stock + 0.1, -0.1 - drop),
            (stock + 0.12, -0.04 - drop * 0.5),
            (stock + 0.1, -drop * 0.2),
            (0.24, -0.004),
            (0.14, -0.012),
            (0.06, 0.006),
        ],
        4,
        closed=True,
    )
    return [
        extrude(outline, 0.04, wood, plane="zy", bevel=0.011),
        cylinder((0, 0.022, 0.02), (0, 0.022, -barrel), 0.014, steel, end_radius=0.009),
        cylinder((0, 0.02, 0.12), (0, 0.02, -0.12), 0.018, steel),
        *_scope(-0.02, 0.072, rng.uniform(0.24, 0.32), DARKS[0]),
        cylinder((0.01, 0.02, 0.09), (0.06, 0.0, 0.1), 0.006, METALS[0], sides=10),
        ellipsoid((0.064, -0.002, 0.1), (0.012, 0.012, 0.012), METALS[0], sides=12),
        *_guard(0.06, -0.03, 0.045, steel),
        box((0, 0.04, -barrel + 0.03), (0.004, 0.02, 0.02), steel),
        box((0, -0.05 - drop * 0.75, stock + 0.115), (0.034, 0.1, 0.014), DARKS[0]),
    ]


def assault_rifle(rng: np.random.Generator) -> list[Part]:
    """Return a service rifle: curved magazine, pistol grip, carrying handle."""
    barrel, guard = rng.uniform(0.34, 0.44), rng.uniform(0.22, 0.28)
    body, furniture = paint(rng, _STEELS), paint(rng, _FINISHES)
    bend, magazine = rng.uniform(0.03, 0.07), rng.uniform(0.15, 0.19)
    receiver = np.array([[-0.12, 0.03], [-0.12, -0.03], [0.12, -0.04], [0.17, -0.03], [0.17, 0.03]])
    clip = np.array(
        [
            [-0.075, -0.03],
            [-0.01, -0.035],
            [-0.02 - bend * 0.3, -0.03 - magazine * 0.5],
            [-0.025 - bend, -0.03 - magazine],
            [-0.085 - bend, -0.02 - magazine],
            [-0.08 - bend * 0.3, -0.03 - magazine * 0.5],
        ]
    )
    grip = np.array([[0.09, -0.035], [0.135, -0.03], [0.17, -0.13], [0.125, -0.14]])
    stock = np.array(
        [[0.17, 0.022], [0.17, -0.012], [0.26, -0.02], [0.4, -0.1], [0.43, -0.1], [0.43, 0.024]]
    )
    handle = curve(
        [(0, 0.03, -0.08), (0, 0.075, -0.06), (0, 0.085, 0.02), (0, 0.08, 0.1), (0, 0.03, 0.13)], 5
    )
    rings = [
        torus((0, 0.005, -0.14 - guard * s), 0.027, 0.005, furniture, 2)
        for s in np.linspace(0.1, 0.9, 6)
    ]
    return [
        extrude(receiver, 0.04, body, plane="zy", bevel=0.006),
        extrude(clip, 0.026, tinted(body, 0.85), plane="zy", bevel=0.004),
        extrude(grip, 0.03, furniture, plane="zy", bevel=0.008),
        extrude(stock, 0.032, furniture, plane="zy", bevel=0.008),
        cylinder((0, 0.005, -0.12), (0, 0.005, -0.12 - guard), 0.03, furniture, end_radius=0.026),
        *rings,
        cylinder((0, 0.005, -0.1), (0, 0.005, -0.14 - barrel), 0.01, body),
        cylinder((0, 0.005, -0.12 - barrel), (0, 0.005, -0.18 - barrel), 0.014, body),
        tube(handle, 0.009, body, sides=8),
        extrude(
            np.array(
                [
                    [-0.13 - guard, 0.01],
                    [-0.09 - guard, 0.01],
                    [-0.105 - guard, 0.07],
                    [-0.12 - guard, 0.07],
                ]
            ),
            0.014,
            body,
            plane="zy",
        ),
        *_guard(0.06, -0.035, 0.038, body),
    ]


def shotgun(rng: np.random.Generator) -> list[Part]:
    """Return a double-barrelled side-by-side shotgun with a straight wooden stock."""
    barrel, stock = rng.uniform(0.62, 0.76), rng.uniform(0.34, 0.4)
    wood, steel = paint(rng, WOODS), paint(rng, (*_STEELS, METALS[1]))
    drop = rng.uniform(0.05, 0.08)
    butt = curve(
        [
            (0.05, 0.012),
            (0.05, -0.03),
            (0.14, -0.036),
            (stock + 0.05, -0.1 - drop),
            (stock + 0.08, -0.055 - drop * 0.6),
            (stock + 0.06, -drop * 0.5),
            (0.16, -0.006),
        ],
        5,
        closed=True,
    )
    fore = curve(
        [(-0.04, -0.012), (-0.04, -0.04), (-0.2, -0.042), (-0.29, -0.028), (-0.3, -0.012)],
        4,
        closed=True,
    )
    action = np.concatenate(
        [arc((0.02, -0.005), 0.034, -120, 90, 10), [[-0.07, 0.022], [-0.07, -0.03]]]
    )
    return [
        *both(
            cylinder(
                (0.012, 0.008, 0.0), (0.0105, 0.008, -barrel), 0.0135, steel, end_radius=0.0105
            ),
            cylinder((0.03, 0.0, 0.03), (0.034, 0.0, 0.03), 0.018, METALS[0], sides=16),
        ),
        box((0, 0.018, -barrel / 2), (0.008, 0.006, barrel), steel),
        extrude(action, 0.056, METALS[1], plane="zy", bevel=0.007),
        extrude(butt, 0.042, wood, plane="zy", bevel=0.011),
        extrude(fore, 0.046, wood, plane="zy", bevel=0.011),
        *_guard(0.06, -0.03, 0.045, steel),
        ellipsoid((0, 0.024, -barrel + 0.01), (0.004, 0.004, 0.004), METALS[2], sides=8),
        tube(np.array([[0, 0.026, 0.035], [0.012, 0.028, 0.075]]), 0.006, steel, sides=8),
    ]


def carbine(rng: np.random.Generator) -> list[Part]:
    """Return a lever-action carbine with a tube magazine and a looped lever."""
    barrel, stock = rng.uniform(0.44, 0.54), rng.uniform(0.3, 0.36)
    wood, steel = paint(rng, WOODS), paint(rng, (*_STEELS, METALS[2]))
    loop = rng.uniform(0.045, 0.065)
    butt = curve(
        [
            (0.12, 0.02),
            (0.11, -0.03),
            (0.18, -0.045),
            (stock + 0.1, -0.12),
            (stock + 0.13, -0.07),
            (stock + 0.12, -0.02),
            (0.2, 0.0),
        ],
        5,
        closed=True,
    )
    frame = np.array(
        [[-0.1, 0.028], [-0.1, -0.034], [0.06, -0.04], [0.13, -0.03], [0.13, 0.02], [0.06, 0.034]]
    )
    lever = curve(
        [
            (0, -0.035, -0.03),
            (0, -0.09, 0.0),
            (0, -0.1, 0.03 + loop),
            (0, -0.085, 0.1 + loop),
            (0, -0.045, 0.1 + loop * 0.6),
            (0, -0.03, 0.05),
        ],
        5,
    )
    return [
        cylinder(
            (0, 0.016, -0.08),
            (0, 0.016, -0.1 - barrel),
            0.0105,
            tinted(steel, 0.8),
            end_radius=0.009,
        ),
        cylinder((0, -0.01, -0.08), (0, -0.008, -0.06 - barrel), 0.0095, tinted(steel, 0.8)),
        *[box((0, 0.004, -0.1 - barrel * s), (0.026, 0.05, 0.014), steel) for s in (0.55, 0.93)],
        extrude(frame, 0.036, steel, plane="zy", bevel=0.006),
        extrude(butt, 0.04, wood, plane="zy", bevel=0.011),
        cylinder((0, 0.0, -0.1), (0, 0.0, -0.1 - barrel * 0.5), 0.026, wood, end_radius=0.023),
        tube(lever, 0.0065, steel, sides=8),
        *_guard(0.035, -0.035, 0.03, steel)[1:],
        tube(np.array([[0, 0.025, 0.115], [0, 0.05, 0.145]]), 0.008, steel, sides=8),
        box((0, 0.034, -0.08 - barrel), (0.004, 0.02, 0.02), steel),
    ]


def sniper_rifle(rng: np.random.Generator) -> list[Part]:
    """Return a long rifle on a bipod: skeleton stock, muzzle brake, large scope."""
    barrel, chassis = rng.uniform(0.68, 0.82), rng.uniform(0.34, 0.42)
    finish, steel = paint(rng, _FINISHES), paint(rng, _STEELS)
    splay, leg = rng.uniform(0.06, 0.09), rng.uniform(0.16, 0.2)
    body = np.array(
        [[-chassis, 0.012], [-chassis, -0.03], [-0.02, -0.045], [0.16, -0.04], [0.18, 0.012]]
    )
    grip = np.array([[0.09, -0.04], [0.135, -0.04], [0.165, -0.13], [0.12, -0.14]])
    butt = np.array([[0.42, 0.03], [0.42, -0.11], [0.46, -0.11], [0.46, 0.03]])
    return [
        extrude(body, 0.044, finish, plane="zy", bevel=0.008),
        extrude(grip, 0.03, finish, plane="zy", bevel=0.008),
        extrude(butt, 0.034, finish, plane="zy", bevel=0.008),
        cylinder((0, 0.002, 0.17), (0, 0.01, 0.44), 0.013, steel),
        cylinder((0, -0.03, 0.16), (0, -0.09, 0.44), 0.009, steel),
        box((0, 0.032, 0.32), (0.03, 0.018, 0.14), finish),
        cylinder((0, 0.02, 0.1), (0, 0.02, -barrel), 0.0135, steel, end_radius=0.0105),
        cylinder((0, 0.02, -barrel + 0.02), (0, 0.02, -barrel - 0.06), 0.019, steel),
        *_scope(0.0, 0.085, rng.uniform(0.32, 0.4), DARKS[0]),
        extrude(
            np.array([[-0.07, -0.04], [0.02, -0.045], [0.015, -0.11], [-0.07, -0.105]]),
            0.026,
            steel,
            plane="zy",
            bevel=0.004,
        ),
        *both(
            cylinder(
                (0.012, -0.02, -chassis + 0.03),
                (splay, -leg, -chassis - 0.02),
                0.007,
                steel,
                sides=10,
            ),
            ellipsoid((splay, -leg, -chassis - 0.02), (0.012, 0.008, 0.014), DARKS[0], sides=10),
        ),
        *_guard(0.06, -0.042, 0.036, steel),
    ]
