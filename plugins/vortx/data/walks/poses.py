"""Poses as they are told by who does not know them exactly."""

from __future__ import annotations

import numpy as np

RADIANS = 0.2
"""Deviation of angles for each metre of that of places."""


def unsteady(poses: np.ndarray, noise: float, seed: tuple[int, ...]) -> np.ndarray:
    """Move and turn cameras by chance.

    Parameters
    ----------
    poses : (N, 4, 4) float64
        World from camera.
    noise : float
        Deviation along each axis in metres; about each axis, `RADIANS` times as many radians.
    seed : tuple of int
    """
    if not noise > 0:
        return poses
    rng = np.random.default_rng(seed)
    found = poses.copy()
    found[:, :3, 3] += noise * rng.normal(size=(len(poses), 3))
    for pose, (x, y, z) in zip(
        found, RADIANS * noise * rng.normal(size=(len(poses), 3)), strict=True
    ):
        angle = float(np.sqrt(x * x + y * y + z * z))
        skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) / max(angle, 1e-12)
        turn = np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew
        pose[:3, :3] = pose[:3, :3] @ turn
    return found
