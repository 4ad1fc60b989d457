"""Depths as a sensor with structured light gives them."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

NOISE, STEP = 0.0015, 0.0029
"""Deviation and step of a Kinect's depth at 1 m, in metres; both grow with its square."""
REACH = (0.4, 6.0)
"""Depths that it sees, in metres."""


def sensed(depths: np.ndarray, noise: float, seed: tuple[int, ...]) -> np.ndarray:
    """Add noise that grows with the square of the depth, steps, and holes at edges and by chance.

    Khoshelham & Elberink, "Accuracy and resolution of Kinect depth data" (2012).

    Parameters
    ----------
    depths : (N, H, W) float32
        Exact, in metres.
    noise : float
        1 for that of a Kinect; at 0 they stay exact.
    seed : tuple of int

    Returns
    -------
    (N, H, W) float32
        0 where there is nothing.
    """
    if not noise > 0:
        return depths
    rng = np.random.default_rng(seed)
    found = np.empty_like(depths)
    for number, exact in enumerate(depths):
        wild = gaussian_filter(rng.standard_normal(exact.shape), 0.7) * 2.0
        z = exact + noise * NOISE * exact**2 * wild
        step = noise * STEP * exact**2
        z = np.round(z / step) * step
        jump = maximum_filter(exact, 3) - minimum_filter(exact, 3) > 0.1 * exact + 0.05
        lost = jump & (rng.random(exact.shape) < min(1.0, 0.7 * noise))
        lost |= gaussian_filter(rng.standard_normal(exact.shape), 3) * 10 > 3.6 - 0.6 * noise
        lost |= (exact < REACH[0]) | (exact > REACH[1])
        found[number] = np.where(lost, 0, z)
    return found
