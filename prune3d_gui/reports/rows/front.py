"""The front: points that none beats on both axes."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...studies.ask.statistics import Better


def front(points: Iterable[tuple[float, float]], better: Better, gain: bool = False) -> list[int]:
    """Numbers of the points that no other beats in both, from small to large `x`.

    A point is beaten by one that is no larger on `x` and better on `y`, or smaller on `x` and
    as good on `y`. With `gain`, `x` is what is won, and more of it is better.

    Parameters
    ----------
    points : iterable of (x, y)
        Those that are not finite stand on no front.
    """
    sign, way = (1.0 if better == "lower" else -1.0), (-1.0 if gain else 1.0)
    known = [
        (way * x, sign * y, number)
        for number, (x, y) in enumerate(points)
        if math.isfinite(x) and math.isfinite(y)
    ]
    kept, best = [], math.inf
    for _, y, number in sorted(known):
        if y < best:
            kept.append(number)
            best = y
    return kept[::-1] if gain else kept
