"""What a VTK camera sees in a view, as a pinhole camera that pictures are made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.scene.cameras import Camera

FAR_AWAY = 2000.0
"""Where the pinhole stands that stands for a parallel camera: so many times as far as what is
looked at is tall. Lines are parallel within a part of a pixel, and depths keep their order."""


@dataclass(frozen=True, eq=False)
class Pinhole:
    """A pinhole camera, and how a VTK camera's depth buffer follows from depths before it.

    Parameters
    ----------
    camera : Camera
    back : float
        How far behind the VTK camera it stands.
    clip : (4, 4) float
        The projection from the VTK camera's axes to the cube of -1 to 1.
    """

    camera: Camera
    back: float
    clip: np.ndarray

    @property
    def key(self) -> bytes:
        """Says whether two of them see the same, pixel by pixel and as far away."""
        size = np.array((self.camera.width, self.camera.height, self.back), float)
        return size.tobytes() + self.clip.tobytes() + self.camera.world_to_camera.tobytes()

    def buffered(self, depths: np.ndarray) -> np.ndarray:
        """Depths before the camera, (H, W), as a depth buffer has them: 0 to 1, far is 1."""
        z = self.back - depths.astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            cube = (self.clip[2, 2] * z + self.clip[2, 3]) / (self.clip[3, 2] * z + self.clip[3, 3])
        cube = np.where(np.isfinite(depths), cube, 1.0)
        return np.clip((cube + 1) / 2, 0, 1).astype(np.float32)


def pinhole(camera: Any, width: int, height: int) -> Pinhole:
    """Return the pinhole camera that sees what a VTK camera sees in a view of so many pixels.

    Parameters
    ----------
    camera : vtkCamera
    width, height : int
        In device pixels.
    """
    flip = np.diag((1.0, -1.0, -1.0, 1.0))
    view = flip @ _array(camera.GetModelViewTransformMatrix())
    clip = _array(camera.GetProjectionTransformMatrix(width / height, -1, 1))
    right, up = width / 2, height / 2
    if not camera.GetParallelProjection():
        fx, fy = right * clip[0, 0], up * clip[1, 1]
        cx, cy = right * (1 - clip[0, 2]), up * (1 + clip[1, 2])
        return Pinhole(Camera(width, height, fx, fy, cx, cy, view), 0.0, clip)
    back = FAR_AWAY / clip[1, 1]
    view[2, 3] += back
    at = back + camera.GetDistance()
    fx, fy = right * clip[0, 0] * at, up * clip[1, 1] * at
    cx, cy = right * (1 + clip[0, 3]), up * (1 - clip[1, 3])
    return Pinhole(Camera(width, height, fx, fy, cx, cy, view), back, clip)


def _array(matrix: Any) -> np.ndarray:
    return np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
