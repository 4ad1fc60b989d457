"""What poses, axes and units are: measured by depth, or by what photographs have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput

from . import agreement, features
from .frames import Finding, How
from .options import AUTO, C2W, OPENCV, OPENGL, UNITS, W2C, Options
from .pictures import stored_depth
from .raw import RawFrame, RawSequence

Key = TypeVar("Key", bound=Hashable)
_STEPS = (1000, 5000, 4000, 10_000, 100, 1)
"""Steps of depth in a metre that files have, the likeliest first."""
_LENGTHS = (1.0, 0.01, 0.001)
_NEAR, _FAR = 0.35, 9.0  # metres between which the median depth of a room is
_LEAST_DEPTH, _LEAST_MATCH = 0.35, 0.12  # agreement that shows anything
_WELL = 0.85  # agreement that no other unit would make much better
_BETTER = 0.1  # of agreement that a searched unit has to bring
_CLEAR = 1.5  # how much better the best has to be than the second
_FEW = 60  # matches that say nothing
_USUAL = 2.0  # metres to what is seen, where nothing tells
_WORDS = {C2W: "camera to world", W2C: "world to camera", OPENCV: "OpenCV's", OPENGL: "OpenGL's"}


@dataclass(frozen=True, eq=False)
class Convention:
    """What the numbers of a sequence mean.

    Parameters
    ----------
    poses, axes : str
        See `Options`.
    pose_unit, depth_unit : float
        Metres of a unit of positions, and of a step of depth.
    findings : tuple of Finding
    """

    poses: str
    axes: str
    pose_unit: float
    depth_unit: float
    findings: tuple[Finding, ...]


def by_depth(
    raw: RawSequence, frames: Sequence[RawFrame], options: Options, cancel: CancelToken = NEVER
) -> Convention:
    """Tell the convention of frames that all have poses and depth.

    Raises
    ------
    BadInput
        If depth and poses agree under no convention.
    """
    seen = _depths(raw, frames, cancel)
    middle = seen.median()
    if not math.isfinite(middle):
        raise BadInput(
            f"The depth of '{raw.name}' is empty in every frame looked at; export it again, or "
            "leave it out."
        )
    depth_units = _given(options.depth_unit, raw.depth_unit, [1 / one for one in _STEPS])
    lengths = _given(options.pose_unit, raw.units, _LENGTHS)
    combos = [(d, p) for p in lengths for d in depth_units]
    ratios = list(dict.fromkeys(float(f"{d / p:.6g}") for d, p in combos))
    scores = agreement.by_convention(seen, ratios, _conventions(raw, options))
    best = _best(scores, (*_nominal(raw, options), ratios[0]))
    (kind, axes, ratio), score = best, scores[best]
    second = max((s for (k, a, _), s in scores.items() if (k, a) != (kind, axes)), default=0.0)
    depth_unit, pose_unit = _plausible(combos, ratio, middle)
    other = ""
    if seen.pairs and score < _WELL:
        searched, better = agreement.searched_ratio(seen, kind, axes, ratio)
        if better > score + _BETTER and len(depth_units) > 1:
            pose_unit = _lengths_fit(lengths, searched, middle)
            depth_unit, score = searched * pose_unit, better
        elif better > score + _BETTER and len(lengths) > 1:
            pose_unit, score = depth_unit / searched, better
        elif better > score + _BETTER:
            other = (
                f" Depth would fit the poses better with {searched / ratio:.3g} times as long "
                f"steps ({better:.0%} against {score:.0%} of the pixels)."
            )
    asked = AUTO in (options.poses, options.axes, options.units, options.depth)
    if score < _LEAST_DEPTH and seen.pairs and asked:
        raise BadInput(
            f"Depth and poses of '{raw.name}' agree under no convention and unit: at best "
            f"{score:.0%} of the pixels lie where another frame sees them; check the intrinsics "
            "and that depth belongs to poses, or give poses, axes, units and depth."
        )
    clear = score >= _LEAST_DEPTH and score > _CLEAR * second
    evidence = (
        f"{score:.0%} of the depth of a frame lies where another one sees it, {second:.0%} under "
        "any other convention"
    )
    if not seen.pairs:
        evidence = "no two frames were found that overlap to measure it by"
    how = _how(raw, options, clear, (kind, axes))
    findings = _pose_findings(options, kind, axes, how, evidence, raw)
    sure = score >= _LEAST_DEPTH
    findings.append(_depth_finding(options, raw, depth_unit, middle, sure, other))
    why = "it fits the depth's" if sure else "nothing tells it"
    findings.append(_unit_finding(options, raw, pose_unit, why, sure))
    return Convention(kind, axes, pose_unit, depth_unit, tuple(findings))


def by_photographs(
    raw: RawSequence,
    frames: Sequence[RawFrame],
    options: Options,
    photograph: Callable[[int], np.ndarray],
    cancel: CancelToken = NEVER,
) -> Convention:
    """Tell the convention of frames without depth.

    Parameters
    ----------
    raw, frames, options, cancel
    photograph : callable
        Gives the grey photograph of a number, small.
    """
    poses = _stacked(frames)
    pairs = agreement.pairs_of(poses, 12, (6.0,))
    cameras = [frame.shot.camera for frame in frames]
    matches = features.matched(pairs, photograph, cameras, cancel)
    total = sum(len(pair.here) for pair in matches)
    one = cameras[0]
    focal = one.fx * min(1.0, features.SIDE / max(one.width, one.height))
    found = features.by_convention(matches, poses, focal, _conventions(raw, options))
    nominal = _nominal(raw, options)
    kind, axes = _best({key: share for key, (share, _) in found.items()}, nominal)
    score, away = found[kind, axes]
    second = max((s for key, (s, _) in found.items() if key != (kind, axes)), default=0.0)
    clear = total >= _FEW and score >= _LEAST_MATCH and score > _CLEAR * second
    if not clear and nominal in found:
        (kind, axes), (score, away) = nominal, found[nominal]
    evidence = (
        f"{score:.0%} of {total:,} matches between photographs fit the poses, {second:.0%} under "
        "any other convention"
    )
    findings = _pose_findings(
        options, kind, axes, _how(raw, options, clear, (kind, axes)), evidence, raw
    )
    pose_unit = options.pose_unit or raw.units
    if pose_unit is None:
        good = [unit for unit in _LENGTHS if _NEAR <= away * unit <= _FAR]
        pose_unit = good[0] if good else _USUAL / away if away > 0 and clear else 1.0
    far = f"what matches is {away * pose_unit:.3g} m away" if clear else "nothing tells it"
    findings.append(_unit_finding(options, raw, pose_unit, far, sure=False))
    return Convention(kind, axes, pose_unit, 0.001, tuple(findings))


def _depths(raw: RawSequence, frames: Sequence[RawFrame], cancel: CancelToken) -> agreement.Depths:
    """Depth of the frames that are compared, a few dozen at most."""
    poses = _stacked(frames)
    pairs = agreement.pairs_of(poses)
    maps = {}
    for number in sorted({number for pair in pairs for number in pair} or {0}):
        cancel.check()
        maps[number] = stored_depth(frames[number].depth)
    assert raw.depth_intrinsics is not None
    return agreement.Depths(maps, raw.depth_intrinsics, poses, pairs)


def _stacked(frames: Sequence[RawFrame]) -> np.ndarray:
    return np.stack([frame.pose for frame in frames if frame.pose is not None])


def _conventions(raw: RawSequence, options: Options) -> list[tuple[str, str]]:
    """Those that the options leave, the format's own first."""
    first = _nominal(raw, options)
    left = [
        (kind, axes)
        for kind, axes in agreement.CONVENTIONS
        if options.poses in (AUTO, kind) and options.axes in (AUTO, axes)
    ]
    return sorted(left, key=lambda one: one != first)


