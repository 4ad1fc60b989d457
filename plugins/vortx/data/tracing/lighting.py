"""Light that falls on a room, worked out once for all pictures of it: lamps, and one bounce.

Surfaces are taken for matt, so that the light on a cell is the same from wherever it is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken

from .casting import Tree, blocked, cast, within
from .charts import Charts, cell_middles, charts_of, surface_points
from .places import cells_met, places_met

CELL = 0.08
"""Metres that a cell is wide at most."""
SHADOWS, BOUNCES = 4, 12
"""Rays from each cell to each lamp, and into the room."""
OFF = 0.002
"""Metres from a surface at which rays begin."""
REST = 0.55
"""Part of the bounced light that further bounces add."""


@dataclass(frozen=True, eq=False)
class Lamp:
    """A lamp: a rectangle that shines to one side, a bulb, or the sun.

    Parameters
    ----------
    kind : str
        ``panel``, ``bulb`` or ``sun``.
    centre : (3,) float
        Of a sun: the direction towards it.
    colour : (3,) float
        Radiance of a panel; of a bulb, the light it casts at 1 m; of the sun, at any distance.
    sides : (2, 3) float
        Half sides of a panel; it shines along their cross product.
    radius : float
        Of a bulb in metres, of the sun in radians.
    """

    kind: str
    centre: np.ndarray
    colour: np.ndarray
    sides: np.ndarray | None = None
    radius: float = 0.05


@dataclass(frozen=True, eq=False)
class Lit:
    """Cells of all faces and the light on them.

    Parameters
    ----------
    charts : Charts
    light : (C, 4) float32
        Linear RGB that a white cell sends back, and the part of the first lamp that it sees.
    main : (3,) float64
        Where that lamp is.
    """

    charts: Charts
    light: np.ndarray
    main: np.ndarray


def lit(
    tree: Tree,
    lamps: tuple[Lamp, ...],
    seed: tuple[int, ...],
    inside: Callable[[np.ndarray], np.ndarray],
    cell: float = CELL,
    cancel: CancelToken = NEVER,
) -> Lit:
    """Work out the light on all faces.

    Parameters
    ----------
    tree : Tree
    lamps : tuple of Lamp
        The first one makes highlights.
    seed : tuple of int
        Of where rays go.
    inside : callable
        Whether places (N, 3) are in the room; no light is worked out elsewhere.
    cell : float
        Metres that a cell is wide at most.
    cancel : CancelToken

    Raises
    ------
    Cancelled
    """
    solids, rng = tree.solids, np.random.default_rng(seed)
    charts = charts_of(solids, cell)
    solid, face, u, v = cell_middles(solids, charts)
    places, normals = surface_points(solids, solid, face, u, v)
    starts = places + OFF * normals
    open_ = inside(starts)
    open_[open_] = ~within(tree, starts[open_])
    light = np.zeros((charts.total, 4))
    for number, lamp in enumerate(lamps):
        cancel.check()
        fallen, seen = _fallen(tree, lamp, starts, normals, open_, rng)
        light[:, :3] += fallen[:, None] * lamp.colour
        if number == 0:
            light[:, 3] = seen
    _fill(light, open_, charts)
    light = _smooth(light, charts, 1)
    cancel.check()
    light[:, :3] += _bounced(tree, charts, light, starts, normals, open_, rng)
    main = lamps[0].centre if lamps[0].kind != "sun" else 100 * lamps[0].centre
    return Lit(charts, np.ascontiguousarray(light, np.float32), np.asarray(main, float))


def _fallen(
    tree: Tree,
    lamp: Lamp,
    starts: np.ndarray,
    normals: np.ndarray,
    open_: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Light of one lamp on each cell, times pi, and the part of the lamp that it sees."""
    fallen, seen = np.zeros(len(starts)), np.zeros(len(starts))
    for number in range(SHADOWS):
        toward, strength = _toward(lamp, starts, number, rng)
        away = np.linalg.norm(toward, axis=1)
        strength = strength * np.maximum((toward * normals).sum(axis=1) / away, 0)
        worth = np.flatnonzero(open_ & (strength > 1e-6))
        free = worth[~blocked(tree, starts[worth], toward[worth])]
        fallen[free] += strength[free] / SHADOWS
        seen[free] += 1 / SHADOWS
    return fallen, seen


