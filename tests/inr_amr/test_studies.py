"""Studies of a field: a tolerance on the axis, its own metrics, and a network of its own."""

import json
from contextlib import suppress

import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.inr_amr.system import FieldSystem
from prune3d_gui.studies.ask.questions import Network, sensitivity_cases
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from prune3d_gui.studies.run.local import LocalWorkers

ASKED = ["--sample", "oscillation", "--tolerance", "0.01,0.1"]


@pytest.fixture(scope="module")
def field():
    system = FieldSystem()
    ref = next((r for r in system.bundled() if "oscillation" in r.path), None)
    if ref is None:
        pytest.skip("the bundled fields are not installed")
    model = system.open(ref)
    yield ref, model
    model.close()


def test_each_layer_alone_at_each_tolerance(tmp_path):
    out = tmp_path / "rows.json"
    assert main(["sensitivity", "inr_amr", *ASKED, "--json", str(out)]) == 0
    rows = json.loads(out.read_text())
    assert [(r["unit"], r["tolerance"]) for r in rows[:2]] == [("H4", 0.01), ("H4", 0.1)]
    assert len({r["unit"] for r in rows}) == 4
    loose = {r["unit"]: r for r in rows if r["tolerance"] == 0.1}
    tight = {r["unit"]: r for r in rows if r["tolerance"] == 0.01}
    assert all(loose[u]["rel_l2"] > tight[u]["rel_l2"] for u in loose)
    assert all(loose[u]["removed"] >= tight[u]["removed"] > 0 for u in loose)
    assert all(r["zeroed"] == 0 and r["bytes"] == 4 * (r["total"] - r["removed"]) for r in rows)


def test_cancel_keeps_what_was_found_and_resume_computes_the_rest(field, tmp_path):
    ref, model = field
    network = Network(ref, model.weights_hash)
    cases = sensitivity_cases(model.knobs, model.units, "tolerance", (0.01, 0.1))
    cache, workers = ResultCache(tmp_path), LocalWorkers(here=True)
    try:
        token = CancelToken()
        first = Evaluator(network, model.metrics, workers, cache, token)
        found = {}
        with suppress(Cancelled):
            for case, _, outcome, cached in first.measure(cases, ("oscillation",)):
                assert not cached
                found[case] = outcome
                token.cancel()
        assert 0 < len(found) < len(cases)
        again = Evaluator(network, model.metrics, workers, cache, CancelToken())
        resumed = list(again.measure(cases, ("oscillation",)))
        assert {case for case, _, _, cached in resumed if cached} >= set(found)
        assert len(resumed) == len(cases)
        assert all(o.values == found[c].values for c, _, o, _ in resumed if c in found)
    finally:
        workers.close()
        cache.close()
