"""What the camera records on a walk: pictures and depths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken

from ..tracing.casting import Tree, cast
from ..tracing.lighting import Lit
from ..tracing.shading import radiance
from .film import developed
from .looking import FOCUS, TALL, Walk


@dataclass(frozen=True, eq=False)
class Recording:
    """Pictures and depths of a walk.

    Parameters
    ----------
    pictures : (N, H, W, 3) uint8
    depths : (N, H, W) float32
        Metres along the camera's axis, exact, through the middles of pixels.
    intrinsics : (3, 3) float64
        The corner of a picture is (0, 0), the middle of its first pixel (0.5, 0.5).
    poses : (N, 4, 4) float64
        World from camera, by OpenCV's axes.
    """

    pictures: np.ndarray
    depths: np.ndarray
    intrinsics: np.ndarray
    poses: np.ndarray


def intrinsics_of(width: int) -> np.ndarray:
    """The camera of pictures of a width: (3, 3)."""
    focus, height = FOCUS * width, height_of(width)
    return np.array([[focus, 0, width / 2], [0, focus, height / 2], [0, 0, 1]], float)


def height_of(width: int) -> int:
    """Height of pictures of a width, both in pixels."""
    return round(TALL * width)


def record(
    tree: Tree,
    light: Lit,
    walk: Walk,
    width: int,
    samples: int,
    seed: tuple[int, ...],
    cancel: CancelToken = NEVER,
    tell: Callable[[int], None] = lambda done: None,
) -> Recording:
    """Record pictures and depths.

    Parameters
    ----------
    tree : Tree
    light : Lit
    walk : Walk
    width : int
        Of pictures, in pixels.
    samples : int
        Rays for the colour of each pixel, over its face and the time that the shutter is open; a
        single one goes through its middle, and is that of its depth.
    seed : tuple of int
    cancel : CancelToken
    tell : callable
        Of how many frames are done.
    """
    height, matrix = height_of(width), intrinsics_of(width)
    focus, count = matrix[0, 0], len(walk.poses)
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    middle = np.stack([(x - width / 2) / focus, (y - height / 2) / focus, np.ones_like(x)], axis=-1)
    middle = middle.reshape(-1, 3)
    pictures = np.zeros((count, height, width, 3), np.float32)
    depths = np.empty((count, height, width), np.float32)
    across = round(np.sqrt(samples))
    for number, (pose, end) in enumerate(zip(walk.poses, walk.ends, strict=True)):
        cancel.check()
        rays = middle @ pose[:3, :3].T
        met = cast(tree, np.ascontiguousarray(pose[None, :3, 3]), rays)
        depths[number] = met[0].reshape(height, width)
        for sample in range(samples):
            when = (sample + 0.5) / samples if samples > 1 else 0.0
            between = (1 - when) * pose[:3] + when * end[:3]
            eye = np.ascontiguousarray(between[None, :, 3])
            if samples > 1:
                offset = rng.random((len(middle), 2))
                if across**2 == samples:
                    offset = (offset + np.array((sample % across, sample // across))) / across
                else:
                    offset[:, 0] = (offset[:, 0] + sample) / samples
                rays = middle.copy()
                rays[:, :2] += (offset - 0.5) / focus
                rays = rays @ between[:, :3].T
                met = cast(tree, eye, rays)
            got = radiance(tree, light, eye, rays, met, 1 / focus / max(1, across))
            pictures[number] += got.reshape(height, width, 3) / samples
        tell(number + 1)
    return Recording(developed(pictures, (*seed, 1)), depths, matrix, walk.poses)
