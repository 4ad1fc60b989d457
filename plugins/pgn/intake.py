"""Any picture to the network's input, the way AtlasNet prepares its own.

AtlasNet's input is a 137 x 137 rendering on transparent background, centre cropped to 127,
resized to 224 with its transparency, and only then stripped of it; no mean is subtracted.
Pictures of other sizes are framed like those renderings, and photos are cut out first.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from scipy import ndimage
from torch import Tensor

from prune3d_gui.core.errors import BadInput

from .network import IMAGE_SIZE

RENDERED, CROP = 137, 127
EXTENT = 0.70
"""Longest side of a framed object, as a share of the frame."""

_MOST_PIXELS = 50_000_000
_WORKING = 1024
_VISIBLE = 16
_TOLERANCE = 24.0
_LOOSEST = 64.0


@dataclass(frozen=True)
class Intake:
    """A picture ready for the network.

    Attributes
    ----------
    tensor : Tensor, (3, 224, 224) float32, 0..1
        Object on exactly black.
    preview : (224, 224, 4) uint8
        The same with its transparency, to show.
    notices : tuple of str
        What was done to the picture, in sentences; empty for one of AtlasNet's kind.
    """

    tensor: Tensor
    preview: np.ndarray
    notices: tuple[str, ...]


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
    return prepare(_read(Path(path)))


def prepare(image: Image.Image) -> Intake:
    """Prepare an opened picture.

    Parameters
    ----------
    image : Image, RGBA

    Returns
    -------
    Intake
    """
    notices: list[str] = []
    opaque = image.getchannel("A").getextrema()[0] == 255
    if opaque or image.size != (RENDERED, RENDERED):
        image.thumbnail((_WORKING, _WORKING), Image.Resampling.BILINEAR)
    if opaque:
        image, notice = _cut_out(image)
        notices.append(notice)
    if image.size != (RENDERED, RENDERED) or opaque:
        image = _framed(image)
        notices.append("The picture was centred and scaled like AtlasNet's own.")
    if image.getchannel("A").getextrema()[1] == 0:
        notices.append("The picture is transparent throughout, so the network sees only black.")
    start = (RENDERED - CROP) // 2
    image = image.crop((start, start, start + CROP, start + CROP))
    image = image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR)
    preview = np.array(image)
    tensor = torch.from_numpy(preview[:, :, :3].copy()).permute(2, 0, 1).float().div_(255)
    return Intake(tensor.contiguous(), preview, tuple(notices))


def _read(path: Path) -> Image.Image:
    if path.is_dir():
        raise BadInput(f"'{path.name}' is a folder; choose a picture in it.")
    if not path.is_file():
        raise BadInput(f"'{path}' does not exist; check the name or choose another picture.")
    large = BadInput(
        f"'{path.name}' has more than {_MOST_PIXELS // 1_000_000} megapixels; scale it down first."
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(path) as file:
                if file.width * file.height > _MOST_PIXELS:
                    raise large
                return _eight_bits(ImageOps.exif_transpose(file)).convert("RGBA")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise large from error
    except BadInput:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        raise BadInput(
            f"'{path.name}' is not a readable picture (damaged, cut short or of an unknown "
            "kind); choose a PNG or JPEG."
        ) from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring 16-bit and floating point grey to eight bits instead of clipping it."""
    if image.mode[0] not in "IF":
        return image
    values = np.asarray(image, dtype=np.float64)
    top = 65535.0 if image.mode[0] == "I" else max(float(values.max()), 1e-12)
    return Image.fromarray((values.clip(0, top) * (255 / top)).astype(np.uint8))


def _cut_out(image: Image.Image) -> tuple[Image.Image, str]:
    """Make the background transparent: what is like the border and joined to it."""
    colours = np.asarray(image)[:, :, :3].astype(np.float64)
    border = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    middle = np.median(border, axis=0)
    spread = np.median(np.abs(border - middle).max(1))
    near = np.abs(colours - middle).max(2) <= min(_TOLERANCE + 3 * spread, _LOOSEST)
    regions, _ = ndimage.label(near)
    rim = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    kept = _largest(~np.isin(regions, np.unique(rim[rim > 0])))
    share = kept.mean()
    if share < 0.003:
        return image, (
            "The whole picture looks like its border, so nothing was cut out; "
            "use a picture on a plain or transparent background."
        )
    if share > 0.98:
        return image, (
            "No plain background was found to cut out, so the whole picture is used; "
            "expect a poor shape without a plain or transparent background."
        )
    result = np.array(image)
    result[:, :, 3] = np.where(kept, 255, 0)
    return Image.fromarray(result), (
        "The picture has no transparency, so the object was cut out by its border's colour; "
        "check its outline."
    )


def _largest(mask: np.ndarray) -> np.ndarray:
    """Drop specks: keep regions of at least a twentieth of the largest."""
    regions, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    return (sizes >= sizes.max() / 20)[regions] & mask


def _framed(image: Image.Image) -> Image.Image:
    """Centre the visible part and scale it to AtlasNet's framing, (137, 137)."""
    alpha = np.asarray(image.getchannel("A"))
    rows, columns = (np.flatnonzero((alpha >= _VISIBLE).any(axis)) for axis in (1, 0))
    if len(rows) and alpha.min() < 255:
        box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        side = max(box[2] - box[0], box[3] - box[1]) / EXTENT
    else:
        box = 0, 0, image.width, image.height
        side = max(image.size)
    half = max(round(side / 2), 1)
    x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    square = image.crop((int(x - half), int(y - half), int(x + half), int(y + half)))
    return square.resize((RENDERED, RENDERED), Image.Resampling.BILINEAR)
