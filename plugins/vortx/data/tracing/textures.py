"""Colours of what rays met: paint, wood, boards, bricks, tiles, cloth, books, pictures.

Compiled loops: what they need is in this module (see `geometry.compiling`). Fine parts of a
texture fade where a pixel covers them, so that what is far away does not flicker.
"""

from __future__ import annotations

import numpy as np

from prune3d_gui.geometry.compiling import exact, shared, threads

from .places import Places
from .solids import KINDS, Material, Solids


def material_rows(materials: tuple[Material, ...]) -> np.ndarray:
    """Materials as the loops take them: (M, 11) float64."""
    return np.array(
        [
            (KINDS.index(one.kind), *one.first, *one.second, one.scale, one.seed % 65536,
             one.gloss, one.glow)
            for one in materials
        ]
    )  # fmt: skip


def colours(
    solids: Solids, places: Places, solid: np.ndarray, face: np.ndarray, wide: float
) -> np.ndarray:
    """Return the colour of what each ray met.

    Parameters
    ----------
    solids : Solids
    places : Places
    solid, face : (N,) int
        What the rays met.
    wide : float
        Width of a pixel at a distance of 1.

    Returns
    -------
    (N, 3) float64
        Linear RGB; 0 where there is nothing.
    """
    found = np.zeros((len(solid), 3))
    rows = material_rows(solids.materials)
    cover = wide * places.away / np.sqrt(np.maximum(places.facing, 0.05))
    cuts = np.linspace(0, len(solid), 8 * threads() + 1).astype(np.int64)
    shared(
        lambda _, first, last: _colours(
            first, last, solid, face, places.local, places.chart, cover, solids.kind, solids.half,
            solids.shift, solids.material, rows, found,
        ),
        cuts,
    )  # fmt: skip
    return found


@exact
def _colours(
    first, last, solid, face, local, chart, cover, kinds, halves, shifts, materials, rows, found
):  # fmt: skip
    for ray in range(first, last):
        p, f = solid[ray], face[ray]
        if p < 0:
            continue
        half, kind, row = halves[p], kinds[p], rows[materials[p]]
        u, v = chart[ray, 0], chart[ray, 1]
        sort, seed = int(row[0]), int(row[8])
        if sort == 8 or sort == 10 or sort == 14:
            _painted(sort, u, v, seed, row, found[ray])
            continue
        x, y = local[ray, 0] + shifts[p, 0], local[ray, 1] + shifts[p, 1]
        z = local[ray, 2] + shifts[p, 2]
        if kind == 0:
            if f < 2:
                s, t, sl, tl = y, z, half[1], half[2]
            elif f < 4:
                s, t, sl, tl = x, z, half[0], half[2]
            else:
                s, t, sl, tl = x, y, half[0], half[1]
        elif f == 0:
            s, t, sl, tl = z, u * 2 * np.pi * max(half[0], half[1]), 1.0, 0.0
        else:
            s, t, sl, tl = x, y, 1.0, 0.0
        if sort == 1 and tl > sl:  # fibres run along the longer side
            s, t = t, s
        scale = 2 * sl if sort == 13 else row[7]
        mixed, bright = _mixed(sort, s, t, u, v, 2 * tl, scale, seed, cover[ray])
        for c in range(3):
            found[ray, c] = (row[1 + c] * (1 - mixed) + row[4 + c] * mixed) * bright


@exact
def _hash(i, j, k):
    """A number from 0 to 1 of three whole ones."""
    h = (np.int64(i) * 374761393 + np.int64(j) * 668265263 + np.int64(k) * 2147483647) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    return ((h ^ (h >> 15)) & 0xFFFFFF) / 16777216.0


