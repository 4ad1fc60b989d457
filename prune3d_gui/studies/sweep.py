"""The numbers that are taken from a reconstruction."""

from __future__ import annotations

from ..core.cancel import CancelToken
from ..core.plans import Query
from ..core.scenes import Scene
from ..core.scores import Scores, told
from ..core.system import Applied, Model, Stage


def scored(
    model: Model,
    applied: Applied,
    sample: str,
    query: Query,
    stage: Stage,
    full: Scene | None,
    cancel: CancelToken,
) -> Scores | None:
    """Score a stage; None, or no such number, where it could only be compared with itself."""
    scores = model.score(applied, sample, query, stage, full, cancel)
    return told(model.metrics, scores, applied.footprint.touched)
