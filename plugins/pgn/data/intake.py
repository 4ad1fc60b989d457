"""Any picture to the network's input, the way AtlasNet prepares its own.

AtlasNet's input is a 137 x 137 rendering on transparent background, centre cropped to 127,
resized to 224 with its transparency, and only then stripped of it; no mean is subtracted.
Pictures of other sizes are framed like those renderings, and photos are cut out first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageChops
from torch import Tensor

from ..network.network import IMAGE_SIZE
from .pictures.cutting import VISIBLE, has_white_edge, is_cut_out, object_of, see_through
from .pictures.reading import read_picture

RENDERED, CROP = 137, 127
SHOWN = 640
"""Pixels along the longer side of a picture that is kept to be shown as it came."""
EXTENT = 0.70
"""Longest side of a framed object, as a share of the frame."""

_THIN, _DARK, _HALF = 20, 24, 128


@dataclass(frozen=True)
class Intake:
    """A picture ready for the network.

    Attributes
    ----------
    tensor : Tensor, (3, 224, 224) float32, 0..1
        Object on exactly black.
    preview : (224, 224, 4) uint8
        The same, with where the object is as its transparency.
    notices : tuple of str
        What was done to the picture, in sentences; empty for one of AtlasNet's kind.
    came : (H, W, 4) uint8
        The picture before that, of `SHOWN` pixels along its longer side at most.
    """

    tensor: Tensor
    preview: np.ndarray
    notices: tuple[str, ...]
    came: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """What the network sees, to show to people: (224, 224, 4) uint8; see `as_seen`."""
        return as_seen(self.preview)


def load_image(path: str | Path) -> Intake:
    """Read and prepare a picture.

    Parameters
    ----------
    path : path
        Any picture Pillow reads, up to 50 megapixels.

    Returns
    -------
    Intake

    Raises
    ------
    BadInput
        When the file is missing, unreadable, cut short or too large.
    """
    picture = read_picture(Path(path))
    intake = prepare(picture.image)
    return replace(intake, notices=picture.notices + intake.notices)


def prepare(image: Image.Image) -> Intake:
    """Prepare an opened picture.

    A rendering of AtlasNet's kind, 137 x 137 on a transparent border, goes AtlasNet's way as
    it is. That way gives the half transparent pixels of an outline their full colour, which is
    how every picture that the network learned from was made. In any other picture half
    transparent pixels may be a haze, a shadow or the rest of a background, so those are laid
    over black first, which is what they look like there.

    Parameters
    ----------
    image : Image, RGBA

    Returns
    -------
    Intake
    """
    notices: list[str] = []
    came = image.copy()
    came.thumbnail((SHOWN, SHOWN))
    if image.size != (RENDERED, RENDERED) or not is_cut_out(image):
        image, told = object_of(image)
        notices += told
        image, told = _framed(image)
        notices += told
    else:
        if see_through(image):
            notices.append("See-through parts count in full colour, as in AtlasNet's own pictures.")
        if has_white_edge(image):
            notices.append("What is visible has a plain white edge; if that is paper, cut it off.")
    preview = cropped(image)
    if not preview[:, :, 3].any():
        notices.append("The picture is transparent throughout, so the network sees only black.")
    elif preview[preview[:, :, 3] >= _HALF, :3].max(initial=0) < _DARK:
        notices.append("What is visible is nearly black, so the network sees next to nothing.")
    tensor = torch.from_numpy(preview[:, :, :3].copy()).permute(2, 0, 1).float().div_(255)
    return Intake(tensor.contiguous(), preview, tuple(notices), np.array(came))


def cropped(image: Image.Image) -> np.ndarray:
    """Give the middle of a rendering as the network sees it, (224, 224, 4) uint8.

    Parameters
    ----------
    image : Image, RGBA, 137 x 137
    """
    seen = middle(image).resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR)
    return np.array(seen)


def middle(image: Image.Image) -> Image.Image:
    """Cut the middle, 127 x 127, out of a rendering of 137 x 137: what the network sees of it."""
    start = (RENDERED - CROP) // 2
    return image.crop((start, start, start + CROP, start + CROP))


def as_seen(pixels: np.ndarray) -> np.ndarray:
    """Show (H, W, 4) uint8 pixels in full colour, as the network's input has them.

    What is black around the thing is left clear, for a gallery to put its own ground there; where
    nothing is to be seen all is opaque, and so black.
    """
    shown = pixels.copy()
    visible = (pixels[:, :, 3] > 0) | pixels[:, :, :3].any(axis=2)
    shown[:, :, 3] = 255 * (visible if visible.any() else 1)
    return shown


def _framed(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """Centre the visible part and scale it to AtlasNet's framing, (137, 137), over black."""
    notices = ["The picture was centred and scaled like AtlasNet's own."]
    if see_through(image):
        notices.append("See-through parts were laid over black, as the network sees them.")
    alpha = np.asarray(image.getchannel("A"))
    least = _HALF if (alpha >= _HALF).any() else VISIBLE  # a shadow or a glow is no extent
    rows, columns = (np.flatnonzero((alpha >= least).any(axis)) for axis in (1, 0))
    if len(rows) and alpha.min() < 255:
        box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        side = max(box[2] - box[0], box[3] - box[1]) / EXTENT
    else:
        box = 0, 0, image.width, image.height
        side = max(image.size)
    if max(box[2] - box[0], box[3] - box[1]) > _THIN * min(box[2] - box[0], box[3] - box[1]):
        notices.append("The object is so thin that the network sees hardly more than a line.")
    half = max(round(side / 2), 1)
    x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    square = image.crop((int(x - half), int(y - half), int(x + half), int(y + half)))
    return _over_black(square).resize((RENDERED, RENDERED), Image.Resampling.BILINEAR), notices


def _over_black(image: Image.Image) -> Image.Image:
    """Darken what is half transparent and make it opaque; what is as good as clear is clear."""
    alpha = image.getchannel("A")
    colours = ImageChops.multiply(image.convert("RGB"), Image.merge("RGB", (alpha,) * 3))
    colours.putalpha(alpha.point(VISIBLE * [0] + (256 - VISIBLE) * [255]))
    return colours
