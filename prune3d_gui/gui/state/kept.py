"""What the window knows of each model: what was asked of it, visited and compared."""

from __future__ import annotations

from pathlib import PurePath

from ...core.model import ModelRef
from ...core.moment import Moment
from ...core.newest import Newest
from ...core.plan.knobs import knob_named
from ...studies.live.events import ModelCard
from .compared import Compared
from .intention import Intention
from .visited import Visited

LIMIT = 64 << 20
"""Bytes for the models that are not open, as `Kept.size` guesses them."""
STEP, VISIT = 1 << 10, 4 << 10


class Kept:
    """What is known of one model, whether it is open or not.

    Parameters
    ----------
    card : ModelCard
    moment : Moment
        Where it begins; only its look counts.
    """

    def __init__(self, card: ModelCard, moment: Moment) -> None:
        self.intention = Intention(card.knobs, Moment(**identity(card), look=moment.look))
        self.visited = Visited(knob_named(card.knobs, card.primary), card.knobs)
        self.compared = Compared(card.knobs)

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return STEP * len(self.intention.history) + VISIT * len(self.visited)


class Models:
    """What is known of the models that were open, by what their weights hold.

    Opening the same weights again, from wherever, finds it; what was open longest ago is
    forgotten when all takes more than `LIMIT`.
    """

    def __init__(self) -> None:
        self._kept: Newest[Kept] = Newest(LIMIT, lambda kept: kept.size)

    def put(self, card: ModelCard, kept: Kept) -> None:
        """Keep what is known of a model, while another is open."""
        kept.intention.commit()
        self._kept.put(_key(card), kept)

    def take(self, card: ModelCard, moment: Moment) -> Kept:
        """What is known of a model that is open now; `moment` was the last of the one before."""
        kept = self._kept.get(_key(card))
        self._kept.drop(_key(card))
        if kept is None:
            return Kept(card, moment)
        kept.intention.begin(**identity(card), look=moment.look)
        return kept


def identity(card: ModelCard) -> dict[str, str]:
    """What a moment says of a model, by the names of its fields."""
    return {
        "system": card.ref.system,
        "model": card.title,
        "weights": _name(card.ref),
        "weights_hash": card.weights_hash,
    }


def _name(ref: ModelRef) -> str:
    return PurePath(ref.path).name if ref.own else ""


def _key(card: ModelCard) -> tuple[str, str]:
    return card.ref.system, card.weights_hash
