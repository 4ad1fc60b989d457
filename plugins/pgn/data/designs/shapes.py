"""The solid primitives that designs are composed of: boxes, tubes, bodies, wings.

All are closed and face outwards, as `parts` promises; lengths are in the
design's own unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .outlines import ring, rounded_rectangle
from .parts import Part, Vector, loft


def box(center: Vector, size: Vector, rgb: Vector, *, taper: Vector = (1.0, 1.0)) -> Part:
    """Return a sharp-edged box; `taper` scales its top in x and z."""
    half = np.asarray(size, dtype=np.float64) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float64) * half[[0, 2]]
    sections = np.zeros((2, 4, 3))
    sections[0][:, [0, 2]], sections[1][:, [0, 2]] = corners, corners * np.asarray(taper)
    sections[0, :, 1], sections[1, :, 1] = -half[1], half[1]
    return loft(sections + np.asarray(center, dtype=np.float64), rgb)


def rounded_box(
    center: Vector,
    size: Vector,
    rgb: Vector,
    radius: float,
    *,
    taper: Vector = (1.0, 1.0),
    shift: Vector = (0.0, 0.0),
) -> Part:
    """Return a box with all edges rounded by `radius`.

    Parameters
    ----------
    center, size : sequence of float
        Middle and full edge lengths in x, y, z.
    rgb : sequence of float
        Colour, three values in 0..1.
    radius : float
        Radius of the edges, capped at just under half the shortest edge.
    taper : sequence of float
        Scale of the top relative to the bottom, in x and z.
    shift : sequence of float
        Shear: displacement of the top relative to the bottom, in x and z.
    """
    half = np.asarray(size, dtype=np.float64) / 2
    radius = min(radius, 0.98 * half.min())
    angles = np.radians([-84, -60, -35, -10, 10, 35, 60, 84])
    sections = np.zeros((len(angles), 24, 3))
    for section, angle in zip(sections, angles, strict=True):
        y = np.sign(angle) * (half[1] - radius) + radius * np.sin(angle)
        bend = radius * np.cos(angle)
        share = (y + half[1]) / (2 * half[1])
        outline = rounded_rectangle(half[0] - radius + bend, half[2] - radius + bend, bend, 6)
        scale = 1 + (np.asarray(taper) - 1) * share
        section[:, [0, 2]] = outline * scale + np.asarray(shift) * share
        section[:, 1] = y
    return loft(sections + np.asarray(center, dtype=np.float64), rgb)


def tube(
    path: np.ndarray,
    radius: float | Vector,
    rgb: Vector,
    *,
    sides: int = 12,
    closed: bool = False,
) -> Part:
    """Return a round tube swept along a path.

    Parameters
    ----------
    path : numpy.ndarray
        Points the axis runs through, (n, 3), no two neighbours equal.
    radius : float or sequence of float
        One radius, or one for each point.
    rgb : sequence of float
        Colour, three values in 0..1.
    sides : int
        Number of flat sides around.
    closed : bool
        Whether the last point joins the first.
    """
    path = np.asarray(path, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(path),))
    if closed:
        tangents = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    else:
        tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    aside = np.eye(3)[np.abs(tangents[0]).argmin()]
    circle = ring(sides)
    sections = np.empty((len(path), sides, 3))
    for k, tangent in enumerate(tangents):
        aside = aside - tangent * (aside * tangent).sum()
        aside /= np.linalg.norm(aside)
        other = np.cross(tangent, aside)
        sections[k] = path[k] + radii[k] * (circle[:, :1] * aside + circle[:, 1:] * other)
    return loft(sections, rgb, closed=closed)


def cylinder(
    start: Vector,
    end: Vector,
    radius: float,
    rgb: Vector,
    *,
    end_radius: float | None = None,
    sides: int = 24,
) -> Part:
    """Return a cylinder, or a cone when `end_radius` differs, between two points."""
    radii = [radius, radius if end_radius is None else max(end_radius, 1e-4)]
    return tube(np.array([start, end], dtype=np.float64), radii, rgb, sides=sides)


def revolve(
    profile: Sequence[Vector] | np.ndarray,
    rgb: Vector,
    *,
    center: Vector = (0, 0, 0),
    sides: int = 32,
    closed: bool = False,
) -> Part:
    """Return a surface of revolution around the vertical axis.

    Parameters
    ----------
    profile : sequence of (radius, height)
        The outline from one end to the other; a radius of 0 makes a tip.
    rgb : sequence of float
        Colour, three values in 0..1.
    center : sequence of float
        Where the axis meets height 0.
    sides : int
        Number of flat sides around.
    closed : bool
        Whether the outline is a loop beside the axis (a ring or an open shade).
    """
    circle = ring(sides)
    sections = np.empty((len(profile), sides, 3))
    for section, (radius, height) in zip(sections, profile, strict=True):
        section[:, [0, 2]] = max(radius, 1e-4) * circle
        section[:, 1] = height
    return loft(sections + np.asarray(center, dtype=np.float64), rgb, closed=closed)


def shade(
    profile: Sequence[Vector] | np.ndarray,
    thickness: float,
    rgb: Vector,
    *,
    center: Vector = (0, 0, 0),
) -> Part:
    """Return a thin open surface of revolution, like a lamp shade or a bowl."""
    outer = [(r, y) for r, y in profile]
    inner = [(max(r - thickness, 2e-4), y) for r, y in reversed(outer)]
    return revolve(outer + inner, rgb, center=center, closed=True)


def ellipsoid(center: Vector, radii: Vector, rgb: Vector, *, sides: int = 24) -> Part:
    """Return an ellipsoid with its three radii along x, y and z."""
    angles = np.radians(np.linspace(-86, 86, sides // 2 + 1))
    part = revolve(np.stack([np.cos(angles), np.sin(angles)], -1), rgb, sides=sides)
    vertices = part.vertices * np.asarray(radii, float) + np.asarray(center, float)
    return replace(part, vertices=vertices)


def torus(center: Vector, radius: float, thickness: float, rgb: Vector, axis: int = 1) -> Part:
    """Return a ring of tube radius `thickness` around axis 0, 1 or 2."""
    path = np.insert(ring(36) * radius, axis, 0.0, axis=1) + np.asarray(center, float)
    return tube(path, thickness, rgb, closed=True)


def hull(
    stations: Sequence[Vector], rgb: Vector, *, exponent: float = 2.0, sides: int = 32
) -> Part:
    """Return a body lofted along z through superellipses.

    Parameters
    ----------
    stations : sequence of (z, y, half width, half height)
        Middle and half sizes of each cross-section.
    rgb : sequence of float
        Colour, three values in 0..1.
    exponent : float
        2 gives ellipses; larger values approach rectangles.
    sides : int
        Points around each cross-section.
    """
    circle = ring(sides)
    shape = np.sign(circle) * np.abs(circle) ** (2.0 / exponent)
    sections = np.empty((len(stations), sides, 3))
    for section, (z, y, width, height) in zip(sections, stations, strict=True):
        section[:, 0] = shape[:, 0] * max(width, 1e-4)
        section[:, 1] = y + shape[:, 1] * max(height, 1e-4)
        section[:, 2] = z
    return loft(sections, rgb)


def wing(root: Vector, tip: Vector, chords: Vector, thickness: float, rgb: Vector) -> Part:
    """Return a tapered airfoil between two mid-chord points; the chord runs along z.

    Parameters
    ----------
    root, tip : sequence of float
        Middle of the chord at either end.
    chords : sequence of float
        Chord length at the root and at the tip.
    thickness : float
        Thickness as a share of the chord.
    rgb : sequence of float
        Colour, three values in 0..1.
    """
    ends = np.asarray([root, tip], dtype=np.float64)
    span = ends[1] - ends[0]
    up = np.array([-span[1], span[0], 0.0])
    up /= np.linalg.norm(up)
    along = (1 - np.cos(np.linspace(0, np.pi, 9))) / 2
    height = (
        2.6
        * (
            0.2969 * np.sqrt(along)
            - 0.126 * along
            - 0.3516 * along**2
            + 0.2843 * along**3
            - 0.0997 * along**4
        )
        * 2
        * thickness
        + 0.002
    )
    z = np.concatenate([along, along[-2:0:-1]]) - 0.5
    y = np.concatenate([height, -height[-2:0:-1]])
    sections = [
        point + chord * (z[:, None] * np.array([0, 0, 1.0]) + y[:, None] * up)
        for point, chord in zip(ends, chords, strict=True)
    ]
    return loft(np.array(sections), rgb)
