"""A small software renderer and a virtual scanner for closed coloured solids.

Everything is elementwise float64 arithmetic on vertices rounded to a fixed
grid, so pixels do not depend on a graphics driver.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from .designs.meshes import Mesh, dot

SIZE = 137
CROP = 127
FIELD = 25.0
SAMPLES = 3
_BIN = 20
_SCAN_SIZE = 288
_MARGIN = 2.0

DISTANCE = 1.0 / np.sin(np.arctan(np.tan(np.radians(FIELD / 2)) * (CROP - 2 * _MARGIN) / SIZE))
"""Distance of the camera, in radii of the object's ball, so that no crop cuts the object."""


def _range(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c = values[:, 0], values[:, 1], values[:, 2]
    return np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)


def _rotate(points: np.ndarray, axes: np.ndarray) -> np.ndarray:
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    return np.stack([x * a + y * b + z * c for a, b, c in axes], axis=-1)


def _axes(toward: np.ndarray) -> np.ndarray:
    """Return right, up and toward-the-eye as rows."""
    up = np.array([0.0, 1.0, 0.0]) if abs(toward[1]) < 0.99 else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, toward)
    right /= np.sqrt((right**2).sum())
    return np.stack([right, np.cross(toward, right), toward])


def _nearest(screen: np.ndarray, near: np.ndarray, size: int) -> np.ndarray:
    """Fill a depth buffer with triangles.

    Parameters
    ----------
    screen : numpy.ndarray
        (T, 3, 2) positions in pixels; pixel centres lie on whole numbers.
    near : numpy.ndarray
        (T, 3) nearness in 0..1, linear across the screen, larger is closer.
    size : int
        Width and height of the buffer.

    Returns
    -------
    numpy.ndarray
        (size * size,) int64: nearness in 2**-40 in the high bits, triangle in the low
        `_BIN` bits, -1 where nothing was drawn.
    """
    x, y = screen[..., 0], screen[..., 1]
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    d1, d2 = near[:, 1] - near[:, 0], near[:, 2] - near[:, 0]
    slope_x = (d1 * (y[:, 2] - y[:, 0]) - d2 * (y[:, 1] - y[:, 0])) / area
    slope_y = (d2 * (x[:, 1] - x[:, 0]) - d1 * (x[:, 2] - x[:, 0])) / area
    top, bottom = (np.clip(np.ceil(edge), 0, size).astype(np.int64) for edge in _range(y))
    rows = bottom - top
    triangle = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(triangle)) - np.repeat(np.cumsum(rows) - rows, rows) + top[triangle]
    left, right = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        # Upper end first, so that neighbours round their common edge alike.
        swap = y[:, a] > y[:, b]
        upper, lower = np.where(swap, b, a), np.where(swap, a, b)
        each = np.arange(len(swap))
        xa, ya, yb = x[each, upper], y[each, upper], y[each, lower]
        slope = (x[each, lower] - xa) / np.where(ya < yb, yb - ya, 1.0)
        ya, yb = ya[triangle], yb[triangle]
        crossing = (ya <= row) & (row < yb)
        at = xa[triangle] + (row - ya) * slope[triangle]
        left = np.where(crossing, np.minimum(left, at), left)
        right = np.where(crossing, np.maximum(right, at), right)
    first = np.clip(np.ceil(left), 0, size).astype(np.int64)
    spans = np.maximum(np.clip(np.ceil(right), 0, size).astype(np.int64) - first, 0)
    used = spans > 0
    triangle, row, first, spans = triangle[used], row[used], first[used], spans[used]
    base = near[triangle, 0] + (row - y[triangle, 0]) * slope_y[triangle]
    base += (first - x[triangle, 0]) * slope_x[triangle]
    span = np.repeat(np.arange(len(spans)), spans)
    step = np.arange(len(span)) - (np.cumsum(spans) - spans)[span]
    depth = base[span] + step * slope_x[triangle][span]
    lowest, highest = (edge[triangle] for edge in _range(near))
    depth = np.minimum(np.maximum(depth, lowest[span]), highest[span])
    key = ((depth * 2.0**40).astype(np.int64) << _BIN) | triangle[span]
    buffer = np.full(size * size, -1, dtype=np.int64)
    np.maximum.at(buffer, row[span] * size + first[span] + step, key)
    return buffer


def eye_direction(azimuth: float, elevation: float) -> np.ndarray:
    """Return the unit vector from a design to the camera, in the design's own frame.

    Azimuth 0 stands in front of it (on -z), 90 on its +x side; degrees. Turned with the design
    into the frame of the set, this is `frame.camera_direction`.
    """
    turn, lift = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(turn) * np.cos(lift), np.sin(lift), -np.cos(turn) * np.cos(lift)])


