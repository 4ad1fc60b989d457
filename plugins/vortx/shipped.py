"""What comes with the program: a small network and rooms that it has not seen."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.resources import resource

SYSTEM = "vortx"
WEIGHTS = "weights/vortx_small.safetensors"
ROOMS = "samples/vortx"
"""Folders of rooms, as `prune3d data` writes them."""
TITLE = "VoRTX small, procedural rooms"


def weights() -> Path | None:
    """The network, where it is installed."""
    return resource(WEIGHTS)


def rooms() -> tuple[Path, ...]:
    """Folders of the rooms that are installed, in their order."""
    folder = resource(ROOMS)
    return tuple(sorted(each.parent for each in folder.glob("*/info.json"))) if folder else ()
