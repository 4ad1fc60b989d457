"""Many samples at once: the numbers of one by one, on the device where they are quick."""

from collections import Counter

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.model import Model, ModelRef, final_stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.pgn.data.entries import Entry
from prune3d_gui.plugins.pgn.data.held import HeldPictures
from prune3d_gui.plugins.pgn.data.packs import levels_of
from prune3d_gui.plugins.pgn.pruning.batches import samples_at_once
from prune3d_gui.plugins.pgn.pruning.controls import RATE, SCOPE, WAY
from prune3d_gui.studies.ask.questions import Network, cases
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from prune3d_gui.studies.run.local import LocalWorkers
from prune3d_gui.studies.run.worker import lent

FULL = {}


def plan(scope, rate, way="mask"):
    return Plan().with_value(SCOPE, scope).with_value(RATE, rate).with_value(WAY, way)


def both(model, asked, samples, full=FULL, at_once=3):
    """Values one by one, and of so many at once."""
    found = []
    model.at_once = at_once
    for way in (Model.evaluate, type(model).evaluate):
        applied = model.apply(asked)
        found.append(list(way(model, applied, samples, Query(), full, CancelToken())))
    return found


def check(one, many):
    assert len(one) == len(many)
    for a, b in zip(one, many, strict=True):
        assert (a.against, a.floors) == (b.against, b.floors)
        assert a.values.keys() == b.values.keys()
        for name, value in a.values.items():
            assert b.values[name] == pytest.approx(value, rel=1e-5, abs=1e-12), name


PLANS = {
    "full": Plan(),
    "encoder 30.0": plan("encoder", 30.0),
    "encoder 80.0": plan("encoder", 80.0),
    "all 30.0": plan("all", 30.0),
    "all 80.0": plan("all", 80.0),
    "decoder": plan("decoder", 50.0),
    "channels": plan("all", 20.0, "channels"),
}


@pytest.mark.parametrize("name", PLANS)
def test_many_at_once_give_the_numbers_of_one_by_one(model, name):
    samples = [sample.id for sample in model.samples()]
    assert len(samples) == 4
    check(*both(model, PLANS[name], samples))


@pytest.mark.parametrize("name", ["full", "encoder 30.0", "all 80.0", "decoder"])
def test_the_shipped_network_does_so_too(shipped, name):
    check(*both(shipped, PLANS[name], shipped.select("val:6"), at_once=4))
    shipped.at_once = 1


def test_a_study_has_the_same_rows_either_way(model):
    samples = tuple(sample.id for sample in model.samples())
    todo = cases(model.knobs, {"rate": (0.0, 40.0, 80.0)}, innermost="rate")
    found = []
    for at_once, device in ((1, "cpu"), (3, "cuda")):  # its chunks, but on the model that is lent
        network = Network(ModelRef("pgn", "small", device=device), model.weights_hash)
        model.at_once = at_once
        workers, cache = LocalWorkers(here=True), ResultCache(memory=True)
        with lent(network, model):
            evaluator = Evaluator(network, model.metrics, workers, cache, CancelToken())
            found.append(evaluator.rows(todo, samples))
        workers.close()
    for one, many in zip(*found, strict=True):
        assert one.keys() == many.keys()
        for name, value in one.items():
            wanted = pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
            assert many[name] == wanted, name


def test_the_whole_set_is_what_its_parts_are(model):
    samples = [sample.id for sample in model.samples()]
    found = [both(model, PLANS["all 30.0"], samples, at_once=count)[1] for count in (2, 4)]
    check(*found)


def test_a_picture_without_a_reference_is_compared_with_the_full_result(model):
    image = np.random.default_rng(3).random((3, 224, 224), dtype=np.float32)
    known = model.samples()[0]
    entry = model._gallery.entry(known.id)
    model._gallery._entries["mine"] = Entry(known, lambda: image)
    model._gallery._entries["again"] = Entry(known, entry.image)
    samples = [known.id, "mine", "again"]
    bare = model.apply(Plan())
    full = {
        sample: final_stage(model, bare, sample, Query(), CancelToken()).scene
        for sample in samples[1:]
    }
    one, many = both(model, PLANS["encoder 30.0"], samples, full)
    check(one, many)
    assert [scores.against for scores in many] == ["reference", "full", "full"]
    one, many = both(model, PLANS["encoder 30.0"], samples)
    assert one[1:] == many[1:] == [None, None]


