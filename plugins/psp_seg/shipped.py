"""What comes with the program: networks, scores of their branches, pictures of patients."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from prune3d_gui.resources import resource

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
    return {path: title for path, (title, file) in NETWORKS.items() if resource(file)}


def thumbnails() -> dict[str, np.ndarray]:
    """Pictures of the procedural patients by id, (S, S, 4) uint8; none where they are not there."""
    from PIL import Image

    from .patients import HELD_COUNT, held_id

    found = resource(PICTURES)
    if found is None:
        return {}
    with Image.open(found) as opened:
        every = np.asarray(opened.convert("RGBA"))
    side = every.shape[1]
    return {held_id(n): every[n * side : (n + 1) * side] for n in range(HELD_COUNT)}


def known_scores(weights_hash: str) -> Mapping[str, Mapping[Branch, float]]:
    """Scores that come with a network of this hash, by criterion; none for another."""
    found = resource(SCORES)
    if found is None:
        return {}
    told = json.loads(found.read_text(encoding="utf-8"))
    return {
        criterion: {(str(name), int(place)): float(score) for name, place, score in rows}
        for criterion, rows in told.get(weights_hash, {}).items()
    }
