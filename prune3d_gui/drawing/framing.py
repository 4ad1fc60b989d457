"""Where to stand so that all of a scene is seen and fills a view of any shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from ..core.scene.scenes import Scene
from ..geometry.boxes import corners
from ..geometry.scenes import extent as held_by
from .cameras import STEEPEST, UPS, CameraState, Vector, upright, vector

Side = Literal["", "front", "back", "left", "right", "top", "bottom", "isometric"]

SIDES: MappingProxyType[str, Vector] = MappingProxyType(
    {
        "": (0.62, 0.42, 1.0),
        "front": (0.0, 0.0, 1.0),
        "back": (0.0, 0.0, -1.0),
        "left": (-1.0, 0.0, 0.0),
        "right": (1.0, 0.0, 0.0),
        "top": (0.0, math.sin(STEEPEST), math.cos(STEEPEST)),
        "bottom": (0.0, -math.sin(STEEPEST), math.cos(STEEPEST)),
        "isometric": (1.0, 1.0, 1.0),
    }
)
"""Where the eye is: right, up and towards the front. The first is where a view starts: in
front, a little right and above. Above and below, the front is at the lower edge.

Left and right are the viewer's, and a patient's own where there is one, seen from the front."""

INTO = (0.45, 1.0, 0.8)
"""Where a view starts of what is looked into from outside, as a room is: high above."""
FILL = 0.9
"""Share of the tighter side of a view that what is framed takes."""
_ANGLE = 30.0  # degrees that the larger side of what is framed takes of a perspective
_FLAT = 1e-3  # share of the radius below which depth is none
_LEAST = 0.02  # of the larger side of what is framed, that the smaller counts for
_BALL = corners((-1, -1, -1), (2, 2, 2)) / math.sqrt(3)


def framing(
    scenes: Sequence[Scene], side: Side = "", *, parallel: bool = False, fill: float = FILL
) -> CameraState:
    """Return the nearest camera on one side of `scenes` that sees them whole, in the middle.

    In a view of any shape they take `fill` of its width or of its height, whichever is tighter.
    What is flat towards the front is first seen straight from there.

    Parameters
    ----------
    scenes : sequence of Scene
        The first says which axis points up, and whether it is a patient. A unit ball stands for
        none, or empty ones.
    side : {"", "front", "back", "left", "right", "top", "bottom", "isometric"}
        Empty for the usual three-quarter view.
    parallel : bool
    fill : float
    """
    points = np.concatenate([np.empty((0, 3)), *(held_by(scene) for scene in scenes)])
    points = points if len(points) else _BALL
    first = scenes[0] if scenes else Scene(())
    up = UPS[first.up]
    own = _own(first.up, first.patient)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    away = (points - centre) @ own.T
    radius = max(float(np.linalg.norm(away, axis=1).max()), 1e-6)
    if not side and np.abs(away[:, 2]).max() <= _FLAT * radius:
        side = "front"
    into = not side and any(layer.one_sided for scene in scenes for layer in scene.layers)
    towards = _unit(INTO) if into else _towards(side, first.patient)
    across = np.cross((0.0, 1.0, 0.0), towards)
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(towards, across), towards])
    seen = away @ axes.T
    middle, distance, half = _fitted(seen, radius)
    tall, aspect = _shape(half)
    slope = tall / fill
    state = CameraState(
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
        angle=2 * math.degrees(math.atan(slope)),
        height=distance * slope,
        up=up,
        aspect=aspect,
    )
    if parallel:
        low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
        middle, (tall, aspect) = (low + high) / 2, _shape((high - low) / 2)
        height = max(tall, _LEAST * radius) / fill
        state = replace(state, parallel=True, height=height, aspect=aspect)
    focus = centre + middle @ axes[:2] @ own
    eye = focus + distance * towards @ own
    return replace(state, position=vector(eye), focus=vector(focus))


def _fitted(seen: np.ndarray, radius: float) -> tuple[np.ndarray, float, np.ndarray]:
    """Return where to look and from how far, so that points fill a perspective of `_ANGLE`.

    Parameters
    ----------
    seen : (N, 3) float
        Right, up and towards the eye, from the middle of them.
    radius : float

    Returns
    -------
    middle : (2,) float
        What is looked at: right and up.
    distance : float
        Of the eye, along the third axis.
    half : (2,) float
        Slopes to the outermost points: right and up.
    """
    slope = math.tan(math.radians(_ANGLE) / 2)
    flat, deep = seen[:, :2], seen[:, 2]
    # A point is in view where |flat - middle| <= slope * (distance - deep).
    high, low = ((sign * flat + slope * deep[:, None]).max(axis=0) for sign in (1, -1))
    distance = max(float((high + low).max()) / (2 * slope), float(deep.max()) + 0.1 * radius)
    middle = (high - low) / 2
    for _ in range(8):  # exact already on the tighter side
        slopes = (flat - middle) / (distance - deep)[:, None]
        middle = middle + distance * (slopes.min(axis=0) + slopes.max(axis=0)) / 2
    slopes = (flat - middle) / (distance - deep)[:, None]
    return middle, distance, np.abs(slopes).max(axis=0)


def _shape(half: np.ndarray) -> tuple[float, float]:
    """Half the height, and the width over the height, of what has such half sides."""
    wide, tall = np.maximum(half, max(_LEAST * float(half.max()), 1e-6))
    return float(tall), float(wide / tall)


def side_of(direction: np.ndarray, up: str, patient: bool = False) -> Side:
    """Return the side that a direction of the world, (3,), points to."""
    own = _own(up, patient) @ direction
    names = [name for name in SIDES if name not in ("", "isometric")]
    return max(names, key=lambda name: float(np.dot(_towards(name, patient), own)))


def _own(up: str, patient: bool) -> np.ndarray:
    """Rows right, up and towards the eye in front; the front of a patient is where y is most."""
    rows = upright(UPS[up])
    return rows * ((-1,), (1,), (-1,)) if patient else rows


def _towards(side: Side, patient: bool) -> np.ndarray:
    """Direction of the eye, of length 1: right, up and towards the front."""
    right, above, front = SIDES[side]
    mirrored = patient and side in ("left", "right")
    return _unit((-right if mirrored else right, above, front))


def _unit(direction: Vector) -> np.ndarray:
    return np.array(direction) / np.linalg.norm(direction)
