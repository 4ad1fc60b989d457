"""Values that no picture can be made with: replaced where their meaning is plain, or left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ...core.scene.gaussians import Gaussians
from .splat_file import SplatFile

_PART = 1 << 18  # rows looked at together
_SURE = np.float32(16.7)
"""A logit whose opacity is 1 in float32; its negative's is below any that is drawn."""
_FLAT = np.float32(np.log(1e-12))
"""Takes the place of the logarithm of a scale of 0."""
_FAR, _LARGE, _BRIGHT, _LONG = 1e13, np.log(1e13), 1e6, 1e15
"""Squares of these still fit float32: positions, log scales, harmonics, quaternions."""
_SHORT = 1e-15


def sound(path: Path, found: SplatFile) -> SplatFile:
    """What was read without values that are not finite or beyond all measure, and what was done.

    An opacity of exactly 0 or 1, a scale of 0 and a quaternion of length 0 get the nearest value
    that can be calculated with, in place; Gaussians with other such values are left out.

    Raises
    ------
    BadInput
        If none is there, or none is left.
    """
    gaussians = found.gaussians
    if not gaussians.count:
        raise BadInput(f"'{path}' holds no Gaussian; choose a file with at least one.")
    sure = flat = still = 0
    good = np.empty(gaussians.count, bool)
    for start in range(0, gaussians.count, _PART):
        part = _part(gaussians, start)
        sure += _replaced(part.logits, np.isinf(part.logits), np.copysign(_SURE, part.logits))
        flat += _replaced(part.log_scales, np.isneginf(part.log_scales), _FLAT)
        lengths = np.abs(part.quaternions).max(axis=1, initial=0)
        still += _replaced(part.quaternions, lengths < _SHORT, np.array((1, 0, 0, 0), np.float32))
        good[start : start + _PART] = _good(part)
    notices = [
        f"{what}: {count:,}."
        for count, what in (
            (sure, "Opacities of exactly 0 or 1 that became the nearest value that can be changed"),
            (flat, "Scales of 0 that became 1e-12"),
            (still, "Quaternions of length 0 that became no rotation"),
        )
        if count
    ]
    bad = gaussians.count - int(np.count_nonzero(good))
    if bad == gaussians.count:
        raise BadInput(
            f"'{path}' holds no Gaussian that can be drawn: of {bad:,}, each has a value that is "
            "NaN, infinite or beyond all measure; choose another file."
        )
    if bad:
        notices.append(
            f"Gaussians left out, since a value of theirs is NaN, infinite or beyond all measure "
            f"(positions and scales over 1e13): {bad:,} of {gaussians.count:,}."
        )
        found = found.kept(good)
    return replace(found, notices=(*found.notices, *notices))


def _part(whole: Gaussians, start: int) -> Gaussians:
    return whole.kept(slice(start, start + _PART))  # views, not copies


def _replaced(values: np.ndarray, where: np.ndarray, by: np.ndarray | np.float32) -> int:
    count = int(np.count_nonzero(where))
    if count:
        by = np.broadcast_to(by, values.shape)
        values[where] = by[where]
    return count


def _good(part: Gaussians) -> np.ndarray:
    """Which of them have values within bounds; NaN is within none."""
    bounds = (
        (part.means, -_FAR, _FAR),
        (part.log_scales, -np.finfo(np.float32).max, _LARGE),
        (part.quaternions, -_LONG, _LONG),
        (part.logits, -np.finfo(np.float32).max, np.finfo(np.float32).max),
        (part.harmonics, -_BRIGHT, _BRIGHT),
    )
    good = np.ones(part.count, bool)
    for values, low, high in bounds:
        if not (values.min() >= low and values.max() <= high):  # seldom, and slower
            good &= ((values >= low) & (values <= high)).reshape(part.count, -1).all(axis=1)
    return good
