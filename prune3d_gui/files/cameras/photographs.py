"""Photographs: found beside their cameras, and read as those see."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .capture import Shot, resized
from .straightening import straightened

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_LARGEST = 1 << 28  # pixels
_GREY = ("1", "L", "LA", "I", "F")


@dataclass(frozen=True)
class Looked:
    """What a picture's first bytes say.

    Parameters
    ----------
    size : (width, height)
        In pixels, as they are stored.
    grey, alpha : bool
    orientation : int
        Of its EXIF: 1 for upright.
    """

    size: tuple[int, int]
    grey: bool
    alpha: bool
    orientation: int


def find(folders: Iterable[Path], name: str) -> Path | None:
    """The photograph of that name in one of the folders, with an ending where it has none."""
    for folder in folders:
        path = folder / name
        for each in (path, *(path.parent / f"{path.name}{end}" for end in _ENDINGS)):
            if each.is_file():
                return each
    return None


def read_photograph(shot: Shot) -> np.ndarray:
    """The photograph of a camera, straightened, turned and laid on its background.

    Returns
    -------
    (H, W, 3) uint8
        sRGB, of the camera's size.

    Raises
    ------
    BadInput
        If there is none, it is damaged, or of another size than when it was found.
    """
    from PIL import Image

    pixels = _pixels(shot)
    wanted = (shot.camera.width, shot.camera.height)
    width, height = shot.stored or wanted
    if pixels.shape[:2] != (height, width):
        raise BadInput(
            f"The photograph '{shot.path}' has {pixels.shape[1]} x {pixels.shape[0]} pixels now, "
            f"where it had {width} x {height}; open its cameras again."
        )
    if shot.lens is not None:
        camera = resized(shot.camera, width, height)
        focal = (camera.fx / shot.zoom, camera.fy / shot.zoom)
        pixels = straightened(pixels, shot.lens, camera, focal)
    if wanted != (width, height):
        image = Image.fromarray(np.ascontiguousarray(pixels))
        pixels = np.asarray(image.resize(wanted, Image.Resampling.BICUBIC))
    return np.ascontiguousarray(pixels)


def thumbnail(shot: Shot, longest: int) -> np.ndarray:
    """A small picture of a photograph, soon: straightened only after it was made small.

    Returns
    -------
    (H, W, 3) uint8
        Neither side has more than `longest` pixels.

    Raises
    ------
    BadInput
        As `read_photograph`.
    """
    small = shot.within(longest)
    camera = small.camera
    size = (camera.width, camera.height)
    pixels = _pixels(shot, size[::-1] if shot.turn % 2 else size)
    if shot.lens is None:
        return pixels
    focal = (camera.fx / shot.zoom, camera.fy / shot.zoom)
    return straightened(pixels, shot.lens, camera, focal)


def _pixels(shot: Shot, small: tuple[int, int] | None = None) -> np.ndarray:
    """The photograph as it is stored, or made small first, then turned: (H, W, 3) uint8."""
    from PIL import Image

    if shot.path is None:
        raise BadInput(f"There is no photograph '{shot.name}'; put it beside its camera.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(shot.path) as image:
                _check_size(shot.path, image.size)
                if small is not None:
                    image.draft("RGB", small)  # a JPEG is unpacked no larger than needed
                pixels = _rgb(image, shot.background)
    except BadInput:
        raise
    except Exception as error:  # Pillow's parsers raise nearly anything
        raise BadInput(
            f"The photograph '{shot.path}' could not be read; it may be damaged, replace it."
        ) from error
    if small is not None:
        pixels = np.asarray(Image.fromarray(pixels).resize(small))
    return np.ascontiguousarray(np.rot90(pixels, shot.turn))


def look_at(path: Path) -> Looked | None:
    """What a picture's first bytes say; None where they are damaged."""
    from PIL import ExifTags, Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                _check_size(path, image.size)
                orientation = int(image.getexif().get(ExifTags.Base.Orientation, 1))
                grey = image.mode in _GREY or image.mode.startswith("I;")
                return Looked(image.size, grey, image.has_transparency_data, orientation)
    except BadInput:
        raise
    except Exception:  # Pillow's parsers raise nearly anything
        return None


def _check_size(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > _LARGEST:
        raise BadInput(
            f"The photograph '{path}' has {size[0]:,} x {size[1]:,} pixels, more than "
            f"{_LARGEST / 1e6:,.0f} million; save it smaller."
        )


def _rgb(image: Any, background: tuple[int, int, int]) -> np.ndarray:
    """The picture as (H, W, 3) uint8, on a background where it lets that through."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, np.float64)
        top = 255.0 if values.max(initial=0) <= 255 else 65535.0
        grey = np.rint(np.clip(values / top, 0, 1) * 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    laid = np.asarray(image.convert("RGBA"), np.float64)
    share = laid[:, :, 3:] / 255
    return np.rint(laid[:, :, :3] * share + np.array(background) * (1 - share)).astype(np.uint8)
