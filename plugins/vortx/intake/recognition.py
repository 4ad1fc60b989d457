"""What holds posed photographs, told by its content."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.system import Taken
from prune3d_gui.files.cameras.formats import capture_kind

from . import captured, scannet, sevenscenes
from .raw import RawSequence


def sequence_kind(path: Path) -> tuple[str, bool] | None:
    """The format of posed photographs at a path, and whether it can hardly be anything else."""
    try:
        if scannet.find_info(path) is not None:
            return scannet.VORTX, True
        if path.is_dir():
            if sevenscenes.find(path) is not None:
                return sevenscenes.FORMAT, True
            if scannet.is_export(path):
                return scannet.EXPORT, True
        found = capture_kind(path)
    except OSError:
        return None
    return None if found is None else (found[0], False)


def recognised(path: Path) -> Taken | None:
    """Say what `path` is: posed photographs of a room, or nothing."""
    kind = sequence_kind(path)
    if kind is None:
        return None
    return Taken("sample", f"Posed photographs of a room: {kind[0]}.", kind[1])


def raw_sequence(path: Path) -> RawSequence:
    """Read what the files say, whatever the format.

    Raises
    ------
    BadInput
        If there are no posed photographs, or they are damaged.
    """
    if not path.exists():
        raise BadInput(f"There is no file or folder '{path}'; check its name.")
    kind = sequence_kind(path)
    if kind is None:
        raise BadInput(
            f"'{path}' has no posed photographs; choose a folder with VoRTX's info.json, color, "
            "pose and intrinsic of ScanNet, frame-000000.color and .pose as 7-Scenes has them, a "
            "transforms.json or a COLMAP model."
        )
    if kind[0] == scannet.VORTX:
        file = scannet.find_info(path)
        assert file is not None
        return scannet.read_info(file)
    if kind[0] == sevenscenes.FORMAT:
        folder = sevenscenes.find(path)
        assert folder is not None
        return sevenscenes.read(folder)
    return scannet.read_export(path) if kind[0] == scannet.EXPORT else captured.read(path)
