"""Cameras as plain values: turning, shifting, coming closer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.scene.scenes import Scene
from ..geometry.scenes import extent as held_by
from ..geometry.slices import ACROSS, Plane

Vector = tuple[float, float, float]

UPS = {"y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0), "-y": (0.0, -1.0, 0.0)}
"""Direction of each axis of a scene that may point up."""
STEEPEST = math.radians(89.99)
"""How far above its point a camera may turn: next to straight down, yet with a side that is up."""


@dataclass(frozen=True, slots=True)
class CameraState:
    """Where a view is seen from, whatever its shape.

    Parameters
    ----------
    position, focus : tuple of float
        Eye and the point looked at, in the unit of the scene.
    angle : float
        Vertical field of view in degrees, of a perspective camera.
    height : float
        Half the height of the view in the unit of the scene, of a parallel camera.
    parallel : bool
        Whether lines that are parallel stay so.
    up : tuple of float
        Direction that points up in the view, of any length, not that of sight; with it the
        camera may be rolled.
    aspect : float
        Width over height of what every view shows whole: a narrower view shows more above and
        below it. 0 where only the height counts.
    principal : (right, up)
        Where what lies straight ahead is seen, of a perspective camera: from the middle, in
        halves of the height.
    stretch : float
        How many times wider than in a camera of square pixels all is seen.
    """

    position: Vector
    focus: Vector
    angle: float = 30.0
    height: float = 1.0
    parallel: bool = False
    up: Vector = UPS["y"]
    aspect: float = 0.0
    principal: tuple[float, float] = (0.0, 0.0)
    stretch: float = 1.0


def camera_of(told: Mapping[str, Any]) -> CameraState:
    """Return the camera of which these are the fields; what is left out is as at first.

    Raises
    ------
    BadInput
        If it cannot be one.
    """
    made: dict[str, Any] = {}
    try:
        for one in fields(CameraState):
            if one.name not in told:
                continue
            value = told[one.name]
            many = one.name in ("position", "focus", "up", "principal")
            made[one.name] = tuple(map(float, value)) if many else float(value)
        state = CameraState(**made)
        state = replace(state, parallel=bool(state.parallel))
        lengths = [len(v) for v in (state.position, state.focus, state.up, state.principal)]
        if lengths != [3, 3, 3, 2]:
            raise ValueError
        away = np.subtract(state.position, state.focus)
        apart, straight = np.linalg.norm(away), np.linalg.norm(np.cross(away, state.up))
        good = apart > 0 and straight > 0 and 0 < state.angle < 180 and state.height > 0
        if not (good and np.isfinite([apart, straight, state.height, state.aspect]).all()):
            raise ValueError
    except (TypeError, ValueError):
        raise BadInput(f"The camera {dict(told)!r} is damaged; the one on screen stays.") from None
    return state


@dataclass(frozen=True, slots=True)
class Extent:
    """A ball that holds something, and the upright cylinder within it, in the unit of the scene.

    Parameters
    ----------
    centre : tuple of float
    radius : float
        Of the ball.
    girth, rise : float
        Radius and half the height of the cylinder around the same centre.
    up : {"y", "z", "-y"}
        Axis of the cylinder.
    """

    centre: Vector
    radius: float
    girth: float
    rise: float
    up: str = "y"


_UNIT_BALL = Extent((0.0, 0.0, 0.0), 1.0, 1.0, 1.0)


def extent(scenes: Iterable[Scene]) -> Extent | None:
    """Return a ball around every layer of `scenes`; None when nothing is there."""
    scenes = list(scenes)
    points = np.concatenate([np.empty((0, 3)), *(held_by(scene) for scene in scenes)])
    if not len(points):
        return None
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    up = scenes[0].up
    away = (points - centre) @ upright(UPS[up]).T
    radius = float(np.linalg.norm(away, axis=1).max())
    girth = float(np.hypot(away[:, 0], away[:, 2]).max())
    rise = float(np.abs(away[:, 1]).max())
    return Extent(vector(centre), max(radius, 1e-6), girth, rise, up)


def joined(parts: Iterable[Extent]) -> Extent | None:
    """Return a ball around balls; None when there are none."""
    parts = list(parts)
    if not parts:
        return None
    centre = np.mean([part.centre for part in parts], axis=0)
    reach = [float(np.linalg.norm(centre - part.centre)) + part.radius for part in parts]
    return Extent(vector(centre), *(max(reach),) * 3, parts[0].up)


def turned(state: CameraState, right: float, up: float) -> CameraState:
    """Return `state` carried around what it looks at.

    Parameters
    ----------
    state : CameraState
    right, up : float
        Radians by which the eye moves; it stops short of the poles.
    """
    frame = upright(state.up)
    offset = frame @ (np.array(state.position) - state.focus)
    distance = float(np.linalg.norm(offset))
    around = math.atan2(offset[0], offset[2]) + right
    above = math.asin(float(np.clip(offset[1] / distance, -1, 1))) + up
    above = float(np.clip(above, -STEEPEST, STEEPEST))
    level = math.cos(above)
    away = (math.sin(around) * level, math.sin(above), math.cos(around) * level)
    offset = distance * np.array(away) @ frame
    return replace(state, position=vector(np.array(state.focus) + offset))


def shifted(state: CameraState, right: float, up: float) -> CameraState:
    """Return `state` moved sideways.

    Parameters
    ----------
    state : CameraState
    right, up : float
        In heights of the view, as seen at the point looked at.
    """
    _, across, above = axes_of(state)
    distance = float(np.linalg.norm(np.array(state.focus) - state.position))
    tall = 2 * (state.height if state.parallel else distance * _slope(state))
    by = tall * (right * across + up * above)
    return replace(
        state, position=vector(state.position + by), focus=vector(np.array(state.focus) + by)
    )


def nearer(state: CameraState, factor: float) -> CameraState:
    """Return `state` with the scene `factor` times as large."""
    offset = (np.array(state.position) - state.focus) / factor
    position = vector(np.array(state.focus) + offset)
    return replace(state, position=position, height=state.height / factor)


def projected(state: CameraState, parallel: bool) -> CameraState:
    """Return `state` in the other projection, the scene as large as before."""
    distance = float(np.linalg.norm(np.array(state.position) - state.focus))
    slope = _slope(state)
    if parallel and not state.parallel:
        return replace(state, height=distance * slope, parallel=True)
    if state.parallel and not parallel:
        grown = replace(state, parallel=False)
        return nearer(grown, distance * slope / state.height) if state.height > 0 else grown
    return state


def flat(around: Extent | None) -> CameraState:
    """Return a parallel camera that faces z, and shows all of `around` in a view of any shape."""
    around = around or _UNIT_BALL
    height = max(around.rise, 1e-6)
    position = np.add(around.centre, (0.0, 0.0, 4 * around.radius))
    return CameraState(
        vector(position),
        around.centre,
        height=height,
        parallel=True,
        aspect=max(around.girth, 1e-6) / height,
    )


def sliced(low: np.ndarray, high: np.ndarray, axes: Iterable[int]) -> CameraState:
    """Return a parallel camera that shows a box whole in planes across each of `axes`.

    Where it stands before one of them, `facing` says.
    """
    half = np.subtract(high, low) / 2
    rights, ups = zip(*(half[list(ACROSS[axis])] for axis in axes), strict=True)
    height = float(max(*ups, 1e-6))
    centre = np.add(low, high) / 2
    position = np.add(centre, (0.0, 0.0, 4 * np.linalg.norm(half)))
    return CameraState(
        vector(position),
        vector(centre),
        height=height,
        parallel=True,
        aspect=float(max(*rights, 1e-6)) / height,
    )


def facing(state: CameraState, plane: Plane) -> CameraState:
    """Return `state` before a plane, looking at the same point."""
    distance = float(np.linalg.norm(np.array(state.focus) - state.position))
    position = np.array(state.focus) + distance * plane.normal
    return replace(state, position=vector(position), up=vector(np.eye(3)[ACROSS[plane.axis][1]]))


def widened(state: CameraState, aspect: float) -> float:
    """Return how many times taller than `state` says a view of such an aspect is."""
    return max(1.0, state.aspect / aspect)


def zoom(state: CameraState, wide: float, tall: float) -> float:
    """Return the pixels of such a view that one unit of the scene takes, at what is looked at."""
    distance = float(np.linalg.norm(np.array(state.focus) - state.position))
    half = state.height if state.parallel else distance * _slope(state)
    return tall / (2 * half * widened(state, wide / tall))


def place(camera: Any, state: CameraState, around: Extent | None, aspect: float = 1.0) -> None:
    """Put a VTK camera where `state` says, with all of `around` within its depth range.

    Parameters
    ----------
    camera : vtkCamera
    state : CameraState
    around : Extent or None
        None stands for the unit ball.
    aspect : float
        Width of the view over its height.
    """
    around = around or _UNIT_BALL
    camera.SetFocalPoint(*state.focus)
    camera.SetPosition(*state.position)
    camera.SetViewUp(*state.up)
    grown = widened(state, aspect)
    slope = _slope(state)
    camera.SetViewAngle(2 * math.degrees(math.atan(slope * grown)))
    camera.SetParallelScale(state.height * grown)
    camera.SetParallelProjection(state.parallel)
    right, up = (0.0, 0.0) if state.parallel else state.principal
    camera.SetWindowCenter(-right / (grown * aspect * state.stretch), -up / grown)
    camera.SetUserTransform(_stretched(state.stretch))
    forward, _, _ = axes_of(state)
    depth = float(np.dot(np.array(around.centre) - state.position, forward))
    far = max(depth + 1.1 * around.radius, 1e-3)
    near = depth - 1.1 * around.radius
    camera.SetClippingRange(near if state.parallel else max(near, far / 1000), far)


def _stretched(by: float) -> Any:
    """What follows the projection where pixels are not square."""
    if by == 1.0:
        return None
    from vtkmodules.vtkCommonTransforms import vtkTransform

    transform = vtkTransform()
    transform.Scale(by, 1.0, 1.0)
    return transform


def _slope(state: CameraState) -> float:
    return math.tan(math.radians(state.angle) / 2)


def axes_of(state: CameraState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where a camera looks, and what is right and up in its view: (3,) each, of length 1."""
    forward = np.array(state.focus) - state.position
    forward = forward / np.linalg.norm(forward)
    across = np.cross(forward, state.up)
    across = across / np.linalg.norm(across)
    return forward, across, np.cross(across, forward)


def upright(up: Vector) -> np.ndarray:
    """Return rows right, up and towards the eye; right is x, as far as `up` lets it."""
    up = np.array(up) / np.linalg.norm(up)
    right = np.eye(3)[0 if abs(up[0]) < 0.9 else 2]
    right = right - (right @ up) * up
    right = right / np.linalg.norm(right)
    return np.stack([right, up, np.cross(right, up)])


def vector(values: np.ndarray) -> Vector:
    """Return three numbers as plain ones."""
    x, y, z = (float(value) for value in values)
    return x, y, z
