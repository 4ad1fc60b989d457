"""Posed photographs of one size, as scenes are reconstructed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Cameras

from .caches import digest_of


@dataclass(frozen=True, eq=False)
class Photographs:
    """Posed photographs of one size.

    Parameters
    ----------
    pictures : (V, H, W, 3) uint8
        Or a sequence of (H, W, 3), read one by one.
    cameras : Cameras
        OpenCV's axes, metres, z up; the corner of a picture is (0, 0).
    key : str
        That tells them from others; by default made from the pictures.

    Raises
    ------
    BadInput
        If there is none, or not one for each camera of its size.
    """

    pictures: np.ndarray | Sequence[np.ndarray]
    cameras: Cameras
    key: str = ""

    def __post_init__(self) -> None:
        count = len(self.cameras.names)
        if not count or len(self.pictures) != count:
            raise BadInput(
                f"There are {len(self.pictures)} photographs for {count} cameras; give one for "
                "each, and at least one."
            )
        if len({tuple(size) for size in np.asarray(self.cameras.sizes).tolist()}) > 1:
            raise BadInput("Photographs are of several sizes; scale them to one.")
        shape, size = np.shape(self.pictures[0]), self.cameras.sizes[0]
        if shape != (size[1], size[0], 3):
            raise BadInput(
                f"Photographs have the shape {shape}, where the cameras' {size[0]} x {size[1]} "
                f"pixels need ({size[1]}, {size[0]}, 3)."
            )
        if not self.key:
            parts = (torch.from_numpy(np.array(one)) for one in self.pictures)
            own = (torch.from_numpy(np.array(self.cameras.poses, float)),
                   torch.from_numpy(np.array(self.cameras.intrinsics, float)))  # fmt: skip
            object.__setattr__(self, "key", digest_of(*parts, *own))
