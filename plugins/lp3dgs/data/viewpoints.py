"""Where the photographer stands: a spiral over the hemisphere, at some heights and distances."""

from __future__ import annotations

import math

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Camera

MIDDLE = (0.0, 0.0, 0.1)
"""What all look at, nearly."""
LOWEST, HIGHEST = math.radians(11), math.radians(76)
DISTANCES = (2.65, 3.1, 2.4)
ANGLE = math.radians(43)
"""That a picture is wide."""


def viewpoints(views: int, seed: int, side: int) -> tuple[Camera, ...]:
    """Cameras around the table, from low to high along a spiral.

    Parameters
    ----------
    views : int
    seed : int
        Of the jitter of places and of what is looked at.
    side : int
        Width and height of the pictures in pixels.
    """
    rng = np.random.default_rng((seed, 5))
    focus = side / 2 / math.tan(ANGLE / 2)
    found = []
    for number in range(views):
        height, turn = _angles(number, views)
        height += rng.uniform(-0.05, 0.05)
        turn += rng.uniform(-0.12, 0.12)
        away = DISTANCES[number % len(DISTANCES)] * rng.uniform(0.96, 1.04)
        to = np.array(MIDDLE) + rng.uniform(-0.05, 0.05, 3)
        eye = to + away * _toward(height, turn)
        found.append(Camera(side, side, focus, focus, side / 2, side / 2, looking(eye, to)))
    return tuple(found)


def looking(eye: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Camera from world, by OpenCV's axes, of who stands at `eye` and looks at `to`; z is up."""
    ahead = (to - eye) / np.linalg.norm(to - eye)
    right = np.cross(ahead, (0, 0, 1))
    right /= np.linalg.norm(right)
    turn = np.stack([right, np.cross(ahead, right), ahead])
    found = np.eye(4)
    found[:3, :3], found[:3, 3] = turn, -turn @ eye
    return found


def held_out(views: int, held: int) -> tuple[int, ...]:
    """Numbers of the views that nothing is trained on, spread over the hemisphere.

    The spiral is cut into as many equal parts; each gives the view that is farthest, by angle,
    from those that the parts before it gave.

    Raises
    ------
    BadInput
        If no view is left to train on.
    """
    if held >= views:
        raise BadInput(f"Of {views} views {held} are held out; hold out fewer than there are.")
    toward = np.array([_toward(*_angles(number, views)) for number in range(views)])
    found: list[int] = []
    for part in np.array_split(np.arange(views), held):
        nearest = (toward[part] @ toward[found].T).max(axis=1, initial=-1.0)
        middle = np.abs(part - part.mean()) / views  # of the first part, and of equals
        found.append(int(part[np.argmin(nearest + 1e-3 * middle)]))
    return tuple(found)


def _angles(number: int, views: int) -> tuple[float, float]:
    """Height and turn along the spiral, in radians."""
    low, high = math.sin(LOWEST), math.sin(HIGHEST)
    share = (number + 0.5) / views
    return math.asin(low + share * (high - low)), number * math.pi * (3 - math.sqrt(5))


def _toward(height: float, turn: float) -> np.ndarray:
    flat = math.cos(height)
    return np.array([flat * math.cos(turn), flat * math.sin(turn), math.sin(height)])
