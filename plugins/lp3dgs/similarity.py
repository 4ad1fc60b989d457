"""Structural similarity of pictures, quickly: what previews of every step of a slider need.

It is that of `prune3d_gui.metrics.images`, its plain reference, to rounding; a row of sums at a
time, so that nothing leaves the processor's cache.
"""

from __future__ import annotations

import math

import numpy as np

from prune3d_gui.geometry.compiling import compiled, shared, threads

_HALF, _DEVIATION = 5, 1.5
_FALL = np.exp(-(np.arange(-_HALF, _HALF + 1) ** 2) / (2 * _DEVIATION**2))
_WEIGHTS = _FALL / _FALL.sum()
_C1, _C2 = 0.01**2, 0.03**2


@compiled
def _rows(first, last, one, two, weights, bands, sums):
    """Write the sums of similarities of rows `first` to `last`, of pictures (H, W * bands)."""
    height, wide = one.shape
    half = len(weights) // 2
    edge = half * bands
    down = np.zeros((5, wide + 2 * edge))
    across = np.empty((5, wide))
    mean_1, mean_2 = down[0, edge : edge + wide], down[1, edge : edge + wide]
    square_1, square_2 = down[2, edge : edge + wide], down[3, edge : edge + wide]
    product = down[4, edge : edge + wide]
    for y in range(first, last):
        down[:, edge : edge + wide] = 0.0
        for k in range(len(weights)):
            at = y + k - half
            if at < 0 or at >= height:
                continue
            weight, row_1, row_2 = weights[k], one[at], two[at]
            for x in range(wide):
                a, b = row_1[x], row_2[x]
                mean_1[x] += weight * a
                mean_2[x] += weight * b
                square_1[x] += weight * a * a
                square_2[x] += weight * b * b
                product[x] += weight * a * b
        across[:] = 0.0
        for m in range(5):
            for k in range(len(weights)):
                weight, beside, sum_ = weights[k], down[m, k * bands : k * bands + wide], across[m]
                for x in range(wide):
                    sum_[x] += weight * beside[x]
        total = 0.0
        for x in range(wide):
            a, b = across[0, x], across[1, x]
            together, apart = a * b, a * a + b * b
            shape = (2 * (across[4, x] - together) + _C2) / (
                across[2, x] + across[3, x] - apart + _C2
            )
            total += (2 * together + _C1) / (apart + _C1) * shape
        sums[y] = total


def likeness(picture: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """PSNR in dB, infinite where they are the same, and SSIM of two pictures.

    Parameters
    ----------
    picture, reference : (H, W, C) float
        0 to 1, of one shape; what is beyond is cut off.
    """
    one, two = (np.clip(image, 0, 1).astype(np.float64) for image in (picture, reference))
    height, wide, bands = one.shape
    mse = float(np.square(one - two).mean())
    sums = np.empty(height)
    flat = [np.ascontiguousarray(image).reshape(height, wide * bands) for image in (one, two)]
    parts = min(threads(), height)
    cuts = np.linspace(0, height, parts + 1).astype(np.int64)
    shared(lambda _, i, j: _rows(i, j, *flat, _WEIGHTS, bands, sums), cuts)
    psnr = math.inf if mse == 0 else -10 * math.log10(mse)
    return psnr, float(sums.sum()) / one.size
