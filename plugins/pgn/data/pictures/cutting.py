"""Whether a picture is a cut-out, and cutting out what is not."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from .background import Found, find_object

VISIBLE, _SOLID = 16, 240
"""Alpha below which nothing is to be seen, and above which nothing shines through."""

_WORKING = 1024
_MIXED = 0.05
_HAZE = 0.05


def is_cut_out(image: Image.Image) -> bool:
    """Whether a picture has a transparent background: most of its border is clear.

    Single transparent pixels, rounded corners or a nearly opaque picture are none.

    Parameters
    ----------
    image : Image, RGBA
    """
    return _clear_border(image) > 0.5


def see_through(image: Image.Image) -> bool:
    """Whether more than outlines is half transparent: a haze, a shadow, glass.

    Parameters
    ----------
    image : Image, RGBA
    """
    alpha = np.asarray(image.getchannel("A"))
    seen = alpha >= VISIBLE
    broad = ndimage.binary_erosion(seen & (alpha < _SOLID), np.ones((3, 3)))
    return bool(broad.sum() > _HAZE * seen.sum())


def has_white_edge(image: Image.Image) -> bool:
    """Whether a cut-out may have kept its background: there is something on plain white.

    Parameters
    ----------
    image : Image, RGBA
    """
    pixels = np.asarray(image)
    return find_object(pixels[:, :, :3], pixels[:, :, 3] >= _SOLID).white


def object_of(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """Make the background transparent where the picture has one.

    Parameters
    ----------
    image : Image, RGBA

    Returns
    -------
    image : Image, RGBA
        With transparent background, or as it was where none was found.
    notices : list of str
        What was done, or why nothing was.
    """
    clear = _clear_border(image)
    cut_out = clear > 0.5
    image = image.crop(_visible_box(image)) if cut_out else image.copy()
    image.thumbnail((_WORKING, _WORKING), Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    known = pixels[:, :, 3] >= (_SOLID if cut_out else VISIBLE)
    found = find_object(pixels[:, :, :3], known)
    if cut_out and not found.white:
        return _without_fringe(image), []
    if found.cut is None:
        return image, [_whole(found, clear)]
    cut = found.cut.copy()
    cut[:, :, 3] = np.minimum(cut[:, :, 3], pixels[:, :, 3])
    said = (
        "What is visible has a plain white edge, so the object was cut out of that"
        if cut_out
        else "The picture's border is not transparent, so the object was cut out by its colour"
    )
    said += "; check its outline."
    if found.doubts:
        said += f" The outline is doubtful: {', and '.join(found.doubts)}."
    return Image.fromarray(cut), [said]


def _whole(found: Found, clear: float) -> str:
    if clear > _MIXED:
        return (
            f"{100 * clear:.0f} % of the border is transparent and the rest shows no background "
            "of its own, so all that is visible is used; check that no background is left."
        )
    if found.outcome == "nothing":
        return (
            "The whole picture looks like its border, so nothing was cut out; "
            "use a picture on a plain or transparent background."
        )
    return (
        "No plain background was found to cut out, so the whole picture is used; "
        "expect a poor shape without a plain or transparent background."
    )


def _clear_border(image: Image.Image) -> float:
    """Share of the outermost pixels that are transparent."""
    alpha = np.asarray(image.getchannel("A"))
    border = np.concatenate([alpha[0], alpha[-1], alpha[1:-1, 0], alpha[1:-1, -1]])
    return float((border < VISIBLE).mean())


def _visible_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Where something is to be seen, and a pixel around it."""
    alpha = image.getchannel("A")
    seen = alpha.point([255 * (level >= VISIBLE) for level in range(256)])
    left, top, right, bottom = seen.getbbox() or (0, 0, *image.size)
    return left - 1, top - 1, right + 1, bottom + 1


def _without_fringe(image: Image.Image) -> Image.Image:
    """Give the half transparent outline of a cut-out the colour of the object beside it.

    Programs that cut out or scale often leave the old background's colour there.
    """
    pixels = np.array(image)
    solid = pixels[:, :, 3] >= _SOLID
    outline = ndimage.binary_dilation(solid, iterations=2) & ~solid
    at = ndimage.distance_transform_edt(~solid, return_distances=False, return_indices=True)
    pixels[outline, :3] = pixels[at[0][outline], at[1][outline], :3]
    return Image.fromarray(pixels)
