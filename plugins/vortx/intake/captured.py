"""Cameras that ``files.cameras`` reads: ``transforms.json``, COLMAP, ``cameras.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras import colmap, transforms
from prune3d_gui.files.cameras.capture import Shot, resized
from prune3d_gui.files.cameras.formats import capture_kind, read_capture
from prune3d_gui.files.cameras.pairing import some
from prune3d_gui.files.texts import read_json

from .frames import FLIP
from .options import C2W, OPENCV, OPENGL, W2C
from .pictures import depth_size
from .raw import RawFrame, RawSequence


def read(path: Path) -> RawSequence:
    """Read cameras whose format has a reader, and depths that ``transforms.json`` names.

    Raises
    ------
    BadInput
        As `read_capture`, or if no photograph is there.
    """
    kind = capture_kind(path)
    capture = read_capture(path)
    notices = list(capture.notices)
    there = [shot for shot in capture.shots if shot.path is not None]
    if not there:
        raise BadInput(
            f"None of the {len(capture.shots):,} photographs of '{path}' is there; put them beside "
            "their cameras."
        )
    if len(there) < len(capture.shots):
        missing = [shot.name for shot in capture.shots if shot.path is None]
        notices.append(f"Frames left out for no photograph: {len(missing):,} ({some(missing)}).")
    named = kind is not None and kind[0] == transforms.FORMAT
    depths, unit = _depths(path) if named else ({}, None)
    frames = [
        RawFrame(
            shot,
            _stored(shot, kind and kind[0]),
            depths.get(shot.name) if shot.lens is None else None,
        )
        for shot in there
    ]
    deep = next((frame for frame in frames if frame.depth is not None), None)
    numbers = None
    if deep is not None and deep.depth is not None:
        one = resized(deep.shot.camera, *depth_size(deep.depth))
        numbers = (one.fx, one.fy, one.cx, one.cy)
    return RawSequence(
        path.name if path.is_dir() else path.parent.name,
        capture.format,
        frames,
        W2C if kind is not None and kind[0] == colmap.FORMAT else C2W,
        OPENGL if named else OPENCV,
        numbers,
        depth_unit=unit,
        notices=tuple(notices),
    )


def _stored(shot: Shot, kind: str | None) -> np.ndarray:
    """The pose as its format stores it."""
    view = np.asarray(shot.camera.world_to_camera, np.float64)
    if kind == colmap.FORMAT:
        return view
    pose = np.linalg.inv(view)
    return pose @ FLIP if kind == transforms.FORMAT else pose


def _depths(path: Path) -> tuple[dict[str, Path], float | None]:
    """Pictures of depths by the name of the photograph, as nerfstudio names them."""
    files = transforms.find_files(path) if path.is_dir() else [path]
    found: dict[str, Path] = {}
    unit = None
    for file in files:
        told: Any = read_json(file)
        steps = told.get("depth_unit_scale_factor")
        unit = float(steps) if isinstance(steps, int | float) and steps > 0 else unit
        for frame in told["frames"]:
            name = frame.get("depth_file_path")
            place = file.parent / name if isinstance(name, str) else None
            if place is not None and place.is_file():
                found[frame["file_path"].replace("\\", "/").removeprefix("./")] = place
    return found, unit
