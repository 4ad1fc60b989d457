"""Blending: tile by tile, front to back, and back to front for the derivative.

One step takes a Gaussian and the 64 pixels of a tile; what it keeps of them lies in one flat
array, a run of 64 for each of T, open, red, ..., which is how the compiler comes to do eight or
sixteen pixels at once. Sums of pairs are written pair by pair and added up by Gaussian after,
in their order, so that the same bits come out however many threads there are.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from prune3d_gui.geometry.compiling import compiled, inlined

from .rules import CLOSED, FAINT, REACH, SOLID
from .tiles import SIDE

AREA = SIDE * SIDE
HALF = 0.5
"""What is left behind the Gaussian that a pixel is said to be as far away as."""
_EIGHTH = Chebyshev.interpolate(np.exp, 7, domain=(-REACH / 16, 0)).convert(kind=Polynomial)
E0, E1, E2, E3, E4, E5, E6, E7 = (float(c) for c in _EIGHTH.coef)
"""exp(x / 8) for the x there are: -4.5 to 0. Its eighth power is off by less than 1e-9."""


@inlined
def falloff(power, number):
    """exp(-power / 2) for a power of 0 to 9, without a branch."""
    y = power * number(-1 / 16)
    p = number(E7) * y + number(E6)
    p = p * y + number(E5)
    p = p * y + number(E4)
    p = p * y + number(E3)
    p = p * y + number(E2)
    p = p * y + number(E1)
    p = p * y + number(E0)
    p = p * p
    p = p * p
    return p * p


@inlined
def _middles(s, at, tile, across):
    """Write the middles of a tile's pixels to `s`, x from `at` on and then y."""
    number = s.dtype.type
    for i in range(AREA):
        s[at + i] = number((tile % across) * SIDE + i % SIDE) + number(0.5)
        s[at + AREA + i] = number((tile // across) * SIDE + i // SIDE) + number(0.5)


@compiled
def _over(s, row, place):
    """Blend one Gaussian, the `place`-th of its tile; returns how many pixels are still open.

    `s` has T, open, red, green, blue, the last place blended, x, y, share.
    """
    number = s.dtype.type
    x, y, l11, l12, l22, opacity = row[0], row[1], row[2], row[3], row[4], row[5]
    red, green, blue = row[6], row[7], row[8]
    here, left = number(place), number(0)
    for i in range(AREA):
        dx = s[6 * AREA + i] - x
        dy = s[7 * AREA + i] - y
        u = l11 * dx + l12 * dy
        v = l22 * dy
        power = u * u + v * v
        alpha = min(number(SOLID), opacity * falloff(min(power, number(REACH)), number))
        alpha = alpha if power <= number(REACH) else number(0)
        alpha = alpha if alpha >= number(FAINT) else number(0)
        before, open_ = s[i], s[AREA + i]
        open_ = open_ if before * (number(1) - alpha) >= number(CLOSED) else number(0)
        share = alpha * before * open_
        s[i] = before - share
        s[AREA + i] = open_
        s[2 * AREA + i] += share * red
        s[3 * AREA + i] += share * green
        s[4 * AREA + i] += share * blue
        end = s[5 * AREA + i]
        s[5 * AREA + i] = here if share > number(0) else end
        s[8 * AREA + i] = share
        left += open_
    return left


@compiled
def _shares(s, found):
    """Write the largest share, their sum and their number of the last `_over` to `found`, (3,)."""
    number = s.dtype.type
    total = many = number(0)
    for i in range(AREA):
        share = s[8 * AREA + i]
        total += share
        many += number(1) if share > number(0) else number(0)
    half = AREA // 2
    while half >= 8:
        for i in range(half):
            s[8 * AREA + i] = max(s[8 * AREA + i], s[8 * AREA + half + i])
        half //= 2
    largest = number(0)
    for i in range(8):
        largest = max(largest, s[8 * AREA + i])
    found[0], found[1], found[2] = largest, total, many


@compiled
def blend(first, last, starts, ids, across, rows, kept, background, picture, ends, shares):
    """Blend the tiles `first` to `last`.

    Parameters
    ----------
    first, last : int
    starts, ids, across
        See `Tiles`.
    rows : (N, 9) float
        See `project`.
    kept : (N,) bool
        Those that are blended.
    background : (3,) float
        What is behind everything.
    picture : (H, W, 4) float
        Red, green, blue and what is left, to write to.
    ends : (H, W) int32
        One more than the place, in its tile's list, of the last one blended; to write to.
    shares : (pairs or 0, 3) float
        Zeros; largest share, sum and number of pixels of each pair, to write to, where wanted.
    """
    number = rows.dtype.type
    s = np.empty(9 * AREA, rows.dtype)
    height, width = ends.shape
    for tile in range(first, last):
        for i in range(AREA):
            x, y = (tile % across) * SIDE + i % SIDE, (tile // across) * SIDE + i // SIDE
            s[i] = number(1)
            s[AREA + i] = number(1) if x < width and y < height else number(0)
        for i in range(2 * AREA, 6 * AREA):
            s[i] = number(0)
        _middles(s, 6 * AREA, tile, across)
        for pair in range(starts[tile], starts[tile + 1]):
            if not kept[ids[pair]]:
                continue
            left = _over(s, rows[ids[pair]], pair + 1 - starts[tile])
            if len(shares):
                _shares(s, shares[pair])
            if left == number(0):
                break
        for i in range(AREA):
            x, y = (tile % across) * SIDE + i % SIDE, (tile // across) * SIDE + i // SIDE
            if x < width and y < height:
                for c in range(3):
                    picture[y, x, c] = s[(2 + c) * AREA + i] + s[i] * background[c]
                picture[y, x, 3] = s[i]
                ends[y, x] = int(s[5 * AREA + i])


@compiled
def find_depths(first, last, starts, ids, across, rows, kept, by_row, depths):
    """Write how far away is what the tiles `first` to `last` show: see `Splatted`.

    Parameters
    ----------
    first, last, starts, ids, across, rows, kept
        As for `blend`.
    by_row : (N,) float
        Depth of each Gaussian.
    depths : (H, W) float
        To write to.
    """
    number = rows.dtype.type
    s = np.empty(4 * AREA, rows.dtype)
    height, width = depths.shape
    for tile in range(first, last):
        for i in range(AREA):
            x, y = (tile % across) * SIDE + i % SIDE, (tile // across) * SIDE + i // SIDE
            s[i] = number(1) if x < width and y < height else number(0)
            s[AREA + i] = number(np.inf)
        _middles(s, 2 * AREA, tile, across)
        for pair in range(starts[tile], starts[tile + 1]):
            if not kept[ids[pair]]:
                continue
            row, z = rows[ids[pair]], number(by_row[ids[pair]])
            x, y, l11, l12, l22, opacity = row[0], row[1], row[2], row[3], row[4], row[5]
            left = number(0)
            for i in range(AREA):
                dx, dy = s[2 * AREA + i] - x, s[3 * AREA + i] - y
                u, v = l11 * dx + l12 * dy, l22 * dy
                power = u * u + v * v
                alpha = min(number(SOLID), opacity * falloff(min(power, number(REACH)), number))
                alpha = alpha if power <= number(REACH) else number(0)
                alpha = alpha if alpha >= number(FAINT) else number(0)
                before, depth = s[i], s[AREA + i]
                after = before * (number(1) - alpha)
                s[i] = after
                told = z if before >= number(HALF) else depth
                told = told if after < number(HALF) or depth == number(np.inf) else depth
                s[AREA + i] = told if alpha > number(0) else depth
                left += number(1) if after >= number(HALF) else number(0)
            if left == number(0):
                break
        for i in range(AREA):
            x, y = (tile % across) * SIDE + i % SIDE, (tile // across) * SIDE + i // SIDE
            if x < width and y < height:
                depths[y, x] = s[AREA + i]


@compiled
def _under(s, row, place, found):
    """Take one Gaussian away again, and write the derivative by its row to `found`, (9,).

    `s` has T after it, the last place blended, x, y, the loss by red, green and blue, and by
    all that is behind it, weighed with T.
    """
    number = s.dtype.type
    x, y, l11, l12, l22, opacity = row[0], row[1], row[2], row[3], row[4], row[5]
    red, green, blue = row[6], row[7], row[8]
    here = number(place)
    by_x = by_y = by_11 = by_12 = by_22 = by_opacity = number(0)
    by_red = by_green = by_blue = number(0)
    for i in range(AREA):
        dx = s[2 * AREA + i] - x
        dy = s[3 * AREA + i] - y
        u = l11 * dx + l12 * dy
        v = l22 * dy
        power = u * u + v * v
        fall = falloff(min(power, number(REACH)), number)
        full = opacity * fall
        alpha = min(number(SOLID), full)
        alpha = alpha if power <= number(REACH) else number(0)
        alpha = alpha if alpha >= number(FAINT) else number(0)
        alpha = alpha if here <= s[AREA + i] else number(0)
        through = number(1) / (number(1) - alpha)
        before = s[i] * through
        share = alpha * before
        g_red, g_green, g_blue = s[4 * AREA + i], s[5 * AREA + i], s[6 * AREA + i]
        by_red += share * g_red
        by_green += share * g_green
        by_blue += share * g_blue
        own = g_red * red + g_green * green + g_blue * blue
        behind = s[7 * AREA + i]
        by_alpha = before * own - behind * through
        s[7 * AREA + i] = behind + share * own
        s[i] = before
        by_alpha = by_alpha if alpha > number(0) else number(0)
        by_alpha = by_alpha if full <= number(SOLID) else number(0)
        by_opacity += by_alpha * fall
        slope = -by_alpha * alpha
        by_u = slope * u
        by_v = slope * v
        by_x += by_u
        by_y += by_v
        by_11 += by_u * dx
        by_12 += by_u * dy
        by_22 += by_v * dy
    found[0] = -by_x * l11
    found[1] = -by_x * l12 - by_y * l22
    found[2], found[3], found[4], found[5] = by_11, by_12, by_22, by_opacity
    found[6], found[7], found[8] = by_red, by_green, by_blue


@compiled
def blend_back(first, last, starts, ids, across, rows, picture, ends, slopes, found):
    """Write derivatives by the rows of each pair to `found`, (pairs, 9), which is zeros.

    Parameters
    ----------
    first, last, starts, ids, across, rows, picture, ends
        As `blend` had them and left them.
    slopes : (H, W, 4) float
        The loss by red, green, blue and what is left.
    """
    number = rows.dtype.type
    s = np.empty(8 * AREA, rows.dtype)
    height, width = ends.shape
    for tile in range(first, last):
        _middles(s, 2 * AREA, tile, across)
        furthest = 0
        for i in range(AREA):
            x, y = (tile % across) * SIDE + i % SIDE, (tile // across) * SIDE + i // SIDE
            inside = x < width and y < height
            end = ends[y, x] if inside else 0
            furthest = max(furthest, end)
            s[i] = picture[y, x, 3] if inside else number(1)
            s[AREA + i] = number(end)
            for c in range(3):
                s[(4 + c) * AREA + i] = slopes[y, x, c] if inside else number(0)
            s[7 * AREA + i] = slopes[y, x, 3] * picture[y, x, 3] if inside else number(0)
        for place in range(furthest, 0, -1):
            pair = starts[tile] + place - 1
            _under(s, rows[ids[pair]], place, found[pair])


@compiled
def add_up(ids, pairs, total):
    """Add rows of pairs, (pairs, C), to those of their Gaussians, (N, C), in their order."""
    for pair in range(len(ids)):
        for c in range(pairs.shape[1]):
            total[ids[pair], c] += pairs[pair, c]


@compiled
def add_shares(ids, pairs, total):
    """Add shares of pairs, (pairs, 3), to those of their Gaussians: the largest, sum, number."""
    for pair in range(len(ids)):
        g = ids[pair]
        total[g, 0] = max(total[g, 0], pairs[pair, 0])
        total[g, 1] += pairs[pair, 1]
        total[g, 2] += pairs[pair, 2]
