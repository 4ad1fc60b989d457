"""How close a picture is to a reference: MSE, PSNR and SSIM.

With values of 0 to 1, MSE is the mean of squared differences over all pixels and channels at
once, and PSNR ``-10 log10(MSE)``. SSIM (Wang et al., *Image quality assessment*, 2004) is that of
3D Gaussian splatting: a Gaussian window of 11 pixels with a deviation of 1.5, zeros outside the
picture, constants 0.01 and 0.03 squared, channel by channel, and the mean of all of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.errors import BadInput

_HALF, _DEVIATION = 5, 1.5
_FALL = np.exp(-(np.arange(-_HALF, _HALF + 1) ** 2) / (2 * _DEVIATION**2))
_WEIGHTS = (_FALL / _FALL.sum()).tolist()
_C1, _C2 = 0.01**2, 0.03**2


@dataclass(frozen=True, eq=False)
class ImageScores:
    """Scores of one picture.

    Attributes
    ----------
    mse : float
        Of values of 0 to 1.
    psnr : float
        In decibels; infinite where the pictures are the same.
    ssim : float
        -1 to 1, which is the same.
    error : (H, W) float32
        Root of the mean squared difference of each pixel's channels.
    similarity : (H, W) float32
        SSIM where each pixel is the middle of the window, the mean of the channels.
    """

    mse: float
    psnr: float
    ssim: float
    error: np.ndarray
    similarity: np.ndarray


def psnr_of(mse: float) -> float:
    """Decibels of a mean squared error of values of 0 to 1; infinite for none, NaN for NaN."""
    return math.inf if mse == 0 else -10 * math.log10(mse)


class _Blurred(torch.autograd.Function):
    """Pictures, (..., H, W), through the window, and zeros around them.

    The window is as even backwards as forwards, so the derivative goes through it, too; on the
    CPU, a convolution's own derivative takes ten times as long.
    """

    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        for axis in (-1, -2):
            size = image.shape[axis]
            sides = (_HALF, _HALF) if axis == -1 else (0, 0, _HALF, _HALF)
            wide = F.pad(image, sides)
            image = wide.narrow(axis, _HALF, size) * _WEIGHTS[_HALF]
            for shift, weight in enumerate(_WEIGHTS):
                if shift != _HALF:
                    image.add_(wide.narrow(axis, shift, size), alpha=weight)
        return image

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:
        return _Blurred.apply(slopes[0])


def ssim_map(picture: Tensor, reference: Tensor) -> Tensor:
    """Structural similarity of two pictures, (H, W, C): (H, W, C), differentiable.

    Parameters
    ----------
    picture, reference : (H, W, C) float
        Of one kind, on one device.
    """
    one, two = (image.permute(2, 0, 1) for image in (picture, reference))
    both = torch.stack([one, two, one * one, two * two, one * two])
    mean_1, mean_2, square_1, square_2, product = _Blurred.apply(both)
    together = mean_1 * mean_2
    apart = mean_1 * mean_1 + mean_2 * mean_2
    shape = (2 * (product - together) + _C2) / (square_1 + square_2 - apart + _C2)
    return ((2 * together + _C1) / (apart + _C1) * shape).permute(1, 2, 0)


def ssim(picture: Tensor, reference: Tensor) -> Tensor:
    """Mean structural similarity of two pictures, (H, W, C), as a loss of training takes it."""
    return ssim_map(picture, reference).mean()


def score_images(picture: np.ndarray, reference: np.ndarray) -> ImageScores:
    """Score a picture against a reference.

    Parameters
    ----------
    picture, reference : (H, W, C) uint8, or float of 0 to 1
        Floats beyond that are cut off, as a screen does.

    Raises
    ------
    BadInput
        If they differ in shape.
    """
    if picture.shape != reference.shape or picture.ndim != 3:
        sizes = [" x ".join(map(str, image.shape)) for image in (picture, reference)]
        raise BadInput(
            f"A picture of {sizes[0]} is compared with one of {sizes[1]}; give two of one height, "
            "width and number of channels."
        )
    one, two = (_unit(image) for image in (picture, reference))
    squared = np.square(one - two)
    mse = float(squared.mean())
    found = ssim_map(torch.from_numpy(one), torch.from_numpy(two)).numpy().mean(axis=2)
    error = np.sqrt(squared.mean(axis=2)).astype(np.float32)
    return ImageScores(mse, psnr_of(mse), float(found.mean()), error, found.astype(np.float32))


def _unit(image: np.ndarray) -> np.ndarray:
    """Values of 0 to 1, as float64: float32 loses the variance of even grey."""
    return image / 255 if image.dtype == np.uint8 else np.clip(image, 0, 1).astype(np.float64)
