"""From light to photographs: exposure, white balance, lens and noise, as a phone has them."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

KNEE = 0.62
"""Linear value above which brightness is bent towards 1."""


def developed(pictures: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
    """Make photographs of the light that fell on a sensor.

    Parameters
    ----------
    pictures : (N, H, W, 3) float32
        Linear RGB, one after the other.
    seed : tuple of int
        Of drifts and noise.

    Returns
    -------
    (N, H, W, 3) uint8
        sRGB.
    """
    rng = np.random.default_rng(seed)
    count, height, width, _ = pictures.shape
    bright = np.log(pictures.mean(axis=3) + 1e-3).mean(axis=(1, 2))
    follow = gaussian_filter1d(bright, 2.5, mode="nearest")
    aim = np.log(rng.uniform(0.2, 0.3))
    gain = np.exp(aim - (0.75 * follow + 0.25 * np.median(bright)) + 0.05 * _drift(rng, count))
    room = rng.normal(0, 0.04, 3)
    balance = np.exp(room + 0.015 * np.stack([_drift(rng, count) for _ in range(3)], axis=1))
    y, x = np.indices((height, width), dtype=np.float32) + 0.5
    radius = ((x - width / 2) ** 2 + (y - height / 2) ** 2) / (width**2 + height**2) * 4
    lens = 1 - float(rng.uniform(0.05, 0.3)) * radius
    soft = float(rng.uniform(0.25, 0.6)) * width / 320
    shot, read = float(rng.uniform(0.004, 0.014)), float(rng.uniform(0.002, 0.006))
    found = np.empty(pictures.shape, np.uint8)
    for number, picture in enumerate(pictures):
        linear = np.asarray(
            picture * (gain[number] * balance[number] * lens[..., None]), np.float32
        )
        linear = gaussian_filter(linear, (soft, soft, 0), mode="nearest")
        noise = rng.standard_normal(linear.shape, np.float32)
        linear += noise * np.sqrt(shot**2 * np.maximum(linear, 0) + read**2)
        bent = KNEE + (1 - KNEE) * (1 - np.exp((KNEE - linear) / (1 - KNEE)))
        linear = np.clip(np.where(linear > KNEE, bent, linear), 0, 1)
        curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        found[number] = np.clip(curved * 255 + 0.5, 0, 255)
    return found


def _drift(rng: np.random.Generator, count: int) -> np.ndarray:
    """Slow noise of deviation 1 around 0; of one frame 0."""
    found = gaussian_filter1d(rng.normal(size=count), min(4.0, count / 8), mode="wrap")
    found -= found.mean()
    return found / max(float(found.std()), 1e-6)
