"""A procedural chest in Hounsfield-like units: an exact function of place and of breath.

Smooth implicit shapes are painted over one another. Places are (n, 3) float32 in mm, x to the
patient's left, y to the back, z up, the middle of the box at 0; distances are negative inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

SIZE = (320.0, 240.0, 240.0)
"""The box of the chest in mm; its middle is the origin of the places."""
EDGE = 1.1
"""Scale of every edge in mm: a logistic step, 10 % to 90 % over 4.4 mm."""
LEVEL = 26.0
"""Distance between two vertebrae, and between two ribs, in mm."""
FIELD = np.float32


@dataclass(frozen=True, eq=False)
class Tubes:
    """Tapered capsules: `start` and `end` (m, 3), radii `first` and `last` (m,), in mm."""

    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def distance(self, places: np.ndarray) -> np.ndarray:
        """Give the distance of places (n, 3) to the nearest tube, (n,)."""
        x, y, z = (np.ascontiguousarray(c) for c in places.T)
        nearest = np.full(len(places), 1e3, FIELD)
        for a, b, first, last in zip(self.start, self.end, self.first, self.last, strict=True):
            ax = b - a
            px, py, pz = x - a[0], y - a[1], z - a[2]
            along = np.clip((px * ax[0] + py * ax[1] + pz * ax[2]) / (ax @ ax), 0, 1)
            px -= along * ax[0]
            py -= along * ax[1]
            pz -= along * ax[2]
            np.minimum(
                nearest,
                np.sqrt(px * px + py * py + pz * pz) - (first + along * (last - first)),
                out=nearest,
            )
        return nearest


def _path(radius: float | Sequence[float], *points: tuple[float, float, float]) -> Tubes:
    """Join points by tubes of one radius, or of one radius at each point."""
    corners = np.array(points, FIELD)
    radii = np.broadcast_to(np.asarray(radius, FIELD), len(corners))
    return Tubes(corners[:-1], corners[1:], radii[:-1], radii[1:])


def _join(*tubes: Tubes) -> Tubes:
    return Tubes(
        *(np.concatenate([getattr(t, k) for t in tubes]) for k in Tubes.__dataclass_fields__)
    )


@cache
def vessels(side: int, seed: int) -> Tubes:
    """Grow the vessels of the lung on one side (-1 right, 1 left): a seeded binary tree."""
    random = np.random.default_rng([seed, side + 1])
    hilum = np.array([34.0 * side, 12.0, 14.0])
    growing = [
        (hilum, np.array(aim) / np.linalg.norm(aim), 6.5, 31.0, 0)
        for aim in (
            (0.8 * side, -0.65, -0.1),
            (0.55 * side, 0.1, 0.95),
            (0.55 * side, 0.4, -0.9),
            (0.9 * side, 0.55, 0.15),
            (0.7 * side, -0.3, -0.8),
            (0.6 * side, -0.6, 0.7),
        )
    ]
    found = []
    while growing:
        start, aim, radius, length, depth = growing.pop()
        end = start + aim * length
        found.append((start, end, radius, radius * 0.8))
        if depth == 4:
            continue
        across = np.cross(aim, random.normal(size=3))
        across /= np.linalg.norm(across)
        for lean in (random.uniform(0.35, 0.6), -random.uniform(0.45, 0.8)):
            turned = aim + lean * across + 0.12 * np.array([side, 0.0, 0.0])
            turned /= np.linalg.norm(turned)
            growing.append(
                (end, turned, radius * 0.77, length * random.uniform(0.72, 0.9), depth + 1)
            )
    return Tubes(*(np.array(part, FIELD) for part in zip(*found, strict=True)))


AORTA = _join(
    _path(14, (-6, -18, 0), (-14, -20, 30), (-12, -17, 46)),
    _path(13, (-12, -17, 46), (-4, -8, 58), (8, 8, 63), (18, 24, 57), (22, 34, 44)),
    _path(11.5, (22, 34, 44), (23, 37, 0), (17, 34, -70), (10, 30, -130)),
)
BRANCHES = _join(
    _path([6.5, 5.5, 5], (-8, -12, 58), (-22, -6, 88), (-34, -2, 130)),
    _path([5, 4.5], (4, 4, 64), (14, 4, 130)),
    _path([5.5, 5, 5], (14, 16, 62), (26, 14, 90), (44, 10, 130)),
    _path([8, 9, 9], (-34, -6, 130), (-30, -12, 70), (-28, -12, 8)),
)
PULMONARY = _join(
    _path([14, 13, 11], (12, -34, 8), (16, -26, 24), (14, -10, 30)),
    _path([11, 9, 7.5], (14, -10, 30), (-10, 2, 26), (-34, 12, 14)),
    _path([11, 9, 7.5], (14, -10, 30), (26, 6, 28), (34, 12, 14)),
)
AIRWAY = _join(
    _path([8.5, 8.5, 8], (0, 14, 130), (0, 18, 70), (0, 20, 44)),
    _path([7, 6, 3.5], (0, 20, 44), (-22, 22, 28), (-48, 26, 4)),
    _path([6.5, 5.5, 3], (0, 20, 44), (24, 22, 24), (50, 28, 0)),
)
ESOPHAGUS = _path([6, 6, 6], (5, 32, 130), (6, 31, 40), (10, 20, -60))
NODULE = (np.array((-78.0, 18.0, 22.0), FIELD), 8.0)


def _logistic(values: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * values)


def _inside(distance: np.ndarray, edge: float = EDGE) -> np.ndarray:
    """Turn distances into shares of tissue, 0 to 1."""
    return _logistic(-distance / edge)


def _both(a: np.ndarray, b: np.ndarray, round_: float) -> np.ndarray:
    """Give the smooth maximum of two distances: the intersection with rounded edges."""
    over = np.clip(0.5 + 0.5 * (a - b) / round_, 0, 1)
    return b + over * (a - b) + round_ * over * (1 - over)


def _either(a: np.ndarray, b: np.ndarray, round_: float) -> np.ndarray:
    return -_both(-a, -b, round_)


Size = float | np.ndarray


def _radial(x: np.ndarray, y: np.ndarray, a: Size, b: Size, power: float = 2.0) -> np.ndarray:
    """Give the distance along the ray from the middle to a (super)ellipse."""
    level = (np.abs(x / a) ** power + np.abs(y / b) ** power + 1e-6) ** (1 / power)
    away = np.sqrt(x * x + y * y + 1e-6 * a * b)
    return away * (1 - 1 / level)


def _ellipsoid(
    places: np.ndarray, middle: ArrayLike, axes: ArrayLike, turn: np.ndarray | None = None
) -> np.ndarray:
    """Give the approximate distance to an ellipsoid; `turn` holds its axes as rows."""
    own = places - np.asarray(middle, FIELD)
    if turn is not None:
        own = own @ turn.T
    own = own / np.asarray(axes, FIELD)
    level = np.sqrt((own**2).sum(1) + 1e-9)
    slope = np.sqrt(((own / np.asarray(axes, FIELD)) ** 2).sum(1) + 1e-12)
    return level * (level - 1) / slope


def _axes(aim: Sequence[float]) -> np.ndarray:
    """Give a right-handed frame whose third row points along `aim`."""
    third = np.array(aim) / np.linalg.norm(aim)
    first = np.cross((0, 1, 0), third)
    first /= np.linalg.norm(first)
    return np.array([first, np.cross(third, first), third], FIELD)


HEART = _axes((0.62, -0.5, -0.6))


def _paint(values: np.ndarray, unit: float | np.ndarray, share: np.ndarray) -> np.ndarray:
    values += (unit - values) * share
    return values


def _cage(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the half axes of the rib cage, through the middle of the ribs, at a height."""
    profile = np.sqrt(1 - np.minimum(((z + 50) / 235) ** 2, 0.9))
    return 120 * profile, 83 * profile


