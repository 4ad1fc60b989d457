"""Where rays end, in the axes and charts of what they met.

Compiled loops: what they need is in this module (see `geometry.compiling`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prune3d_gui.geometry.compiling import exact, shared, threads

from .charts import Charts
from .solids import Solids


@dataclass(frozen=True, eq=False)
class Places:
    """Ends of rays.

    Parameters
    ----------
    local : (N, 3) float64
        In the axes of the solid.
    chart : (N, 2) float64
        u and v of its face, 0 to 1.
    normal : (N, 3) float64
        Outwards, in the world.
    facing : (N,) float64
        Cosine between the ray and the normal, without its sign.
    away : (N,) float64
        Length of the ray in metres.
    """

    local: np.ndarray
    chart: np.ndarray
    normal: np.ndarray
    facing: np.ndarray
    away: np.ndarray


def places_met(
    solids: Solids,
    origins: np.ndarray,
    directions: np.ndarray,
    along: np.ndarray,
    solid: np.ndarray,
    face: np.ndarray,
) -> Places:
    """Return where rays end.

    Parameters
    ----------
    solids : Solids
    origins, directions, along, solid, face
        Rays and what they met, see `casting.cast`. For those that met nothing, all is 0.
    """
    count = len(directions)
    found = Places(
        np.zeros((count, 3)), np.zeros((count, 2)), np.zeros((count, 3)), np.zeros(count),
        np.zeros(count),
    )  # fmt: skip
    shape = (solids.kind, solids.centre, solids.turn, solids.half)
    out = (found.local, found.chart, found.normal, found.facing, found.away)
    cuts = np.linspace(0, count, 8 * threads() + 1).astype(np.int64)
    shared(
        lambda _, first, last: _places(
            first, last, origins, directions, along, solid, face, *shape, *out
        ),
        cuts,
    )
    return found


def cells_met(charts: Charts, places: Places, solid: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The cell of a chart in which each ray ends: (N,) int64; any for what met nothing."""
    across, up = charts.across[solid, face], charts.up[solid, face]
    i = np.clip((places.chart[:, 0] * across).astype(np.int64), 0, across - 1)
    j = np.clip((places.chart[:, 1] * up).astype(np.int64), 0, up - 1)
    return charts.first[solid, face] + j * across + i


@exact
def _places(
    first, last, origins, directions, along, solid, face, kinds, centres, turns, halves,
    local, chart, normal, facing, away,
):  # fmt: skip
    place = np.empty(3)
    one = origins.shape[0] == 1
    for ray in range(first, last):
        p, f = solid[ray], face[ray]
        if p < 0:
            continue
        at = 0 if one else ray
        for k in range(3):
            place[k] = origins[at, k] + along[ray] * directions[ray, k]
        _local(place, centres[p], turns[p], local[ray])
        half, there = halves[p], local[ray]
        chart[ray] = _chart(kinds[p], f, there[0], there[1], there[2], half[0], half[1], half[2])
        _normal(kinds[p], f, there, half, turns[p], normal[ray])
        long, cosine = 0.0, 0.0
        for k in range(3):
            long += directions[ray, k] ** 2
            cosine += directions[ray, k] * normal[ray, k]
        long = np.sqrt(long)
        facing[ray], away[ray] = abs(cosine) / long, along[ray] * long


@exact
def _chart(kind, face, x, y, z, hx, hy, hz):
    """Return u and v of a place of a solid, in its own axes."""
    if kind == 0:
        if face < 2:
            return 0.5 + 0.5 * y / hy, 0.5 + 0.5 * z / hz
        if face < 4:
            return 0.5 + 0.5 * x / hx, 0.5 + 0.5 * z / hz
        return 0.5 + 0.5 * x / hx, 0.5 + 0.5 * y / hy
    if kind == 1:
        u = np.arctan2(y, x) / (2 * np.pi)
        u = u if u >= 0 else u + 1.0
        if face == 0:
            return u, 0.5 + 0.5 * z / hz
        return u, np.hypot(x, y) / max(hx if face == 1 else hy, 1e-9)
    u = np.arctan2(y / hy, x / hx) / (2 * np.pi)
    u = u if u >= 0 else u + 1.0
    return u, 0.5 + np.arcsin(min(1.0, max(-1.0, z / hz))) / np.pi


@exact
def _local(place, centre, turn, out):
    gx, gy, gz = place[0] - centre[0], place[1] - centre[1], place[2] - centre[2]
    for k in range(3):
        out[k] = turn[0, k] * gx + turn[1, k] * gy + turn[2, k] * gz


@exact
def _normal(kind, face, local, half, turn, out):
    """The outward normal in the world."""
    x, y, z = 0.0, 0.0, 0.0
    if kind == 0:
        sign = 1.0 if face % 2 else -1.0
        x = sign if face < 2 else 0.0
        y = sign if 2 <= face < 4 else 0.0
        z = sign if face >= 4 else 0.0
    elif kind == 2:
        x, y, z = local[0] / half[0] ** 2, local[1] / half[1] ** 2, local[2] / half[2] ** 2
    elif face == 0:
        r = max(np.hypot(local[0], local[1]), 1e-9)
        x, y, z = local[0] / r, local[1] / r, -(half[1] - half[0]) / (2 * half[2])
    else:
        z = -1.0 if face == 1 else 1.0
    n = np.sqrt(x * x + y * y + z * z)
    for k in range(3):
        out[k] = (turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] * z) / n
