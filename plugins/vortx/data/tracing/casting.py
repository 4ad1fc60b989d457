"""Rays and what they meet first, through a tree of boxes around the solids.

Compiled loops: what they need is in this module (see `geometry.compiling`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prune3d_gui.geometry.compiling import exact, shared, threads

from .solids import Solids

LEAF = 2
"""Solids at most in a leaf of the tree, unless their middles are one place."""
FAR = 1e9
NEAR = 1e-9
Met = tuple[np.ndarray, np.ndarray, np.ndarray]
"""How far along each ray, which solid, which face; see `cast`."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Solids in a tree of boxes.

    Parameters
    ----------
    boxes : (N, 6) float64
        Lowest and highest corner of each node.
    links : (N, 2) int64
        Children of a node; of a leaf, minus one minus where its solids begin, and how many.
    order : (P,) int64
        Solids in the order of the leaves.
    shapes : (P, 15) float64
        In that order: centre, the rows of local-from-world, half sides.
    kinds : (P,) int64
    clear : (P,) bool
    solids : Solids
    """

    boxes: np.ndarray
    links: np.ndarray
    order: np.ndarray
    shapes: np.ndarray
    kinds: np.ndarray
    clear: np.ndarray
    solids: Solids

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """What the compiled loops take."""
        return self.boxes, self.links, self.order, self.shapes, self.kinds, self.clear


def tree_of(solids: Solids) -> Tree:
    """Sort solids into a tree: every node is cut at the middle of its longer side."""
    low, high = solids.bounds
    middle = (low + high) / 2
    boxes: list[np.ndarray] = []
    links: list[list[int]] = []
    order: list[int] = []

    def grow(members: np.ndarray) -> int:
        number = len(boxes)
        boxes.append(np.concatenate([low[members].min(axis=0), high[members].max(axis=0)]))
        links.append([0, 0])
        places = middle[members]
        axis = int(np.argmax(np.ptp(places, axis=0)))
        if len(members) <= LEAF or np.ptp(places[:, axis]) == 0:
            links[number] = [-1 - len(order), len(members)]
            order.extend(members)
            return number
        ranked = members[np.argsort(places[:, axis], kind="stable")]
        cut = _cheapest(low[ranked], high[ranked])
        links[number] = [grow(ranked[:cut]), grow(ranked[cut:])]
        return number

    grow(np.arange(len(solids)))
    sorted_by = np.array(order)
    shapes = np.concatenate(
        [solids.centre, solids.turn.transpose(0, 2, 1).reshape(-1, 9), solids.half], axis=1
    )
    return Tree(
        np.array(boxes), np.array(links, np.int64), sorted_by, shapes[sorted_by],
        solids.kind[sorted_by], solids.clear[sorted_by], solids,
    )  # fmt: skip


def _cheapest(low: np.ndarray, high: np.ndarray) -> int:
    """Where to cut a row of boxes so that both parts together are hit least."""

    def cost(low: np.ndarray, high: np.ndarray) -> np.ndarray:
        sides = np.maximum.accumulate(high) - np.minimum.accumulate(low)
        area = (sides * np.roll(sides, 1, axis=1)).sum(axis=1)
        return area * np.arange(1, len(sides) + 1)

    return 1 + int(np.argmin(cost(low, high)[:-1] + cost(low[::-1], high[::-1])[:-1][::-1]))


def cast(tree: Tree, origins: np.ndarray, directions: np.ndarray) -> Met:
    """Find what rays meet first.

    Parameters
    ----------
    tree : Tree
    origins : (N, 3) or (1, 3) float64
    directions : (N, 3) float64

    Returns
    -------
    along : (N,) float64
        In lengths of the direction; `FAR` for nothing.
    solid : (N,) int32
        -1 for nothing.
    face : (N,) int8
        Chart of the solid, see `solids.FACES`.
    """
    count = len(directions)
    along, solid = np.empty(count), np.empty(count, np.int32)
    face = np.empty(count, np.int8)
    cuts = np.linspace(0, count, 8 * threads() + 1).astype(np.int64)
    shared(
        lambda _, first, last: _cast(
            first, last, origins, directions, *tree.arrays, along, solid, face
        ),
        cuts,
    )
    return along, solid, face


def blocked(
    tree: Tree, origins: np.ndarray, directions: np.ndarray, reach: float = 1.0 - 1e-6
) -> np.ndarray:
    """Whether rays meet anything but what is clear before `reach` directions: (N,) bool."""
    found = np.empty(len(directions), np.bool_)
    cuts = np.linspace(0, len(directions), 8 * threads() + 1).astype(np.int64)
    shared(
        lambda _, first, last: _blocked(
            first, last, origins, directions, reach, *tree.arrays, found
        ),
        cuts,
    )
    return found


def within(tree: Tree, points: np.ndarray) -> np.ndarray:
    """Whether points are inside any solid: (N,) bool."""
    found = np.empty(len(points), np.bool_)
    cuts = np.linspace(0, len(points), 8 * threads() + 1).astype(np.int64)
    shared(lambda _, first, last: _within(first, last, points, *tree.arrays, found), cuts)
    return found


@exact
def _enter(boxes, node, ox, oy, oz, ix, iy, iz, best):
    """Where a ray enters a node's box; `FAR` if it does not before `best`."""
    a, b = (boxes[node, 0] - ox) * ix, (boxes[node, 3] - ox) * ix
    near, far = min(a, b), max(a, b)
    a, b = (boxes[node, 1] - oy) * iy, (boxes[node, 4] - oy) * iy
    near, far = max(near, min(a, b)), min(far, max(a, b))
    a, b = (boxes[node, 2] - oz) * iz, (boxes[node, 5] - oz) * iz
    near, far = max(near, min(a, b)), min(far, max(a, b))
    if far < max(near, 0.0) or near >= best:
        return FAR
    return max(near, 0.0)


