"""What an export is of: everything as it was at the click, whatever happens after."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...core.cancel import CancelToken
from ...core.drawn import drawn
from ...core.errors import BadInput
from ...core.model import Model
from ...core.moment import Moment, paired
from ...core.plan.plans import Plan, Query, Request
from ...core.scene.scenes import Scene
from ...core.scene.views import foremost
from ...core.score.scores import ColourScale
from ...studies.ask.moments import moment_of, scores_in_words
from ...studies.ask.panes import PaneResult, pane_result
from ...studies.live.events import ModelCard
from ..state.controller import Controller
from ..state.moments import Views
from ..state.moments import moment_of as moment_shown

ROLES = ("reference", "full", "pruned")


@dataclass(frozen=True, eq=False)
class Frozen:
    """A result that is to be written.

    Parameters
    ----------
    card : ModelCard
        Of the model that was open.
    moment : Moment
        Without scores, which come with the result.
    request : Request
        Sample, plan and query, at full quality.
    query : Query
        With the knobs that only draw.
    result : PaneResult or None
        Where it was on screen at full quality; else it is worked out.
    """

    card: ModelCard
    moment: Moment
    request: Request
    query: Query
    result: PaneResult | None = None

    @property
    def coloured(self) -> bool:
        """Whether results were coloured by their scales."""
        return bool(dict(self.moment.look).get("coloured", True))

    @property
    def scales(self) -> tuple[ColourScale, ...]:
        """The scales that it is coloured by."""
        return self.card.colours if self.coloured else ()

    def found(self, model: Model, cancel: CancelToken) -> tuple[Scene, Moment]:
        """The scene, as it is drawn, and the moment that goes with it.

        Raises
        ------
        BadInput
            If the result is still to be worked out and another model is open by now.
        """
        result = self.result
        if result is None:
            self.check(model)
            result = pane_result(model, self.request, self.moment.role, cancel)
        about = dict(self.moment.about) | scores_in_words(result.scores)
        scene = drawn(result.scene, self.query, self.card.knobs)
        return scene, replace(self.moment, about=paired(about))

    def foremost(self, scene: Scene) -> Scene:
        """The part of a scene that shapes are made of."""
        return foremost(scene, self.card.views)

    def check(self, model: Model) -> None:
        """Refuse a model that is not the one of the click.

        Raises
        ------
        BadInput
            If it is another.
        """
        if (model.title, model.weights_hash) != (self.card.title, self.card.weights_hash):
            raise BadInput(
                f"The export was of {self.card.title}, which is no longer open; open it and export "
                "again."
            )


def frozen(controller: Controller, views: Views, role: str) -> Frozen:
    """Freeze what a window shows of a role; ``network`` is the pruned network itself.

    Raises
    ------
    BadInput
        If no model is open, or there is no such role or result.
    """
    card = controller.card
    if card is None:
        raise BadInput("No model is open; open a model first.")
    if role not in (*ROLES, "network", ""):
        raise BadInput(f"There is no result {role!r}; take one of {', '.join(ROLES)}.")
    sample = controller.samples.get(controller.sample)
    if sample is None and role != "network":
        raise BadInput("There is no sample to export a result of; open one first.")
    plan, query = controller.plan, controller.query
    if role == "network" and not any(one.opens for one in card.samples):
        sample = None  # every sample has the same network
    seen = moment_shown(controller, views, role)
    moment = moment_of(
        card.ref, card, sample=sample, plan=plan, query=query, role=role,
        quality="" if role == "network" else "full",
    )  # fmt: skip
    moment = replace(moment, cameras=seen.cameras, look=seen.look)
    request = Request(controller.sample, plan, query.asked(card.knobs))
    result = _on_screen(controller, request, role) if role in ROLES else None
    return Frozen(card, moment, request, query, result)


def of_frame(controller: Controller, views: Views) -> Moment:
    """The moment of what is on screen, which may be behind what is asked for."""
    held = frozen(controller, views, "")
    frame = controller.frames.get("pruned")
    if frame is None:
        return held.moment
    shown = dict(held.query.values) | dict(frame.request.query.values)
    moment = moment_of(
        held.card.ref, held.card, sample=controller.samples.get(frame.request.sample),
        plan=frame.request.plan, query=Query(tuple(sorted(shown.items()))),
        quality=frame.quality, about=scores_in_words(frame.scores),
    )  # fmt: skip
    return replace(moment, cameras=held.moment.cameras, look=held.moment.look)


def _on_screen(controller: Controller, request: Request, role: str) -> PaneResult | None:
    """The result of a role, if the screen shows it at full quality.

    Raises
    ------
    BadInput
        If the sample has none.
    """
    if role == "reference":
        if not controller.settled:
            return None
        if controller.shown.reference is None:
            raise BadInput("There is no reference result of this sample to export.")
        return PaneResult(controller.shown.reference)
    frame = controller.frames.get(role)
    wanted = request if role == "pruned" else replace(request, plan=Plan())
    if frame is None or frame.quality != "full":
        return None
    if replace(frame.request, quality="full") != wanted:
        return None
    return PaneResult(frame.scene, frame.scores, frame.footprint)
