"""Scoring a label map against a reference: classes and lesions."""

from __future__ import annotations

import math

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.score.parts import Part
from prune3d_gui.core.score.scores import Scores
from prune3d_gui.geometry.slices import worst
from prune3d_gui.metrics.borders import borders
from prune3d_gui.metrics.lesions import Lesion, lesions
from prune3d_gui.metrics.overlaps import overlaps

LESION = "tumour"
"""Word by which a class is one of lesions, which are told one by one."""

FALSE_SHOWN = 10
"""False lesions of a class that are parts, the largest; all of them are counted."""


def is_lesion(name: str) -> bool:
    """Whether a class is one of lesions."""
    return any(word in name.lower() for word in (LESION, "tumor", "lesion", "metastas"))


def body_of(number: int, classes: tuple[str, ...]) -> tuple[int, ...]:
    """The classes that one surface is around: an organ and its lesions are one body."""
    holds = number + 1 < len(classes) and is_lesion(classes[number + 1])
    return (number, number + 1) if holds and not is_lesion(classes[number]) else (number,)


def class_scores(
    wanted: np.ndarray,
    found: np.ndarray,
    classes: tuple[str, ...],
    affine: np.ndarray,
    sample: str,
    against: str,
    tolerance: float = 0.0,
    cancel: CancelToken = NEVER,
) -> Scores:
    """Score a label map.

    Parameters
    ----------
    wanted, found : (X, Y, Z) uint8
        Reference and result on one grid.
    classes : tuple of str
        The background first.
    affine : (4, 4) float
    sample : str
        Name of the patient, which is part of the names of lesions.
    against : {"reference", "full"}
    tolerance : float
        Of the surface Dice in mm; 0 for a preview, which has Dice and volumes alone.
    """
    voxels = overlaps(wanted, found, len(classes), affine)
    x, y, z = np.linalg.norm(affine[:3, :3], axis=0)
    spacing = float(x), float(y), float(z)
    parts: list[Part] = []
    states: list[Lesion] = []
    for number, name in enumerate(classes[1:], 1):
        cancel.check()
        values = {
            "dice": float(voxels.dice[number]),
            "volume": float(voxels.found_ml[number]),
            "reference_volume": float(voxels.wanted_ml[number]),
        }
        if tolerance:
            there = voxels.wanted_ml[number] > 0
            both = borders(wanted == number, found == number, spacing)
            values["nsd"] = both.nsd(max(tolerance, *spacing)) if there else math.nan
            values["hd95"] = _finite(both.hausdorff()) if there else math.nan
        parts.append(Part("class", name, values))
        if tolerance and is_lesion(name):
            listed = lesions(wanted == number, found == number, affine)
            states += listed
            shown = [one for one in listed if one.state != "false" or one.number <= FALSE_SHOWN]
            parts += [_lesion_part(sample, name, one) for one in shown]
    means = {}
    for metric in ("dice", "nsd", "hd95"):
        known = [p.values[metric] for p in parts if p.kind == "class" and p.has(metric)]
        if known:
            means[metric] = math.fsum(known) / len(known)
    real = [one for one in states if one.state != "false"]
    if tolerance:
        if real:
            means["found"] = sum(one.state == "found" for one in real) / len(real)
        means["false"] = float(len(states) - len(real))
    means["volume"] = float(voxels.found_ml[1:].sum())
    means["reference_volume"] = float(voxels.wanted_ml[1:].sum())
    return Scores(
        means, parts=tuple(parts), against=against, over="class", worst=worst(wanted, found, affine)
    )


def _finite(distance: float) -> float:
    """A distance; NaN where a border is not there, so that means leave it out."""
    return distance if math.isfinite(distance) else math.nan


def _lesion_part(sample: str, name: str, one: Lesion) -> Part:
    place = ", ".join(f"{along:.0f}" for along in one.place)
    if one.state == "false":
        title = f"{sample}: false {name} {one.number} at ({place}) mm"
        return Part("lesion", title, {"volume": one.ml})  # it is no loss when it goes
    title = f"{sample}: {name} {one.number} at ({place}) mm"
    values = {"found": float(one.state == "found"), "reference_volume": one.ml}
    return Part("lesion", title, values)
