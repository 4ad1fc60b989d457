"""Rooms that are trained on, as crops are taken from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

OCCUPIED = 0.999
"""Distances below it, either way, are near a surface."""


@dataclass(frozen=True, eq=False)
class Room:
    """Posed photographs with depths, and the signed distances that these were fused to.

    Parameters
    ----------
    name : str
    intrinsics : (N, 4) float
        fx, fy, cx, cy in pixels of the photographs; the corner is (0, 0).
    poses : (N, 4, 4) float
        World from camera (OpenCV's axes), metres; z is up.
    size : (width, height)
        Of photographs, in pixels.
    picture : callable
        Number to (height, width, 3) uint8.
    depth : callable
        Number to (h, w) float32: metres along the camera's axis, 0 for none. Of the same picture,
        maybe with other pixels.
    values : (X, Y, Z) float
        Truncated signed distances: 1 not observed, -1 free.
    origin : (3,) float
        World place of the middle of the first voxel.
    voxel : float
        Side, in metres.
    """

    name: str
    intrinsics: np.ndarray
    poses: np.ndarray
    size: tuple[int, int]
    picture: Callable[[int], np.ndarray]
    depth: Callable[[int], np.ndarray]
    values: np.ndarray
    origin: np.ndarray
    voxel: float

    @cached_property
    def near(self) -> np.ndarray:
        """Numbers of the voxels near a surface, as of a flat array: (M,) int32."""
        return np.flatnonzero(np.abs(self.values) < OCCUPIED).astype(np.int32)
