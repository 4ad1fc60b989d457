"""Cameras of photographs: where each stood, and how it maps the world to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from .affines import check_affine


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