@exact
def _noise(x, y, seed):
    """Smooth noise from 0 to 1 whose lattice has a width of 1."""
    i, j = np.floor(x), np.floor(y)
    s, t = x - i, y - j
    s, t = s * s * (3 - 2 * s), t * t * (3 - 2 * t)
    low = _hash(i, j, seed) * (1 - s) + _hash(i + 1, j, seed) * s
    high = _hash(i, j + 1, seed) * (1 - s) + _hash(i + 1, j + 1, seed) * s
    return low * (1 - t) + high * t


@exact
def _fade(wide, period):
    """How much is left of what repeats after `period` in pixels that are `wide`."""
    return min(1.0, max(0.0, 1.6 - 2.0 * wide / period))


@exact
def _ramp(x, edge, soft):
    """0 below an edge, 1 above, over a width."""
    return min(1.0, max(0.0, (x - edge) / max(soft, 1e-6) + 0.5))


@exact
def _hue(h, s, v):
    """A colour of hue, saturation and value, each 0 to 1."""
    r = min(1.0, max(0.0, abs((h * 6.0) % 6.0 - 3.0) - 1.0))
    g = min(1.0, max(0.0, 2.0 - abs((h * 6.0) % 6.0 - 2.0)))
    b = min(1.0, max(0.0, 2.0 - abs((h * 6.0) % 6.0 - 4.0)))
    return v * (1 - s + s * r), v * (1 - s + s * g), v * (1 - s + s * b)


@exact
def _grain(along, across, seed, wide):
    """Wood: long fibres and slow rings, 0 to 1."""
    slow = _noise(along * 0.8, across * 9.0, seed)
    rings = 0.5 + 0.5 * np.sin(across * 90.0 + 9.0 * slow)
    fine = _noise(along * 14.0, across * 260.0, seed + 1)
    found = 0.5 + 0.6 * (slow - 0.5) + 0.45 * (rings - 0.5) * _fade(wide, 0.07)
    return min(1.0, max(0.0, found + 0.5 * (fine - 0.5) * _fade(wide, 0.006)))