def _toward(
    lamp: Lamp, starts: np.ndarray, number: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Ways to places of a lamp, one for each cell, and how much comes from there."""
    count = len(starts)
    s = (number + rng.random(count)) / SHADOWS
    t = (rng.random(count) + number * 0.618) % 1.0
    if lamp.kind == "panel":
        a, b = lamp.sides  # type: ignore[misc]
        places = lamp.centre + np.outer(2 * s - 1, a) + np.outer(2 * t - 1, b)
        normal = np.cross(a, b)
        area = 4 * np.linalg.norm(normal)
        toward = places - starts
        square = (toward**2).sum(axis=1)
        facing = -(toward @ (normal / np.linalg.norm(normal))) / np.sqrt(square)
        return toward, np.maximum(facing, 0) * area / np.maximum(square, 0.05) / np.pi
    around = np.stack(
        [np.cos(2 * np.pi * t), np.sin(2 * np.pi * t), 2 * ((t * 7) % 1.0) - 1], axis=1
    )
    if lamp.kind == "sun":
        toward = lamp.centre + lamp.radius * np.sqrt(s)[:, None] * around
        return 60.0 * toward, np.ones(count)
    toward = lamp.centre + lamp.radius * around - starts
    return toward, 1 / np.maximum((toward**2).sum(axis=1), 0.04)


def _bounced(
    tree: Tree,
    charts: Charts,
    light: np.ndarray,
    starts: np.ndarray,
    normals: np.ndarray,
    open_: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Light that comes from other surfaces: of one bounce, and a guess of the rest."""
    solids = tree.solids
    rows = [
        (np.add(one.first, one.second) / 2, one.glow) if one.kind not in ("plain", "landscape")
        else (np.asarray(one.first), one.glow)
        for one in solids.materials
    ]  # fmt: skip
    own = np.array([colour for colour, _ in rows])[solids.material]
    glow = np.array([min(glow, 1.5) for _, glow in rows])[solids.material]
    level = REST * light[open_, :3].mean(axis=0)
    found, at = np.zeros((len(starts), 3)), np.flatnonzero(open_)
    for number in range(BOUNCES):
        s = (number + rng.random(len(at))) / BOUNCES
        turn = 2 * np.pi * rng.random(len(at))
        up = 2 * s - 1
        flat = np.sqrt(np.maximum(1 - up**2, 0))
        ball = np.stack([flat * np.cos(turn), flat * np.sin(turn), up], axis=1)
        toward = ball + normals[at] * 1.0001
        toward /= np.linalg.norm(toward, axis=1, keepdims=True)
        along, solid, face = cast(tree, starts[at], toward)
        places = places_met(solids, starts[at], toward, along, solid, face)
        cell, met = cells_met(charts, places, solid, face), solid >= 0
        back = light[cell, :3] + level * np.minimum(along / 1.2, 1)[:, None]
        back = (back + glow[solid][:, None]) * own[solid]
        found[at[met]] += back[met] / BOUNCES
    _fill(found, open_, charts)
    return _smooth(found, charts, 6)


def _smooth(values: np.ndarray, charts: Charts, times: int) -> np.ndarray:
    """Average each cell with its neighbours on the same face, some times."""
    left, right, low, high = _neighbours(charts)
    for _ in range(times):
        values = (2 * values + values[left] + values[right]) / 4
        values = (2 * values + values[low] + values[high]) / 4
    return values


def _fill(values: np.ndarray, open_: np.ndarray, charts: Charts) -> None:
    """Give cells that are inside other solids what is beside them, for what lies between."""
    beside = _neighbours(charts)
    known = open_.copy()
    for _ in range(3):
        total, count = np.zeros_like(values), np.zeros(len(values))
        for other in beside:
            total += np.where(known[other, None], values[other], 0)
            count += known[other]
        new = ~known & (count > 0)
        values[new] = total[new] / count[new, None]
        known |= new


def _neighbours(charts: Charts) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The cells left, right, below and above each; at an edge the cell itself."""
    sizes = (charts.across * charts.up).ravel()
    chart = np.repeat(np.arange(len(sizes)), sizes)
    begin = charts.first.ravel()[chart]
    within_ = np.arange(charts.total) - begin
    across, up = charts.across.ravel()[chart], charts.up.ravel()[chart]
    i, j = within_ % across, within_ // across
    return (
        begin + j * across + np.maximum(i - 1, 0),
        begin + j * across + np.minimum(i + 1, across - 1),
        begin + np.maximum(j - 1, 0) * across + i,
        begin + np.minimum(j + 1, up - 1) * across + i,
    )
