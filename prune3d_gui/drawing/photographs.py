"""Standing where a photograph was taken."""

from __future__ import annotations

import math

import numpy as np

from ..core.errors import BadInput
from ..core.scene.cameras import Cameras
from .cameras import CameraState, Extent


def photographed(
    pose: np.ndarray,
    intrinsics: tuple[float, float, float, float],
    size: tuple[int, int],
    distance: float = 1.0,
) -> CameraState:
    """Return the camera that took a photograph: what it saw falls on the photograph's pixels.

    A view of the photograph's shape shows what it shows; one of another shape shows it whole,
    in the middle, and what is beside it. A point ``(x, y, z)`` before the camera is seen at
    ``(fx x / z + cx, fy y / z + cy)``.

    Parameters
    ----------
    pose : (4, 4) float
        From the camera's axes (x right, y down, z ahead, as in OpenCV) to the scene's.
    intrinsics : (fx, fy, cx, cy)
        Focal lengths and principal point in pixels, from the outer corner of the upper left
        pixel, as COLMAP counts; where its middle is 0, as OpenCV counts, add a half to cx, cy.
    size : (width, height)
        Of the photograph in pixels.
    distance : float
        To the point looked at, about which a hand turns, in the unit of the scene.

    Raises
    ------
    BadInput
        When the pose is not a turn and a shift, or a size or a focal length is not above 0.
    """
    pose = np.asarray(pose, dtype=float)
    turn = pose[:3, :3] if pose.shape == (4, 4) else np.zeros((3, 3))
    rigid = np.isfinite(pose).all() and np.allclose(turn.T @ turn, np.eye(3), atol=1e-4)
    if not rigid or np.linalg.det(turn) < 0:
        raise BadInput(
            f"The pose {pose.round(4).tolist()} is not a turn and a shift; give a 4 x 4 matrix "
            "from the camera to the scene, without scale or mirror."
        )
    fx, fy, cx, cy = (float(value) for value in intrinsics)
    width, height = size
    known = np.isfinite((fx, fy, cx, cy)).all()
    if not known or min(fx, fy, width, height) <= 0:
        raise BadInput(
            f"A camera of {width} x {height} pixels with focal lengths {fx:g}, {fy:g} and "
            f"principal point {cx:g}, {cy:g} sees nothing; give finite numbers, sizes and focal "
            "lengths above 0."
        )
    _, down, ahead = turn.T
    return CameraState(
        _numbers(pose[:3, 3]),
        _numbers(pose[:3, 3] + distance * ahead),
        angle=2 * math.degrees(math.atan(height / 2 / fy)),
        height=distance * height / 2 / fy,
        up=_numbers(-down),
        aspect=width / height,
        principal=((2 * cx - width) / height, (height - 2 * cy) / height),
        stretch=fx / fy,
    )


def taken_by(cameras: Cameras, index: int, around: Extent | None) -> CameraState:
    """Return one of the cameras of a scene; a hand turns about the middle of what is around.

    Raises
    ------
    BadInput
        As `photographed`.
    """
    pose = np.asarray(cameras.poses[index], dtype=float)
    distance = 1.0
    if around is not None:
        ahead = float((np.array(around.centre) - pose[:3, 3]) @ pose[:3, 2])
        distance = ahead if ahead > 0 else around.radius
    wide, tall = (int(side) for side in cameras.sizes[index])
    return photographed(pose, tuple(cameras.intrinsics[index]), (wide, tall), distance)


def _numbers(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in vector)
    return x, y, z
