"""Numbers in few bits: opacities, colours, and quaternions by their three smallest parts."""

from __future__ import annotations

import numpy as np

SH_C0 = 0.28209479177387814
"""The constant spherical harmonic."""


def logits_of(levels: np.ndarray) -> np.ndarray:
    """Logits of opacities in 255 steps, as float32.

    The ends stand for all that rounds to them; the middle of that is taken, since the logits of
    0 and 1 are not finite.
    """
    opacities = np.clip(np.asarray(levels, np.float64), 0.25, 254.75) / 255
    return np.log(opacities / (1 - opacities)).astype(np.float32)


def steps(values: np.ndarray, most: int) -> np.ndarray:
    """The nearest whole number to each value, 0 to `most`, as uint32."""
    return np.clip(np.rint(values), 0, most).astype(np.uint32)


def field(words: np.ndarray, low: int, bits: int) -> np.ndarray:
    """`bits` bits from bit `low` on of each word, as float64 from 0 to 1."""
    most = (1 << bits) - 1
    return ((words >> np.uint32(low)) & np.uint32(most)) / most


def unit(quaternions: np.ndarray) -> np.ndarray:
    """Quaternions of length 1, as float64; one of length 0 stands for no turn."""
    wide = np.asarray(quaternions, np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.where(length > 0, wide / np.where(length > 0, length, 1), (1.0, 0, 0, 0))


def smallest_three(quaternions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which part of each unit quaternion is largest, and the three others.

    Both a quaternion and its negative are one rotation; the one whose largest part is positive
    is taken, so that the others tell it.

    Returns
    -------
    largest : (N,) int
    others : (N, 3) float64
        In the order of the parts, each within half the square root of 2.
    """
    turned = unit(quaternions)
    largest = np.abs(turned).argmax(axis=1)
    turned *= np.where(np.take_along_axis(turned, largest[:, None], 1) < 0, -1, 1)
    return largest, turned[np.arange(4) != largest[:, None]].reshape(-1, 3)


def from_smallest_three(largest: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The unit quaternions of which `smallest_three` gave the parts: (N, 4) float64."""
    made = np.empty((len(others), 4))
    rest = np.arange(4) != largest[:, None]
    made[rest] = others.ravel()
    made[~rest] = np.sqrt(np.maximum(0, 1 - (others**2).sum(axis=1)))
    return made


def morton_order(points: np.ndarray) -> np.ndarray:
    """Indices that put points along a Z-order curve, so that neighbours follow each other."""
    low, high = points.min(axis=0), points.max(axis=0)
    wide = np.where(high > low, high.astype(np.float64) - low, 1.0)
    cells = ((points - low) / wide * 0x1FFFFF).astype(np.uint64)
    return np.argsort(sum(_spread(cells[:, axis]) << np.uint64(axis) for axis in range(3)))


def _spread(values: np.ndarray) -> np.ndarray:
    """21 bits of each value, two zeros between each and the next."""
    masks = (0x1F00000000FFFF, 0x1F0000FF0000FF, 0x100F00F00F00F00F, 0x10C30C30C30C30C3)
    for shift, mask in zip((32, 16, 8, 4, 2), (*masks, 0x1249249249249249), strict=True):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values
