"""The numbers that are taken from a reconstruction."""

from __future__ import annotations

from ...core.cancel import CancelToken
from ...core.model import Applied, Model, Stage
from ...core.plan.plans import Query
from ...core.scene.scenes import Scene
from ...core.score.scores import Scores, told


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
