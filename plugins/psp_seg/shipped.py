"""What comes with the program: networks, scores of their branches, pictures of patients."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from importlib.resources import files

import numpy as np

Branch = tuple[str, int]
"""A branch as `network.network` names it, which brings torch."""
SYSTEM = "psp_seg"
NETWORKS = {
    "": ("Abdomen, 24 branches", "weights/psp_seg_laptop.safetensors"),
    "shipped:seed1": ("Abdomen, 24 branches, seed 1", "weights/psp_seg_laptop_seed1.safetensors"),
}
"""Networks that come with the program, by the path that stands for each: title, resource.

They differ in the seed of their training alone, so that what is found of one is checked on both.
"""
SCORES = "weights/psp_seg_laptop.json"
"""Scores of their branches by criterion, by the hash of the network that they are of."""
DENSE = "weights/psp_seg_dense.safetensors"
"""A smaller network without branches in parallel, trained alike; it need not be there."""
PICTURES = "samples/psp_seg/patients.png"
"""Pictures of the procedural patients below each other."""


def installed() -> dict[str, str]:
    """Titles of the networks that are there, by the path that stands for each."""
    resources = files("prune3d_gui.resources")
    return {
        path: title
        for path, (title, file) in NETWORKS.items()
        if resources.joinpath(file).is_file()
    }


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
    return {
        criterion: {(str(name), int(place)): float(score) for name, place, score in rows}
        for criterion, rows in told.get(weights_hash, {}).items()
    }
