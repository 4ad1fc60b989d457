"""What rays bring back: colours of what they met, in the light that was worked out for it.

Compiled loops: what they need is in this module (see `geometry.compiling`).
"""

from __future__ import annotations

import numpy as np

from prune3d_gui.geometry.compiling import exact, shared, threads

from .casting import Met, Tree
from .lighting import Lit
from .places import places_met
from .textures import colours, material_rows


def radiance(
    tree: Tree, light: Lit, origins: np.ndarray, directions: np.ndarray, met: Met, wide: float
) -> np.ndarray:
    """Light that comes back along rays.

    Parameters
    ----------
    tree : Tree
    light : Lit
    origins, directions, met
        Rays and what they met, see `casting.cast`.
    wide : float
        Width of a pixel at a distance of 1.

    Returns
    -------
    (N, 3) float32
        Linear RGB.
    """
    solids, (along, solid, face) = tree.solids, met
    places = places_met(solids, origins, directions, along, solid, face)
    colour = colours(solids, places, solid, face, wide)
    rows = material_rows(solids.materials)[:, 9:]
    found = np.zeros((len(directions), 3), np.float32)
    grid = (light.charts.first, light.charts.across, light.charts.up)
    cuts = np.linspace(0, len(directions), 8 * threads() + 1).astype(np.int64)
    shared(
        lambda _, first, last: _radiance(
            first, last, origins, directions, along, solid, face, solids.kind, solids.material,
            rows, places.chart, places.normal, places.facing, colour, *grid, light.light,
            light.main, found,
        ),
        cuts,
    )  # fmt: skip
    return found


@exact
def _radiance(
    first, last, origins, directions, along, solid, face, kinds, materials, rows,
    chart, normal, facing, colour, firsts, acrosses, ups, light, lamp, found,
):  # fmt: skip
    lit, half, place = np.empty(4), np.empty(3), np.empty(3)
    one = origins.shape[0] == 1
    for ray in range(first, last):
        p, f = solid[ray], face[ray]
        if p < 0:
            continue
        gloss, glow = rows[materials[p], 0], rows[materials[p], 1]
        _lit(
            light, firsts[p, f], acrosses[p, f], ups[p, f], chart[ray, 0], chart[ray, 1],
            kinds[p] != 0, lit,
        )  # fmt: skip
        shine = 0.0
        if gloss > 0.0:  # Blinn and Phong's highlight of the first lamp, and a pale edge
            at = 0 if one else ray
            to, long = 0.0, 0.0
            for k in range(3):
                place[k] = origins[at, k] + along[ray] * directions[ray, k]
                to += (lamp[k] - place[k]) ** 2
                long += directions[ray, k] ** 2
            wide, cosine = 0.0, 0.0
            for k in range(3):
                half[k] = (lamp[k] - place[k]) / np.sqrt(to) - directions[ray, k] / np.sqrt(long)
                wide += half[k] ** 2
                cosine += half[k] * normal[ray, k]
            cosine = max(cosine, 0.0) / max(np.sqrt(wide), 1e-9)
            edge = (1.0 - facing[ray]) ** 4
            shine = gloss * (0.6 * lit[3] * cosine**60 + 0.25 * edge)
        for c in range(3):
            found[ray, c] = colour[ray, c] * (lit[c] + glow) + shine * lit[c]


@exact
def _lit(light, begin, nu, nv, u, v, closed, out):
    """Light between the middles of cells."""
    x, y = u * nu - 0.5, v * nv - 0.5
    i, j = int(np.floor(x)), int(np.floor(y))
    s, t = x - i, y - j
    if closed:
        left, right = (i + nu) % nu, (i + 1) % nu
    else:
        left, right = min(max(i, 0), nu - 1), min(max(i + 1, 0), nu - 1)
    low, high = min(max(j, 0), nv - 1), min(max(j + 1, 0), nv - 1)
    for c in range(4):
        a = light[begin + low * nu + left, c] * (1 - s) + light[begin + low * nu + right, c] * s
        b = light[begin + high * nu + left, c] * (1 - s) + light[begin + high * nu + right, c] * s
        out[c] = a * (1 - t) + b * t
