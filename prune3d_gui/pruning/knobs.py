"""Knobs that systems share: chance as a baseline, and its seed."""

from __future__ import annotations

from ..core.plan.artifacts import NETWORK_KIND
from ..core.plan.knobs import Choice, Knob

RANDOM = Choice("random", "Random", "a seeded baseline", seed="seed")
"""The criterion by which chance decides what goes."""
SEED = Knob(
    "seed",
    "Random seed",
    "steps",
    0,
    maximum=9999,
    step=1,
    help="Seed of the random criterion; the others ignore it.",
)


def network_knob(such_as: str) -> Knob:
    """The knob that chooses a network made from the opened one; `such_as` says how."""
    return Knob(
        "network",
        "Network",
        "artifact",
        "",
        takes=NETWORK_KIND,
        help=f"A network made from this one, such as {such_as}, to prune instead of it.",
    )
