"""Whole objects: all parts together, scaled, with smooth normals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .parts import Part

_CREASE = np.cos(np.radians(38.0))


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the dot products of the vectors in the last axis, (..., 3) to (...)."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]


@dataclass(frozen=True)
class Mesh:
    """A whole object as loose triangles.

    Attributes
    ----------
    corners : numpy.ndarray
        (T, 3, 3) float64: triangle, corner, xyz; bounding box diagonal 1, centred on 0.
    normals : numpy.ndarray
        (T, 3, 3) float64 unit normals at the corners, smooth below the crease angle.
    facing : numpy.ndarray
        (T, 3) float64 unit normals of the flat triangles.
    areas : numpy.ndarray
        (T,) float64.
    rgb : numpy.ndarray
        (T, 3) float64 in 0..1.
    """

    corners: np.ndarray
    normals: np.ndarray
    facing: np.ndarray
    areas: np.ndarray
    rgb: np.ndarray


def assemble(parts: Iterable[Part]) -> Mesh:
    """Return all parts as one mesh, scaled to a bounding box diagonal of 1 around 0."""
    parts = list(parts)
    everything = np.concatenate([part.vertices for part in parts])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = 1.0 / np.sqrt(((high - low) ** 2).sum())
    corners, normals, colours = [], [], []
    for part in parts:
        vertices = np.round((part.vertices - (low + high) / 2) * scale * 2.0**24) / 2.0**24
        piece = vertices[part.triangles]
        cross = np.cross(piece[:, 1] - piece[:, 0], piece[:, 2] - piece[:, 0])
        kept = dot(cross, cross) > 1e-20
        corners.append(piece[kept])
        normals.append(_corner_normals(part.triangles[kept], cross[kept], len(vertices)))
        colours.append(np.broadcast_to(np.asarray(part.rgb), (int(kept.sum()), 3)))
    joined = np.concatenate(corners)
    cross = np.cross(joined[:, 1] - joined[:, 0], joined[:, 2] - joined[:, 0])
    length = np.sqrt(dot(cross, cross))
    return Mesh(
        joined,
        np.concatenate(normals),
        cross / length[:, None],
        length / 2,
        np.concatenate(colours),
    )


def _corner_normals(triangles: np.ndarray, cross: np.ndarray, count: int) -> np.ndarray:
    """Average, at each corner, the triangles around it that bend less than the crease."""
    flat = cross / np.sqrt(dot(cross, cross))[:, None]
    owner = np.repeat(np.arange(len(triangles)), 3)
    order = np.argsort(triangles.ravel(), kind="stable")
    degree = np.bincount(triangles.ravel(), minlength=count)
    start = np.cumsum(degree) - degree
    corner_degree = degree[triangles.ravel()]
    corner = np.repeat(np.arange(len(owner)), corner_degree)
    step = np.arange(len(corner)) - np.repeat(
        np.cumsum(corner_degree) - corner_degree, corner_degree
    )
    other = owner[order[start[triangles.ravel()[corner]] + step]]
    near = dot(flat[owner[corner]], flat[other]) > _CREASE
    corner, other = corner[near], other[near]
    total = np.stack(
        [np.bincount(corner, cross[other, axis], len(owner)) for axis in range(3)], axis=-1
    )
    total = total / np.sqrt(dot(total, total))[:, None]
    return total.reshape(-1, 3, 3)
