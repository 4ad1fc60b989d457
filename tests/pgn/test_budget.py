"""The budget search on the network that comes with the program: few units, two samples."""

import contextlib

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.plugins.pgn.pruning.controls import FACTOR
from prune3d_gui.plugins.pgn.system import PgnSystem
from prune3d_gui.studies.ask.answers import RowFound
from prune3d_gui.studies.ask.questions import Network
from prune3d_gui.studies.run import worker
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from prune3d_gui.studies.run.local import LocalWorkers
from prune3d_gui.studies.search.search import BudgetSearch, LargestUniform, scope_of


@pytest.fixture
def evaluator(shipped, own_cache):
    ref = ModelRef("pgn", PgnSystem().bundled()[0].title, device="cpu")
    network = Network(ref, shipped.weights_hash)
    with contextlib.ExitStack() as stack:
        stack.enter_context(worker.lent(network, shipped))
        workers, cache = LocalWorkers(here=True), ResultCache(own_cache)
        stack.callback(cache.close)
        stack.callback(workers.close)
        yield Evaluator(network, shipped.metrics, workers, cache, CancelToken())


def question(evaluator, model, **more):
    plan = Plan().with_value(knob_named(model.knobs, "scope"), "C16,C17,C18")
    samples = model.select("val:3")
    asked = {
        "title": "Best plan",
        "network": evaluator.network,
        "knob": knob_named(model.knobs, "rate"),
        "metric_id": "chamfer_x1000",
        "threshold": Threshold(FACTOR, "factor"),
        "units": scope_of(model, plan),
        "objective": "weights",
        "samples": samples[:2],
        "words": "the first two of val:3",
        "held_out": samples[2:],
        "held_out_words": "the third",
        "plan": plan,
        "resolution": 0.01,
    }
    return BudgetSearch(**asked | more)


def test_the_best_plan_beats_the_uniform_one_at_the_same_threshold(evaluator, shipped):
    asked = question(evaluator, shipped)
    answers = list(asked.answer(evaluator))
    found = [(a.row, a.case) for a in answers if isinstance(a, RowFound)]
    (uniform,) = [row for row, _ in found if row["role"] == "uniform"]
    ((best, case),) = [pair for pair in found if pair[0]["role"] == "best"]
    full = found[0][0]
    assert full["role"] == "full"
    assert best["threshold"] == uniform["threshold"] == FACTOR * full["chamfer_x1000"]
    assert uniform["chamfer_x1000"] <= best["threshold"]
    assert best["chamfer_x1000"] <= best["threshold"]
    assert best["objective"] > uniform["objective"]
    assert best["objective"] == best["zeroed"] == shipped.apply(case.plan).footprint.zeroed
    assert {unit for unit, _ in case.plan.rates} == {"C16", "C17", "C18"}

    candidates = [pair for pair in found if pair[0]["role"] == "candidate"]
    for row, tried in candidates[::6]:
        direct = evaluator.rows([tried], asked.samples)[0]
        assert row["chamfer_x1000"] == direct["chamfer_x1000"]
    own = next(row for row, _ in found if row.get("plan") == "uniform's own counts")
    assert own["zeroed"] == uniform["zeroed"]
    assert own["chamfer_x1000"] == pytest.approx(uniform["chamfer_x1000"], rel=1e-5)
    held = [row for row, _ in found if row["role"] == "held-out"]
    assert [row["samples"] for row in held] == [1, 1, 1, 1]


@pytest.mark.parametrize(("threshold", "words"), [(0.2, "sampling floor"), (1.5, "full model's")])
def test_a_threshold_that_nothing_meets_is_refused_at_once(evaluator, shipped, threshold, words):
    asked = LargestUniform(
        title="Largest",
        network=evaluator.network,
        knob=knob_named(shipped.knobs, "rate"),
        metric_id="chamfer_x1000",
        threshold=Threshold(threshold),
        samples=shipped.select("val:2"),
        words="val:2",
    )
    with pytest.raises(BadInput, match=words) as caught:
        list(asked.answer(evaluator))
    assert f"{threshold:g}" in str(caught.value)
