"""What comes with the program: a small network and rooms that it has not seen."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

SYSTEM = "vortx"
WEIGHTS = "weights/vortx_small.safetensors"
ROOMS = "samples/vortx"
"""Folders of rooms, as `prune3d data` writes them."""
PICTURE = "pictures/vortx.png"
TITLE = "VoRTX small, procedural rooms"


def weights() -> Path | None:
    """The network, where it is installed."""
    found = _resource(WEIGHTS)
    return found if found.is_file() else None


def rooms() -> tuple[Path, ...]:
    """Folders of the rooms that are installed, in their order."""
    folder = _resource(ROOMS)
    return tuple(sorted(each.parent for each in folder.glob("*/info.json")))


def _resource(name: str) -> Path:
    return Path(str(files("prune3d_gui.resources").joinpath(name)))
