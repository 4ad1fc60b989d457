"""Many clouds scored at once, on the device where they are: the fast path of `points`.

All distances of a pair of clouds come from one matrix product, ``|a|^2 + |b|^2 - 2 a b``, which
cancels where two points are close. So it only chooses the nearest point; the distance to it is
then taken by differences, as `nearest_squared` does. Where rounding may have chosen wrong and it
would matter, at the smallest distances and just above the threshold of the F-score, all
differences are taken. `PointReference.compare` is the plain reference.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ..core.cancel import NEVER, CancelToken
from .points import PointReference, PointScores

LIMIT = 512 << 20
"""Bytes of the distances that are held at a time."""
ROUNDING = 8e-7
"""Most by which a chosen square may lie above the least, over ``(|a| + |b|)^2``: twice the bound
of a sum of five products in single precision, and of the squared lengths in it."""
CLOSE = 32
"""Squares below so many times that are taken again."""
FAR = 1e9
"""Coordinates from which on squares of single precision say too little."""


def compare_many(
    points: Tensor,
    references: Sequence[PointReference],
    cancel: CancelToken = NEVER,
    limit: int = LIMIT,
) -> list[PointScores]:
    """Score predicted clouds, each against a reference of its own.

    Parameters
    ----------
    points : (B, M, 3) float32 Tensor, at least one point each
        Predicted points, on any device.
    references : sequence of B PointReference
        Their numbers of points and thresholds may differ.
    cancel : CancelToken
        Looked at before each part.
    limit : int
        Most bytes of distances held at a time; those of one pair are, in any case.

    Returns
    -------
    list of PointScores
        Without the distances of single points.

    Raises
    ------
    Cancelled
        When the token is set.
    """
    found: dict[int, PointScores] = {}
    usable = (points.abs() < FAR).flatten(1).all(1).tolist()  # not where one is not a number
    alike: dict[tuple[int, float], list[int]] = {}
    for place, reference in enumerate(references):
        if usable[place]:
            key = len(reference.points), reference.threshold
            alike.setdefault(key, []).append(place)
        else:
            found[place] = reference.compare(points[place])
    for (count, threshold), places in alike.items():
        step = max(1, limit // (4 * points.shape[1] * count))
        for start in range(0, len(places), step):
            cancel.check()
            some = places[start : start + step]
            own = points if len(some) == len(points) else points[some]
            others = torch.stack([references[place].on(points.device) for place in some])
            there, back = nearest_both(own, others, threshold, limit)
            found |= zip(some, _scores(there, back, threshold), strict=True)
    return [found[place] for place in range(len(references))]


def nearest_both(
    points: Tensor, others: Tensor, threshold: float, limit: int = LIMIT
) -> tuple[Tensor, Tensor]:
    """Squared distances to the nearest of the other cloud, both ways.

    Parameters
    ----------
    points, others : (B, M, 3) and (B, N, 3) float32 Tensor, on one device
        Finite, and smaller than `FAR`.
    threshold : float
        A square on whose sides all must come out as by differences.
    limit : int
        Most bytes held where all differences are taken.

    Returns
    -------
    (B, M) and (B, N) Tensor
    """
    middle = others.mean(1, keepdim=True)
    a, b = points - middle, others - middle
    a_squared, b_squared = (x.square().sum(2, keepdim=True) for x in (a, b))
    left = torch.cat((-2 * a, a_squared, torch.ones_like(a_squared)), 2)
    right = torch.cat((b, torch.ones_like(b_squared), b_squared), 2)
    squares = torch.bmm(left, right.transpose(1, 2))
    to_other, to_point = squares.argmin(2), squares.argmin(1)
    del squares
    return (
        _exact(points, others, to_other, a_squared[..., 0], threshold, limit),
        _exact(others, points, to_point, b_squared[..., 0], threshold, limit),
    )


def _exact(
    points: Tensor, others: Tensor, nearest: Tensor, lengths: Tensor, threshold: float, limit: int
) -> Tensor:
    """Squares by differences from the point chosen, or from all where that may be wrong."""
    chosen = others.gather(1, nearest[..., None].expand(-1, -1, 3))
    squares = _squared(points, chosen)
    slack = ROUNDING * (2 * lengths.sqrt() + squares.sqrt()).square()
    doubtful = squares < CLOSE * slack
    doubtful |= (squares >= threshold) & (squares < threshold + slack)
    batch, place = doubtful.nonzero(as_tuple=True)
    step = max(1, limit // (12 * others.shape[1]))
    parts = zip(batch.split(step), place.split(step), strict=True)
    for some, at in parts if len(batch) else ():
        squares[some, at] = _squared(points[some, at][:, None], others, some).amin(1)
    return squares


def _squared(points: Tensor, others: Tensor, which: Tensor | None = None) -> Tensor:
    """Sums of squared differences along the last axis, of clouds `which` of `others`."""
    columns = (others[..., k] if which is None else others[..., k][which] for k in range(3))
    squares = ((points[..., k] - column).square_() for k, column in enumerate(columns))
    return functools.reduce(torch.add, squares)


def _scores(there: Tensor, back: Tensor, threshold: float) -> Iterator[PointScores]:
    """Means in double precision, of (B, M) and (B, N) squares."""
    if there.device.type == "mps":  # has no double precision
        there, back = there.cpu(), back.cpu()
    means = [x.double().mean(1) for x in (there, back)]
    shares = [(x < threshold).double().mean(1) for x in (there, back)]
    for one, other, precision, recall in torch.stack((*means, *shares), 1).tolist():
        total = precision + recall
        yield PointScores(
            one + other, 2 * precision * recall / total if total else 0.0, precision, recall
        )