def test_what_blows_up_is_scored_as_one_by_one(model):
    samples = [sample.id for sample in model.samples()][:3]
    weights = model.network.mappings[0].last_conv.weight
    for factor in (1e12, float("nan")):
        before = weights.clone()
        with torch.inference_mode():
            weights[0] *= factor
        model._own.forget()
        one, many = both(model, Plan(), samples)
        for a, b in zip(one, many, strict=True):
            assert a.values == pytest.approx(b.values, rel=1e-5, nan_ok=True)
        with torch.inference_mode():
            weights.copy_(before)


def test_plans_that_leave_the_encoder_alone_share_its_results(model, monkeypatch):
    samples = [sample.id for sample in model.samples()]
    encoded = []
    encode = model.network.encode
    monkeypatch.setattr(model.network, "encode", lambda x: encoded.append(len(x)) or encode(x))
    model.at_once = 3
    for asked in (Plan(), plan("decoder", 40.0), plan("decoder+bn", 60.0)):
        list(model.evaluate(model.apply(asked), samples, Query(), FULL))
    assert encoded == [3, 1]
    list(model.evaluate(model.apply(plan("encoder", 40.0)), samples, Query(), FULL))
    assert encoded == [3, 1, 3, 1]


def test_it_stops_between_two_batches(model):
    samples = [sample.id for sample in model.samples()]
    model.at_once = 2
    cancel = CancelToken()
    found = model.evaluate(model.apply(Plan()), samples, Query(), FULL, cancel)
    next(found)
    next(found)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(found)


def test_what_does_not_fit_is_tried_with_fewer(model, monkeypatch):
    samples = [sample.id for sample in model.samples()]
    one, _ = both(model, Plan(), samples)
    asked = []
    points = model._points

    def short_of_memory(applied, some):
        asked.append(len(some))
        if len(some) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return points(applied, some)

    monkeypatch.setattr(model, "_points", short_of_memory)
    model.at_once = 4
    check(one, list(model.evaluate(model.apply(Plan()), samples, Query(), FULL)))
    assert asked == [4, 2, 1, 1, 1, 1]
    monkeypatch.setattr(model, "_points", out_of_memory)
    model.at_once = 2
    with pytest.raises(torch.OutOfMemoryError):
        list(model.evaluate(model.apply(Plan()), samples, Query(), FULL))


def out_of_memory(*_):
    raise torch.OutOfMemoryError("CUDA out of memory.")


def test_a_cpu_takes_one_at_a_time_and_a_gpu_what_it_holds(monkeypatch):
    assert samples_at_once(1024, 2562, "cpu") == 1
    for free, wanted in ((80 << 30, 64), (4 << 30, 18), (1 << 20, 1)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, f=free: (f, f))
        assert samples_at_once(1024, 2562, "cuda:0") == wanted


def test_pictures_are_held_as_bytes_where_that_loses_nothing():
    levels = np.random.default_rng(0).integers(256, size=(3, 8, 8)).astype(np.float32)
    images = {"levels": levels / np.float32(255), "fine": np.full((3, 8, 8), 0.1234, np.float32)}
    assert levels_of(images["levels"]).dtype == np.uint8
    assert levels_of(images["fine"]).dtype == np.float32
    read = Counter()

    def reading(sample):
        read[sample] += 1
        return images[sample]

    held = HeldPictures(reading, "cpu", 3 * 64)
    for asked in (["levels"], ["levels", "fine", "levels"], ["fine", "fine"], ["levels"]):
        wanted = np.stack([images[sample] for sample in asked])
        assert np.array_equal(held.stacked(asked).numpy(), wanted)
    assert read == {"levels": 1, "fine": 2}, "bytes fit, the other does not"
    held.drop("levels")
    held.stacked(["levels"])
    assert read["levels"] == 2


def test_a_picture_that_cannot_be_read_is_refused_in_a_sentence():
    def reading(sample):
        raise BadInput(f"{sample!r} is damaged; render it again.")

    with pytest.raises(BadInput, match="'a' is damaged"):
        HeldPictures(reading, "cpu", 64).stacked(["a", "b"])
