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
    role : {"reference", "full", "pruned", ""}
        Whose result it is; only what is pruned is named with its rate.
    what : str
        What it is besides, such as ``views`` or ``curves``; a ``network`` is of no sample where
        all have the same, and a ``study`` of many plans.
    """
    card = controller.card
    if card is None:
        return what or "prune3d"
    sample = controller.samples.get(controller.sample)
    whole = what in ("network", "study") and not any(one.opens for one in card.samples)
    title = card.title if sample is None or whole else sample.title
    parts = [_slug(title)[:LONGEST].strip("-"), _slug(card.ref.system)]
    if role in ("reference", "full"):
        parts.append(role)
    elif what != "study":
        for knob in turned_of(card.knobs, controller.plan, card.primary):
            value = controller.plan.value(knob)
            number = f"{value:.4g}" if isinstance(value, float) else _slug(str(value))
            parts.append(f"{_slug(knob.id)}-{number}")
    return "-".join(filter(None, [*parts, what]))


def _slug(text: str) -> str:
    r"""A text as part of a file's name: letters, digits, dots and underscores of any script."""
    return re.sub(r"[^\w.]+", "-", text).strip("-._").lower()