def _diaphragm(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give the distance to the abdomen: below two domes, the right one higher."""
    heights = []
    for middle, top in ((-62.0, -34.0), (58.0, -46.0)):
        dx, dy = x - middle, y + 14
        height = top - 0.0085 * dx * dx - 0.0095 * dy * dy
        heights.append((z - height) / np.sqrt(1 + (0.017 * dx) ** 2 + (0.019 * dy) ** 2))
    right, left = heights
    return _either(right, left, 18)


def _wall(
    values: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray, cage: np.ndarray
) -> None:
    """Paint skin, fat, muscle and the shoulder blades."""
    body = _radial(x, y, 148 + 6 * np.tanh(z / 70), 104 - 5 * np.tanh(z / 80), 2.4)
    _paint(values, 20, _inside(body))
    fat = 13 - 5 * np.tanh(z / 70) + 4 * np.cos(2 * np.arctan2(x, y))
    _paint(values, -105, _inside(body + 3.5))
    _paint(values, 52, _inside(body + fat + 3.5))
    seam = np.abs(cage - 11 - 2 * np.sin(z / 30)) - 1.6
    _paint(values, -85, 0.85 * _inside(_both(seam, body + fat + 7, 2)))
    side = np.abs(x)
    flat = (side - 88) * 0.62 + (y - 72) * 0.78
    along = (side - 88) * 0.78 - (y - 72) * 0.62
    blade = _both(
        np.abs(flat + 0.004 * along**2) - 3.2, np.hypot(along / 40, (z - 70) / 62) * 40 - 40, 4
    )
    _paint(values, 420, _inside(blade))
    _paint(values, 40, 0.9 * _inside(cage - 7))


def _level(z: np.ndarray) -> np.ndarray:
    """Give the height above the middle of the nearest vertebra."""
    return np.mod(z, LEVEL) - LEVEL / 2


def _bones(
    values: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray, cage: np.ndarray
) -> None:
    """Paint ribs, breastbone and spine."""
    side, (a, b) = np.abs(x), _cage(z)
    angle = np.arctan2(side / a, (y - 2) / b)
    drop = 62 * (1 - np.cos(angle)) / 2 - 26 * np.clip(angle - 2.2, 0, None) ** 2
    away = _level(z + drop + 4)
    rib = np.hypot(1.25 * cage, away) - 6.2
    rib = _both(rib, 26 - side - 30 * (y < 0), 3)
    gristle = _logistic((angle - 2.45) / 0.06)
    _paint(values, 780 - 660 * gristle, _inside(rib))
    _paint(values, 260 - 140 * gristle, 0.8 * _inside(rib + 3))
    plate = _both(np.abs(cage + 1) - 5, side - 15 - 4 * np.tanh((z - 50) / 15), 3)
    plate = _both(_both(plate, y, 3), np.abs(z - 12) - 66, 4)
    _paint(values, 420, _inside(plate))
    _paint(values, 190, 0.8 * _inside(plate + 2.6))
    level = _level(z)
    waist = 1.6 * np.cos(2 * np.pi * level / LEVEL)
    _paint(values, 45, _inside(_radial(side - 24, y - 74, 22, 15)))
    column = _radial(x, y - 46, 18.5 - waist, 14.5 - waist)
    _paint(values, 95, _inside(column))
    body = _both(column, np.abs(level) - 10.2, 2)
    _paint(values, 620, _inside(body))
    _paint(values, 215, _inside(body + 3.2))
    ring = np.abs(np.hypot(x, y - 68) - 11) - 3
    ring = _both(ring, np.abs(_level(z + 3)) - 8, 3)
    _paint(values, 600, _inside(ring))
    reach = np.clip((side - 11) / 25, 0, 1)
    process = (
        np.sqrt((side - 11 - 25 * reach) ** 2 + (y - 71 - 8 * reach) ** 2 + (level + 1) ** 2) - 5
    )
    spine = (
        np.sqrt(x * x + np.clip(np.abs(y - 84) - 7, 0, None) ** 2 + (0.7 * _level(z + 5)) ** 2)
        - 3.6
    )
    _paint(values, 560, _inside(np.minimum(process, spine)))
    _paint(values, 25, _inside(np.hypot(x, y - 68) - 8))


def _heart(places: np.ndarray, beat: float | np.ndarray) -> tuple[np.ndarray, ...]:
    """Give the distances to the heart and to its left and right chambers; `beat` is 0 to 1."""
    shrink = 1 - 0.06 * beat
    middle = np.array((20.0, -26.0, -18.0), FIELD)
    own = middle + (places - middle) / np.reshape(shrink, (-1, 1)).astype(FIELD)
    outer = _ellipsoid(own, middle, (41, 37, 53), HEART)
    narrow = np.reshape(1 - 0.22 * beat, (-1, 1)).astype(FIELD)
    left = np.array((36.0, -22.0, -26.0), FIELD)
    right = np.array((4.0, -40.0, -20.0), FIELD)
    return (
        outer,
        _ellipsoid(left + (own - left) / narrow, left, (16, 15, 28), HEART),
        _ellipsoid(right + (own - right) / narrow, right, (13, 19, 30), HEART),
        _ellipsoid(own, (8, -2, 2), (26, 17, 19)),
    )


def _contents(
    values: np.ndarray, places: np.ndarray, cage: np.ndarray, beat: np.ndarray, seed: int
) -> None:
    """Paint lungs, heart, vessels, airways and what lies below the diaphragm."""
    x, y, z = places.T
    cavity = cage + 9
    inner = _inside(cavity)
    _paint(values, -75, inner)
    abdomen = _diaphragm(x, y, z)
    heart, *chambers = _heart(places, beat)
    middle = np.abs(x - 3 * np.tanh(-z / 40)) - (9 + 25 * np.exp(-(((y - 8) / 34) ** 2)))
    middle = _either(_either(middle, heart - 4, 10), np.hypot(x, y - 52) - 29, 10)
    lung = _both(_both(cavity + 2.5, -middle, 8), 3.5 - abdomen, 5)
    lungs = _inside(lung)
    _paint(values, -875 + 0.55 * y, lungs)
    deep = lung < 6
    for side in (-1, 1):
        here = np.flatnonzero(deep)[x[deep] * side > 0]
        tree = vessels(side, seed).distance(places[here])
        _paint_at(values, here, 45, _inside(tree, 0.8) * lungs[here])
    _paint(values, 35, _inside(np.linalg.norm(places - NODULE[0], axis=1) - NODULE[1]))
    below = _inside(_both(abdomen, cavity + 1, 3))
    _paint(values, -90, below)
    _paint(values, 50, _inside(np.abs(abdomen + 1) - 2.4) * inner)
    liver = _both(_both(abdomen + 3, cavity + 3, 4), x - 30 + 0.5 * (y + 20) + 0.35 * (z + 60), 10)
    _paint(values, 112, _inside(liver))
    stomach = _ellipsoid(places, (62, -22, -92), (38, 36, 38))
    stomach = _both(stomach, abdomen + 5, 4)
    _paint(values, 55, _inside(stomach))
    _paint(values, 10, _inside(stomach + 4))
    _paint(values, -940, _inside(_both(stomach + 4, y + 32, 3)))
    spleen = _both(_ellipsoid(places, (82, 42, -88), (28, 30, 36)), abdomen + 4, 4)
    _paint(values, 125, _inside(_both(spleen, cavity + 3, 3)))
    _paint(values, 105, _inside(heart))
    for chamber, unit in zip(chambers, (215, 190, 200), strict=True):
        _paint(values, unit, _inside(chamber))
    _paint(values, 40, _inside(ESOPHAGUS.distance(places)))
    for tubes, unit in ((PULMONARY, 195), (BRANCHES, 205), (AORTA, 215)):
        _paint(values, unit, _inside(tubes.distance(places)))
    airway = AIRWAY.distance(places)
    _paint(values, 20, _inside(airway - 1.8))
    _paint(values, -985, _inside(airway))


def _paint_at(values: np.ndarray, here: np.ndarray, unit: float, share: np.ndarray) -> None:
    values[here] += (unit - values[here]) * share


def thorax(
    places: np.ndarray,
    breath: float | np.ndarray = 0.0,
    beat: float | np.ndarray = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Evaluate the chest.

    Parameters
    ----------
    places : (n, 3) array
        mm from the middle of the box: x to the left of the patient, y to the back, z up.
    breath : float or (n,) array
        0 at the end of breathing out to 1 at the end of breathing in: the diaphragm comes down
        by 20 mm, and the rib cage widens by 4 % to the sides and 7 % to the front.
    beat : float or (n,) array
        0 with the heart filled to 1 with it contracted.
    seed : int
        Seed of the vessels in the lungs.

    Returns
    -------
    (n,) float32
        Hounsfield-like units, -1000 (air) to about 600 (hard bone).
    """
    places = np.asarray(places, FIELD)
    breath = np.asarray(breath, FIELD)
    x, y, z = places.T
    front = _logistic((40 - y) / 14)
    x = x / (1 + 0.03 * breath)
    y = 50 + (y - 50) / (1 + 0.06 * breath * front)
    inside = z + 20 * breath * _logistic((10 - z) / 22)
    values = np.full(len(places), -1000, FIELD)
    cage = _radial(x, y - 2, *_cage(z))
    _wall(values, x, y, z, cage)
    _contents(values, np.stack([x, y, inside], axis=1), cage, np.asarray(beat, FIELD), seed)
    _bones(values, x, y, z, cage)
    return values.astype(FIELD)