def _nominal(raw: RawSequence, options: Options) -> tuple[str, str]:
    return (
        raw.poses if options.poses == AUTO else options.poses,
        raw.axes if options.axes == AUTO else options.axes,
    )


def _given(option: float | None, told: float | None, usual: Iterable[float]) -> list[float]:
    return [option] if option else [told] if told else list(usual)


def _best(scores: Mapping[Key, float], first: Key) -> Key:
    """The key of the highest score; `first` where it is as good."""
    top = max(scores, key=lambda key: scores[key])
    return first if scores.get(first, -1.0) >= scores[top] - 1e-9 else top


def _plausible(
    combos: Sequence[tuple[float, float]], ratio: float, middle: float
) -> tuple[float, float]:
    """Units of depth and positions with a ratio under which the median depth is a room's."""
    fitting = [c for c in combos if math.isclose(c[0] / c[1], ratio, rel_tol=1e-4)]
    good = [one for one in fitting if _NEAR <= middle * one[0] <= _FAR]
    return (good or fitting)[0]


def _lengths_fit(lengths: Sequence[float], ratio: float, middle: float) -> float:
    """Metres of a unit of positions under which the median depth is a room's."""
    good = [unit for unit in lengths if _NEAR <= middle * ratio * unit <= _FAR]
    return (good or list(lengths))[0]


def _how(raw: RawSequence, options: Options, clear: bool, found: tuple[str, str]) -> How:
    if AUTO not in (options.poses, options.axes):
        return "given"
    return "measured" if clear else "told" if found == (raw.poses, raw.axes) else "assumed"


def _pose_findings(
    options: Options, kind: str, axes: str, how: How, evidence: str, raw: RawSequence
) -> list[Finding]:
    other = (kind, axes) != (raw.poses, raw.axes)
    surprise = f", not {_WORDS[raw.poses]} by {_WORDS[raw.axes]} axes as {raw.format} has them"
    said = f"Poses are {_WORDS[kind]}{surprise if other else ''}: {evidence}."
    return [
        Finding("poses", kind, "given" if options.poses != AUTO else how, said),
        Finding(
            "axes", axes, "given" if options.axes != AUTO else how,
            f"Axes of cameras are {_WORDS[axes]}.",
        ),
    ]  # fmt: skip


def _depth_finding(
    options: Options, raw: RawSequence, unit: float, middle: float, sure: bool, other: str
) -> Finding:
    how: How = (
        "given" if options.depth_unit else "told" if raw.depth_unit else
        "measured" if sure else "assumed"
    )  # fmt: skip
    said = f"A metre has {1 / unit:.4g} steps of depth; the median is {middle * unit:.3g} m.{other}"
    return Finding("depth", f"{1 / unit:.6g}", how, said)


def _unit_finding(options: Options, raw: RawSequence, unit: float, why: str, sure: bool) -> Finding:
    name = next((name for name, one in UNITS.items() if math.isclose(one, unit)), f"{unit:.4g} m")
    how: How = (
        "given" if options.pose_unit else "told" if raw.units else
        "measured" if sure else "assumed"
    )  # fmt: skip
    return Finding("units", name.removesuffix(" m"), how, f"Positions are in {name}: {why}.")
