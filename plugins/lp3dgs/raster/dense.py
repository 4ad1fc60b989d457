"""The plain way, in torch: projection and blending of all Gaussians at all pixels given.

Both are differentiated by autograd, on any device. The fast kernels are compared with them, and
where there are no kernels for a device they do the work.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from prune3d_gui.core.scene.cameras import Camera

from .rules import BORDER, C0, C1, C2, C3, CLOSED, FAINT, LOW_PASS, NEAR, REACH, SOLID


@dataclass(frozen=True)
class Projected:
    """Gaussians on the plane of a picture, from front to back; those never seen are left out.

    Attributes
    ----------
    index : (M,) int64
        Their numbers in the scene.
    centres : (M, 2)
        In pixels.
    conics : (M, 3)
        Inverse covariances on screen: xx, xy, yy.
    deviations : (M, 2)
        Standard deviations across and down, in pixels; not differentiated.
    opacities : (M,)
    colours : (M, 3)
    """

    index: Tensor
    centres: Tensor
    conics: Tensor
    deviations: Tensor
    opacities: Tensor
    colours: Tensor


def rotations(quaternions: Tensor) -> Tensor:
    """Rotation matrices, (N, 3, 3), of quaternions, (N, 4), w first and of any length."""
    w, x, y, z = torch.nn.functional.normalize(quaternions, dim=1).unbind(1)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def basis(directions: Tensor, terms: int) -> Tensor:
    """Real spherical harmonics of unit vectors, (N, 3): (N, terms)."""
    x, y, z = directions.unbind(1)
    found = [torch.full_like(x, C0)]
    if terms > 1:
        found += [-C1 * y, C1 * z, -C1 * x]
    if terms > 4:
        xx, yy, zz = x * x, y * y, z * z
        found += [C2[0] * x * y, -C2[0] * y * z, C2[1] * (2 * zz - xx - yy)]
        found += [-C2[0] * x * z, C2[2] * (xx - yy)]
    if terms > 9:
        found += [-C3[0] * y * (3 * xx - yy), C3[1] * x * y * z, -C3[2] * y * (4 * zz - xx - yy)]
        found += [C3[3] * z * (2 * zz - 3 * xx - 3 * yy), -C3[2] * x * (4 * zz - xx - yy)]
        found += [C3[4] * z * (xx - yy), -C3[0] * x * (xx - 3 * yy)]
    return torch.stack(found, 1)


def projected(
    means: Tensor,
    scales: Tensor,
    quaternions: Tensor,
    opacities: Tensor,
    harmonics: Tensor,
    camera: Camera,
) -> Projected:
    """Project Gaussians as Zwicker et al. (*EWA splatting*, 2002) do; arguments of `rasterise`."""
    view = torch.as_tensor(camera.world_to_camera).to(means)
    parts = (means, scales, quaternions, harmonics.flatten(1))
    sound = torch.stack([part.isfinite().all(1) for part in parts]).all(0)
    sound &= quaternions.square().sum(1) > 0
    with torch.no_grad():
        depth = means @ view[2, :3] + view[2, 3]
        index = (sound & (depth >= NEAR) & (opacities >= FAINT)).nonzero()[:, 0]
        index = index[depth[index].argsort(stable=True)]
    means, scales, opacities = means[index], scales[index], opacities[index]
    x, y, z = (means @ view[:3, :3].T + view[:3, 3]).unbind(1)
    half = (camera.width / (2 * camera.fx), camera.height / (2 * camera.fy))
    low = (-camera.cx / camera.fx, -camera.cy / camera.fy)
    high = ((camera.width - camera.cx) / camera.fx, (camera.height - camera.cy) / camera.fy)
    bent = [
        (at / z).clamp(low[i] - BORDER * half[i], high[i] + BORDER * half[i])
        for i, at in enumerate((x, y))
    ]
    none = torch.zeros_like(z)
    across = torch.stack([camera.fx / z, none, -camera.fx * bent[0] / z], 1)
    down = torch.stack([none, camera.fy / z, -camera.fy * bent[1] / z], 1)
    turned = torch.stack([across, down], 1) @ view[:3, :3] @ rotations(quaternions[index])
    spread = turned * scales[:, None]
    covariance = spread @ spread.transpose(1, 2) + LOW_PASS * torch.eye(2).to(means)
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    area = xx * yy - xy * xy
    place = torch.as_tensor(camera.place).to(means)
    directions = torch.nn.functional.normalize(means - place, dim=1)
    shade = torch.einsum("nk,nkc->nc", basis(directions, harmonics.shape[1]), harmonics[index])
    return Projected(
        index,
        torch.stack([camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy], 1),
        torch.stack([yy / area, -xy / area, xx / area], 1),
        torch.stack([xx, yy], 1).detach().sqrt(),
        opacities,
        (shade + 0.5).clamp(min=0),
    )


def blended(
    pixels: Tensor, centres: Tensor, conics: Tensor, opacities: Tensor, colours: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Blend Gaussians at pixels, front to back.

    Parameters
    ----------
    pixels : (..., P, 2)
        Their middles.
    centres, conics, opacities, colours : (..., M, 2), (..., M, 3), (..., M), (..., M, 3)
        In order of depth; an opacity of 0 stands for no Gaussian.

    Returns
    -------
    colours, transmittances, shares : (..., P, 3), (..., P), (..., P, M)
        The share of a Gaussian in a pixel is alpha times what is left before it.
    """
    dx, dy = (pixels[..., :, None, :] - centres[..., None, :, :]).unbind(-1)
    xx, xy, yy = (part[..., None, :] for part in conics.unbind(-1))
    power = xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy
    alpha = (opacities[..., None, :] * torch.exp(-0.5 * power)).clamp(max=SOLID)
    alpha = torch.where((power <= REACH) & (alpha >= FAINT), alpha, 0)
    with torch.no_grad():
        there = (1 - alpha).cumprod(-1) >= CLOSED
    alpha = torch.where(there, alpha, 0)
    after = (1 - alpha).cumprod(-1)
    before = torch.cat([torch.ones_like(after[..., :1]), after[..., :-1]], -1)
    shares = alpha * before
    left = after[..., -1] if after.shape[-1] else torch.ones_like(pixels[..., 0])
    return shares @ colours, left, shares
