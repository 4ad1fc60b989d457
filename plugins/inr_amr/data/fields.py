"""Fields with an exact ground truth: functions of place and time that make their own reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network.domain import Domain
from .thorax import SIZE, thorax

ALPHA = 1 / (50 * np.pi)
"""Offset of the oscillation: it passes through 25 periods towards the corner."""
BEATS = 2
"""Beats of the heart in one breath."""
BONE = 200.0
"""Value whose surface is the skeleton."""
_CHUNK = 32_768

Evaluate = Callable[[np.ndarray, np.ndarray], np.ndarray]
Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class Generator:
    """A field whose exact value is known at every place and time.

    Parameters
    ----------
    name, title : str
    domain : Domain
        Box of a network fitted to it, and its place in the world.
    evaluate : callable
        ``evaluate(unit, time)``; unit (n, dimension), time (n,).
    draw : callable or None
        ``draw(random, n)`` gives training points (n, dimension) of the unit box, denser where the
        field needs it; None for uniform ones.
    iso : float or None
        Value whose surface shows the field best; None for the middle of its range.
    """

    name: str
    title: str
    domain: Domain
    evaluate: Evaluate
    draw: Draw | None = None
    iso: float | None = None

    def values(self, unit: np.ndarray, time: float | np.ndarray = 0.0) -> np.ndarray:
        """Evaluate the field.

        Parameters
        ----------
        unit : (n, dimension) float64
            Places in the unit box.
        time : float or (n,) array
            0 to 1, one period; without time it does nothing.

        Returns
        -------
        (n,) float32
            In the domain's own unit of value.
        """
        unit = np.asarray(unit, np.float64)
        moments = np.broadcast_to(np.asarray(time, np.float64), len(unit))
        values = np.empty(len(unit), np.float32)
        for start in range(0, len(unit), _CHUNK):
            part = slice(start, start + _CHUNK)
            values[part] = self.evaluate(unit[part], moments[part])
        return values


def _oscillation(unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    return np.sin(1 / (ALPHA + np.hypot(unit[:, 0], unit[:, 1])))


def _near_corner(random: np.random.Generator, count: int) -> np.ndarray:
    """Draw two thirds of the points evenly and one third at even distances from the corner."""
    unit = random.random((count, 2))
    third = count // 3
    angle = random.random(third) * np.pi / 2
    distance = 0.3 * random.random((third, 1))
    unit[:third] = distance * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return unit


def _places(unit: np.ndarray) -> np.ndarray:
    return (unit - 0.5) * SIZE


def _chest(unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    return thorax(_places(unit))


def _breathing(unit: np.ndarray, time: np.ndarray) -> np.ndarray:
    turn = 2 * np.pi * time
    return thorax(_places(unit), (1 - np.cos(turn)) / 2, (1 - np.cos(BEATS * turn)) / 2)


_BODY: dict[str, Any] = {
    "dimension": 3,
    "origin": tuple(-side / 2 for side in SIZE),
    "size": SIZE,
    "unit": "mm",
    "low": -1000.0,
    "high": 600.0,
    "value": "Hounsfield-like units",
}

GENERATORS: dict[str, Generator] = {
    generator.name: generator
    for generator in (
        Generator(
            "oscillation",
            "Oscillation towards a corner, sin(1 / (a + r)), in 2D",
            Domain((0, 0), (1, 1), 2, (0, 0), (1, 1), "", -1.0, 1.0, "sin(1 / (a + r))"),
            _oscillation,
            _near_corner,
        ),
        Generator(
            "chest",
            "Procedural chest, like a CT scan, in 3D",
            Domain((-1,) * 3, (1,) * 3, **_BODY),
            _chest,
            iso=BONE,
        ),
        Generator(
            "breathing",
            "Procedural chest that breathes and whose heart beats, in 3D and time",
            Domain((-1,) * 4, (1,) * 4, **_BODY, times=16),
            _breathing,
            iso=BONE,
        ),
    )
}
