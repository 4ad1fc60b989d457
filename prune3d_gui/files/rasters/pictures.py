"""Pictures as grey values, y upwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .places import upright
from .raster import Raster, Room

_ROOM = 256 << 20  # bytes that one picture may take unpacked, beside what is kept of it
_MOVING = ("GIF", "PNG", "WEBP")
_GREY = ("1", "L", "I", "F")


def read_picture(path: Path, limit: int, formats: tuple[str, ...] | None = None) -> Raster:
    """Read a picture; the frames of a moving one are moments.

    Parameters
    ----------
    formats : tuple of str, optional
        Names of Pillow's formats to try; all by default.
    """
    from PIL import Image

    with Image.open(path, formats=formats) as image:
        count, notices = getattr(image, "n_frames", 1), []
        if count > 1 and image.format in _MOVING:
            notices.append(f"Its {count:,} frames became moments.")
        elif count > 1:
            notices.append(f"Only the first of its {count:,} pictures was read.")
            count = 1
        check_size(path, image.size, 4, limit)
        room = None
        for moment in range(count):
            image.seek(moment)
            plane, said = grey_plane(path, image)
            if room is None:
                whole = (*plane.shape, 1, count)
                room = Room(path, whole, plane.dtype, limit, upright(path, ()))
                seconds = float(image.info.get("duration", 0)) / 1000
            put_plane(path, room, plane, 0, moment)
            notices += [text for text in said if text not in notices]
    assert room is not None  # there is a first one
    shape = whole[:2] if count == 1 else (*whole[:2], count)
    return room.raster(shape, time_step=seconds, notices=notices)


def put_plane(path: Path, room: Room, plane: np.ndarray, place: int, moment: int) -> None:
    """Write (X, Y) values to their place along z, counted in strides, and in time.

    Raises
    ------
    BadInput
        If they are not as many or not of the type that the others are.
    """
    if plane.shape != room.whole[:2] or plane.dtype != room.kind:
        raise BadInput(
            f"'{path}' has pages of several sizes or types; save one size and type in a file."
        )
    room.put(room.view[:, :, place, moment], plane[:: room.stride, :: room.stride])


def check_size(path: Path, size: tuple[int, int], depth: int, limit: int) -> None:
    """Raise `BadInput` for a picture that takes too much memory, `depth` bytes for each pixel."""
    if size[0] * size[1] * depth > limit + _ROOM:
        raise BadInput(
            f"'{path}' has {size[0]:,} x {size[1]:,} pixels, which take more than "
            f"{(limit + _ROOM) / 1e6:,.0f} MB unpacked; save it smaller."
        )


def grey_plane(path: Path, image: Any) -> tuple[np.ndarray, list[str]]:
    """Return the picture that an image of Pillow's shows as (X, Y), and what was changed."""
    from PIL import ImageOps

    said, packing = [], str([tile.args for tile in image.tile])
    image = ImageOps.exif_transpose(image)
    if image.mode in _GREY or image.mode.startswith("I;"):
        if "L;2" in packing or "L;4" in packing:
            said.append("Grey values of fewer than 8 bits were stretched to 0 to 255.")
        return np.array(image)[::-1].T, said
    if image.has_transparency_data:
        said.append("Its transparency was left out.")
    if image.mode not in ("LA", "La"):
        said.append("Colours became grey values (ITU-R 601 luma).")
    if ";16" in packing:
        said.append("Of 16 bits for each colour, the upper 8 were read.")
    try:
        grey = image.convert("LA" if image.mode == "La" else "L").convert("L")
    except ValueError as error:
        raise BadInput(
            f"'{path}' has colours of the kind {image.mode}, which cannot be turned into grey "
            "values here; save it in shades of grey."
        ) from error
    return np.array(grey)[::-1].T, said
