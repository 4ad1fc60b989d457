"""What comes with the program: the network, scores of its branches, pictures of patients."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from importlib.resources import files

import numpy as np

Branch = tuple[str, int]
"""A branch as `network.network` names it, which brings torch."""
SYSTEM = "psp_seg"
WEIGHTS = "weights/psp_seg_laptop.safetensors"
"""The network, in the resources of the program."""
SCORES = "weights/psp_seg_laptop.json"
"""Scores of its branches by criterion, and the hash of the network that they are of."""
DENSE = "weights/psp_seg_dense.safetensors"
"""A smaller network without branches in parallel, trained alike; it need not be there."""
PICTURES = "samples/psp_seg/patients.png"
"""Pictures of the procedural patients below each other."""


def thumbnails() -> dict[str, np.ndarray]:
    """Pictures of the procedural patients by id, (S, S, 4) uint8; none where they are not there."""
    from PIL import Image

    from .patients import HELD_COUNT, held_id

    found = files("prune3d_gui.resources").joinpath(PICTURES)
    if not found.is_file():
        return {}
    with Image.open(io.BytesIO(found.read_bytes())) as opened:
        every = np.asarray(opened.convert("RGBA"))
    side = every.shape[1]
    return {held_id(n): every[n * side : (n + 1) * side] for n in range(HELD_COUNT)}


def known_scores(weights_hash: str) -> Mapping[str, Mapping[Branch, float]]:
    """Scores that come with a network of this hash, by criterion; none for another."""
    found = files("prune3d_gui.resources").joinpath(SCORES)
    if not found.is_file():
        return {}
    told = json.loads(found.read_text(encoding="utf-8"))
    if told["weights_hash"] != weights_hash:
        return {}
    return {
        criterion: {(str(name), int(place)): float(score) for name, place, score in rows}
        for criterion, rows in told["scores"].items()
    }
