"""Posed photographs from any folder into one form, with what was found out on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress, Told
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.files.cameras.photographs import read_photograph, thumbnail

from . import conventions, upright
from .features import SIDE
from .frames import Finding, Frame, How, PosedFrames
from .keyframes import MOVED, TURNED, only_key_frames
from .options import AUTO, FILE, Options
from .pictures import depth_size, read_depth
from .poses import placed_poses, steps_of
from .raw import RawFrame, RawSequence
from .recognition import raw_sequence
from .registration import Registration, registered

_PLACE = 0.02  # metres within which all is one place
_JUMP = (1.5, 10.0)  # metres, and times the median, by which no hand moves between frames
_LOOKED = 24  # frames whose depth and photographs are measured
_TILT = 0.5  # degrees that are not levelled
Report = Callable[[Told], None]


def read_frames(
    path: str | Path,
    options: Options = Options(),  # noqa: B008 - frozen
    key: bool = True,
    report: Report = lambda told: None,
    cancel: CancelToken = NEVER,
    moved: float = MOVED,
    turned: float = TURNED,
) -> PosedFrames:
    """Read posed photographs, and measure what their files leave open.

    At most a few dozen photographs and depth maps are opened, however many there are.

    Parameters
    ----------
    path : path
        A folder of ScanNet's, VoRTX's or 7-Scenes' layout, or cameras as ``transforms.json`` or
        COLMAP.
    options : Options
    key : bool
        Whether only key frames are kept: `moved` metres or `turned` degrees apart.
    report : callable
        Takes a `Progress`.
    cancel : CancelToken
    moved, turned : float

    Raises
    ------
    BadInput
        If there are fewer than two frames with poses, all are from one place, or what the files
        say cannot be.
    Cancelled
    """
    report(Progress(0, 5, "Reading poses"))
    raw = raw_sequence(Path(path))
    usable = [frame for frame in raw.frames if frame.pose is not None]
    _check_count(raw, usable)
    cancel.check()
    report(Progress(1, 5, "Measuring conventions and units"))
    deep = [frame for frame in usable if frame.depth is not None]
    _check_moves(raw, placed_poses(_poses(usable), raw.poses, raw.axes), raw.units or 1.0)
    if len(deep) >= 2 and raw.depth_intrinsics is not None:
        found = conventions.by_depth(raw, deep, options, cancel)
    else:
        found = conventions.by_photographs(raw, usable, options, _grey(usable), cancel)
    poses = placed_poses(_poses(usable), found.poses, found.axes)
    poses[:, :3, 3] *= found.pose_unit
    _check_moves(raw, poses, 1.0)
    report(Progress(2, 5, "Measuring which way is up"))
    notices = [*raw.notices, *_jumps(usable, poses)]
    world, up = _upright(raw, usable, poses, found.depth_unit, options, cancel)
    poses = world @ poses
    world = world @ np.diag((*(found.pose_unit,) * 3, 1.0))
    report(Progress(3, 5, "Measuring how photographs lie on depth"))
    colour, lens = _registration(raw, usable, found.depth_unit, options, cancel)
    report(Progress(4, 5, "Choosing key frames"))
    first = next((frame.depth for frame in deep), None)
    size = None if first is None else depth_size(first)
    frames = PosedFrames(
        raw.name,
        raw.format,
        tuple(_frame(raw, *one, size, lens) for one in zip(usable, poses, strict=True)),
        found.depth_unit,
        world,
        (*found.findings, up, *colour),
        tuple(notices),
    )
    frames = only_key_frames(frames, moved, turned) if key else frames
    report(Progress(5, 5, f"{len(frames.frames):,} frames"))
    return frames


def _check_count(raw: RawSequence, usable: Sequence[RawFrame]) -> None:
    if len(usable) < 2:
        why = " ".join(raw.notices)
        count = "no frame" if not usable else "one frame"
        raise BadInput(
            f"'{raw.name}' has {count} with a photograph and a pose, of {len(raw.frames):,}; a "
            f"room needs at least two, and a few dozen to be good.{' ' + why if why else ''}"
        )


def _check_moves(raw: RawSequence, poses: np.ndarray, unit: float) -> None:
    spread = float(np.linalg.norm(np.ptp(poses[:, :3, 3], axis=0))) * unit
    if spread < _PLACE:
        raise BadInput(
            f"All {len(poses):,} frames of '{raw.name}' were taken from one place (within "
            f"{spread * 1000:.2g} mm), from where no depth can be told; give a sequence whose "
            "camera moves."
        )


def _jumps(usable: Sequence[RawFrame], poses: np.ndarray) -> list[str]:
    moved, _ = steps_of(poses)
    far = np.flatnonzero((moved > _JUMP[0]) & (moved > _JUMP[1] * np.median(moved)))
    if not len(far) or len(far) > 0.2 * len(moved):
        return []
    where = usable[int(far[np.argmax(moved[far])]) + 1].shot.name
    return [
        f"The camera jumps {len(far):,} times, by up to {moved.max():.1f} m (at {where}); poses "
        "may be lost there."
    ]


def _upright(
    raw: RawSequence,
    usable: Sequence[RawFrame],
    poses: np.ndarray,
    unit: float,
    options: Options,
    cancel: CancelToken,
) -> tuple[np.ndarray, Finding]:
    """The turn that brings up to z, (4, 4), and what it stands on."""
    parts = []
    numbers = raw.depth_intrinsics
    for number in _some([n for n, frame in enumerate(usable) if frame.depth is not None]):
        cancel.check()
        if numbers is not None:
            depth = read_depth(usable[number].depth, unit)
            parts.append(upright.normals_of(depth, numbers, poses[number]))
    asked = "" if options.up == AUTO else options.up
    up = upright.find_up(poses, upright.gathered_normals(parts), asked)
    turn = np.eye(4)
    turn[:3, :3] = upright.turned_up(
        up.direction if up.tilt > _TILT or not up.axis else upright.AXES[up.axis], up.axis
    )
    sure = up.agreement > 0.5 or up.horizon
    value = up.axis or " ".join(f"{x:.3f}" for x in up.direction)
    how: How = "given" if asked else "measured" if sure else "assumed"
    return turn, Finding("up", value, how, _up_said(up, value))


def _up_said(up: upright.Up, value: str) -> str:
    where = f"the world's {value} axis" if up.axis else f"({value}) in the files' world"
    if up.axis and up.tilt > _TILT:
        where = f"{up.tilt:.1f} degrees from {where}, and was levelled"
    told = (
        "the lower edges of pictures are square to it"
        if up.horizon
        else f"tops of pictures point there, {up.agreement:.2f} of 1 in common"
    )
    level = f", and {up.level:.0%} of the faces seen are level" if up.level else ""
    return f"Up is {where}: {told}{level}."


def _registration(
    raw: RawSequence,
    usable: Sequence[RawFrame],
    unit: float,
    options: Options,
    cancel: CancelToken,
) -> tuple[tuple[Finding, ...], Registration | None]:
    """How photographs lie on depth: what was found, and what to take instead of the files' own."""
    both = _some([n for n, frame in enumerate(usable) if frame.depth is not None])
    one = usable[0].shot.camera
    focal = options.number("colour")
    numbers = (one.fx, one.fy, one.cx, one.cy)
    turn = np.eye(4) if raw.extrinsic is None else np.linalg.inv(raw.extrinsic)
    if focal is not None:
        taken = (focal, focal * one.fy / one.fx, one.cx, one.cy)
        said = f"The photographs' focal length is {focal:g} px."
        return (Finding("colour", f"{focal:g}", "given", said),), Registration(
            taken, turn, 0.0, 0.0, 0
        )
    if options.colour == FILE or len(both) < 2 or raw.depth_intrinsics is None:
        how: How = "given" if options.colour == FILE else "told"
        said = f"The photographs' focal length is {one.fx:.4g} px."
        return (Finding("colour", FILE, how, said),), None
    greys, depths = [], []
    for number in both:
        cancel.check()
        pixels = read_photograph(usable[number].shot)
        greys.append(pixels.astype(np.float32).mean(axis=2))
        depths.append(read_depth(usable[number].depth, unit))
    found = registered(greys, depths, raw.depth_intrinsics, numbers, raw.extrinsic, cancel)
    score = f"photographs are {found.told:.2f} times as steep as their mean where depth ends"
    if not found.clear:
        said = (
            f"Whether photographs lie on depth is not clear: {score}, {found.score:.2f} at best; "
            f"the focal length of {one.fx:.4g} px is taken as the files say."
        )
        return (Finding("colour", FILE, "assumed", said),), None
    if found.registered:
        said = f"Photographs lie on depth with a focal length of {one.fx:.4g} px: {score}."
        return (Finding("colour", FILE, "measured", said),), None
    shift = ", ".join(f"{100 * x:+.1f}" for x in found.shift)
    said = (
        f"Photographs do not lie on depth with the files' focal length of {one.fx:.4g} px: "
        f"{score}, but {found.score:.2f} times with {found.numbers[0]:.0f} px, a centre of "
        f"{found.numbers[2]:.0f}, {found.numbers[3]:.0f} and a camera at {shift} cm from the "
        "depth's, which were taken."
    )
    return (Finding("colour", f"{found.numbers[0]:.1f}", "measured", said),), found


