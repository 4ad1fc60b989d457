import math
from dataclasses import replace

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Prune3DError
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.studies.run.worker import compute, forget, lent, recall, registered
from prune3d_gui.studies.run.workers import Chunk


def chunk_of(study, **more):
    return Chunk(study.network, study.cases, study.samples, **more)


def test_it_gives_the_scores_of_the_window(study):
    asked = study()
    found = compute(chunk_of(asked))
    assert [(number, sample) for number, sample, _ in found] == [
        (number, sample) for number in range(3) for sample in asked.samples
    ]
    model = registered("toy").open(asked.network.ref)
    for number, sample, outcome in found:
        case = asked.cases[number]
        applied = model.apply(case.plan)
        *_, last = model.reconstruct(applied, sample, case.query, "full", CancelToken())
        scores = model.score(applied, sample, case.query, last, None)
        assert outcome.values == scores.values
        assert outcome.floors == {"l2": 0.01}
        assert outcome.size["zeroed"] == applied.footprint.zeroed
        assert outcome.against == "reference"
        assert outcome.times == ()


def test_without_a_reference_the_unpruned_result_stands_in(study):
    found = compute(chunk_of(study("blind", (0.001, 0.5))))
    assert {(o.against, o.size["zeroed"] > 0) for _, _, o in found} == {
        ("itself", False),
        ("full", True),
    }
    assert [outcome.values["l2"] > 0 for _, _, outcome in found] == [False] * 3 + [True] * 3
    assert all(math.isnan(outcome.values["peak"]) for _, _, outcome in found)


def test_what_has_no_score_is_against_nothing(study):
    (_, _, outcome), *_ = compute(chunk_of(study("mute")))
    assert (outcome.values, outcome.against) == ({}, "nothing")


def test_times_are_those_of_the_first_sample(study):
    found = compute(chunk_of(study(), repeats=3))
    assert [len(outcome.times) for _, _, outcome in found] == [3, 0, 0] * 3
    assert all(time > 0 for _, _, outcome in found for time in outcome.times)


def test_a_network_stays_open_and_only_two_do(study):
    networks = [study(name).network for name in ("toy", "blind", "mute")]
    opened = [recall(network) for network in networks]
    assert recall(networks[2]) is opened[2]
    assert recall(networks[1]) is opened[1]
    assert opened[0].model.weights is None, "closed"
    assert recall(networks[0]) is not opened[0]
    forget()
    assert opened[1].model.weights is None


def test_a_lent_model_is_used_and_not_closed(study):
    asked = study()
    model = registered("toy").open(asked.network.ref)
    with lent(asked.network, model):
        assert recall(asked.network).model is model
        compute(chunk_of(asked))
        forget()
        assert recall(asked.network).model is model
    assert model.weights is not None
    assert recall(asked.network).model is not model


def test_other_weights_are_refused(study):
    asked = study()
    other = replace(asked.network, weights_hash="0123456789abcdef")
    with pytest.raises(Prune3DError, match=r"were 0123456789ab .* are blobs-1 here"):
        compute(replace(chunk_of(asked), network=other))


def test_a_failure_names_the_case_and_the_sample(study):
    with pytest.raises(Prune3DError) as caught:
        compute(chunk_of(study("failing")))
    text = str(caught.value)
    for words in ("tolerance 0.5", "'s0'", "RuntimeError: the blobs fell apart"):
        assert words in text


def test_samples_of_a_persons_own_come_as_packs(study):
    asked = study("packed", samples=("s1",))
    (_, _, wanted), *_ = compute(chunk_of(asked))
    own = replace(asked, samples=("own:1",))
    found = compute(chunk_of(own, packs={"own:1": b"own:1"}))
    assert found[0][2].values == wanted.values
    again = compute(chunk_of(own, packs={"own:1": b"own:2"}))
    assert again[0][2].values != wanted.values


def test_a_chunk_without_cases_only_opens_the_network(study):
    asked = study()
    assert compute(Chunk(asked.network, (), ())) == []
    assert recall(asked.network).model.apply(Plan()).footprint.zeroed == 0


def test_a_gate_ends_a_chunk_with_what_it_has(study):
    class Twice:
        cancel, left = CancelToken(), 2

        def wait_free(self):
            self.left -= 1
            return self.left >= 0

    assert len(compute(chunk_of(study()), Twice())) == 2


def test_a_model_may_score_many_samples_at_once(study):
    one, many = (compute(chunk_of(study(name))) for name in ("toy", "batched"))
    assert [found[:2] for found in many] == [found[:2] for found in one]
    for (_, _, alone), (_, _, batch) in zip(one, many, strict=True):
        assert batch.values == pytest.approx(alone.values, rel=1e-5)
        assert (batch.size, batch.floors) == (alone.size, alone.floors)


def test_what_goes_wrong_while_many_are_scored_is_one_sentence(study):
    with pytest.raises(
        Prune3DError, match=r"failed at tolerance 0.9.*when it was evaluated \(Zero"
    ):
        compute(chunk_of(study("batched", (0.9,))))
    with pytest.raises(Prune3DError, match="gave scores of 1 of 3 samples; mend its 'evaluate'"):
        compute(chunk_of(study("batched", (0.8,))))
