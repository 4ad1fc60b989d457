"""``transforms.json``, as NeRF, instant-ngp and nerfstudio write it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput, Prune3DError
from ...core.scene.scenes import Points
from ..points import read_points
from ..texts import read_json
from .capture import BLACK, WHITE, Capture, Seen, rigid
from .lenses import Lens
from .pairing import shots_of, some

FORMAT = "transforms.json"
NAMES = ("transforms.json", "transforms_train.json", "transforms_test.json", "transforms_val.json")
_PINHOLES = ("PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "SIMPLE_RADIAL", "RADIAL", "perspective", "")
_FISHEYES = ("OPENCV_FISHEYE", "fisheye")
_TURNED = np.diag((1.0, -1.0, -1.0, 1.0))
"""From OpenGL's axes of a camera (right, up, back) to OpenCV's (right, down, front)."""


def find_files(folder: Path) -> list[Path]:
    """The files in a folder: one for all, or one for each part of the photographs."""
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    return found[:1] if found and found[0].name == NAMES[0] else found


def is_transforms(told: object) -> bool:
    """Whether what a JSON file holds is of this kind."""
    return isinstance(told, dict) and isinstance(told.get("frames"), list)


def read(
    path: Path, photographs: Path | None = None, background: tuple[int, int, int] | None = None
) -> Capture:
    """Read a file, or all parts in a folder.

    Parameters
    ----------
    path : path
    photographs : path, optional
        Folder that the paths of the photographs are in, where that is not the file's.
    background : (r, g, b), optional
        What photographs with alpha are laid on; None as the file says, or white.

    Raises
    ------
    BadInput
        If it is damaged, a camera sees as no pinhole can, or none is there.
    """
    files = find_files(path) if path.is_dir() else [path]
    if not files:
        raise BadInput(f"'{path}' has no {NAMES[0]}; choose another folder.")
    seen: list[Seen] = []
    notices: list[str] = []
    points = None
    for file in files:
        told = _loaded(file)
        part = file.stem.partition("_")[2]
        frames = list(_frames(file, told, part))
        names = {one.name for one in seen}
        twice = [one.name for one in frames if one.name in names]
        if twice:
            notices.append(
                f"Names that are there twice, of which the first is kept: {some(twice)}."
            )
        seen += [one for one in frames if one.name not in names]
        background = background or _background(told)
        points = points or _points(file, told, notices)
    if not seen:
        raise BadInput(f"'{files[0]}' has no camera; choose another file.")
    base = path if path.is_dir() else path.parent
    folders = [base, base / "images"] if photographs is None else [photographs, base]
    shots, said = shots_of(seen, folders, background or WHITE)
    return Capture(shots, FORMAT, points, (*notices, *said))


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        told = read_json(path)
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"'{path}' is no JSON ({str(error)[:80]}); write it again.") from error
    if not is_transforms(told):
        raise BadInput(f"'{path}' has no list of frames; write it as transforms.json again.")
    return told


def _frames(path: Path, whole: Mapping[str, Any], part: str) -> Iterator[Seen]:
    listed = _listed(whole)
    for number, frame in enumerate(whole["frames"]):
        if not isinstance(frame, dict) or not isinstance(frame.get("file_path"), str):
            raise BadInput(f"Frame {number} of '{path}' names no file_path; write it again.")
        name = frame["file_path"].replace("\\", "/").removeprefix("./")
        told = {**whole, **frame}
        pose = rigid(told.get("transform_matrix"), f"'{name}' in '{path}'") @ _TURNED
        size, focal, centre = _intrinsics(path, name, told)
        lens = _lens(path, name, told)
        split = str(frame.get("split") or listed.get(name) or part)
        yield Seen(name, np.linalg.inv(pose), size, focal, centre, lens, split)


def _listed(whole: Mapping[str, Any]) -> dict[str, str]:
    """Parts of the photographs by name, where lists beside the frames say them (nerfstudio)."""
    found = {}
    for part in ("train", "val", "test"):  # where a name is in two, it is held out
        names = whole.get(f"{part}_filenames")
        for name in names if isinstance(names, list) else ():
            found[str(name).replace("\\", "/").removeprefix("./")] = part
    return found


def _intrinsics(
    path: Path, name: str, told: Mapping[str, Any]
) -> tuple[tuple[int, int], tuple[float, float], tuple[float, float] | None]:
    numbers = {key: _number(path, name, told, key) for key in _KEYS}
    size = (int(numbers["w"] or 0), int(numbers["h"] or 0))
    if min(size) <= 0:
        size = (0, 0)
    across, down = numbers["fl_x"], numbers["fl_y"]
    wide, tall = numbers["camera_angle_x"], numbers["camera_angle_y"]
    width = size[0] or 1  # focal lengths are in widths of a photograph that is still to be seen
    if across is None and wide is not None and 0 < wide < math.pi:
        across = 0.5 * width / math.tan(wide / 2)
    elif across is not None and size == (0, 0):
        raise BadInput(f"'{name}' in '{path}' has a focal length but no w and h; add them.")
    if down is None and tall is not None and size[1] and 0 < tall < math.pi:
        down = 0.5 * size[1] / math.tan(tall / 2)
    if across is None and down is None:
        raise BadInput(
            f"'{name}' in '{path}' has no focal length; add fl_x, or camera_angle_x in radians."
        )
    focal = (across or down or 0.0, down or across or 0.0)
    if min(focal) <= 0:
        raise BadInput(f"'{name}' in '{path}' has the focal length {min(focal):g}; correct it.")
    if numbers["cx"] is None or numbers["cy"] is None or size == (0, 0):
        return size, focal, None
    return size, focal, (numbers["cx"], numbers["cy"])


_KEYS = ("w", "h", "fl_x", "fl_y", "cx", "cy", "camera_angle_x", "camera_angle_y")


def _number(path: Path, name: str, told: Mapping[str, Any], key: str) -> float | None:
    value = told.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"'{name}' in '{path}' has the {key} {value!r}; write a finite number.")
    return float(value)


def _lens(path: Path, name: str, told: Mapping[str, Any]) -> Lens | None:
    model = told.get("camera_model", "") or ""
    if told.get("is_fisheye"):
        model = _FISHEYES[0]
    if model not in _PINHOLES + _FISHEYES:
        listed = ", ".join((*_PINHOLES[:5], _FISHEYES[0]))
        raise BadInput(
            f"'{name}' in '{path}' has a camera of the model {model}, which no pinhole can stand "
            f"for; known: {listed}."
        )
    keys = ("k1", "k2", "p1", "p2", "k3", "k4")
    k1, k2, p1, p2, k3, k4 = (_number(path, name, told, key) or 0.0 for key in keys)
    if model in _FISHEYES:
        return Lens("OPENCV_FISHEYE", (k1, k2, k3, k4))
    if not any((k1, k2, p1, p2, k3, k4)):
        return None
    if k3 or k4:
        return Lens("FULL_OPENCV", (k1, k2, p1, p2, k3, k4, 0.0, 0.0))
    return Lens("OPENCV", (k1, k2, p1, p2))


def _background(told: Mapping[str, Any]) -> tuple[int, int, int] | None:
    if told.get("black_transparent"):
        return BLACK
    return WHITE if told.get("white_transparent") else None


def _points(path: Path, told: Mapping[str, Any], notices: list[str]) -> Points | None:
    name = told.get("ply_file_path")
    if not isinstance(name, str):
        return None
    try:
        return read_points(path.parent / name)
    except Prune3DError as error:
        notices.append(f"Its points were not read: {error}")
        return None
