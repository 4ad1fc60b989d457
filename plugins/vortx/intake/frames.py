"""Photographs with their poses, in one form whatever they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.files.cameras.capture import Shot

from .options import NAMES, TOLD
from .pictures import read_depth

How = Literal["measured", "told", "assumed", "given"]
FLIP = np.diag((1.0, -1.0, -1.0, 1.0))
"""From OpenGL's axes of a camera (right, up, back) to OpenCV's (right, down, front), and back."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is taken for true of a sequence, and why.

    Parameters
    ----------
    what : str
        The option that overrides it: ``poses``, ``axes``, ``units``, ``depth``, ``up`` or
        ``colour``; of others, a word.
    value : str
        As the option would be given.
    how : {"measured", "told", "assumed", "given"}
        ``told`` by the files, ``given`` by a person.
    said : str
        A sentence with the numbers that it stands on.
    """

    what: str
    value: str
    how: How
    said: str

    @property
    def sentence(self) -> str:
        """What was found, and whether it was measured, told or assumed."""
        return self.said if self.how == "given" else f"{self.said} {self.how.capitalize()}."


@dataclass(frozen=True, eq=False)
class Frame:
    """One photograph, where it was taken, and its depth where there is one.

    Parameters
    ----------
    shot : Shot
        The photograph and its camera, in a metric world whose z is up; `read_photograph` reads it.
    depth : Path or None
        A picture of depths.
    depth_camera : Camera or None
        What sees them, in the same world.
    pose : (4, 4) float64
        World from camera, whose axes are OpenCV's: of the depth's camera, or of the photograph's
        where there is none.
    """

    shot: Shot
    depth: Path | None
    depth_camera: Camera | None
    pose: np.ndarray

    @property
    def name(self) -> str:
        """Of the photograph."""
        return self.shot.name

    @property
    def colour(self) -> Path | None:
        """The photograph's file."""
        return self.shot.path

    @property
    def colour_camera(self) -> Camera:
        """The photograph's camera."""
        return self.shot.camera

    @property
    def place(self) -> np.ndarray:
        """Where it was taken: (3,) float64, metres."""
        return self.pose[:3, 3]


@dataclass(frozen=True, eq=False)
class PosedFrames:
    """Photographs of one room with their poses.

    Parameters
    ----------
    name : str
    format : str
        What they were read from.
    frames : tuple of Frame
        In the order they were taken in.
    depth_unit : float
        Metres of a step of the depth's numbers.
    world : (4, 4) float64
        From the world of the files to this one, scale included.
    findings : tuple of Finding
        What was measured, told or assumed.
    notices : tuple of str
        What was left out or is strange, a sentence each.
    """

    name: str
    format: str
    frames: tuple[Frame, ...]
    depth_unit: float = 0.001
    world: np.ndarray = field(default_factory=lambda: np.eye(4))
    findings: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def has_depth(self) -> bool:
        """Whether any frame has depth."""
        return any(frame.depth is not None for frame in self.frames)

    def finding(self, what: str) -> Finding | None:
        """What was found out about something; None where nothing was."""
        return next((found for found in self.findings if found.what == what), None)

    def depth_of(self, frame: Frame) -> np.ndarray:
        """Depths of a frame: (H, W) float32 metres, 0 where there is none.

        Raises
        ------
        BadInput
            If the frame has none, or it cannot be read.
        """
        return read_depth(frame.depth, self.depth_unit)

    def cameras(self) -> Cameras:
        """The cameras of the photographs, to be drawn."""
        seen = [frame.colour_camera for frame in self.frames]
        return Cameras(
            np.stack([np.linalg.inv(one.world_to_camera) for one in seen]),
            np.array([(one.fx, one.fy, one.cx, one.cy) for one in seen]),
            np.array([(one.width, one.height) for one in seen]),
            tuple(frame.name for frame in self.frames),
        )

    def sentences(self) -> tuple[str, ...]:
        """All that a person should know: what was found, what overrides it, what is strange."""
        said = [found.sentence for found in self.findings]
        open_ = [one.what for one in self.findings if one.what in NAMES and one.how != "given"]
        if open_:
            said.append(f"A file '{TOLD}' in the folder overrides {', '.join(open_)}.")
        return (*said, *self.notices)
