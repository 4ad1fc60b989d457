"""Cameras of photographs: where each stood, and how it maps the world to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from .affines import check_affine


@dataclass(frozen=True, eq=False)
class Camera:
    """One pinhole camera, as pictures are made with it.

    Parameters
    ----------
    width, height : int
        Of its pictures, in pixels.
    fx, fy, cx, cy : float
        Focal lengths and principal point in pixels; the corner of the picture is (0, 0), the
        middle of its first pixel (0.5, 0.5).
    world_to_camera : (4, 4) float
        Camera from world, by axes that are OpenCV's: x right, y down, z forward.

    Raises
    ------
    BadInput
        If a size is not positive, a focal length not above 0, a number not finite, or the
        matrix singular.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    world_to_camera: np.ndarray

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0):
            raise BadInput(
                f"A camera has pictures of {self.width} x {self.height} pixels; give numbers "
                "above 0."
            )
        numbers = (self.fx, self.fy, self.cx, self.cy)
        if not (np.isfinite(numbers).all() and self.fx > 0 and self.fy > 0):
            given = ", ".join(f"{number:g}" for number in numbers)
            raise BadInput(
                f"A camera has the intrinsics {given}; give finite fx, fy, cx, cy and focal "
                "lengths above 0."
            )
        check_affine(self.world_to_camera, "a camera")

    @property
    def place(self) -> np.ndarray:
        """Where it stands in the world: (3,) float64."""
        turn = np.asarray(self.world_to_camera, dtype=float)
        return -np.linalg.solve(turn[:3, :3], turn[:3, 3])


@dataclass(frozen=True, eq=False)
class Cameras:
    """Pinhole cameras, drawn as the pyramids that they see.

    Parameters
    ----------
    poses : (N, 4, 4) float
        World from camera, whose axes are OpenCV's: x right, y down, z forward.
    intrinsics : (N, 4) float
        fx, fy, cx, cy in pixels.
    sizes : (N, 2) int
        Width and height in pixels.
    names : tuple of str
        One for each camera, such as the photograph's file.
    thumbnails : tuple of (H, W, 3 or 4) uint8
        One for each camera, or none.
    chooses : str
        Id of the choice knob whose entries are their names, so that a click on one chooses it.
    chosen : str
        Name of the one that is set off from the others; empty for none.
    titles : tuple of str
        What people call them, one for each, where their names are entries of a knob that all
        samples share; else none. The strip of that knob has these entries alone.

    Raises
    ------
    BadInput
        If the numbers of entries differ, a pose is singular, a focal length is zero or not
        finite, or a size is not positive.
    """

    poses: np.ndarray
    intrinsics: np.ndarray
    sizes: np.ndarray
    names: tuple[str, ...]
    thumbnails: tuple[np.ndarray, ...] = ()
    chooses: str = ""
    chosen: str = ""
    titles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.names)
        wanted = {"poses": (count, 4, 4), "intrinsics": (count, 4), "sizes": (count, 2)}
        for what, shape in wanted.items():
            given = np.shape(getattr(self, what))
            if given != shape:
                raise BadInput(
                    f"The {what} of {count} cameras have the shape {given}; give {shape}, an entry "
                    "for each name."
                )
        if len(self.thumbnails) not in (0, count):
            raise BadInput(
                f"There are {len(self.thumbnails)} thumbnails for {count} cameras; give one for "
                "each, or none."
            )
        if len(self.titles) not in (0, count):
            raise BadInput(
                f"There are {len(self.titles)} titles for {count} cameras; give one for each, or "
                "none."
            )
        if self.chosen and self.chosen not in self.names:
            raise BadInput(f"No camera is called {self.chosen!r}; choose one of those there are.")
        for name, pose, numbers, size in zip(
            self.names, self.poses, self.intrinsics, self.sizes, strict=True
        ):
            check_affine(pose, f"the camera {name!r}")
            if not np.isfinite(numbers).all() or not (np.asarray(numbers[:2]) != 0).all():
                given = ", ".join(f"{number:g}" for number in numbers)
                raise BadInput(
                    f"The camera {name!r} has the intrinsics {given}; give finite fx, fy, cx, cy "
                    "and focal lengths that are not 0."
                )
            if not (np.asarray(size) > 0).all():
                raise BadInput(
                    f"The camera {name!r} has pictures of {size[0]} x {size[1]} pixels; give "
                    "numbers above 0."
                )

    def camera(self, number: int) -> Camera:
        """The camera of this number, as pictures are made with it."""
        width, height = (int(size) for size in self.sizes[number])
        fx, fy, cx, cy = (float(one) for one in self.intrinsics[number])
        turn = np.linalg.inv(self.poses[number].astype(float))
        return Camera(width, height, fx, fy, cx, cy, turn)
