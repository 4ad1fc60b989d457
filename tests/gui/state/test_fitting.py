"""What of a moment fits a model, without a window."""

from dataclasses import replace

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.gui.state.fitting import fitted
from prune3d_gui.studies.live.events import ModelCard
from tests.toy import Plugin

SYSTEM = Plugin()
REF = SYSTEM.bundled()[0]
CARD = ModelCard.of(REF, SYSTEM.open(REF))
SAMPLES = {sample.id: sample for sample in CARD.samples}
WHOLE = Moment(
    system="toy",
    weights_hash=CARD.weights_hash,
    sample="s1",
    plan=Plan((("scope", "low,mid"), ("tolerance", 0.2)), (("low", 10.0),), ("high",)),
    query=Query((("grid", 30),)),
    look=(("arrangement", "side"), ("coloured", False), ("style", "points")),
)


def test_what_fits_is_kept_whole():
    found, left_out = fitted(WHOLE, CARD, SAMPLES)
    assert left_out == ()
    assert found == replace(WHOLE, look=(("coloured", False), ("style", "points")))


@pytest.mark.parametrize(
    ("change", "kept", "said"),
    [
        (
            {"plan": Plan((("speed", 3.0), ("tolerance", 0.2)))},
            {"plan": Plan((("tolerance", 0.2),))},
            "'speed'",
        ),
        ({"plan": Plan((("tolerance", 7.0),))}, {"plan": Plan()}, "7.0 is out of range"),
        ({"plan": Plan((("scope", "low,top"),))}, {"plan": Plan()}, "no unit 'top'"),
        ({"plan": Plan((("grid", 30),))}, {"plan": Plan()}, "'grid' is of another kind"),
        ({"plan": Plan((), (("top", 5.0),))}, {"plan": Plan()}, "'top'; its rate of 5 %"),
        ({"plan": Plan((), (("low", 500.0),))}, {"plan": Plan()}, "rate 500"),
        ({"plan": Plan((), (), ("low", "top"))}, {"plan": Plan((), (), ("low",))}, "its lock"),
        ({"query": Query((("time", 0.5),))}, {"query": Query()}, "'time'"),
        ({"sample": "s9", "sample_title": "Nine"}, {"sample": ""}, "no sample 'Nine'"),
        ({"sample": "x", "sample_file": "me.png", "sample_hash": "1"}, {"sample": ""}, "'me.png'"),
        (
            {"weights_hash": "other-1", "weights": "mine.npz"},
            {"sample": "s1"},
            "mine.npz (other-1)",
        ),
        ({"look": (("style", "fog"),)}, {"look": ()}, "style 'fog'"),
    ],
)
def test_what_does_not_is_left_out_and_said_once(change, kept, said):
    found, left_out = fitted(replace(WHOLE, **change), CARD, SAMPLES)
    for name, value in kept.items():
        assert getattr(found, name) == value
    (sentence,) = left_out
    assert said in sentence
    assert sentence.endswith(".")


def test_a_file_of_ones_own_is_known_by_what_it_holds():
    mine = Sample("photo-2", "Photo", file="renamed.png", file_hash="ab12")
    asked = replace(WHOLE, sample="photo-1", sample_file="me.png", sample_hash="ab12")
    found, left_out = fitted(asked, CARD, SAMPLES | {mine.id: mine})
    assert (found.sample, left_out) == ("photo-2", ())
    twin = replace(WHOLE, sample="s1", sample_file="me.png", sample_hash="ab12")
    assert fitted(twin, CARD, SAMPLES)[0].sample == ""


def test_samples_of_other_networks_are_not_its_own():
    other = replace(SAMPLES["s1"], opens=ModelRef("toy", "Elsewhere"))
    found, left_out = fitted(WHOLE, CARD, SAMPLES | {"s1": other})
    assert found.sample == ""
    assert len(left_out) == 1


def test_another_system_is_refused():
    with pytest.raises(BadInput, match="'fields'"):
        fitted(replace(WHOLE, system="fields"), CARD, SAMPLES)
