"""Depth maps with their cameras, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...core.errors import BadInput

Frame = tuple[np.ndarray, np.ndarray, np.ndarray]
"""A depth map (H, W) float32, intrinsics (3, 3) and a pose (4, 4), world from camera."""


def checked_frames(
    depths: Iterable[np.ndarray], intrinsics: np.ndarray, poses: np.ndarray
) -> Iterator[Frame]:
    """Pair depth maps with what belongs to them.

    Raises
    ------
    BadInput
        If there are more of one than of another, or one is no depth map or not finite.
    """
    matrices = np.asarray(intrinsics, np.float64)
    places = np.asarray(poses, np.float64)
    if places.ndim != 3 or places.shape[1:] != (4, 4):
        raise BadInput(f"The poses have the shape {places.shape}; give (N, 4, 4).")
    if matrices.ndim == 2:
        matrices = np.broadcast_to(matrices, (len(places), *matrices.shape))
    if matrices.shape != (len(places), 3, 3):
        raise BadInput(
            f"The intrinsics have the shape {np.shape(intrinsics)} for {len(places)} poses; give "
            "(3, 3), or one for each pose."
        )
    if not (np.isfinite(places).all() and np.isfinite(matrices).all()):
        raise BadInput("A pose or a camera has numbers that are not finite; leave its frame out.")
    count = 0
    for count, depth in enumerate(depths, 1):
        if count > len(places) or np.ndim(depth) != 2:
            given = f"more than {len(places)}" if count > len(places) else f"{np.shape(depth)}"
            raise BadInput(
                f"There are {len(places)} poses, and depth maps: {given}; give one (H, W) each."
            )
        yield np.ascontiguousarray(depth, np.float32), matrices[count - 1], places[count - 1]
    if count < len(places):
        raise BadInput(f"There are {len(places)} poses for {count} depth maps; give one each.")
