"""The moment that a window shows, and the way back to one."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from ...core.moment import Moment, Pairs, paired
from .controller import Controller

Cameras = tuple[tuple[str, Pairs], ...]


class Views(Protocol):
    """What is seen of the results, as plain values; the viewport has it."""

    def seen(self) -> tuple[Cameras, Pairs]:
        """Cameras by kind of view, and what else belongs to the look."""

    def see(self, cameras: Cameras, look: Pairs) -> tuple[str, ...]:
        """Return to what was seen; sentences on what cannot be."""


def moment_of(controller: Controller, views: Views, role: str = "") -> Moment:
    """Return the moment that a window shows now; it stays as it is whatever comes after.

    Parameters
    ----------
    controller : Controller
    views : Views
        The viewport.
    role : {"reference", "full", "pruned", "network", ""}
        Whose result it shall be about: the reference and the full one know no plan.
    """
    moment = controller.moment.of(role)
    if controller.card is None:
        return moment
    frame = controller.frames.get(role)
    cameras, look = views.seen()
    return replace(
        moment,
        quality=frame.quality if frame is not None else "",
        cameras=cameras,
        look=paired(dict(look) | dict(moment.look)),
    )


def restore(controller: Controller, views: Views, moment: Moment) -> tuple[str, ...]:
    """Return to a moment of the model that is open: all of it that this model has.

    Returns what is left out, in a sentence each.

    Raises
    ------
    BadInput
        If it is of another system, or no model is open.
    """
    left_out = controller.restore(moment)
    return (*left_out, *views.see(moment.cameras, moment.look))
