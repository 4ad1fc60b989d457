"""What was photographed: where each camera stood, how it sees, and its photograph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ...core.scene.cameras import Camera, Cameras
from ...core.scene.scenes import Points
from .lenses import Lens

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True, eq=False)
class Shot:
    """One camera, and the photograph that it took.

    Parameters
    ----------
    name : str
        Of the photograph, as the file of cameras says it.
    camera : Camera
        A pinhole; what `read_photograph` gives is as it sees.
    path : Path or None
        The photograph; None where there is none.
    lens : Lens or None
        What bends the photograph; None where it is a pinhole's.
    part : str
        Such as ``train`` or ``test``, where the files say so.
    turn : int
        Quarter turns counter-clockwise by which the stored pixels come to the camera's picture.
    background : (r, g, b)
        What a photograph with alpha is laid on, 8-bit.
    zoom : float
        How much longer the camera's focal lengths are than those of the lens.
    stored : (width, height) or None
        Of the photograph, where the camera's pictures are smaller.
    """

    name: str
    camera: Camera
    path: Path | None = None
    lens: Lens | None = None
    part: str = ""
    turn: int = 0
    background: tuple[int, int, int] = WHITE
    zoom: float = 1.0
    stored: tuple[int, int] | None = None

    def within(self, longest: int) -> Shot:
        """The same photograph made smaller, so that no side has more pixels; never larger."""
        one = self.camera
        by = longest / max(one.width, one.height)
        if by >= 1:
            return self
        width, height = (max(1, round(side * by)) for side in (one.width, one.height))
        stored = self.stored or (one.width, one.height)
        return replace(self, camera=resized(one, width, height), stored=stored)


@dataclass(frozen=True, eq=False)
class Capture:
    """Cameras of one scene.

    Parameters
    ----------
    shots : tuple of Shot
        In the order of the file.
    format : str
    points : Points or None
        Sparse points that the cameras were found by, coloured (array ``rgb``), where they are
        beside them.
    notices : tuple of str
        Sentences on what was assumed, changed or left out while reading.
    """

    shots: tuple[Shot, ...]
    format: str
    points: Points | None = None
    notices: tuple[str, ...] = ()

    def cameras(self) -> Cameras:
        """All of them, to be drawn."""
        seen = [shot.camera for shot in self.shots]
        return Cameras(
            np.stack([np.linalg.inv(one.world_to_camera) for one in seen]),
            np.array([(one.fx, one.fy, one.cx, one.cy) for one in seen]),
            np.array([(one.width, one.height) for one in seen]),
            tuple(shot.name for shot in self.shots),
        )


@dataclass(frozen=True, eq=False)
class Seen:
    """A camera as a file says it, before anything is known of its photograph.

    Parameters
    ----------
    name : str
    world_to_camera : (4, 4) float64
        By axes that are OpenCV's.
    size : (width, height)
        In pixels; (0, 0) where only the photograph tells.
    focal : (fx, fy)
        In pixels, or where `size` is not known, in widths of the photograph.
    centre : (cx, cy) or None
        In pixels; None for the middle.
    lens : Lens or None
    part : str
    """

    name: str
    world_to_camera: np.ndarray
    size: tuple[int, int]
    focal: tuple[float, float]
    centre: tuple[float, float] | None = None
    lens: Lens | None = None
    part: str = ""


def resized(camera: Camera, width: int, height: int) -> Camera:
    """The same camera with pictures of another size."""
    across, down = width / camera.width, height / camera.height
    return replace(
        camera,
        width=width,
        height=height,
        fx=camera.fx * across,
        fy=camera.fy * down,
        cx=camera.cx * across,
        cy=camera.cy * down,
    )


def rigid(matrix: object, what: str) -> np.ndarray:
    """A pose as (4, 4) float64 without scale.

    Raises
    ------
    BadInput
        If it is no turn and shift, or has numbers that are not finite.
    """
    try:
        pose = np.array(matrix, np.float64)
    except (TypeError, ValueError):
        pose = np.empty(0)
    if pose.shape == (3, 4):
        pose = np.vstack([pose, (0, 0, 0, 1)])
    good = pose.shape == (4, 4) and np.isfinite(pose).all()
    if good:
        lengths = np.linalg.norm(pose[:3, :3], axis=0)
        good = bool((lengths > 0).all()) and np.allclose(lengths, lengths[0], rtol=1e-2)
    if good:
        pose[:3, :3] /= lengths
        turn = pose[:3, :3]
        good = np.allclose(turn.T @ turn, np.eye(3), atol=1e-2) and np.linalg.det(turn) > 0
    if not good:
        raise BadInput(
            f"The pose of {what} is no turn and shift; give a 4 x 4 matrix of finite numbers "
            "without mirror or shear."
        )
    left, _, right = np.linalg.svd(pose[:3, :3])
    pose[:3, :3] = left @ right
    pose[3] = (0, 0, 0, 1)
    return pose
