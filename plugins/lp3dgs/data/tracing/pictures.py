"""Pictures of bodies: many samples a pixel, what a camera's film makes of light, alpha."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.scene.cameras import Camera

from .bodies import Bodies
from .light import Studio, spread
from .paths import light_along

AT_ONCE = 1 << 16
"""Samples that are followed together."""
KNEE = 0.75
"""Light that is shown as it is; what is brighter is bent towards white."""


def picture(
    bodies: Bodies,
    studio: Studio,
    camera: Camera,
    seed: tuple[int, ...],
    fine: int = 3,
    many: int = 2,
    cancel: CancelToken = NEVER,
) -> np.ndarray:
    """Make one picture: (H, W, 4) uint8, sRGB and alpha, not multiplied, white where alpha is 0.

    Parameters
    ----------
    bodies : Bodies
    studio : Studio
    camera : Camera
    seed : tuple of int
        Of where in a pixel and in the lamp the samples lie; equal ones give equal pictures.
    fine : int
        Samples along each side of a pixel.
    many : int
        Rays to lamp and walls from what each sample meets.
    cancel : CancelToken
    """
    device = bodies.device
    width, height = camera.width, camera.height
    rng = np.random.default_rng(seed)
    offsets = torch.as_tensor(rng.random((4, height, width), np.float32))
    within = torch.as_tensor(rng.random((2, fine * fine, height, width), np.float32))
    rows = max(1, AT_ONCE // (fine * fine * width))
    found = []
    for top in range(0, height, rows):
        cancel.check()
        band = slice(top, min(top + rows, height))
        origins, directions = _rays(camera, within[:, :, band], band, fine)
        chance = torch.stack(
            [spread(offsets[:, band].flatten(1), number * many) for number in range(fine * fine)], 1
        ).flatten(1)
        with torch.inference_mode():
            origins, directions, chance = (
                each.to(device) for each in (origins, directions, chance)
            )
            light, alpha = light_along(bodies, studio, origins, directions, chance, many)
        shape = (fine * fine, band.stop - band.start, width)
        light, alpha = light.reshape(3, *shape).mean(dim=1), alpha.reshape(shape).mean(dim=0)
        found.append(_film(light, alpha).cpu())
    return torch.cat(found, dim=1).permute(1, 2, 0).contiguous().numpy()


def _rays(camera: Camera, within: Tensor, band: slice, fine: int) -> tuple[Tensor, Tensor]:
    """Rays of samples, one in each cell of each pixel: (3, fine * fine * rows * width)."""
    cell = torch.arange(fine * fine)[:, None, None]
    x = torch.arange(camera.width) + (cell % fine + within[0]) / fine
    y = torch.arange(band.start, band.stop)[:, None] + (cell // fine + within[1]) / fine
    return rays_through(camera, x.flatten(), y.flatten())


def rays_through(camera: Camera, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Rays through places of a camera's picture.

    Parameters
    ----------
    camera : Camera
    x, y : (R,) Tensor
        In pixels; the corner of the picture is (0, 0).

    Returns
    -------
    origins, directions : (3, R) Tensor
        In the world, float32.
    """
    pose = np.linalg.inv(np.asarray(camera.world_to_camera, float))
    ahead = torch.stack(
        [(x.double() - camera.cx) / camera.fx, (y.double() - camera.cy) / camera.fy,
         torch.ones_like(x, dtype=torch.float64)]
    )  # fmt: skip
    directions = torch.as_tensor(pose[:3, :3]) @ ahead
    directions = (directions / directions.norm(dim=0)).float()
    origins = torch.as_tensor(pose[:3, 3:]).float().expand_as(directions)
    return origins, directions


def _film(light: Tensor, alpha: Tensor) -> Tensor:
    """Linear RGB times alpha as sRGB and alpha: (4, H, W) uint8."""
    linear = torch.where(alpha > 0, light / alpha.clamp_min(1e-6), 1.0).clamp_min(0)
    bent = KNEE + (1 - KNEE) * (1 - torch.exp((KNEE - linear) / (1 - KNEE)))
    linear = torch.where(linear > KNEE, bent, linear)
    linear = torch.where(alpha > 0, linear, 1.0)
    curved = torch.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(1e-9) ** (1 / 2.4) - 0.055
    )
    both = torch.cat([curved, alpha[None]])
    return (both.clamp(0, 1) * 255 + 0.5).to(torch.uint8)
