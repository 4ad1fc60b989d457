"""What a file is to the segmenter, told by its content."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.system import Taken
from prune3d_gui.files.networks.checkpoints import read_checkpoint
from prune3d_gui.files.volumes import grid_kind

from .network.checkpoint import ANCHORS

PATIENT = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
"""Endings of files that hold patients as a rule."""


def recognised(path: Path) -> Taken | None:
    """Say what `path` is: a network, a volume of a patient, or neither."""
    if path.is_dir():
        return None
    return _network(path) or _volume(path)


def _network(path: Path) -> Taken | None:
    try:
        found = read_checkpoint(path)
    except BadInput:
        return None
    if not set(found.tensors) >= ANCHORS:
        return None
    return Taken("network", "A PSP-Seg network of parallel branches.")


def _volume(path: Path) -> Taken | None:
    kind = grid_kind(path)
    if kind is None:
        return None
    title, _ = kind
    medical = path.name.lower().endswith(PATIENT)
    return Taken("sample", f"A volume to segment: {title}.", medical)
