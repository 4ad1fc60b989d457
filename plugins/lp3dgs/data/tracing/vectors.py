"""Vectors as rows of coordinates, (3, ...) float32, which is how they are fastest."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def dot(one: Tensor, other: Tensor) -> Tensor:
    """Sum of products along the first axis."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def unit(vectors: Tensor) -> Tensor:
    """The same directions with length 1."""
    return vectors / dot(vectors, vectors).sqrt().clamp_min(1e-20)


def turned(turns: Tensor, vectors: Tensor) -> Tensor:
    """Product of matrices (3, 3, ...) with vectors (3, ...)."""
    return torch.stack([dot(row, vectors) for row in turns])


def unturned(turns: Tensor, vectors: Tensor) -> Tensor:
    """Product of transposed matrices with vectors."""
    return turned(turns.transpose(0, 1), vectors)


def column(values: object) -> Tensor:
    """One vector as (3, 1), or many given as (M, 3) as (3, M), float32."""
    return torch.as_tensor(np.atleast_2d(np.asarray(values, np.float32)).T.copy())


def reflected(directions: Tensor, normals: Tensor) -> Tensor:
    """Directions after a mirror."""
    return directions - 2 * dot(directions, normals) * normals


def schlick(cosine: Tensor) -> Tensor:
    """Share that a varnished surface of index 1.5 reflects, by Schlick's formula."""
    return 0.04 + 0.96 * (1 - cosine).clamp(0, 1) ** 5


def fresnel(cosine: Tensor, ratio: Tensor) -> tuple[Tensor, Tensor]:
    """Share that a clear surface reflects, and the cosine behind it.

    Parameters
    ----------
    cosine : (R,) Tensor
        Of the angle of incidence, 0 to 1.
    ratio : (R,) Tensor
        Index in front of the surface over the index behind it.

    Returns
    -------
    share, behind : (R,) Tensor
        The mean of both polarisations, and the cosine of the angle of refraction; 1 and 0 where
        all is reflected. A ratio of 1 reflects nothing.
    """
    squared = 1 - ratio**2 * (1 - cosine**2)
    behind = squared.clamp_min(0).sqrt()
    across = (ratio * cosine - behind) / (ratio * cosine + behind).clamp_min(1e-12)
    along = (cosine - ratio * behind) / (cosine + ratio * behind).clamp_min(1e-12)
    share = torch.where(squared > 0, (across**2 + along**2) / 2, torch.ones_like(cosine))
    return torch.where(ratio == 1, torch.zeros_like(share), share), behind
