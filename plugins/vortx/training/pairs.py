"""Pairs of photographs, from many rooms at once: what the 2D part learns from by itself.

The views of a crop show much the same; of as many photographs from several rooms it learns to tell
depths several times as fast.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .crops import Cut, Photographed, frame_of, photographed
from .rooms import Room

NEAREST, FARTHEST = 0.15, 1.2
"""Metres between the two cameras of a pair."""
TURNED = 40.0
"""Degrees between their axes at most."""


def pair_of(room: Room, cut: Cut, drawn: np.random.Generator) -> Photographed:
    """Draw a photograph of a room and one beside it that looks much the same way.

    Where none does, the second is any other.
    """
    first = int(drawn.integers(len(room.poses)))
    others = np.delete(np.arange(len(room.poses)), first)
    if not len(others):
        others = np.array([first])
    away = np.linalg.norm(room.poses[others, :3, 3] - room.poses[first, :3, 3], axis=1)
    along = room.poses[others, :3, 2] @ room.poses[first, :3, 2]
    beside = (away > NEAREST) & (away < FARTHEST) & (along > np.cos(np.radians(TURNED)))
    second = int(drawn.choice(others[beside] if beside.any() else others))
    frame = frame_of(room.poses[first, :3, 3].astype(float), np.zeros(3), cut, drawn)
    return photographed(room, np.array((first, second)), frame, cut, drawn)


def of_one_size(pairs: Sequence[Photographed]) -> list[Photographed]:
    """All photographs of one size as if they were of one room, pair after pair."""
    sizes: dict[tuple[int, ...], list[Photographed]] = {}
    for pair in pairs:
        sizes.setdefault(pair.pictures.shape, []).append(pair)
    return [
        Photographed(
            np.concatenate([one.pictures for one in own]),
            tuple(depth for one in own for depth in one.depths),
            np.concatenate([one.intrinsics for one in own]),
            np.concatenate([one.poses for one in own]),
            own[0].voxel,
        )
        for own in sizes.values()
    ]
