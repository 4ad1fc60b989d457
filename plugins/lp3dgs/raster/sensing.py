"""How pictures change with each Gaussian's place and size, pixel by pixel, squared and summed.

A pixel's colour changes with the ellipse of a Gaussian by ``k_c e``: one number for each channel,
and a vector that they share. With the Gaussian's own colour it changes by its share. Sums over
pixels of the products of these tell those of derivatives by whatever ellipse and colour depend on.
"""

from __future__ import annotations

import numpy as np

from prune3d_gui.geometry.compiling import compiled

from .blending import AREA, falloff
from .harmonics import turn
from .projecting_back import from_colour, from_ellipse
from .rules import FAINT, REACH, SOLID
from .tiles import SIDE

SUMS = 31
"""``k k e e`` (15, the upper triangle), ``share k_c e`` (3 times 5) and ``share share``."""


@compiled
def _product(s, one, two, three):
    """Sum of the products of three runs of 64."""
    total = 0.0
    for i in range(AREA):
        total += s[one * AREA + i] * s[two * AREA + i] * s[three * AREA + i]
    return total


@compiled
def _sums(s, found):
    """Write the 31 sums of what `_under` left in `s` to `found`."""
    n = 0
    for i in range(5):
        for j in range(i, 5):
            found[n] = _product(s, 8 + i, 8 + j, 13)
            n += 1
    for c in range(3):
        for i in range(5):
            found[n] = _product(s, 8 + i, 14 + c, 17)
            n += 1
    found[n] = _product(s, 17, 17, 18)


@compiled
def _under(s, row, place):
    """Take one Gaussian away again, and leave in `s` how each pixel changes with it.

    `s` has T after it, the last place blended, x, y, red, green and blue of all behind it,
    an unused run, e (5), k k, k (3), the share, and ones.
    """
    x, y, l11, l12, l22, opacity = row[0], row[1], row[2], row[3], row[4], row[5]
    red, green, blue = row[6], row[7], row[8]
    here = float(place)
    for i in range(AREA):
        dx = s[2 * AREA + i] - x
        dy = s[3 * AREA + i] - y
        u = l11 * dx + l12 * dy
        v = l22 * dy
        power = u * u + v * v
        full = opacity * falloff(min(power, REACH), np.float64)
        alpha = min(SOLID, full)
        alpha = alpha if power <= REACH else 0.0
        alpha = alpha if alpha >= FAINT else 0.0
        alpha = alpha if here <= s[AREA + i] else 0.0
        through = 1.0 / (1.0 - alpha)
        before = s[i] * through
        share = alpha * before
        moved = alpha if full <= SOLID else 0.0
        k_red = moved * (s[4 * AREA + i] * through - before * red)
        k_green = moved * (s[5 * AREA + i] * through - before * green)
        k_blue = moved * (s[6 * AREA + i] * through - before * blue)
        s[4 * AREA + i] += share * red
        s[5 * AREA + i] += share * green
        s[6 * AREA + i] += share * blue
        s[i] = before
        s[8 * AREA + i] = -l11 * u
        s[9 * AREA + i] = -l12 * u - l22 * v
        s[10 * AREA + i] = u * dx
        s[11 * AREA + i] = u * dy
        s[12 * AREA + i] = v * dy
        s[13 * AREA + i] = k_red * k_red + k_green * k_green + k_blue * k_blue
        s[14 * AREA + i] = k_red
        s[15 * AREA + i] = k_green
        s[16 * AREA + i] = k_blue
        s[17 * AREA + i] = share


@compiled
def sense(first, last, starts, ids, across, rows, picture, ends, background, skipped, found):
    """Write the sums of each pair of tiles `first` to `last` to `found`, (pairs - skipped, 31).

    Parameters
    ----------
    first, last, starts, ids, across, rows, picture, ends
        As `blend` had them and left them, in float64.
    background : (3,) float64
        What is behind everything.
    skipped : int
        How many pairs come before the first of `found`.
    """
    s = np.ones(19 * AREA)
    height, width = ends.shape
    for tile in range(first, last):
        furthest = 0
        for i in range(AREA):
            x, y = (tile % across) * SIDE + i % SIDE, (tile // across) * SIDE + i // SIDE
            inside = x < width and y < height
            end = ends[y, x] if inside else 0
            furthest = max(furthest, end)
            s[i] = picture[y, x, 3] if inside else 1.0
            s[AREA + i] = end
            s[2 * AREA + i], s[3 * AREA + i] = x + 0.5, y + 0.5
            for c in range(3):
                s[(4 + c) * AREA + i] = s[i] * background[c]
        for place in range(furthest, 0, -1):
            pair = starts[tile] + place - 1
            _under(s, rows[ids[pair]], place)
            _sums(s, found[pair - skipped])


@compiled
def add_products(first, last, order, means, scales, quaternions, harmonics, rows, sums, eye, total):
    """Add sums of products of derivatives by centre and logarithms of scales to `total`.

    Parameters
    ----------
    first, last : int
        Which of `order`.
    order, means, scales, quaternions, harmonics, rows, eye
        As `project` had them and left them, in float64.
    sums : (N, 31) float64
        As `sense` found them, by Gaussian.
    total : (N, 6, 6) float64
        What they are added to.
    """
    r, a, t, b, d = (
        np.empty((3, 3)), np.empty((2, 3)), np.empty((3, 3)), np.empty(16), np.empty((16, 3)),
    )  # fmt: skip
    g_mean, g_scale, g_turn = np.empty(3), np.empty(3), np.empty((3, 3))
    unit, by_ellipse, by_colour = np.zeros(5), np.empty((5, 6)), np.zeros((3, 6))
    core, mixed, one = np.empty((5, 5)), np.empty((3, 5)), np.zeros(3)
    terms = harmonics.shape[1]
    for n in range(first, last):
        g = order[n]
        if sums[g, SUMS - 1] == 0:
            continue
        turn(quaternions[g], r)
        for k in range(5):
            unit[:] = 0.0
            unit[k] = 1.0
            from_ellipse(
                unit[0], unit[1], unit[2], unit[3], unit[4],
                means[g], scales[g], r, eye, a, t, g_mean, g_scale, g_turn,
            )  # fmt: skip
            for i in range(3):
                by_ellipse[k, i], by_ellipse[k, 3 + i] = g_mean[i], g_scale[i] * scales[g, i]
        for c in range(3):
            one[:] = 0.0
            one[c] = 1.0 if rows[g, 6 + c] > 0 else 0.0
            g_mean[:] = 0.0
            from_colour(one, means[g], harmonics[g], terms, eye, b, d, g_mean)
            by_colour[c, :3] = g_mean
        at = 0
        for i in range(5):
            for j in range(i, 5):
                core[i, j] = core[j, i] = sums[g, at]
                at += 1
        for c in range(3):
            for i in range(5):
                mixed[c, i] = sums[g, at]
                at += 1
        for p in range(6):
            for q in range(6):
                found = 0.0
                for i in range(5):
                    for j in range(5):
                        found += by_ellipse[i, p] * core[i, j] * by_ellipse[j, q]
                for c in range(3):
                    for i in range(5):
                        found += mixed[c, i] * by_ellipse[i, p] * by_colour[c, q]
                        found += mixed[c, i] * by_ellipse[i, q] * by_colour[c, p]
                    found += sums[g, at] * by_colour[c, p] * by_colour[c, q]
                total[g, p, q] += found
