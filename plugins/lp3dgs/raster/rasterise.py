"""Pictures that are differentiated: by compiled loops on the CPU, by torch elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.geometry.compiling import even, shared, threads

from .blending import add_up, blend_back
from .projecting import ROW, lens
from .projecting_back import project_back
from .seen import look
from .tiled import tiled


class _Raster(torch.autograd.Function):
    """The compiled picture, (H, W, 4), and its analytic derivative."""

    @staticmethod
    def forward(ctx: Any, camera: Camera, *parts: Tensor) -> Tensor:
        arrays = tuple(part.detach().contiguous().numpy() for part in parts)
        ctx.seen = look(arrays, camera)  # type: ignore[arg-type]
        ctx.picture, ctx.ends, _ = ctx.seen.blended()
        ctx.save_for_backward(*parts)
        return torch.from_numpy(ctx.picture.copy())

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        parts = [part.detach().contiguous().numpy() for part in ctx.saved_tensors]
        means, scales, quaternions, _, harmonics = parts
        seen, tiles = ctx.seen, ctx.seen.tiles
        by_pair = np.zeros((len(tiles.ids), ROW), means.dtype)
        by_picture = slopes[0].contiguous().numpy()
        shared(
            lambda _, i, j: blend_back(
                i, j, tiles.starts, tiles.ids, tiles.across, seen.rows, ctx.picture, ctx.ends,
                by_picture, by_pair,
            ),
            tiles.cuts(),
        )  # fmt: skip
        by_row = np.zeros((len(means), ROW), means.dtype)
        add_up(tiles.ids, by_pair, by_row)
        found, eye = [np.zeros_like(part) for part in parts], lens(seen.camera)
        shared(
            lambda _, i, j: project_back(
                i, j, seen.order, means, scales, quaternions, harmonics, seen.rows, by_row, eye,
                *found,
            ),
            even(len(seen.order), 4 * threads()),
        )  # fmt: skip
        return None, *(torch.from_numpy(one) for one in found)


def rasterise(
    means: Tensor,
    scales: Tensor,
    quaternions: Tensor,
    opacities: Tensor,
    harmonics: Tensor,
    camera: Camera,
) -> tuple[Tensor, Tensor]:
    """Make the picture of Gaussians that a camera sees.

    Parameters
    ----------
    means, scales, quaternions, opacities, harmonics : (N, 3), (N, 3), (N, 4), (N,), (N, K, 3)
        As `Gaussians` has them, after their activations but for the quaternions, which may have
        any length; all float32 or all float64, on one device.
    camera : Camera

    Returns
    -------
    colours : (H, W, 3)
        Over black; add what is left times a background.
    left : (H, W)
        What of the background is seen, 0 to 1.

    Raises
    ------
    BadInput
        If the shapes do not fit one another, or they are not all float32 or all float64.
    """
    parts = (means, scales, quaternions, opacities, harmonics)
    if means.device.type != "cpu":
        return tiled(*parts, camera)[:2]
    picture = _Raster.apply(camera, *parts)
    return picture[..., :3], picture[..., 3]
