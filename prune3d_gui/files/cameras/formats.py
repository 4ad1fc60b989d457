"""Cameras in files and folders, whatever the format."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import BadInput, Prune3DError
from ..texts import read_json
from . import cameras_json, colmap, transforms
from .capture import WHITE, Capture

_LARGEST = 1 << 28  # bytes of JSON


def capture_kind(path: str | Path) -> tuple[str, bool] | None:
    """What cameras a file or folder has, and whether it can hardly be anything else.

    None where it has none.
    """
    target = Path(path)
    try:
        if target.is_dir():
            if colmap.find_models(target):
                return colmap.FORMAT, True
            if transforms.find_files(target):
                return transforms.FORMAT, True
            if (target / cameras_json.FORMAT).is_file():
                return capture_kind(target / cameras_json.FORMAT)
            return None
        return None if (found := _json_kind(target)) is None else (found, True)
    except (OSError, ValueError, RecursionError, Prune3DError):
        return None


def read_capture(
    path: str | Path,
    model: str = "",
    photographs: str | Path | None = None,
    background: tuple[int, int, int] | None = None,
) -> Capture:
    """Read cameras and find their photographs, whatever the format.

    Parameters
    ----------
    path : path
        A COLMAP model (text or binary) or a folder that has some, a ``transforms.json`` or a
        folder with one or with its parts, or a ``cameras.json``.
    model : str
        Which of several COLMAP models; empty for the one with most images.
    photographs : path, optional
        Folder of the photographs, where they are not at a usual place.
    background : (r, g, b), optional
        What photographs with alpha are laid on, 8-bit; None as the file says, or white.

    Raises
    ------
    BadInput
        When there are no cameras, or they are damaged or see as no pinhole can.
    """
    target = Path(path)
    if not target.exists():
        raise BadInput(f"There is no file or folder '{target}'; check its name.")
    beside = None if photographs is None else Path(photographs)
    kind = capture_kind(target)
    if kind is not None and kind[0] == colmap.FORMAT:
        return colmap.read(target, model, beside, background or WHITE)
    if model:
        raise BadInput(f"'{target}' has no COLMAP models, of which {model!r} was asked for.")
    if kind is None:
        if target.suffix.lower() == ".json":  # says what is wrong
            return transforms.read(target, beside, background)
        raise BadInput(
            f"'{target}' has no cameras; choose a COLMAP model, a transforms.json or a "
            "cameras.json."
        )
    if kind[0] == transforms.FORMAT:
        return transforms.read(target, beside, background)
    file = target / cameras_json.FORMAT if target.is_dir() else target
    folders = () if beside is None else (beside,)
    return cameras_json.read(file, folders, background or WHITE)


def _json_kind(path: Path) -> str | None:
    if path.suffix.lower() != ".json" or path.stat().st_size > _LARGEST:
        return None
    told = read_json(path)
    if transforms.is_transforms(told):
        return transforms.FORMAT
    return cameras_json.FORMAT if cameras_json.is_cameras(told) else None
