"""Pictures of the 3D results of a few plans, all from one camera and on one scale."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.cancel import CancelToken
from ..core.model import Model
from ..core.scene.scenes import Mesh, Scene
from ..core.scene.views import foremost, shown_in, views_of
from ..core.score.scores import ColourScale, Metric
from ..studies.ask.questions import Case
from ..studies.ask.results import result_of, unpruned

SIDE = (460, 460)
SHOTS = 4
"""Plans that a report shows where nobody says which."""


def spread(things: Sequence[Any]) -> tuple[Any, ...]:
    """`SHOTS` of many, evenly from the first to the last."""
    if len(things) <= SHOTS:
        return tuple(things)
    step = (len(things) - 1) / (SHOTS - 1)
    return tuple(things[round(number * step)] for number in range(SHOTS))


def scenes_of(
    model: Model,
    sample: str,
    title: str,
    metric: Metric,
    todo: Sequence[tuple[Case, str]],
    cancel: CancelToken,
) -> tuple[list[tuple[str, Scene]], Scene]:
    """The reference of a sample and its results under some plans, in a view that has all of them.

    Parameters
    ----------
    model : Model
    sample, title : str
        Its id, and what captions call it.
    metric : Metric
        Its value is in the captions.
    todo : sequence of (Case, str)
        At least one, with words for the caption; all under one query.
    cancel : CancelToken

    Returns
    -------
    shots : list of (caption, Scene)
    first : Scene
        What the camera is put before: the reference, or the full result where there is none.
    """
    views, _ = views_of(model)
    query = todo[0][0].query
    reference = first = model.reference(sample, query, cancel)
    if first is None:
        first = unpruned(model, sample, query, cancel)
    shots = [(f"{title}, reference", reference)] if reference is not None else []
    for case, words in todo:
        found = result_of(model, case.plan, sample, query, first, cancel)
        caption = f"{title}, {words}"
        if found.scores and metric.id in found.scores.values:
            caption += f": {metric.title} {found.scores.values[metric.id]:.3g}"
        shots.append((caption, found.scene))
    every = (first, *(scene for _, scene in shots))
    shared = [view for view in views if all(shown_in(scene, view) for scene in every)]
    told = [(words, foremost(scene, shared or views)) for words, scene in shots]
    return told, foremost(first, shared or views)


def shot(scene: Scene, first: Scene, colours: Sequence[ColourScale]) -> bytes:
    """Draw one scene as PNG, from where `first` is seen whole."""
    from ..drawing.framing import framing
    from ..drawing.pictures import picture

    camera = framing([first])
    style = "mesh" if scene.first(Mesh) else "points"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shot.png"
        picture([("", scene)], path, size=SIDE, style=style, colours=colours, cameras=[camera])
        return path.read_bytes()
