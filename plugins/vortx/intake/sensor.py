"""A reference of the sequence's own depth, where nothing better is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress, Told
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.fusion.boxes import seen_box
from prune3d_gui.geometry.fusion.tsdf import CUT, Tsdf, fuse

from .frames import Frame, PosedFrames

TITLE = "sensor reference"
"""What it is called wherever it stands for ground truth: no survey, but the sensor's own depth."""
FINE = 0.02
"""Side of the voxels of a mesh that results are scored against, in metres."""


@dataclass(frozen=True, eq=False)
class SensorReference:
    """Depth of a sequence, fused.

    Parameters
    ----------
    mesh : Mesh
        In metres, z up.
    volume : Tsdf
        What it is the surface of.
    cameras : tuple of Camera
        Of the depth maps.
    said : str
        A sentence on what it is made of.
    """

    mesh: Mesh
    volume: Tsdf
    cameras: tuple[Camera, ...]
    said: str


def sensor_reference(
    frames: PosedFrames,
    voxel: float = FINE,
    cut: float = CUT,
    report: Callable[[Told], None] = lambda told: None,
    cancel: CancelToken = NEVER,
) -> SensorReference:
    """Fuse the depth of a sequence; depth maps are read one at a time, twice.

    Parameters
    ----------
    frames : PosedFrames
    voxel : float
        Metres: 0.02 to score by, 0.04 for what a network learns.
    cut : float
        Depth beyond which nothing is taken, in metres.

    Raises
    ------
    BadInput
        If there is no depth, none nearer than `cut`, or no surface in it.
    Cancelled
    """
    deep = [frame for frame in frames.frames if frame.depth_camera is not None]
    if not deep:
        raise BadInput(f"'{frames.name}' has no depth that could be its reference.")
    cameras = tuple(one.depth_camera for one in deep if one.depth_camera is not None)
    matrices = np.array([((c.fx, 0, c.cx), (0, c.fy, c.cy), (0, 0, 1)) for c in cameras])
    poses = np.stack([frame.pose for frame in deep])
    total = 2 * len(deep)
    origin, dims = seen_box(
        _read(frames, deep, report, 0, total), matrices, poses, voxel, cut=cut, cancel=cancel
    )
    volume = fuse(
        _read(frames, deep, report, len(deep), total),
        matrices, poses, origin, dims, voxel, cut=cut, cancel=cancel,
    )  # fmt: skip
    mesh = volume.surface()
    if not len(mesh.faces):
        raise BadInput(
            f"The depth of '{frames.name}' has no surface nearer than {cut:g} m; its unit may be "
            "wrong, give `depth`, or give a larger cut."
        )
    said = (
        f"The {TITLE} is the depth of {len(deep):,} frames up to {cut:g} m, fused at "
        f"{voxel * 100:g} cm: what the sensor measured, no survey."
    )
    return SensorReference(mesh, volume, cameras, said)


def _read(
    frames: PosedFrames, deep: list[Frame], report: Callable[[Told], None], done: int, total: int
) -> Iterator[np.ndarray]:
    for number, frame in enumerate(deep):
        report(Progress(done + number, total, f"Fusing depth of {frame.name}"))
        yield frames.depth_of(frame)
