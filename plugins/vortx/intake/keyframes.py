"""Key frames: those that moved or turned enough since the one before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prune3d_gui.core.errors import BadInput

from .frames import PosedFrames

MOVED, TURNED = 0.10, 15.0
"""Metres and degrees, VoRTX's."""


def key_frames(poses: np.ndarray, moved: float = MOVED, turned: float = TURNED) -> np.ndarray:
    """Numbers of the frames to keep: (K,) int64, the first among them.

    Walking along, a frame is kept if it is more than `moved` away from the last one kept, or its
    optical axis turned by more than `turned`; one that rolled is not.

    Parameters
    ----------
    poses : (N, 4, 4)
        World from camera with OpenCV's axes, in metres.
    moved : float
        Metres.
    turned : float
        Degrees.

    Raises
    ------
    BadInput
        If a distance or angle is not above 0.
    """
    if not (moved > 0 and turned > 0):
        raise BadInput(
            f"Key frames are {moved:g} m and {turned:g} degrees apart; give numbers above 0."
        )
    places, fronts = poses[:, :3, 3], poses[:, :3, 2]
    limit, kept = np.cos(np.radians(turned)), [0]
    for number in range(1, len(poses)):
        last = kept[-1]
        away = np.linalg.norm(places[number] - places[last])
        if away > moved or fronts[number] @ fronts[last] < limit:
            kept.append(number)
    return np.array(kept if len(poses) else [], np.int64)


def only_key_frames(
    frames: PosedFrames, moved: float = MOVED, turned: float = TURNED
) -> PosedFrames:
    """Leave out all other frames, and say so; `moved` and `turned` as `key_frames` takes them."""
    kept = key_frames(np.stack([frame.pose for frame in frames.frames]), moved, turned)
    said = (
        f"{len(kept):,} of {len(frames.frames):,} frames are key frames, more than "
        f"{moved * 100:g} cm or {turned:g} degrees from the one before."
    )
    chosen = tuple(frames.frames[number] for number in kept)
    return replace(frames, frames=chosen, notices=(*frames.notices, said))