@exact
def _mixed(kind, s, t, u, v, height, scale, seed, wide):
    """How much of the second colour there is, and how bright it is.

    `s` and `t` are metres along the face, `u` and `v` run from 0 to 1 over it.
    """
    slow = 1.0 + 0.05 * (_noise(s * 1.3, t * 1.3, seed + 7) - 0.5)
    if kind == 1:
        return _grain(s, t, seed, wide), slow
    if kind == 2:  # boards, four times as long as they are broad or more
        row = np.floor(t / scale)
        long = scale * (6.0 + 3.0 * _hash(row, 3, seed))
        board = np.floor(s / long + _hash(row, 1, seed))
        kept = _fade(wide, scale)
        tone = 0.5 + (_hash(row, board, seed) - 0.5) * kept
        fine = _grain(s + 3.0 * tone, t + 7.0 * tone, seed + 5, wide)
        a, b = t / scale - row, s / long + _hash(row, 1, seed) - board
        gap = 0.002 + 0.5 * wide
        seam = min(min(a, 1 - a) * scale, min(b, 1 - b) * long)
        dark = (1.0 - _ramp(seam, 0.5 * gap, gap)) * min(1.0, 0.004 / gap) * kept
        return min(1.0, 0.55 * tone + 0.45 * fine), (0.86 + 0.28 * tone) * (1.0 - 0.75 * dark)
    if kind == 3:  # bricks in mortar
        row = np.floor(t / scale)
        x = s / (3.2 * scale) + 0.5 * (row % 2)
        column = np.floor(x)
        a, b = (x - column) * 3.2 * scale, t - row * scale
        seam = min(min(a, 3.2 * scale - a), min(b, scale - b))
        rough = _noise(s * 60, t * 60, seed) * _fade(wide, 0.02)
        kept = _fade(wide, scale)
        inner = _ramp(seam, 0.09 * scale, 0.05 * scale + wide) * kept + 0.77 * (1 - kept)
        tone = 0.7 + 0.5 * _hash(column, row, seed) + 0.2 * (rough - 0.5)
        return 1.0 - inner, tone * inner + (1 - inner) * 0.95
    if kind == 4:  # tiles
        i, j = np.floor(s / scale), np.floor(t / scale)
        a, b = s - i * scale, t - j * scale
        seam = min(min(a, scale - a), min(b, scale - b))
        inner = _ramp(seam, 0.004, 0.003 + wide)
        inner = 1.0 - (1.0 - inner) * min(1.0, 0.008 / (0.003 + wide))
        kept, grout = _fade(wide, scale), 0.016 / scale
        inner = inner * kept + (1 - grout) * (1 - kept)
        vein = _noise(s * 7, t * 7, seed + int(_hash(i, j, seed) * 97))
        return 1.0 - inner, 0.88 + 0.16 * _hash(i, j, seed + 1) + 0.12 * (vein - 0.5)
    if kind == 5:  # stripes
        x = s / scale - np.floor(s / scale)
        soft = (wide + 0.001) / scale
        on = _ramp(x, 0.25, soft) - _ramp(x, 0.75, soft)
        return 0.5 + (on - 0.5) * _fade(wide, scale), slow
    if kind == 6:  # woven or tufted
        fine = _noise(s * 160, t * 160, seed) - 0.5
        mean = _noise(s * 42, t * 42, seed + 1) - 0.5
        broad = _noise(s * 6, t * 6, seed + 2) - 0.5
        found = 0.5 + 0.7 * fine * _fade(wide, 0.012) + 0.5 * mean * _fade(wide, 0.045)
        return min(1.0, max(0.0, found + 0.35 * broad)), slow
    if kind == 7:  # plaid
        soft = (wide + 0.001) / scale
        x, y = s / scale - np.floor(s / scale), t / scale - np.floor(t / scale)
        p = (
            _ramp(x, 0.3, soft)
            - _ramp(x, 0.6, soft)
            + 0.6 * (_ramp(x, 0.8, soft) - _ramp(x, 0.87, soft))
        )
        q = (
            _ramp(y, 0.3, soft)
            - _ramp(y, 0.6, soft)
            + 0.6 * (_ramp(y, 0.8, soft) - _ramp(y, 0.87, soft))
        )
        return 0.45 + (0.5 * (p + q) - 0.45) * _fade(wide, 0.5 * scale), slow
    if kind == 9:  # the back of a book: bands, and lines for letters
        soft = 0.03
        band = (
            _ramp(v, 0.1, soft) - _ramp(v, 0.16, soft) + _ramp(v, 0.84, soft) - _ramp(v, 0.88, soft)
        )
        word = _noise(v * 26 * (1 + scale), np.floor(u * 2.0), seed)
        text = (
            1.0
            if 0.25 < v < 0.25 + 0.5 * _hash(seed, 5, 1) and 0.3 < u < 0.7 and word > 0.45
            else 0.0
        )
        return min(1.0, band + 0.8 * text * _fade(wide, 0.03)), slow
    if kind == 11:  # speckled stone
        a = _noise(s * 150, t * 150, seed) * _fade(wide, 0.012)
        b = _noise(s * 45, t * 45, seed + 1) * _fade(wide, 0.04)
        c = _noise(s * 3, t * 3, seed + 2)
        return min(1.0, max(0.0, 0.5 * a + 0.5 * b + 0.3 * (c - 0.5))), slow
    if kind == 12:  # a pattern of diamonds and dots
        i, j = np.floor(s / scale), np.floor(t / scale)
        x = s / scale - i - 0.5
        y = t / scale - j - 0.5
        soft = 0.06 + wide / scale
        dot = 1.0 - _ramp(np.hypot(x, y), 0.16, soft)
        ring = 1.0 - _ramp(abs(abs(x) + abs(y) - 0.42), 0.05, soft)
        return 0.25 + (min(1.0, dot + ring) - 0.25) * _fade(wide, 0.4 * scale), slow
    if kind == 13:  # a rug: borders round a field
        edge = min(min(u, 1 - u) * scale, min(v, 1 - v) * height)
        weave = 0.25 * (_noise(s * 160, t * 160, seed) - 0.5) * _fade(wide, 0.012)
        x, y = s / 0.24 - np.floor(s / 0.24) - 0.5, t / 0.24 - np.floor(t / 0.24) - 0.5
        soft = 0.05 + wide / 0.24
        figure = 1.0 - _ramp(abs(abs(x) + abs(y) - 0.3), 0.1, soft)
        if edge < 0.08 or 0.14 < edge < 0.18:
            figure = 1.0
        elif edge < 0.14:
            figure = 0.0
        return min(1.0, max(0.0, figure + weave)), slow
    if kind == 15:  # a leaf: veins
        vein = abs(u - 0.5) < 0.04
        side = 0.5 + 0.5 * np.sin(60.0 * (v - abs(u - 0.5)))
        return (0.8 if vein else 0.4 * side), slow
    return 0.0, 1.0 + 0.6 * (slow - 1.0) + 0.02 * (_noise(s * 90, t * 90, seed) - 0.5) * _fade(
        wide, 0.02
    )


