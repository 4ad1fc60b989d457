"""What a file or a folder is to a system of splats, told by its content."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.system import Taken
from prune3d_gui.files.splats.formats import splat_kind
from prune3d_gui.files.splats.trained import trained_folder


def recognised(path: Path) -> Taken | None:
    """Say what `path` is: a scene of splats, or nothing."""
    if path.is_dir():
        return _folder(path)
    kind = splat_kind(path)
    if kind is None:
        return None
    title, sure = kind
    return Taken("scene", f"A scene of Gaussian splats: {title}.", sure)


def _folder(path: Path) -> Taken | None:
    """A folder as training leaves it, or one with a single file of splats."""
    from .opening import splat_files

    try:
        if trained_folder(path) is not None:
            return Taken("scene", "A folder that training of Gaussian splats left.")
        found = splat_files(path)
    except OSError:
        return None
    return Taken("scene", "A folder with a scene of Gaussian splats.") if len(found) == 1 else None
