"""Results: what a plan gives of a sample, with the numbers that are taken from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.cancel import CancelToken
from ...core.model import Applied, Model, Stage, final_stage
from ...core.plan.plans import Plan, Query
from ...core.scene.scenes import Scene
from ...core.score.scores import Scores, told

Tell = Callable[[Stage], None]


@dataclass(frozen=True, eq=False)
class Result:
    """A stage of a reconstruction and its scores.

    Parameters
    ----------
    applied : Applied
    stage : Stage
    scores : Scores or None
        What says something of it: a comparison with itself does not.
    """

    applied: Applied
    stage: Stage
    scores: Scores | None

    @property
    def scene(self) -> Scene:
        """What is seen, with the error of each place where there is one."""
        scene = self.stage.scene
        return scene.with_arrays(self.scores.arrays) if self.scores else scene


def result_of(
    model: Model, plan: Plan, sample: str, query: Query, full: Scene | None, cancel: CancelToken
) -> Result:
    """Apply a plan, reconstruct a sample at full quality, and score it.

    Parameters
    ----------
    full : Scene or None
        The unpruned result, as `stand_in` gives it.

    Raises
    ------
    Prune3DError
        If the model gives nothing.
    """
    applied = model.apply(plan, cancel)
    stage = final_stage(model, applied, sample, query, cancel)
    return scored(model, applied, sample, query, stage, full, cancel)


def scored(
    model: Model,
    applied: Applied,
    sample: str,
    query: Query,
    stage: Stage,
    full: Scene | None,
    cancel: CancelToken,
) -> Result:
    """Score a stage of a reconstruction."""
    scores = model.score(applied, sample, query, stage, full, cancel)
    return Result(applied, stage, told(model.metrics, scores, applied.footprint.touched))


def unpruned(
    model: Model, sample: str, query: Query, cancel: CancelToken, tell: Tell | None = None
) -> Scene:
    """What the empty plan gives, at full quality; it is what is applied from then on."""
    return final_stage(model, model.apply(Plan(), cancel), sample, query, cancel, tell).scene


def stand_in(
    model: Model, sample: str, query: Query, cancel: CancelToken, tell: Tell | None = None
) -> Scene | None:
    """What results are compared with where a sample has no reference; None where it has one."""
    if model.reference(sample, query, cancel) is not None:
        return None
    return unpruned(model, sample, query, cancel, tell)
