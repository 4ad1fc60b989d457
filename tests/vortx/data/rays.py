"""Rays against triangles, every one with every other: the other way to what is met first."""

import numpy as np


def first_met(mesh, origin, directions):
    """How far along each ray (N, 3) the nearest face is, by Möller and Trumbore; inf for none."""
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(float) for k in range(3))
    e, f = b - a, c - a
    found = np.full(len(directions), np.inf)
    for number, ray in enumerate(directions):
        p = np.cross(ray, f)
        det = (p * e).sum(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            s = origin - a
            u = (s * p).sum(1) / det
            q = np.cross(s, e)
            v = q @ ray / det
            t = (q * f).sum(1) / det
        hit = (det != 0) & (u >= -1e-7) & (v >= -1e-7) & (u + v <= 1 + 1e-7) & (t > 1e-6)
        if hit.any():
            found[number] = t[hit].min()
    return found


def pixel_rays(intrinsics, pose, rows, columns):
    """Rays of depth 1 through the middles of pixels, in the world."""
    k = intrinsics
    x, y = (columns + 0.5 - k[0, 2]) / k[0, 0], (rows + 0.5 - k[1, 2]) / k[1, 1]
    return np.stack([x, y, np.ones_like(x)], axis=-1) @ pose[:3, :3].T
