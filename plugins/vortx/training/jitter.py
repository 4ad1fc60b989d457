"""Colours of photographs changed at random: two of five ways, as VoRTX is trained."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

_GREY = np.array((0.299, 0.587, 0.114), np.float32)
_YIQ = np.array(((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)))
_MOST = 0.5
"""By how much brightness, contrast and saturation change at most."""
_HUE = 0.05
"""Of a turn."""
_BLUR = 1.0
"""Standard deviation in pixels, of pictures of 320 pixels."""


def jittered(pictures: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    """Change all pictures of a crop in the same way.

    Parameters
    ----------
    pictures : (V, H, W, 3) float32
        0 to 255.
    drawn : Generator
    """
    ways = (_brighter, _contrasted, _saturated, _turned, _blurred)
    for number in drawn.choice(len(ways), 2, replace=False):
        pictures = ways[number](pictures, drawn).clip(0, 255)
    return pictures.astype(np.float32, copy=False)


def _factor(drawn: np.random.Generator) -> np.float32:
    return np.float32(drawn.uniform(1 - _MOST, 1 + _MOST))


def _brighter(pictures: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    return pictures * _factor(drawn)


def _contrasted(pictures: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    middle = (pictures @ _GREY).mean()
    return middle + (pictures - middle) * _factor(drawn)


def _saturated(pictures: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    grey = (pictures @ _GREY)[..., None]
    return grey + (pictures - grey) * _factor(drawn)


def _turned(pictures: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    """Hues turned: a rotation of the plane of colour differences."""
    angle = drawn.uniform(-_HUE, _HUE) * 2 * np.pi
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array(((1, 0, 0), (0, cosine, -sine), (0, sine, cosine)))
    return pictures @ (np.linalg.inv(_YIQ) @ turn @ _YIQ).T.astype(np.float32)


def _blurred(pictures: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    wide = drawn.uniform(0.2, 1.0) * _BLUR * pictures.shape[2] / 320
    for axis in (1, 2):
        pictures = gaussian_filter1d(pictures, wide, axis=axis, mode="nearest", truncate=3)
    return pictures
