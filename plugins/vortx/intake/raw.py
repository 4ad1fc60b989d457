"""A sequence as its files say it, before anything of it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prune3d_gui.files.cameras.capture import Shot

from .options import C2W, OPENCV


@dataclass(frozen=True, eq=False)
class RawFrame:
    """One frame as files say it.

    Parameters
    ----------
    shot : Shot
        The photograph; where its camera stands means nothing yet.
    pose : (4, 4) float64 or None
        As it is stored; None where there is none or it is no turn and shift.
    depth : Path or None
    """

    shot: Shot
    pose: np.ndarray | None
    depth: Path | None = None


@dataclass(frozen=True, eq=False)
class RawSequence:
    """Frames as files say them.

    Parameters
    ----------
    name, format : str
    frames : sequence of RawFrame
        In the order they were taken in.
    poses, axes : str
        What the format says of its poses; see `Options`.
    depth_intrinsics : (fx, fy, cx, cy) or None
        Of the depth's camera; None for the photograph's.
    extrinsic : (4, 4) float64 or None
        Camera of the depth from that of the photograph, where the files tell it.
    units : float or None
        Metres of a unit of positions, where the format says it.
    depth_unit : float or None
        Metres of a step of depth, where the files tell it.
    notices : tuple of str
    """

    name: str
    format: str
    frames: Sequence[RawFrame]
    poses: str = C2W
    axes: str = OPENCV
    depth_intrinsics: tuple[float, float, float, float] | None = None
    extrinsic: np.ndarray | None = None
    units: float | None = None
    depth_unit: float | None = None
    notices: tuple[str, ...] = ()
