"""What a file or a folder is to the system, told by its content."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.system import Taken
from prune3d_gui.files.networks.checkpoints import find_network, read_checkpoint

from .intake.recognition import recognised as photographs
from .network.checkpoint import ANCHORS


def recognised(path: Path) -> Taken | None:
    """Say what `path` is: a network, posed photographs, or neither."""
    return (None if path.is_dir() else _network(path)) or photographs(path)


def _network(path: Path) -> Taken | None:
    try:
        held = find_network(read_checkpoint(path), lambda found: set(found) >= set(ANCHORS))
    except BadInput:
        return None
    return None if held is None else Taken("network", "A VoRTX network.")
