"""``cameras.json``, as 3D Gaussian splatting writes it beside a trained scene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ..texts import read_json
from .capture import WHITE, Capture, Seen, rigid
from .pairing import shots_of

FORMAT = "cameras.json"
_KEYS = ("img_name", "width", "height", "position", "rotation", "fx", "fy")


def is_cameras(told: object) -> bool:
    """Whether what a JSON file holds is of this kind."""
    return isinstance(told, list) and bool(told) and _fits(told[0])


def read(
    path: Path,
    photographs: Sequence[Path] = (),
    background: tuple[int, int, int] = WHITE,
) -> Capture:
    """Read the cameras that a scene was trained with.

    Parameters
    ----------
    path : path
    photographs : sequence of path
        Folders of the photographs; the file's own and ``images`` in it are looked at, too.
    background : (r, g, b)
        What photographs with alpha are laid on.

    Raises
    ------
    BadInput
        If it is damaged or none is there.
    """
    try:
        told = read_json(path)
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"'{path}' is no JSON ({str(error)[:80]}); write it again.") from error
    if not is_cameras(told):
        raise BadInput(f"'{path}' is no list of cameras as 3DGS writes it; choose another file.")
    seen = [_seen(path, number, one) for number, one in enumerate(told)]
    folders = [*photographs, path.parent / "images", path.parent]
    shots, notices = shots_of(seen, folders, background)
    return Capture(shots, FORMAT, None, tuple(notices))


def _fits(one: object) -> bool:
    return isinstance(one, dict) and all(key in one for key in _KEYS)


def _seen(path: Path, number: int, one: dict[str, object]) -> Seen:
    """A camera; its rotation and position are those of the camera in the world."""
    if not _fits(one):
        raise BadInput(f"Camera {number} of '{path}' lacks one of {', '.join(_KEYS)}.")
    name = str(one["img_name"])
    try:
        pose = np.eye(4)
        pose[:3, :3] = np.array(one["rotation"], np.float64)
        pose[:3, 3] = np.array(one["position"], np.float64)
        width, height = (int(float(str(one[key]))) for key in ("width", "height"))
        fx, fy = (float(str(one[key])) for key in ("fx", "fy"))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(
            f"'{name}' in '{path}' has something else than numbers; write it again."
        ) from error
    if not (min(width, height) > 0 and np.isfinite((fx, fy)).all() and min(fx, fy) > 0):
        raise BadInput(
            f"'{name}' in '{path}' has {width} x {height} pixels and focal lengths {fx:g}, "
            f"{fy:g}; give numbers above 0."
        )
    to_camera = np.linalg.inv(rigid(pose, f"'{name}' in '{path}'"))
    return Seen(name, to_camera, (width, height), (fx, fy))
