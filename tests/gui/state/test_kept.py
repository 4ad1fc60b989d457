"""What is kept of models that are not open, without a window."""

from dataclasses import replace

import pytest

from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.gui.state import kept
from prune3d_gui.gui.state.kept import Models
from prune3d_gui.studies.live.events import ModelCard
from tests.toy import TOLERANCE, Plugin

SYSTEM = Plugin()
LOOK = (("style", "points"),)
PLAN = Plan().with_value(TOLERANCE, 0.3)


def card(number):
    ref = SYSTEM.bundled()[0]
    found = ModelCard.of(ref, SYSTEM.open(ref))
    return replace(found, weights_hash=f"blobs-{number}", title=f"Blobs {number}")


def test_a_model_is_known_by_what_its_weights_hold():
    models, mine = Models(), card(1)
    known = models.take(mine, Moment(look=LOOK))
    assert known.intention.moment.look == LOOK
    known.intention.turn("tolerance", plan=PLAN)
    models.put(mine, known)
    assert models.take(card(2), Moment()).intention.plan == Plan()
    renamed = replace(mine, title="A copy", ref=replace(mine.ref, device="cpu"))
    again = models.take(renamed, Moment(look=(("style", "mesh"),)))
    assert again.intention.plan == PLAN
    assert again.intention.undoes
    assert again.intention.moment.model == "A copy"
    assert again.intention.moment.look == (("style", "mesh"),)
    assert again.visited is known.visited


def test_the_same_weights_in_another_system_are_another_model():
    models, mine = Models(), card(1)
    known = models.take(mine, Moment())
    known.intention.turn(plan=PLAN)
    models.put(mine, known)
    other = replace(mine, ref=replace(mine.ref, system="other"))
    assert models.take(other, Moment()).intention.plan == Plan()


@pytest.mark.parametrize(
    ("room", "left"), [(3, (False, False, True, True, True)), (9, (True,) * 5)]
)
def test_what_was_open_longest_ago_is_forgotten(monkeypatch, room, left):
    monkeypatch.setattr(kept, "LIMIT", room * 2 * kept.STEP)
    models, cards = Models(), [card(number) for number in range(5)]
    for one in cards:
        known = models.take(one, Moment())
        known.intention.turn(plan=PLAN)
        assert known.size == 2 * kept.STEP
        models.put(one, known)
    assert tuple(models.take(one, Moment()).intention.plan == PLAN for one in cards) == left
