"""The last stage of a reconstruction, and the numbers that are taken from it."""

from __future__ import annotations

from ..core.cancel import CancelToken
from ..core.errors import Prune3DError
from ..core.plans import Query
from ..core.scenes import Scene
from ..core.scores import Scores, told
from ..core.system import Applied, Model, Stage


def final_stage(
    model: Model, applied: Applied, sample: str, query: Query, cancel: CancelToken
) -> Stage:
    """Return the full-quality reconstruction of one sample."""
    last = None
    for stage in model.reconstruct(applied, sample, query, "full", cancel):
        cancel.check()
        last = stage
    if last is None:
        raise Prune3DError(f"The model returned nothing for the sample {sample!r}.")
    return last


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
