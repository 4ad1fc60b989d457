"""Closed coloured solids: how they are skinned, extruded and placed.

Every solid is closed and its triangles face outwards, so that a renderer may
cull back faces and a scanner may tell the inside from the outside. Lengths
are in the design's own unit (a design is rescaled as a whole afterwards).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .outlines import inset, triangulate

Vector = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Part:
    """One closed solid of one colour.

    Attributes
    ----------
    vertices : numpy.ndarray
        Positions, (V, 3) float64.
    triangles : numpy.ndarray
        Indices into `vertices`, (F, 3) int64, counter-clockwise from outside.
    rgb : tuple of float
        Colour, three values in 0..1.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    rgb: tuple[float, float, float]


def signed_volume(vertices: np.ndarray, triangles: np.ndarray) -> float:
    """Return the enclosed volume; negative when the triangles face inwards."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def solid(vertices: np.ndarray, triangles: np.ndarray, rgb: Vector) -> Part:
    """Return a part whose triangles face outwards, whatever way they were given."""
    vertices = np.asarray(vertices, dtype=np.float64)
    triangles = np.asarray(triangles, dtype=np.int64)
    if signed_volume(vertices - vertices.mean(axis=0), triangles) < 0:
        triangles = triangles[:, ::-1].copy()
    red, green, blue = (float(value) for value in rgb)
    return Part(vertices, triangles, (red, green, blue))


def loft(sections: np.ndarray, rgb: Vector, *, closed: bool = False) -> Part:
    """Return the skin over a row of rings.

    Parameters
    ----------
    sections : numpy.ndarray
        Rings of equally many points, (n, m, 3).
    rgb : sequence of float
        Colour, three values in 0..1.
    closed : bool
        Join the last ring to the first instead of capping both ends.
    """
    sections = np.asarray(sections, dtype=np.float64)
    rows, columns, _ = sections.shape
    vertices = sections.reshape(-1, 3)
    here = np.arange(rows if closed else rows - 1)[:, None] * columns
    there = (here + columns) % (rows * columns)
    across = np.arange(columns)[None]
    beside = (across + 1) % columns
    a, b, c, d = here + across, here + beside, there + beside, there + across
    triangles = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    if not closed:
        count = len(vertices)
        vertices = np.vstack([vertices, sections[0].mean(0), sections[-1].mean(0)])
        first, last = np.arange(columns), (rows - 1) * columns + np.arange(columns)
        triangles.append(np.stack([np.full(columns, count), np.roll(first, -1), first], -1))
        triangles.append(np.stack([np.full(columns, count + 1), last, np.roll(last, -1)], -1))
    return solid(vertices, np.concatenate(triangles), rgb)


def extrude(
    outline: np.ndarray,
    depth: float,
    rgb: Vector,
    *,
    plane: str = "xy",
    at: float = 0.0,
    bevel: float = 0.0,
) -> Part:
    """Return a flat outline given a thickness.

    Parameters
    ----------
    outline : numpy.ndarray
        Simple polygon, (m, 2), convex or not.
    depth : float
        Thickness across the plane, centred on `at`.
    rgb : sequence of float
        Colour, three values in 0..1.
    plane : str
        The two axes the outline's columns stand for: "xy", "zy" or "xz".
    at : float
        Position of the mid-plane on the remaining axis.
    bevel : float
        Size of the chamfer along both rims.
    """
    outline = np.asarray(outline, dtype=np.float64)
    first, second = ("xyz".index(letter) for letter in plane)
    third = 3 - first - second
    if bevel:
        small = inset(outline, bevel)
        layers = [
            (small, -depth / 2),
            (outline, -depth / 2 + bevel),
            (outline, depth / 2 - bevel),
            (small, depth / 2),
        ]
    else:
        layers = [(outline, -depth / 2), (outline, depth / 2)]
    sections = np.empty((len(layers), len(outline), 3))
    for section, (points, height) in zip(sections, layers, strict=True):
        section[:, first], section[:, second] = points[:, 0], points[:, 1]
        section[:, third] = height + at
    count, rows = len(outline), len(layers)
    cap = triangulate(outline)
    here = np.arange(rows - 1)[:, None] * count
    across = np.arange(count)[None]
    beside = (across + 1) % count
    a, b, c, d = here + across, here + beside, here + count + beside, here + count + across
    turn = 1 if _area(outline) > 0 else -1
    triangles = np.concatenate(
        [
            np.stack([a, b, c], -1).reshape(-1, 3)[:, ::turn],
            np.stack([a, c, d], -1).reshape(-1, 3)[:, ::turn],
            cap[:, ::-1],
            cap + (rows - 1) * count,
        ]
    )
    return solid(sections.reshape(-1, 3), triangles, rgb)


def _area(outline: np.ndarray) -> float:
    x, y = outline.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def moved(part: Part, offset: Vector) -> Part:
    """Return the part displaced by `offset`."""
    return replace(part, vertices=part.vertices + np.asarray(offset, dtype=np.float64))


def turned(part: Part, axis: int, degrees: float, pivot: Vector = (0, 0, 0)) -> Part:
    """Return the part turned about axis 0, 1 or 2 through `pivot`, right-handed."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    pivot = np.asarray(pivot, dtype=np.float64)
    vertices = part.vertices - pivot
    a, b = vertices[:, first].copy(), vertices[:, second].copy()
    vertices[:, first] = cosine * a - sine * b
    vertices[:, second] = sine * a + cosine * b
    return replace(part, vertices=vertices + pivot)


def mirrored(part: Part, axis: int = 0) -> Part:
    """Return the mirror image across the plane where `axis` is 0."""
    vertices = part.vertices.copy()
    vertices[:, axis] *= -1
    return replace(part, vertices=vertices, triangles=part.triangles[:, ::-1].copy())


def both(*parts: Part, axis: int = 0) -> list[Part]:
    """Return the parts followed by their mirror images."""
    return [*parts, *(mirrored(part, axis) for part in parts)]


def spun(parts: Iterable[Part], count: int, pivot: Vector = (0, 0, 0)) -> list[Part]:
    """Return `count` copies of the parts set evenly around a vertical axis."""
    parts = list(parts)
    return [turned(part, 1, 360.0 * k / count, pivot) for k in range(count) for part in parts]
