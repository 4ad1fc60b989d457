"""The object in front of a plain background, found by what the border looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import ndimage

_SURE, _FAINT, _LOOSEST = 24.0, 10.0, 64.0
"""Steps of 255 between background and object: plainly another colour, barely, and at most."""

_ROUNDS, _SMEAR, _TRACE = 4, 2, 0.1
_PLAIN, _CLEAN = 0.5, 0.9
_SMALLEST, _FEWEST, _WHOLE = 0.0005, 30, 0.98
_SHADE = 0.45, 0.95
_TINT = 0.06
_FLAT, _WHITE = 4.0, 225.0


@dataclass(frozen=True)
class Found:
    """What was found in front of a background.

    Attributes
    ----------
    outcome : {"object", "nothing", "everything"}
        ``nothing`` where all is like the border, ``everything`` where the border has no colour
        of its own.
    cut : (H, W, 4) uint8 or None
        The object on transparent ground, the background taken out of its outline.
    doubts : tuple of str
        Why its outline may be wrong, each the end of a sentence.
    white : bool
        Whether the background is plain white, as paper and screens are.
    """

    outcome: Literal["object", "nothing", "everything"]
    cut: np.ndarray | None = None
    doubts: tuple[str, ...] = ()
    white: bool = False


def find_object(colours: np.ndarray, known: np.ndarray) -> Found:
    """Find what is unlike the border, or not joined to it.

    The background is a quadratic in x and y for each colour, fitted to the border, so that it
    may be lit unevenly; how far from it counts as background follows from its noise.

    Parameters
    ----------
    colours : (H, W, 3) uint8
    known : (H, W) bool
        Pixels that have a colour, the border being the outermost of them; the others are
        transparent, which is background.
    """
    rim = known & ~ndimage.binary_erosion(known)
    if not rim.any():
        return Found("nothing")
    ground = _ground(colours, rim)
    apart = np.abs(colours - ground).max(2)
    spread = float(np.median(apart[rim]))
    sure = min(_SURE + 3 * spread, _LOOSEST)
    faint = min(_FAINT + 3 * spread, sure)
    plain = float((apart[rim] <= sure).mean())
    if plain < _PLAIN:
        return Found("everything")
    shade = _shade(colours, ground)
    mask, pale = _unlike(apart, known, rim, sure), False
    fainter = _unlike(apart, known, rim, faint)
    more = fainter & ~ndimage.binary_dilation(mask, iterations=4)
    if mask.any():
        more &= ~shade
    if ndimage.binary_opening(more, iterations=2).sum() > 0.05 * mask.sum():
        mask, pale = fainter, True
    if mask.sum() < max(_SMALLEST * mask.size, _FEWEST):
        return Found("nothing")
    if mask.mean() > _WHOLE:
        return Found("everything")
    doubts = []
    if plain < _CLEAN:
        doubts.append("the border has more than one colour or the object touches it")
    if pale or _fading(mask, apart, faint if pale else sure):
        doubts.append("the object fades into the background")
    if shade[mask].mean() > 0.08:
        doubts.append("a shadow may be taken for a part of the object")
    white = spread <= _FLAT and plain >= _CLEAN and float(ground[rim].min()) >= _WHITE
    return Found("object", _unmixed(colours, ground, mask, apart), tuple(doubts), white)


def _ground(colours: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """The background's colour everywhere, (H, W, 3) float64: a robust fit to the border."""
    rows, columns = colours.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    at, border = terms[rim], colours[rim].astype(np.float64)
    fit = np.zeros((terms.shape[-1], 3))
    fit[0] = np.median(border, axis=0)
    for _ in range(_ROUNDS):
        off = np.abs(border - at @ fit).max(1)
        like = off <= np.clip(3 * np.median(off), _SURE, _LOOSEST)
        if not like.any():
            break
        fit = np.linalg.lstsq(at[like], border[like], rcond=None)[0]
    return (terms @ fit).clip(0, 255)


def _unlike(apart: np.ndarray, known: np.ndarray, rim: np.ndarray, least: float) -> np.ndarray:
    """Leave out what is near the background and joined to the border, and specks."""
    regions, _ = ndimage.label(known & (apart <= least))
    joined = np.unique(regions[rim])
    mask = known & ~np.isin(regions, joined[joined > 0])
    regions, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    return (sizes >= sizes.max() / 20)[regions] & mask


def _unmixed(
    colours: np.ndarray, ground: np.ndarray, mask: np.ndarray, apart: np.ndarray
) -> np.ndarray:
    """Take the background out of the outline's pixels, (H, W, 4) uint8.

    A pixel of the outline is a mixture ``a F + (1 - a) B`` of the object's colour beside it
    and of the background's; `a` becomes its alpha and ``F`` its colour.
    """
    band = mask & ~ndimage.binary_erosion(mask, iterations=_SMEAR, border_value=1)
    band |= ndimage.binary_dilation(mask) & ~mask
    seen = np.where(mask, apart, 0)
    peaks = mask & (seen >= 0.9 * ndimage.maximum_filter(seen, 2 * _SMEAR + 1))
    at = ndimage.distance_transform_edt(~peaks, return_distances=False, return_indices=True)
    back = ground[band]
    front = colours[at[0][band], at[1][band]] - back
    length = np.maximum((front**2).sum(1), 1.0)
    alpha = np.where(mask, 1.0, 0.0)
    share = (((colours[band] - back) * front).sum(1) / length).clip(0, 1)
    alpha[band] = np.where(share < _TRACE, 0, share)
    result = np.dstack([colours, np.rint(255 * alpha).astype(np.uint8)])
    mixed = band & (alpha < 1)
    result[mixed, :3] = np.rint(colours[at[0][mixed], at[1][mixed]])
    return result


def _shade(colours: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Where a picture is the background, only darker: a shadow, or as grey as one."""
    ratios = colours / np.maximum(ground, 1.0)
    low, high = ratios.min(2), ratios.max(2)
    return (ground.min(2) > 60) & (high - low < _TINT) & (low > _SHADE[0]) & (high < _SHADE[1])


def _fading(mask: np.ndarray, apart: np.ndarray, least: float) -> bool:
    """Whether much of the outline is hardly unlike the background, well inside it."""
    inside = ndimage.binary_erosion(mask, iterations=3)
    outline = inside & ~ndimage.binary_erosion(inside)
    return bool(outline.any()) and float((apart[outline] < 1.6 * least).mean()) > 0.3
