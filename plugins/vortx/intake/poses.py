"""Poses and intrinsics in small files, and what is strange about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.files.cameras.capture import rigid
from prune3d_gui.files.cameras.pairing import some
from prune3d_gui.files.texts import read_text

from .frames import FLIP
from .options import OPENGL, W2C

Four = tuple[float, float, float, float]
_SCALED = 0.03  # how well a principal point has to be in the middle, in widths
_OFF = 0.12  # how far from the middle it may be in a picture that was not cropped


class PoseLog:
    """Frames whose poses cannot be used, by what is wrong with them."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.broken: list[str] = []
        self.bent: list[str] = []

    def read(self, path: Path, name: str) -> np.ndarray | None:
        """The pose in a text file; None, and noted, where there is none that can be used."""
        try:
            numbers = read_text(path).split()
        except (OSError, ValueError):
            self.missing.append(name)
            return None
        return self.checked(numbers, name)

    def given(self, numbers: object, name: str) -> np.ndarray | None:
        """A pose that a file holds among other things; None, and noted, where it cannot be used."""
        if numbers is None:
            self.missing.append(name)
            return None
        return self.checked(numbers, name)

    def checked(self, numbers: object, name: str) -> np.ndarray | None:
        """A pose of 12 or 16 numbers; None, and noted, where it cannot be used."""
        try:
            pose = np.array(numbers, np.float64)
            pose = pose.reshape(-1, 4) if pose.size in (12, 16) else np.full((4, 4), np.nan)
        except (TypeError, ValueError):
            pose = np.full((4, 4), np.nan)
        if not np.isfinite(pose).all():
            self.broken.append(name)
            return None
        try:
            return rigid(pose, f"'{name}'")
        except BadInput:
            self.bent.append(name)
            return None

    def notices(self, total: int) -> list[str]:
        """What was left out, a sentence each."""
        kinds = (
            (self.missing, "no pose"),
            (self.broken, "a pose that is not finite or not complete"),
            (self.bent, "a pose that is no turn and shift (mirrored or sheared)"),
        )
        return [
            f"Frames left out for {what}: {len(names):,} of {total:,} ({some(names)})."
            for names, what in kinds
            if names
        ]


def placed_poses(poses: np.ndarray, kind: str, axes: str) -> np.ndarray:
    """Stored poses, (N, 4, 4), as world from camera with OpenCV's axes.

    Parameters
    ----------
    poses : (N, 4, 4)
    kind, axes : str
        What they are; see `Options`.
    """
    found = np.linalg.inv(poses) if kind == W2C else poses
    return found @ FLIP if axes == OPENGL else found


def read_intrinsics(path: Path) -> Four:
    """Focal lengths and principal point of a matrix of 3 x 3 or 4 x 4 in a text file.

    Raises
    ------
    BadInput
        If it has none.
    """
    try:
        numbers = np.array(read_text(path).split(), np.float64)
        matrix = numbers.reshape((3, 3) if numbers.size == 9 else (4, 4))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"'{path}' is no matrix of intrinsics (3 x 3 or 4 x 4 numbers); write it again."
        ) from error
    return intrinsics_of(matrix, path)


def intrinsics_of(matrix: object, what: object) -> Four:
    """Focal lengths and principal point of a matrix of intrinsics.

    Raises
    ------
    BadInput
        If it is none.
    """
    try:
        found = np.array(matrix, np.float64)
        fx, fy, cx, cy = (float(found[i]) for i in ((0, 0), (1, 1), (0, 2), (1, 2)))
    except (TypeError, ValueError, IndexError) as error:
        raise BadInput(f"'{what}' has no matrix of intrinsics; give 3 x 3 numbers.") from error
    if not (np.isfinite((fx, fy, cx, cy)).all() and min(fx, fy) > 0):
        raise BadInput(
            f"'{what}' has the intrinsics {fx:g}, {fy:g}, {cx:g}, {cy:g}; give finite numbers and "
            "focal lengths above 0."
        )
    return fx, fy, cx, cy


def fitted(numbers: Four, size: tuple[int, int], what: str) -> tuple[Camera, str]:
    """A camera of pictures of a size, and what was changed or is strange about its numbers.

    Raises
    ------
    BadInput
        If the numbers are of upright pictures and these lie on their side, or the principal
        point is outside.
    """
    fx, fy, cx, cy = numbers
    width, height = size
    said = ""
    whole = (2 * cx, 2 * cy)
    if max(abs(cx - width / 2) / width, abs(cy - height / 2) / height) > _OFF:
        given = f"The intrinsics of {what} (centre {cx:g}, {cy:g})"
        stretch = (width / whole[0], height / whole[1]) if min(whole) > 0 else (0.0, 0.0)
        turned = (abs(2 * cy - width) / width, abs(2 * cx - height) / height)
        if max(turned) < _SCALED * 2 and width != height:
            raise BadInput(
                f"{given} are those of pictures of {height} x {width} pixels, but they have "
                f"{width} x {height}; turn the pictures back, or swap fx, fy and cx, cy."
            )
        if min(stretch) > 0 and max(stretch) / min(stretch) < 1 + _SCALED:
            by = sum(stretch) / 2
            fx, fy, cx, cy = fx * by, fy * by, cx * by, cy * by
            said = (
                f"{given} are those of pictures of {whole[0]:.0f} x {whole[1]:.0f} pixels; they "
                f"were scaled by {by:.3g} to {width} x {height}."
            )
        elif not (0 < cx < width and 0 < cy < height):
            raise BadInput(
                f"{given} lie outside of pictures of {width} x {height} pixels; give those of the "
                "pictures as they are, after cropping."
            )
        else:
            said = (
                f"{given} are far from the middle of pictures of {width} x {height} pixels, which "
                "were taken as cropped."
            )
    return Camera(width, height, fx, fy, cx, cy, np.eye(4)), said


def steps_of(poses: Sequence[np.ndarray] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each pose, world from camera, is from the next: units of length, and degrees."""
    every = np.asarray(poses)
    moved = np.linalg.norm(np.diff(every[:, :3, 3], axis=0), axis=1)
    turn = np.einsum("nij,nij->n", every[:-1, :3, :3], every[1:, :3, :3])
    return moved, np.degrees(np.arccos(np.clip((turn - 1) / 2, -1, 1)))
