"""What a file is to neural fields, told by its content."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.system import Taken
from prune3d_gui.files.networks.checkpoints import read_checkpoint
from prune3d_gui.files.volumes import grid_kind

from .stored.facts import facts_of
from .stored.layout import take_layout

MOST = 0.4
"""Share of a file's values that a perceptron has which the file is meant to hold."""


def recognised(path: Path) -> Taken | None:
    """Say what `path` is: a field, values to compare one with, or neither."""
    return None if path.is_dir() else _field(path) or _values(path)


def _field(path: Path) -> Taken | None:
    try:
        found = read_checkpoint(path)
        layout = take_layout(found, facts_of(found, path))
    except BadInput:
        return None
    own = sum(layer.weight.numel() for layer in layout.layers)
    every = sum(tensor.numel() for tensor in found.tensors.values())
    inputs = layout.layers[0].inputs if layout.features is None else layout.features.shape[1]
    said = f"A neural field of {inputs} coordinates and {len(layout.layers)} layers."
    return Taken("network", said, own >= MOST * every)


def _values(path: Path) -> Taken | None:
    kind = grid_kind(path)
    if kind is None:
        return None
    title, certain = kind
    return Taken("reference", f"Values on a grid to compare a field with: {title}.", certain)
