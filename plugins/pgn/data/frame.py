"""The frame of objects: that of ShapeNet v1 as AtlasNet and R2N2 use it.

y points up and objects face +x. A camera at azimuth a and elevation e stands at
``(cos a cos e, sin e, sin a cos e)``, seen from the object, so azimuth 0 looks at its front.
"""

from __future__ import annotations

import numpy as np


def camera_direction(azimuth: float, elevation: float) -> np.ndarray:
    """Return the unit vector from the object to a camera of R2N2's renderings.

    Parameters
    ----------
    azimuth, elevation : float
        Degrees, as the first two columns of ``rendering_metadata.txt`` give them.
    """
    turn, lift = np.radians(azimuth), np.radians(elevation)
    return np.array([np.cos(turn) * np.cos(lift), np.sin(lift), np.sin(turn) * np.cos(lift)])


def from_design(points: np.ndarray) -> np.ndarray:
    """Turn points of a design, which faces -z, by a quarter: (x, y, z) becomes (-z, y, x).

    Parameters
    ----------
    points : (..., 3) array

    Returns
    -------
    (..., 3) array
        Of the same type, exact.
    """
    return np.stack([-points[..., 2], points[..., 1], points[..., 0]], axis=-1)
