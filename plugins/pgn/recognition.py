"""What a file or a folder is to AtlasNet, told by its content."""

from __future__ import annotations

import warnings
from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.system import Taken
from prune3d_gui.files.networks.checkpoints import find_network, read_checkpoint

_PHOTOS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF")
"""Formats of Pillow that people use for pictures of things; others may hold values."""
_VALUES = ("1", "I", "F")
"""Beginnings of Pillow's names for pixels that are numbers rather than light."""


def recognised(path: Path) -> Taken | None:
    """Say what `path` is: a network, a set in AtlasNet's layout, a picture, or nothing of these."""
    from .data.dataset import is_layout

    if path.is_dir():
        said = "A set of rendered objects in AtlasNet's layout."
        return Taken("sample", said) if is_layout(path) else None
    if _is_network(path):
        return Taken("network", "An AtlasNet single-view network.")
    return _picture(path)


def _is_network(path: Path) -> bool:
    from .network.checkpoint import ANCHORS

    try:
        found = read_checkpoint(path)
    except BadInput:
        return False
    try:
        return find_network(found, lambda own: own.keys() >= ANCHORS) is not None
    except BadInput:  # it is one, with values that are not numbers
        return True


def _picture(path: Path) -> Taken | None:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                kind, pixels = image.format or "", image.mode
    except Exception:  # Pillow's parsers raise many kinds on what is no picture
        return None
    photo = kind in _PHOTOS and not pixels.startswith(_VALUES)
    return Taken("sample", "A picture to reconstruct from.", photo)
