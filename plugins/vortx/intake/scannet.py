"""Exports of ScanNet: as its reader writes them, and as VoRTX prepares them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.capture import Shot
from prune3d_gui.files.cameras.pairing import some
from prune3d_gui.files.cameras.photographs import look_at
from prune3d_gui.files.texts import read_json

from .pictures import depth_size
from .poses import Four, PoseLog, fitted, intrinsics_of, read_intrinsics
from .raw import RawFrame, RawSequence

VORTX, EXPORT = "VoRTX info.json", "ScanNet export"
INFO = "info.json"
_PHOTOS = (".jpg", ".jpeg", ".png")
_DEPTHS = (".png", ".npy")
_LARGEST = 1 << 28  # bytes of JSON
Row = tuple[str, Path | None, Path | None]
"""Name of a frame, its photograph and its depth."""


def find_info(path: Path) -> Path | None:
    """The ``info.json`` that a path is or has, where it is VoRTX's."""
    file = path / INFO if path.is_dir() else path
    if file.suffix.lower() != ".json" or not file.is_file() or file.stat().st_size > _LARGEST:
        return None
    try:
        told = read_json(file)
    except (BadInput, OSError, ValueError, RecursionError):
        return None
    return file if _is_info(told) else None


def is_export(path: Path) -> bool:
    """Whether a folder is laid out as ScanNet's reader does."""
    return all((path / part).is_dir() for part in ("color", "pose", "intrinsic"))


def read_info(file: Path) -> RawSequence:
    """Read VoRTX's description of a scene; of its photographs, one is opened.

    Paths of another machine are looked for beside the file by their last two names.

    Raises
    ------
    BadInput
        If it is damaged, or none of its photographs is there.
    """
    try:
        told = read_json(file)
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"'{file}' is no JSON ({str(error)[:80]}); write it again.") from error
    if not _is_info(told):
        raise BadInput(f"'{file}' has no intrinsics and frames as VoRTX writes them.")
    entries: list[tuple[str, Path | None, Path | None, Any]] = []
    for number, frame in enumerate(told["frames"]):
        if not isinstance(frame, dict) or not isinstance(frame.get("filename_color"), str):
            raise BadInput(f"Frame {number} of '{file}' names no filename_color; write it again.")
        photo = _beside(file.parent, frame["filename_color"])
        depth = _beside(file.parent, frame.get("filename_depth"))
        name = Path(frame["filename_color"].replace("\\", "/")).name
        entries.append((name, photo, depth, frame.get("pose")))
    log = PoseLog()
    numbers = intrinsics_of(told["intrinsics"], file)
    poses = [log.given(pose, name) for name, _, _, pose in entries]
    rows = [(name, photo, depth) for name, photo, depth, _ in entries]
    name = str(told.get("scene") or file.parent.name)
    return _sequence(name, VORTX, rows, poses, numbers, numbers, None, log, file)


def read_export(folder: Path) -> RawSequence:
    """Read what ScanNet's reader wrote: ``color``, ``depth``, ``pose`` and ``intrinsic``.

    Raises
    ------
    BadInput
        If it has no photographs, or intrinsics that are none.
    """
    photos = sorted(
        (each for each in (folder / "color").iterdir() if each.suffix.lower() in _PHOTOS),
        key=lambda each: (int(each.stem) if each.stem.isdecimal() else 1 << 60, each.name),
    )
    if not photos:
        raise BadInput(f"'{folder / 'color'}' has no photographs; export them again.")
    has_depth = (folder / "depth").is_dir()
    depths = {each.stem: each for each in (folder / "depth").iterdir()} if has_depth else {}
    intrinsic, log = folder / "intrinsic", PoseLog()
    colour = read_intrinsics(intrinsic / "intrinsic_color.txt")
    depth_file = intrinsic / "intrinsic_depth.txt"
    depth = read_intrinsics(depth_file) if depth_file.is_file() else colour
    rows: list[Row] = [(each.name, each, depths.get(each.stem)) for each in photos]
    poses = [log.read(folder / "pose" / f"{each.stem}.txt", each.name) for each in photos]
    return _sequence(
        folder.name, EXPORT, rows, poses, colour, depth, _extrinsic(intrinsic), log, folder
    )


def _sequence(
    name: str,
    kind: str,
    rows: list[Row],
    poses: list[np.ndarray | None],
    colour: Four,
    depth: Four,
    extrinsic: np.ndarray | None,
    log: PoseLog,
    path: Path,
) -> RawSequence:
    notices = log.notices(len(rows))
    there = [(row, pose) for row, pose in zip(rows, poses, strict=True) if row[1] is not None]
    if len(there) < len(rows):
        missing = [row[0] for row in rows if row[1] is None]
        notices.append(
            f"Photographs that are not there: {len(missing):,} of {len(rows):,} ({some(missing)}); "
            "their frames are left out."
        )
    looks = (look_at(row[1]) for row, _ in there if row[1] is not None)
    size = next((found.size for found in looks if found is not None), None)
    if size is None:
        raise BadInput(f"None of the {len(rows):,} photographs of '{path}' is there to be read.")
    camera, said = fitted(colour, size, f"'{path}'")
    notices += [said] if said else []
    first = next((row[2] for row, _ in there if row[2] is not None), None)
    if first is not None:
        seen, _ = fitted(depth, depth_size(first), f"the depth of '{path}'")
        depth = (seen.fx, seen.fy, seen.cx, seen.cy)
    frames = [RawFrame(Shot(row[0], camera, row[1]), pose, row[2]) for row, pose in there]
    return RawSequence(
        name,
        kind,
        frames,
        depth_intrinsics=depth,
        extrinsic=extrinsic,
        notices=tuple(notices),
    )


def _extrinsic(folder: Path) -> np.ndarray | None:
    """Camera of the depth from that of the photograph; None where the files say none."""
    file = folder / "extrinsic_color.txt"
    if not file.is_file():
        return None
    log = PoseLog()
    return log.read(file, file.name)


def _beside(folder: Path, name: object) -> Path | None:
    if not isinstance(name, str) or not name:
        return None
    parts = name.replace("\\", "/").split("/")
    given = Path(name)
    places = [folder / "/".join(parts[-2:]), folder / parts[-1]]
    if not given.is_absolute():
        places.insert(0, folder / given)
    else:
        places.append(given)
    return next((place for place in places if place.is_file()), None)


def _is_info(told: object) -> bool:
    return (
        isinstance(told, Mapping)
        and isinstance(told.get("frames"), list)
        and "intrinsics" in told
        and any(isinstance(one, dict) and "filename_color" in one for one in told["frames"][:1])
    )
