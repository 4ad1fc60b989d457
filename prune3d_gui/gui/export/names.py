"""Names that files are given at first: the sample, the system, and how much is pruned."""

from __future__ import annotations

import re

from ...core.plan.axes import turned_of
from ..state.controller import Controller

LONGEST = 40
"""Letters of the name of a sample that go into one of a file."""


def suggested(controller: Controller, role: str = "", what: str = "") -> str:
    """Suggest the name of a file, without its ending.

    Parameters
    ----------
    controller : Controller
    role : {"reference", "full", "pruned", "network", ""}
        Whose result it is; only what is pruned is named with its rate.
    what : str
        What else it is, such as ``views`` or ``curves``.
    """
    card = controller.card
    if card is None:
        return what or "prune3d"
    sample = controller.samples.get(controller.sample)
    several = role != "network" or any(one.opens for one in card.samples)
    title = sample.title if sample is not None and several else card.title
    parts = [_slug(title)[:LONGEST].strip("-"), _slug(card.ref.system)]
    if role in ("reference", "full"):
        parts.append(role)
    else:
        for knob in turned_of(card.knobs, controller.plan, card.primary):
            value = controller.plan.value(knob)
            number = f"{value:.4g}" if isinstance(value, float) else _slug(str(value))
            parts.append(f"{_slug(knob.id)}-{number}")
    return "-".join(filter(None, [*parts, what]))


def _slug(text: str) -> str:
    r"""A text as part of a file's name: letters, digits, dots and underscores of any script."""
    return re.sub(r"[^\w.]+", "-", text).strip("-._").lower()
