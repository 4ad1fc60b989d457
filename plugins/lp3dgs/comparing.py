"""How scores and learned masks fare on a scene: curves of error against Gaussians."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.score.scores import Comparison, Curve
from prune3d_gui.files.artifacts import ArtifactStore

from .controls import CRITERION, MASK_KIND
from .scoring.scores import kept_at, ranking

RATES = (0.0, 20.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0)
"""Percent that is pruned where a curve has a point."""
SHOWN = ("largest", "total", "opacity", "random")
"""Scores that take no longer than a look at the training views."""
COMPARISON = Comparison(
    "Error against Gaussians",
    "gaussians",
    "rmse",
    "One line per score, on the held-out views, with chance among them, and one for the newest "
    "learned mask of each reading, by which it ranks: at equal counts, without fine-tuning. How "
    "many each mask would keep is marked on the curves.",
)
Judge = Callable[[np.ndarray], float]
"""Gives the error of the held-out views with those Gaussians that are kept."""


def score_curves(
    ranked: Callable[[str], np.ndarray], judge: Judge, cancel: CancelToken
) -> Iterator[Curve]:
    """Walk rankings by several scores.

    Parameters
    ----------
    ranked : callable
        Gives the ranking by a score, (N,) int64.
    judge : Judge
    """
    titles = {choice.id: choice.title for choice in CRITERION.choices}
    for score in SHOWN:
        order, points = ranked(score), []
        for rate in RATES:
            cancel.check()
            kept = kept_at(order, rate)
            points.append((float(kept.sum()), judge(kept)))
        yield _curve(score, titles[score], points)


def mask_curves(
    weights_hash: str, title: str, judge: Judge, cancel: CancelToken
) -> Iterator[Curve]:
    """Walk the ranking by the newest mask of each reading that was learned for a scene."""
    store, seen = ArtifactStore(), set()
    for artifact in store.made_from(weights_hash):
        reading = dict(artifact.made_from.by).get("reading", "")
        if artifact.kind != MASK_KIND or reading in seen:
            continue
        seen.add(reading)
        cancel.check()
        mask = store.open(artifact.hash, MASK_KIND, weights_hash, title).tensors["mask"].numpy()
        order, points = ranking(mask), []
        for rate in sorted({*RATES, 100 * float((mask <= 0).mean())}):
            cancel.check()
            kept = kept_at(order, rate)
            points.append((float(kept.sum()), judge(kept)))
        yield _curve(artifact.hash, artifact.title, points)


def _curve(id_: str, title: str, points: list[tuple[float, float]]) -> Curve:
    """What can be drawn on logarithmic axes, the fewest Gaussians first."""
    return Curve(id_, title, tuple(sorted((x, y) for x, y in points if x > 0 and y > 0)))
