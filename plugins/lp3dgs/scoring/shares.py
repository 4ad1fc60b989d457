"""Shares of Gaussians in the pictures of many cameras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Progress
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians

from ..raster.seen import activated, look
from ..raster.tiled import tiled

Report = Callable[[Progress], object]


def unheard(progress: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False)
class Shares:
    """What Gaussians have a share in, over all cameras; a share is alpha times what is left.

    Attributes
    ----------
    largest : (N,) float64
        Largest share in one pixel, 0 to 0.99; RadSplat's (Niemeyer et al. 2024) score.
    total : (N,) float64
        Sum over pixels and cameras; Mini-Splatting's (Fang and Wang 2024) score.
    pixels : (N,) int64
        How many pixels they have a share in, of all cameras.
    """

    largest: np.ndarray
    total: np.ndarray
    pixels: np.ndarray

    @property
    def unseen(self) -> np.ndarray:
        """Which of them no camera sees anything of: (N,) bool."""
        return self.pixels == 0


def shares_of(
    gaussians: Gaussians,
    cameras: Sequence[Camera],
    *,
    device: str = "cpu",
    report: Report = unheard,
    cancel: CancelToken = NEVER,
) -> Shares:
    """Find the shares of Gaussians in the pictures of cameras.

    Parameters
    ----------
    gaussians : Gaussians
    cameras : sequence of Camera
    device : str
        Where torch makes the pictures; compiled loops do on the CPU.
    report : callable
        Told how far it is, camera by camera.
    cancel : CancelToken

    Raises
    ------
    Cancelled
    """
    parts = activated(gaussians)
    means, scales, quaternions, opacities, harmonics = (
        torch.from_numpy(part).to(device) for part in parts
    )
    found = np.zeros((3, gaussians.count))
    for done, camera in enumerate(cameras, start=1):
        cancel.check()
        if device == "cpu":
            made = look(parts, camera, cancel).picture(shares=True, cancel=cancel)
            assert made.shares is not None
            shares = made.shares.T
        else:
            with torch.no_grad():
                drawn = tiled(means, scales, quaternions, opacities, harmonics, camera)
            shares = drawn[2].cpu().numpy()
        np.maximum(found[0], shares[0], out=found[0])
        found[1:] += shares[1:]
        report(Progress(done, len(cameras), "shares in pictures"))
    return Shares(found[0], found[1], found[2].astype(np.int64))
