"""Points on a surface: by chance, or spread so that none is far from the next."""

from __future__ import annotations

import numpy as np

from ...core.scene.scenes import Mesh
from ..compiling import exact


def sampled(mesh: Mesh, count: int, seed: int = 0) -> np.ndarray:
    """Draw points uniformly by area: (count, 3) float64; none where it has no area.

    Parameters
    ----------
    mesh : Mesh
    count : int
    seed : int
    """
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    ends = np.cumsum(np.linalg.norm(np.cross(b - a, c - a), axis=1))
    if not len(ends) or not ends[-1] > 0:
        return np.empty((0, 3))
    draw = np.random.default_rng(seed)
    face = np.searchsorted(ends, draw.random(count) * ends[-1], side="right")
    face = np.minimum(face, len(ends) - 1)
    root, along = np.sqrt(draw.random((count, 1))), draw.random((count, 1))
    return (1 - root) * a[face] + root * ((1 - along) * b[face] + along * c[face])


def spread(mesh: Mesh, spacing: float) -> np.ndarray:
    """Cover every face with points, corners and edges included: (M, 3) float64.

    Along the longest side of a face and across it, points are at most `spacing` apart; faces
    that meet have their common edge twice.
    """
    points = np.ascontiguousarray(mesh.points, np.float64)
    faces = np.ascontiguousarray(mesh.faces, np.int64)
    counts = np.zeros(len(faces), np.int64)
    nothing = np.empty((0, 3))
    _spread(points, faces, spacing, counts, nothing)
    starts = np.concatenate([[0], np.cumsum(counts)])
    found = np.empty((int(starts[-1]), 3))
    _spread(points, faces, spacing, starts[:-1].copy(), found)
    return found


def thinned(points: np.ndarray, side: float) -> np.ndarray:
    """The mean of the points in each cube of a lattice with this side: (M, 3) float64.

    The lattice begins half a side before the least coordinates, as Open3D's does.
    """
    points = np.asarray(points, np.float64)
    if not len(points):
        return np.empty((0, 3))
    low = points.min(0) - side / 2
    cells = np.floor((points - low) / side).astype(np.int64)
    spans = cells.max(0) + 1
    _, which, counts = np.unique(
        (cells[:, 0] * spans[1] + cells[:, 1]) * spans[2] + cells[:, 2],
        return_inverse=True,
        return_counts=True,
    )
    sums = [np.bincount(which, column, len(counts)) for column in points.T]
    return np.stack(sums, axis=1) / counts[:, None]


@exact
def _spread(points, faces, spacing, places, found):
    """Count the points of each face into `places`, or write them there where `found` has room."""
    for f in range(faces.shape[0]):
        longest, first = -1.0, 0
        for e in range(3):
            p, q = faces[f, e], faces[f, (e + 1) % 3]
            length = 0.0
            for k in range(3):
                length += (points[q, k] - points[p, k]) ** 2
            if length > longest:
                longest, first = length, e
        a, b, c = faces[f, first], faces[f, (first + 1) % 3], faces[f, (first + 2) % 3]
        longest = np.sqrt(longest)
        if not longest < np.inf:
            continue
        area = 0.0
        for k in range(3):
            m, n = (k + 1) % 3, (k + 2) % 3
            one = (points[b, m] - points[a, m]) * (points[c, n] - points[a, n])
            area += (one - (points[b, n] - points[a, n]) * (points[c, m] - points[a, m])) ** 2
        rows = max(int(np.ceil(np.sqrt(area) / max(longest, 1e-30) / spacing)), 1)
        for row in range(rows + 1):
            t = row / rows
            columns = max(int(np.ceil((1 - t) * longest / spacing)), 1)
            if row == rows:
                columns = 0
            for column in range(columns + 1):
                if found.shape[0]:
                    s = (1 - t) * column / max(columns, 1)
                    for k in range(3):
                        found[places[f], k] = (
                            (1 - s - t) * points[a, k] + s * points[b, k] + t * points[c, k]
                        )
                places[f] += 1
