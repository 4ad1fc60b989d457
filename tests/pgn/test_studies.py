"""Studies of the network that ships: the same numbers wherever they are computed."""

from dataclasses import replace

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.pgn.system import PgnSystem
from prune3d_gui.studies.ask.questions import Network, sensitivity_cases
from prune3d_gui.studies.run import worker
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from prune3d_gui.studies.run.local import LocalWorkers

RATES = (0.0, 40.0, 80.0)


@pytest.fixture
def network(shipped):
    ref = replace(PgnSystem().bundled()[0], device="cpu")
    yield Network(ref, shipped.weights_hash)
    worker.forget()


def test_sensitivity_is_the_same_from_one_two_and_here(shipped, network, own_cache):
    units = [shipped.units[0], shipped.units[-1]]
    cases = sensitivity_cases(shipped.knobs, units, "rate", RATES)
    samples = tuple(sample.id for sample in shipped.samples())[:2]
    found = []
    for options in ({"count": 1}, {"count": 2}, {"here": True}):
        workers = LocalWorkers(**options)
        cache = ResultCache(memory=True)
        evaluator = Evaluator(network, shipped.metrics, workers, cache, CancelToken())
        found.append(evaluator.rows(cases, samples))
        workers.close()
    assert found[0] == found[1] == found[2]
    rows = {(row["unit"], row["rate"]): row for row in found[0]}
    for unit in units:
        assert rows[unit.id, 0.0]["zeroed"] == 0
        assert rows[unit.id, 80.0]["zeroed"] == round(0.8 * unit.count)
    (whole,) = {row["chamfer_x1000"] for (_, rate), row in rows.items() if rate == 0.0}
    assert rows[units[0].id, 80.0]["chamfer_x1000"] != whole
    # The window, with as many threads as it likes, shows the same to six digits.
    shown = []
    for sample in samples:
        applied = shipped.apply(Plan())
        *_, last = shipped.reconstruct(applied, sample, Query(), "full", CancelToken())
        scores = shipped.score(applied, sample, Query(), last, None)
        shown.append(scores.values["chamfer_x1000"])
    assert whole == pytest.approx(sum(shown) / 2, rel=1e-6)


def test_time_is_measured_of_the_whole_arithmetic(shipped, network):
    workers = LocalWorkers(1)
    cache = ResultCache(memory=True)
    evaluator = Evaluator(network, shipped.metrics, workers, cache, CancelToken())
    cases = sensitivity_cases(shipped.knobs, shipped.units[-1:], "rate", (0.0,))
    sample = shipped.samples()[0].id
    ((_, _, outcome, cached),) = evaluator.measure(cases, (sample,), repeats=3)
    workers.close()
    assert not cached
    assert len(outcome.times) == 3
    assert min(outcome.times) > 0