@exact
def _painted(kind, u, v, seed, row, out):
    """Pictures of many colours: posters, screens, landscapes; written to `out`."""
    out[0], out[1], out[2] = row[1], row[2], row[3]
    if kind == 14:  # sky, hills, a sun, a field
        sky = v * v
        for c in range(3):
            out[c] = row[1 + c] * (1 - sky) + row[4 + c] * sky
        x, y = 0.2 + 0.6 * _hash(seed, 1, 1), 0.6 + 0.25 * _hash(seed, 2, 1)
        if np.hypot(u - x, 0.7 * (v - y)) < 0.05 + 0.06 * _hash(seed, 3, 1):
            out[0], out[1], out[2] = 0.95, 0.8, 0.5
        for hill in range(4):
            top = 0.62 - 0.13 * hill + 0.25 * (_noise(u * (2.0 + 2 * hill), hill, seed) - 0.5)
            top += 0.05 * (_noise(u * 14.0, hill + 9.0, seed) - 0.5)
            if v < top:
                r, g, b = _hue(_hash(seed, hill, 4), 0.45, 0.5 - 0.1 * hill)
                out[0], out[1], out[2] = r, g, b
        return
    count = 9 if kind == 8 else 7
    if kind == 10:
        bar = 1.0 if v > 0.93 else 0.0
        for c in range(3):
            out[c] = out[c] * (1 - bar) + 0.05 * bar
    for shape in range(count):
        x, y = _hash(seed, shape, 1), _hash(seed, shape, 2)
        a, b = 0.06 + 0.26 * _hash(seed, shape, 3), 0.05 + 0.22 * _hash(seed, shape, 4)
        inside = abs(u - x) < a and abs(v - y) < b
        if kind == 8 and _hash(seed, shape, 5) < 0.4:
            inside = ((u - x) / a) ** 2 + ((v - y) / b) ** 2 < 1.0
        if inside:
            r, g, b2 = _hue(
                _hash(seed, shape, 6),
                0.25 + 0.6 * _hash(seed, shape, 7),
                0.15 + 0.75 * _hash(seed, shape, 8),
            )
            out[0], out[1], out[2] = r, g, b2
            if _hash(seed, shape, 9) < 0.45:  # lines of text
                line = (v - y) / b * 4.0
                word = _noise((u - x) * 60.0, np.floor(line), seed + shape)
                if line - np.floor(line) < 0.45 and word > 0.4:
                    out[0], out[1], out[2] = 0.15 * r, 0.15 * g, 0.15 * b2
    if kind == 8 and (min(u, 1 - u) < 0.04 or min(v, 1 - v) < 0.03):
        out[0], out[1], out[2] = row[4], row[5], row[6]
