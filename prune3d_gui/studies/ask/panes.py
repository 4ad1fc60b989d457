"""What a pane shows: the reference, the full or the pruned result of one request."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.cancel import CancelToken
from ...core.errors import BadInput
from ...core.frames import Footprint
from ...core.model import Applied, Model, Stage, final_stage
from ...core.plan.plans import Plan, Request
from ...core.scene.scenes import Scene
from ...core.score.scores import Scores
from .results import Tell, scored, stand_in


@dataclass(frozen=True, eq=False)
class PaneResult:
    """What was asked for; a reference has no scores, and nothing of a network.

    Parameters
    ----------
    scene : Scene
        With the values that the scores found for it.
    scores : Scores or None
    footprint : Footprint or None
    notices : tuple of str
        What to say about the plan.
    """

    scene: Scene
    scores: Scores | None = None
    footprint: Footprint | None = None
    notices: tuple[str, ...] = ()


def pane_result(
    model: Model, request: Request, role: str, cancel: CancelToken, tell: Tell | None = None
) -> PaneResult:
    """Reconstruct and score, at the quality that is asked for.

    Parameters
    ----------
    model : Model
    request : Request
        The plan does not matter for the other roles.
    role : {"reference", "full", "pruned"}
        Whose result it is.
    tell : callable, optional
        Is told of every stage of a full result.

    Raises
    ------
    BadInput
        If there is no reference.
    """
    sample, query = request.sample, request.query
    if role == "reference":
        truth = model.reference(sample, query, cancel)
        if truth is None:
            raise BadInput(f"There is no reference result of the sample {sample!r} to export.")
        return PaneResult(truth)
    full = stand_in(model, sample, query, cancel, tell) if role == "pruned" else None
    applied = model.apply(request.plan if role == "pruned" else Plan(), cancel)
    stage = _last(model, applied, request, cancel, tell)
    found = scored(model, applied, sample, query, stage, full, cancel)
    return PaneResult(found.scene, found.scores, applied.footprint, applied.notices)


def _last(
    model: Model, applied: Applied, request: Request, cancel: CancelToken, tell: Tell | None
) -> Stage:
    """The last stage of a request, which may be for a preview."""
    asked = (applied, request.sample, request.query)
    if request.quality == "full":
        return final_stage(model, *asked, cancel, tell)
    stages = tuple(model.reconstruct(*asked, request.quality, cancel))
    return stages[-1] if stages else final_stage(model, *asked, cancel)
