"""Flat outlines and curves that solids are swept from, and colours to paint them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WOODS = ((0.55, 0.36, 0.20), (0.72, 0.53, 0.33), (0.44, 0.28, 0.18), (0.80, 0.66, 0.46))
FABRICS = (
    (0.62, 0.22, 0.20),
    (0.22, 0.34, 0.52),
    (0.55, 0.55, 0.50),
    (0.30, 0.42, 0.30),
    (0.76, 0.67, 0.52),
    (0.45, 0.36, 0.50),
)
PAINTS = (
    (0.72, 0.12, 0.12),
    (0.14, 0.28, 0.60),
    (0.86, 0.86, 0.84),
    (0.88, 0.66, 0.14),
    (0.20, 0.42, 0.28),
    (0.50, 0.52, 0.55),
    (0.80, 0.42, 0.14),
)
METALS = ((0.70, 0.71, 0.73), (0.48, 0.49, 0.52), (0.64, 0.56, 0.40))
DARKS = ((0.21, 0.21, 0.23), (0.27, 0.27, 0.30), (0.32, 0.29, 0.27))
WHITES = ((0.90, 0.90, 0.88), (0.82, 0.83, 0.85), (0.92, 0.88, 0.80))
GLASS = (0.20, 0.28, 0.36)
RUBBER = (0.17, 0.17, 0.17)


def paint(
    rng: np.random.Generator, palette: Sequence[Sequence[float]]
) -> tuple[float, float, float]:
    """Return one colour of the palette, slightly varied."""
    base = np.asarray(palette[int(rng.integers(len(palette)))])
    red, green, blue = np.clip(base * rng.uniform(0.88, 1.1) + rng.normal(0, 0.015, 3), 0.03, 0.97)
    return float(red), float(green), float(blue)


def tinted(rgb: Sequence[float], factor: float) -> tuple[float, float, float]:
    """Return the colour made darker (below 1) or lighter (above 1)."""
    red, green, blue = (min(float(value) * factor, 1.0) for value in rgb)
    return red, green, blue


def ring(sides: int) -> np.ndarray:
    """Return the unit circle, (sides, 2), counter-clockwise."""
    angles = np.arange(sides) * (2 * np.pi / sides)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def arc(
    center: Sequence[float], radius: float, start: float, end: float, count: int = 12
) -> np.ndarray:
    """Return points on a circular arc, (count, 2); angles in degrees."""
    angles = np.radians(np.linspace(start, end, count))
    return np.asarray(center) + radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def rounded_rectangle(
    half_width: float, half_height: float, radius: float, count: int = 6
) -> np.ndarray:
    """Return a rectangle with round corners, (4 * count, 2), counter-clockwise."""
    radius = min(radius, 0.98 * min(half_width, half_height))
    across, up = half_width - radius, half_height - radius
    corners = [(across, up, 0), (-across, up, 90), (-across, -up, 180), (across, -up, 270)]
    return np.concatenate([arc((x, y), radius, a, a + 90, count) for x, y, a in corners])


def curve(points: Sequence[Sequence[float]], count: int = 6, *, closed: bool = False) -> np.ndarray:
    """Return a smooth curve through the points.

    Parameters
    ----------
    points : sequence of points
        (n, 2) or (n, 3).
    count : int
        Pieces between one point and the next.
    closed : bool
        Whether the curve comes back to its first point.
    """
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    share = (np.arange(count) / count)[:, None]
    pieces = []
    for k in range(len(padded) - 3):
        a, b, c, d = padded[k : k + 4]
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * share
                + (2 * a - 5 * b + 4 * c - d) * share**2
                + (3 * b - a - 3 * c + d) * share**3
            )
        )
    return np.concatenate(pieces if closed else [*pieces, knots[-1:]])


def inset(outline: np.ndarray, distance: float) -> np.ndarray:
    """Return the outline with every edge moved inwards by `distance`."""
    x, y = outline.T
    turn = np.sign((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())
    edges = np.roll(outline, -1, axis=0) - outline
    edges /= np.linalg.norm(edges, axis=1, keepdims=True)
    inward = turn * np.stack([-edges[:, 1], edges[:, 0]], axis=-1)
    before = np.roll(inward, 1, axis=0)
    share = 1.0 + (inward * before).sum(axis=1, keepdims=True)
    return outline + distance * (inward + before) / np.maximum(share, 0.5)


def triangulate(outline: np.ndarray) -> np.ndarray:
    """Return triangles covering a simple polygon, (m - 2, 3), by clipping ears."""
    x, y = outline.T
    left = list(range(len(outline)))
    if (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() < 0:
        left.reverse()
    triangles = []
    while len(left) > 3:
        points = outline[left]
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        turns = _cross(points - before, after - points)
        best, best_shape = 0, -np.inf
        for k in np.flatnonzero(turns > 1e-14):
            a, b, c = before[k], points[k], after[k]
            inside = (
                (_cross(b - a, points - a) > 1e-14)
                & (_cross(c - b, points - b) > 1e-14)
                & (_cross(a - c, points - c) > 1e-14)
            )
            longest = max(((b - a) ** 2).sum(), ((c - b) ** 2).sum(), ((a - c) ** 2).sum())
            shape = turns[k] / longest
            if not inside.any() and shape > best_shape:
                best, best_shape = int(k), shape
        triangles.append([left[best - 1], left[best], left[(best + 1) % len(left)]])
        del left[best]
    return np.array([*triangles, left], dtype=np.int64)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