@exact
def _meet(shape, kind, ox, oy, oz, dx, dy, dz):
    """Where a ray comes into a solid from outside, and on which face; `FAR` if nowhere."""
    gx, gy, gz = ox - shape[0], oy - shape[1], oz - shape[2]
    px = shape[3] * gx + shape[4] * gy + shape[5] * gz
    py = shape[6] * gx + shape[7] * gy + shape[8] * gz
    pz = shape[9] * gx + shape[10] * gy + shape[11] * gz
    qx = shape[3] * dx + shape[4] * dy + shape[5] * dz
    qy = shape[6] * dx + shape[7] * dy + shape[8] * dz
    qz = shape[9] * dx + shape[10] * dy + shape[11] * dz
    hx, hy, hz = shape[12], shape[13], shape[14]
    if kind == 0:
        near, far, face = -FAR, FAR, 0
        for axis in range(3):
            p, q, h = (px, qx, hx) if axis == 0 else ((py, qy, hy) if axis == 1 else (pz, qz, hz))
            if q == 0.0:
                if abs(p) > h:
                    return FAR, 0
                continue
            a, b = (-h - p) / q, (h - p) / q
            low, high = min(a, b), max(a, b)
            if low > near:
                near, face = low, 2 * axis + (1 if q < 0 else 0)
            far = min(far, high)
        if near > far or near < NEAR:
            return FAR, 0
        return near, face
    if kind == 2:
        px, py, pz, qx, qy, qz = px / hx, py / hy, pz / hz, qx / hx, qy / hy, qz / hz
        a = qx * qx + qy * qy + qz * qz
        b = px * qx + py * qy + pz * qz
        c = px * px + py * py + pz * pz - 1.0
        inner = b * b - a * c
        if inner <= 0.0:
            return FAR, 0
        near = (-b - np.sqrt(inner)) / a
        return (near, 0) if near >= NEAR else (FAR, 0)
    # A frustum: the side where its radius is r + s z, and the two discs.
    found, face = FAR, 0
    slope = (hy - hx) / (2 * hz)
    radius = (hx + hy) / 2 + slope * pz
    a = qx * qx + qy * qy - slope * slope * qz * qz
    b = px * qx + py * qy - radius * slope * qz
    c = px * px + py * py - radius * radius
    inner = b * b - a * c
    if inner > 0.0 and a > 0.0:
        near = (-b - np.sqrt(inner)) / a
        if near >= NEAR and abs(pz + near * qz) <= hz:
            found = near
    if qz != 0.0:
        end = -hz if qz > 0 else hz
        near = (end - pz) / qz
        x, y, r = px + near * qx, py + near * qy, hx if qz > 0 else hy
        if near >= NEAR and near < found and x * x + y * y <= r * r:
            found, face = near, 1 if qz > 0 else 2
    return found, face


