"""Entries: a sample with what a network and its scores need of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from prune3d_gui.core.model import Sample
from prune3d_gui.metrics.points import sampling_floor

from .dataset import Object, read_points, reference_points
from .intake import load_image
from .shipped import OUTPUTS, Shipped


@dataclass(frozen=True, eq=False)
class Entry:
    """A sample with what the model needs of it.

    Parameters
    ----------
    sample : Sample
    image : callable
        Gives the network's input, (3, 224, 224) float32 in 0..1.
    points : (2500, 3) float32 or None
        Fixed reference points in the unit ball.
    floors : mapping of metric id to float
        The sampling floor: two independent draws of the same shape against each other.
    came : (H, W, 4) uint8 or None
        The picture before anything was done to it, where it is known.
    """

    sample: Sample
    image: Callable[[], np.ndarray]
    points: np.ndarray | None = None
    floors: Mapping[str, float] = field(default_factory=dict)
    came: np.ndarray | None = None


def shipped_entry(shipped: Shipped) -> Entry:
    """The entry of a sample that comes with the program."""
    title = shipped.key.partition("/")[2] + (" (held-out design)" * (shipped.split == "heldout"))
    sample = Sample(shipped.key, title, shipped.category, shipped.preview())
    floors = {"chamfer_x1000": 1000 * shipped.floor_chamfer, "fscore": shipped.floor_fscore}
    return Entry(sample, shipped.image, shipped.points, floors)


def object_entry(shape: Object) -> Entry:
    """The entry of an object of a set: its first view, and what it is drawn from.

    Raises
    ------
    BadInput
        If its cloud cannot be read.
    """
    points = reference_points(shape)
    floor = sampling_floor(read_points(shape.points_path), len(points), OUTPUTS)
    floors = {"chamfer_x1000": 1000 * floor.chamfer, "fscore": floor.fscore}
    sample = Sample(shape.key, shape.id, shape.category)
    return Entry(sample, lambda: load_image(shape.views[0]).tensor.numpy(), points, floors)
