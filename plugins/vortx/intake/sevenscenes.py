"""Folders in the style of 7-Scenes: ``frame-000000.color``, ``.depth`` and ``.pose``."""

from __future__ import annotations

import re
from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.capture import Shot
from prune3d_gui.files.cameras.photographs import look_at

from .pictures import depth_size
from .poses import Four, PoseLog, fitted, read_intrinsics
from .raw import RawFrame, RawSequence

FORMAT = "7-Scenes"
INTRINSICS = "camera-intrinsics.txt"
_PHOTO = re.compile(r"frame-(\d+)\.color\.(png|jpg|jpeg)", re.I)
_DEPTH = (".depth.png", ".depth.proj.png", ".depth.npy")
_USUAL: Four = (585.0, 585.0, 320.0, 240.0)  # what 7-Scenes says of its sensor


def find(path: Path) -> Path | None:
    """The folder with frames: the one given, or the only one in it that has some."""
    if _has_frames(path):
        return path
    inner = [each for each in sorted(path.iterdir()) if each.is_dir() and _has_frames(each)]
    return inner[0] if len(inner) == 1 else None


def read(folder: Path) -> RawSequence:
    """Read the frames of a folder; no photograph is opened but the first that can be read.

    Raises
    ------
    BadInput
        If no photograph can be read, or the intrinsics do not fit.
    """
    names = {each.name for each in folder.iterdir()}
    photos = sorted((m[1], name) for name in names if (m := _PHOTO.fullmatch(name)))
    log, notices = PoseLog(), []
    looks = (look_at(folder / name) for _, name in photos)
    size = next((found.size for found in looks if found is not None), None)
    if size is None:
        raise BadInput(f"No photograph in '{folder}' could be read; replace them.")
    numbers = _intrinsics(folder)
    if numbers is None:
        by = size[0] / 640
        fx, fy, cx, cy = _USUAL
        numbers = (fx * by, fy * by, cx * by, cy * by)
        notices.append(
            f"There is no {INTRINSICS}; those of 7-Scenes' own sensor are assumed (focal length "
            f"{numbers[0]:g} px)."
        )
    camera, said = fitted(numbers, size, f"'{folder.name}'")
    frames = []
    for number, name in photos:
        stem = f"frame-{number}"
        depth = next((folder / f"{stem}{end}" for end in _DEPTH if f"{stem}{end}" in names), None)
        pose = log.read(folder / f"{stem}.pose.txt", stem)
        frames.append(RawFrame(Shot(name, camera, folder / name), pose, depth))
    first = next((frame.depth for frame in frames if frame.depth is not None), None)
    if first is not None:
        deep, _ = fitted(numbers, depth_size(first), f"the depth of '{folder.name}'")
        numbers = (deep.fx, deep.fy, deep.cx, deep.cy)
    return RawSequence(
        folder.name,
        FORMAT,
        frames,
        depth_intrinsics=numbers,
        notices=(*notices, *([said] if said else []), *log.notices(len(frames))),
    )


def _intrinsics(folder: Path) -> Four | None:
    for place in (folder, folder.parent):
        if (place / INTRINSICS).is_file():
            return read_intrinsics(place / INTRINSICS)
    return None


def _has_frames(folder: Path) -> bool:
    return any(_PHOTO.fullmatch(each.name) for each in folder.glob("frame-*"))
