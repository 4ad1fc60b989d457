"""Pictures of depths, and grey photographs for measuring."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from prune3d_gui.core.errors import BadInput

HOLE = 65535
"""What sensors write beside 0 where they measured nothing."""
_ARRAYS = (".npy",)


def stored_depth(path: Path | None) -> np.ndarray:
    """A picture of depths as it is stored: (H, W) float32, 0 where nothing was measured.

    Raises
    ------
    BadInput
        If there is none, it cannot be read, or it has no single channel of 16 bits or more.
    """
    if path is None:
        raise BadInput("This frame has no depth; take one that has.")
    try:
        values = _values(path)
    except BadInput:
        raise
    except Exception as error:  # Pillow's parsers raise nearly anything
        raise BadInput(
            f"The depth '{path}' could not be read; it may be damaged, replace it."
        ) from error
    if values.ndim != 2 or values.dtype == np.uint8:
        raise BadInput(
            f"The depth '{path}' has the shape {values.shape} of {values.dtype}; give one channel "
            "of 16 bits or more."
        )
    found = values.astype(np.float32)
    bad = ~np.isfinite(found) | (found < 0)
    if values.dtype.kind in "iu":
        bad |= values == HOLE
    found[bad] = 0
    return found


def read_depth(path: Path | None, unit: float) -> np.ndarray:
    """A picture of depths in metres, of which `unit` is the step: (H, W) float32, 0 for none.

    Raises
    ------
    BadInput
        As `stored_depth`.
    """
    return stored_depth(path) * np.float32(unit)


def depth_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture of depths, from its first bytes.

    Raises
    ------
    BadInput
        If it cannot be read.
    """
    try:
        if path.suffix.lower() in _ARRAYS:
            height, width = np.load(path, mmap_mode="r", allow_pickle=False).shape
            return width, height
        from PIL import Image

        with Image.open(path) as image:
            return image.size
    except Exception as error:
        raise BadInput(
            f"The depth '{path}' could not be read; it may be damaged, replace it."
        ) from error


def _values(path: Path) -> np.ndarray:
    if path.suffix.lower() in _ARRAYS:
        return np.load(path, allow_pickle=False)
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image)