def render(mesh: Mesh, azimuth: float, elevation: float) -> np.ndarray:
    """Return one view of the object on a transparent background.

    Parameters
    ----------
    mesh : Mesh
        The object.
    azimuth, elevation : float
        Where the camera stands, degrees; see `eye_direction`.

    Returns
    -------
    numpy.ndarray
        (137, 137, 4) uint8 RGBA, not premultiplied; RGB is 0 where alpha is 0.
    """
    size = SIZE * SAMPLES
    radius = np.sqrt(dot(mesh.corners, mesh.corners).max())
    axes = _axes(eye_direction(azimuth, elevation))
    local = _rotate(mesh.corners, axes) / radius
    away = DISTANCE - local[..., 2]
    focus = size / (2 * np.tan(np.radians(FIELD / 2)))
    middle = (size - 1) / 2
    screen = np.stack(
        [middle + focus * local[..., 0] / away, middle - focus * local[..., 1] / away], axis=-1
    )
    x, y = screen[..., 0], screen[..., 1]
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    front = np.flatnonzero(area < 0)
    nearness = ((DISTANCE - 1) / away - 0.5) / 0.55
    buffer = _nearest(screen[front], nearness[front], size)
    seen = np.flatnonzero(buffer >= 0)
    triangle = front[buffer[seen] & ((1 << _BIN) - 1)]
    row, column = seen // size, seen % size
    x, y, area = x[triangle], y[triangle], area[triangle]
    second = (column - x[:, 0]) * (y[:, 2] - y[:, 0]) - (row - y[:, 0]) * (x[:, 2] - x[:, 0])
    third = (row - y[:, 0]) * (x[:, 1] - x[:, 0]) - (column - x[:, 0]) * (y[:, 1] - y[:, 0])
    second, third = np.clip(second / area, 0, 1)[:, None], np.clip(third / area, 0, 1)[:, None]
    normals = mesh.normals[triangle]
    normal = (1 - second - third) * normals[:, 0] + second * normals[:, 1] + third * normals[:, 2]
    normal /= np.maximum(np.sqrt(dot(normal, normal)), 1e-9)[:, None]
    samples = np.zeros((size * size, 4))
    samples[seen, :3] = _shade(normal, axes, mesh.rgb[triangle])
    samples[seen, 3] = 1.0
    grid = samples.reshape(SIZE, SAMPLES, SIZE, SAMPLES, 4)
    rows = reduce(np.add, [grid[:, k] for k in range(SAMPLES)])
    total = reduce(np.add, [rows[:, :, k] for k in range(SAMPLES)])
    cover = total[..., 3:]
    image = np.concatenate([total[..., :3] / np.maximum(cover, 1), cover / SAMPLES**2], axis=-1)
    return np.floor(image * 255 + 0.5).astype(np.uint8)


def _shade(normal: np.ndarray, axes: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Light the surface with a key light by the camera, a fill light and the sky."""
    right, up, toward = axes

    def lit(direction: np.ndarray) -> np.ndarray:
        direction = direction / np.sqrt((direction**2).sum())
        return np.maximum(dot(normal, direction), 0.0)

    key = -0.45 * right + 0.65 * up + 0.70 * toward
    key /= np.sqrt((key**2).sum())
    gloss = lit(key + toward)
    for _ in range(4):
        gloss = gloss * gloss
    fill = lit(0.9 * right + 0.1 * up + 0.4 * toward)
    light = 0.32 + 0.10 * normal[:, 1] + 0.60 * lit(key) + 0.24 * fill
    return np.clip(rgb * light[:, None] + 0.12 * gloss[:, None], 0.0, 1.0)


def scan_directions(count: int = 48) -> np.ndarray:
    """Return directions spread evenly over the sphere, (count, 3) unit vectors."""
    height = 1 - (2 * np.arange(count) + 1) / count
    turn = np.arange(count) * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], axis=-1)


def scan(mesh: Mesh, count: int, rng: np.random.Generator, directions: int = 48) -> np.ndarray:
    """Return points on the outside of the object, as a scanner walking around it sees it.

    Parameters
    ----------
    mesh : Mesh
        The object.
    count : int
        How many points to return.
    rng : numpy.random.Generator
        Source of the positions.
    directions : int
        From how many sides the scanner looks.

    Returns
    -------
    numpy.ndarray
        (count, 3) float32, uniform over the visible area, in random order.
    """
    size, pixel = _SCAN_SIZE, 1.04 / _SCAN_SIZE
    views = []
    for direction in scan_directions(directions):
        axes = _axes(direction)
        front = np.flatnonzero(dot(mesh.facing, direction) > 1e-6)
        local = _rotate(mesh.corners[front], axes)
        screen = local[..., :2] / pixel + (size - 1) / 2
        depth = (_nearest(screen, local[..., 2] * 0.9 + 0.5, size) >> _BIN) / 2.0**40
        views.append((axes, direction, depth))
    found: list[np.ndarray] = []
    missing = count
    while missing > 0:
        points, facing = _sample(mesh, max(2 * missing, 4000), rng)
        visible = np.zeros(len(points), dtype=bool)
        for axes, direction, depth in views:
            ask = np.flatnonzero(~visible & (dot(facing, direction) > 0.3))
            local = _rotate(points[ask], axes)
            column, row = np.round(local[:, :2] / pixel + (size - 1) / 2).astype(np.int64).T
            near = local[:, 2] * 0.9 + 0.5 + 2.0 * pixel * 0.9
            visible[ask[near >= depth[row * size + column]]] = True
        found.append(points[visible])
        missing -= int(visible.sum())
    return np.concatenate(found)[:count].astype(np.float32)


def _sample(mesh: Mesh, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return area-uniform points and the flat normals under them, in random order."""
    upto = np.cumsum(mesh.areas)
    where = (rng.permutation(count) + rng.random(count)) / count * upto[-1]
    triangle = np.minimum(np.searchsorted(upto, where, side="right"), len(upto) - 1)
    first, second = rng.random((2, count, 1))
    root = np.sqrt(first)
    a, b, c = (mesh.corners[triangle, k] for k in range(3))
    points = (1 - root) * a + root * (1 - second) * b + root * second * c
    return points, mesh.facing[triangle]
