"""Photographs as a pinhole would have taken them."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from ...core.errors import BadInput
from ...core.scene.cameras import Camera
from .lenses import Lens

_WIDEST, _NARROWEST = 0.5, 8.0  # focal lengths of the pinhole, in those of the lens
_ALONG = 33  # points of a side, and of a ray


def pinhole_focal(lens: Lens, camera: Camera, what: str) -> float:
    """How much longer a pinhole's focal length is, to see no more than the photograph shows.

    The picture keeps its size and principal point; the shortest focal length that leaves no
    pixel empty is taken, though never under half that of the lens.

    Raises
    ------
    BadInput
        If there is none: the parameters of the lens fold the picture.
    """
    short = _WIDEST
    if _sees_within(lens, camera, short):
        return short
    good = next((z for z in np.geomspace(1, _NARROWEST, 13) if _sees_within(lens, camera, z)), None)
    if good is None:
        numbers = ", ".join(f"{number:g}" for number in lens.numbers)
        raise BadInput(
            f"The lens of {what} ({lens.model}: {numbers}) cannot be straightened; calibrate it "
            "again."
        )
    long = float(good)
    for _ in range(20):
        middle = (short + long) / 2
        short, long = (short, middle) if _sees_within(lens, camera, middle) else (middle, long)
    return long


def straightened(
    pixels: np.ndarray, lens: Lens, camera: Camera, focal: tuple[float, float]
) -> np.ndarray:
    """A photograph as `camera` sees it.

    Parameters
    ----------
    pixels : (H, W, C) uint8
        The photograph.
    lens : Lens
    camera : Camera
        The pinhole, of the same size and principal point.
    focal : (fx, fy)
        Of the photograph.

    Returns
    -------
    (H, W, C) uint8
        Interpolated linearly between the four nearest pixels.
    """
    height, width = pixels.shape[:2]
    x = (np.arange(width) + 0.5 - camera.cx) / camera.fx
    y = (np.arange(height) + 0.5 - camera.cy) / camera.fy
    x, y = lens.bent(*np.meshgrid(x, y))
    places = (y * focal[1] + camera.cy - 0.5, x * focal[0] + camera.cx - 0.5)
    channels = [
        map_coordinates(channel, places, np.float32, order=1, mode="nearest")
        for channel in np.moveaxis(pixels, 2, 0)
    ]
    return np.rint(np.stack(channels, axis=2)).astype(np.uint8)


@np.errstate(all="ignore")  # a calibration may hold any number
def _sees_within(lens: Lens, camera: Camera, zoom: float) -> bool:
    """Whether the border of the pinhole's picture is in the photograph, and no ray folds back."""
    across = np.linspace(0, camera.width, _ALONG)
    down = np.linspace(0, camera.height, _ALONG)
    left, top = np.zeros(_ALONG), np.zeros(_ALONG)
    x = np.concatenate([across, across, left, left + camera.width])
    y = np.concatenate([top, top + camera.height, down, down])
    x, y = (x - camera.cx) / (zoom * camera.fx), (y - camera.cy) / (zoom * camera.fy)
    shares = np.linspace(0, 1, _ALONG)[:, None]
    bent_x, bent_y = lens.bent(shares * x, shares * y)
    away = np.hypot(bent_x - bent_x[0], bent_y - bent_y[0])
    if not (np.diff(away, axis=0) > 0).all():  # NaN is no larger
        return False
    seen_x, seen_y = bent_x[-1] * camera.fx + camera.cx, bent_y[-1] * camera.fy + camera.cy
    edge = 1e-6 * max(camera.width, camera.height)
    inside = (seen_x >= -edge) & (seen_x <= camera.width + edge)
    return bool((inside & (seen_y >= -edge) & (seen_y <= camera.height + edge)).all())
