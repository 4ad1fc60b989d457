"""Cameras as plain values: framing, turning, shifting and coming closer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.scenes import Scene
from ..geometry.scenes import extent as held_by

Vector = tuple[float, float, float]

_FRONT = np.array((0.62, 0.42, 1.0))  # where the eye is: front, a little right and above
_MARGIN = 1.06
_FRAMES = {"y": np.eye(3), "z": np.array(((1.0, 0, 0), (0, 0, 1), (0, -1, 0)))}
"""From the scene's axes to right, up and towards the eye, for each axis that may point up."""
_FLAT = 1e-3  # share of the radius below which depth is none
_STEEPEST = math.radians(89.0)


@dataclass(frozen=True, slots=True)
class CameraState:
    """Where a view is seen from.

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
    up : {"y", "z"}
        Axis that points up.
    """

    position: Vector
    focus: Vector
    angle: float = 30.0
    height: float = 1.0
    parallel: bool = False
    up: str = "y"


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
    depth : float
        Half the size towards the eye; next to nothing for what is flat.
    up : {"y", "z"}
        Axis of the cylinder.
    """

    centre: Vector
    radius: float
    girth: float
    rise: float
    depth: float
    up: str = "y"


_UNIT_BALL = Extent((0.0, 0.0, 0.0), 1.0, 1.0, 1.0, 1.0)


def extent(scenes: Iterable[Scene]) -> Extent | None:
    """Return a ball around every layer of `scenes`; None when nothing is there."""
    scenes = list(scenes)
    points = np.concatenate([np.empty((0, 3)), *(held_by(scene) for scene in scenes)])
    if not len(points):
        return None
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    up = scenes[0].up
    away = (points - centre) @ _FRAMES[up].T
    radius = float(np.linalg.norm(away, axis=1).max())
    girth = float(np.hypot(away[:, 0], away[:, 2]).max())
    _, rise, depth = (float(half) for half in np.abs(away).max(axis=0))
    return Extent(_vector(centre), max(radius, 1e-6), girth, rise, depth, up)


def joined(parts: Iterable[Extent]) -> Extent | None:
    """Return a ball around balls; None when there are none."""
    parts = list(parts)
    if not parts:
        return None
    centre = np.mean([part.centre for part in parts], axis=0)
    reach = [float(np.linalg.norm(centre - part.centre)) + part.radius for part in parts]
    return Extent(_vector(centre), *(max(reach),) * 4, parts[0].up)


def framing(around: Extent | None, aspect: float = 1.0, *, parallel: bool = False) -> CameraState:
    """Return a three-quarter view from the front that shows all of `around`.

    It stays in view when it is turned about its upright axis. What is flat in z is seen
    straight from the front.

    Parameters
    ----------
    around : Extent or None
        None stands for the unit ball.
    aspect : float
        Width of a view over its height.
    parallel : bool
    """
    around = around or _UNIT_BALL
    angle = 30.0
    slope = math.tan(math.radians(angle) / 2)
    flat = around.depth <= _FLAT * around.radius
    away = np.array((0.0, 0.0, 1.0)) if flat else _FRONT / np.linalg.norm(_FRONT)
    tilt = math.asin(away[1])
    high = around.rise * math.cos(tilt) + around.girth * math.sin(tilt)
    height = _MARGIN * max(high, around.girth / aspect, 0.2 * around.radius)
    distance = height / slope + (0.0 if flat else around.girth * math.cos(tilt))
    position = np.array(around.centre) + distance * away @ _FRAMES[around.up]
    return CameraState(_vector(position), around.centre, angle, height, parallel, around.up)


def turned(state: CameraState, right: float, up: float) -> CameraState:
    """Return `state` carried around what it looks at.

    Parameters
    ----------
    state : CameraState
    right, up : float
        Radians by which the eye moves; it stops short of the poles.
    """
    frame = _FRAMES[state.up]
    offset = frame @ (np.array(state.position) - state.focus)
    distance = float(np.linalg.norm(offset))
    around = math.atan2(offset[0], offset[2]) + right
    above = math.asin(float(np.clip(offset[1] / distance, -1, 1))) + up
    above = float(np.clip(above, -_STEEPEST, _STEEPEST))
    level = math.cos(above)
    away = (math.sin(around) * level, math.sin(above), math.cos(around) * level)
    offset = distance * np.array(away) @ frame
    return replace(state, position=_vector(np.array(state.focus) + offset))


def shifted(state: CameraState, right: float, up: float) -> CameraState:
    """Return `state` moved sideways.

    Parameters
    ----------
    state : CameraState
    right, up : float
        In heights of the view, as seen at the point looked at.
    """
    _, across, above = _axes(state)
    distance = float(np.linalg.norm(np.array(state.focus) - state.position))
    tall = 2 * (
        state.height if state.parallel else distance * math.tan(math.radians(state.angle) / 2)
    )
    by = tall * (right * across + up * above)
    return replace(
        state, position=_vector(state.position + by), focus=_vector(np.array(state.focus) + by)
    )


def nearer(state: CameraState, factor: float) -> CameraState:
    """Return `state` with the scene `factor` times as large."""
    offset = (np.array(state.position) - state.focus) / factor
    position = _vector(np.array(state.focus) + offset)
    return replace(state, position=position, height=state.height / factor)


def projected(state: CameraState, parallel: bool) -> CameraState:
    """Return `state` in the other projection, the scene as large as before."""
    distance = float(np.linalg.norm(np.array(state.position) - state.focus))
    slope = math.tan(math.radians(state.angle) / 2)
    if parallel and not state.parallel:
        return replace(state, height=distance * slope, parallel=True)
    if state.parallel and not parallel:
        grown = replace(state, parallel=False)
        return nearer(grown, distance * slope / state.height) if state.height > 0 else grown
    return state


def place(camera: Any, state: CameraState, around: Extent | None) -> None:
    """Put a VTK camera where `state` says, with all of `around` within its depth range."""
    around = around or _UNIT_BALL
    camera.SetFocalPoint(*state.focus)
    camera.SetPosition(*state.position)
    camera.SetViewUp(*_FRAMES[state.up][1])
    camera.SetViewAngle(state.angle)
    camera.SetParallelScale(state.height)
    camera.SetParallelProjection(state.parallel)
    forward, _, _ = _axes(state)
    depth = float(np.dot(np.array(around.centre) - state.position, forward))
    far = max(depth + 1.1 * around.radius, 1e-3)
    near = depth - 1.1 * around.radius
    camera.SetClippingRange(near if state.parallel else max(near, far / 1000), far)


def _axes(state: CameraState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    forward = np.array(state.focus) - state.position
    forward = forward / np.linalg.norm(forward)
    across = np.cross(forward, _FRAMES[state.up][1])
    across = across / np.linalg.norm(across)
    return forward, across, np.cross(across, forward)


def _vector(values: np.ndarray) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