def _frame(
    raw: RawSequence,
    frame: RawFrame,
    pose: np.ndarray,
    size: tuple[int, int] | None,
    lens: Registration | None,
) -> Frame:
    view = np.linalg.inv(pose)
    camera, deep = frame.shot.camera, None
    if frame.depth is not None and size is not None and raw.depth_intrinsics is not None:
        deep = Camera(*size, *raw.depth_intrinsics, view)
    told = np.eye(4) if raw.extrinsic is None else np.linalg.inv(raw.extrinsic)
    turn = told if lens is None else lens.colour_from_depth
    if lens is not None:
        fx, fy, cx, cy = lens.numbers
        camera = replace(camera, fx=fx, fy=fy, cx=cx, cy=cy)
    camera = replace(camera, world_to_camera=turn @ view)
    return Frame(replace(frame.shot, camera=camera), frame.depth, deep, pose)


def _poses(usable: Sequence[RawFrame]) -> np.ndarray:
    return np.stack([frame.pose for frame in usable if frame.pose is not None])


def _some(numbers: Sequence[int]) -> list[int]:
    """Evenly chosen ones, a few dozen at most."""
    if len(numbers) <= _LOOKED:
        return list(numbers)
    return [numbers[int(at)] for at in np.linspace(0, len(numbers) - 1, _LOOKED)]


def _grey(usable: Sequence[RawFrame]) -> Callable[[int], np.ndarray]:
    @lru_cache(maxsize=4)
    def read(number: int) -> np.ndarray:
        return thumbnail(usable[number].shot, SIDE).astype(np.float32).mean(axis=2)

    return read
