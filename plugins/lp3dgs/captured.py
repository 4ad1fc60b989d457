"""A scene with the cameras and photographs that were found beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.files.cameras.capture import Capture, Shot
from prune3d_gui.files.cameras.photographs import read_photograph, thumbnail
from prune3d_gui.files.splats.splat_file import SplatFile

from .placing import EVERY
from .scenes import Background, Photograph, SplatScene

Up = Literal["y", "z", "-y"]
LARGE = 1600
"""Pixels along a side of photographs of which no more is unpacked than is needed."""
HELD = ("test", "val", "held")
"""Parts of a capture that nothing is trained on."""


def with_capture(splats: SplatFile, capture: Capture) -> SplatScene:
    """A scene of splats and the photographs it was trained on, or could be.

    Cameras without a photograph are left out, and that is said, unless none has one.
    """
    there = tuple(shot for shot in capture.shots if shot.path is not None)
    shots = there or capture.shots
    notices = list(capture.notices)
    if there and len(there) < len(capture.shots):
        count = len(capture.shots) - len(there)
        notices.append(f"{count} cameras without a photograph are left out.")
    if not there:
        notices.append("No photograph was found: the scene's own full pictures are the reference.")
    held, said = held_out(shots)
    notices.append(said)
    backgrounds = {shot.background for shot in there}
    first = next(iter(backgrounds), (255, 255, 255))
    return SplatScene(
        splats,
        replace(capture, shots=shots).cameras(),
        held,
        {number: _photograph(shot) for number, shot in enumerate(there)},
        {number: partial(thumbnail, shot) for number, shot in enumerate(there)},
        as_colour(first),
        tuple(notices),
    )


def held_out(shots: tuple[Shot, ...]) -> tuple[frozenset[int], str]:
    """Numbers of the shots that nothing is trained on, and a sentence by what rule."""
    told = frozenset(n for n, shot in enumerate(shots) if shot.part in HELD)
    if told:
        return told, f"{len(told)} of {len(shots)} cameras are held out, as the file says."
    order = sorted(range(len(shots)), key=lambda number: shots[number].name)
    held = frozenset(order[::EVERY]) if len(shots) >= EVERY else frozenset[int]()
    return held, (
        f"The file says of no camera that it is held out: every {EVERY}th by name is "
        f"({len(held)} of {len(shots)})."
    )


def _photograph(shot: Shot) -> Photograph:
    def read(background: Background, longest: int) -> np.ndarray:
        red, green, blue = (round(255 * part) for part in background)
        laid = replace(shot, background=(red, green, blue))
        large = max(shot.camera.width, shot.camera.height) > max(2 * longest, LARGE)
        pixels = thumbnail(laid, 2 * longest) if large else read_photograph(laid)
        return pixels.astype(np.float32) / 255

    return read


def as_colour(background: tuple[int, int, int]) -> Background:
    """An 8-bit colour as one of 0 to 1."""
    red, green, blue = (part / 255 for part in background)
    return red, green, blue


def up_of(cameras: Cameras) -> Up:
    """The axis of the scene that points up, as most of the cameras were held."""
    up = -cameras.poses[:, :3, 1].mean(axis=0)
    ways: dict[Up, float] = {"y": up[1], "-y": -up[1], "z": up[2]}
    return max(ways, key=lambda axis: ways[axis])
