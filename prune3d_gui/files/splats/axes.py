"""Axes that point the other way: positions, rotations and spherical harmonics with them."""

from __future__ import annotations

import numpy as np

from ...core.scene.gaussians import Gaussians

_PARITY = np.array(
    [
        (0, 0, 0),
        *((0, 1, 0), (0, 0, 1), (1, 0, 0)),
        *((1, 1, 0), (0, 1, 1), (0, 0, 0), (1, 0, 1), (0, 0, 0)),
        *((0, 1, 0), (1, 1, 1), (0, 1, 0), (0, 0, 1), (1, 0, 0), (0, 0, 1), (1, 0, 0)),
    ]
)
"""(16, 3): whether each real spherical harmonic is odd in x, y and z, in the order of 3DGS."""


def mirror(gaussians: Gaussians, signs: tuple[int, int, int]) -> None:
    """Let axes point the other way where `signs` are -1, in place.

    A covariance is the same for an axis of a Gaussian and its opposite, so that a rotation is
    there even where one or all three axes are turned.
    """
    x, y, z = signs
    gaussians.means[:] *= np.array(signs, np.float32)
    gaussians.quaternions[:] *= np.array((1, y * z, x * z, x * y), np.float32)
    turned = np.prod(np.where(_PARITY == 1, signs, 1), axis=1).astype(np.float32)
    gaussians.harmonics[:] *= turned[: gaussians.harmonics.shape[1], None]