@exact
def _cast(
    first, last, origins, directions, boxes, links, order, shapes, kinds, clear, along, solid, face
):
    stack, entries = np.empty(64, np.int64), np.empty(64)
    one = origins.shape[0] == 1
    for ray in range(first, last):
        at = 0 if one else ray
        ox, oy, oz = origins[at, 0], origins[at, 1], origins[at, 2]
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        ix = 1.0 / dx if dx != 0.0 else 1e300
        iy = 1.0 / dy if dy != 0.0 else 1e300
        iz = 1.0 / dz if dz != 0.0 else 1e300
        best, which, side = FAR, -1, 0
        stack[0], entries[0], depth = 0, 0.0, 1
        while depth > 0:
            depth -= 1
            node = stack[depth]
            if entries[depth] >= best:
                continue
            while links[node, 0] >= 0:  # down to a leaf, the nearer child first
                left, right = links[node, 0], links[node, 1]
                a = _enter(boxes, left, ox, oy, oz, ix, iy, iz, best)
                b = _enter(boxes, right, ox, oy, oz, ix, iy, iz, best)
                if a > b:
                    left, right, a, b = right, left, b, a
                if a == FAR:
                    node = -1
                    break
                if b < FAR:
                    stack[depth], entries[depth] = right, b
                    depth += 1
                node = left
            if node < 0:
                continue
            start = -1 - links[node, 0]
            for k in range(start, start + links[node, 1]):
                t, f = _meet(shapes[k], kinds[k], ox, oy, oz, dx, dy, dz)
                if t < best:
                    best, which, side = t, order[k], f
        along[ray], solid[ray], face[ray] = best, which, side


@exact
def _blocked(
    first, last, origins, directions, reach, boxes, links, order, shapes, kinds, clear, found
):
    stack = np.empty(64, np.int64)
    one = origins.shape[0] == 1
    for ray in range(first, last):
        at = 0 if one else ray
        ox, oy, oz = origins[at, 0], origins[at, 1], origins[at, 2]
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        ix = 1.0 / dx if dx != 0.0 else 1e300
        iy = 1.0 / dy if dy != 0.0 else 1e300
        iz = 1.0 / dz if dz != 0.0 else 1e300
        stack[0], depth, hit = 0, 1, False
        while depth > 0 and not hit:
            depth -= 1
            node = stack[depth]
            if _enter(boxes, node, ox, oy, oz, ix, iy, iz, reach) == FAR:
                continue
            if links[node, 0] >= 0:
                stack[depth], stack[depth + 1] = links[node, 0], links[node, 1]
                depth += 2
                continue
            start = -1 - links[node, 0]
            for k in range(start, start + links[node, 1]):
                if not clear[k] and _meet(shapes[k], kinds[k], ox, oy, oz, dx, dy, dz)[0] < reach:
                    hit = True
                    break
        found[ray] = hit


@exact
def _within(first, last, points, boxes, links, order, shapes, kinds, clear, found):
    stack = np.empty(64, np.int64)
    for number in range(first, last):
        x, y, z = points[number, 0], points[number, 1], points[number, 2]
        stack[0], depth, hit = 0, 1, False
        while depth > 0 and not hit:
            depth -= 1
            node = stack[depth]
            if (
                x < boxes[node, 0] or y < boxes[node, 1] or z < boxes[node, 2]
                or x > boxes[node, 3] or y > boxes[node, 4] or z > boxes[node, 5]
            ):  # fmt: skip
                continue
            if links[node, 0] >= 0:
                stack[depth], stack[depth + 1] = links[node, 0], links[node, 1]
                depth += 2
                continue
            start = -1 - links[node, 0]
            for k in range(start, start + links[node, 1]):
                shape = shapes[k]
                gx, gy, gz = x - shape[0], y - shape[1], z - shape[2]
                px = abs(shape[3] * gx + shape[4] * gy + shape[5] * gz)
                py = abs(shape[6] * gx + shape[7] * gy + shape[8] * gz)
                pz = shape[9] * gx + shape[10] * gy + shape[11] * gz
                hx, hy, hz = shape[12], shape[13], shape[14]
                if kinds[k] == 0:
                    hit = px < hx and py < hy and abs(pz) < hz
                elif kinds[k] == 2:
                    hit = (px / hx) ** 2 + (py / hy) ** 2 + (pz / hz) ** 2 < 1.0
                else:
                    r = (hx + hy) / 2 + (hy - hx) / (2 * hz) * pz
                    hit = abs(pz) < hz and px * px + py * py < r * r
                if hit:
                    break
        found[number] = hit
