"""A plugin folder with the toy and some variants, which spawned workers find too."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.studies.ask.questions import Network, Study, cases
from prune3d_gui.studies.run import worker
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from tests.variants import BLIND, CHOOSING, PARTED, RATED, write_plugins

# Variants of the toy, each a plugin file: lines put beneath it.
VARIANTS = {
    "slow": """
Plugin.id, Plugin.delay = "slow", 0.02
""",
    "blind": BLIND,
    "mute": """
Plugin.id = "mute"
ToyModel.score = lambda self, *asked: None
""",
    # Its process dies at tolerance 0.5, the first time or always; COUNT is a file.
    "frail": """
import os
Plugin.id = "frail"
plain_apply = ToyModel.apply
def apply(self, plan, cancel):
    deaths = Path(os.environ["TOY_DEATHS"])
    if plan.value(TOLERANCE) == 0.5 and len(deaths.read_text()) < int(os.environ["TOY_MOST"]):
        deaths.write_text(deaths.read_text() + "x")
        os._exit(7)
    return plain_apply(self, plan, cancel)
ToyModel.apply = apply
""",
    "failing": """
Plugin.id, Plugin.fail_above = "failing", 0.3
""",
    # Samples named own:N exist only once they are unpacked.
    "packed": """
Plugin.id = "packed"
ToyModel.pack = lambda self, sample: sample.encode() if sample.startswith("own:") else b""
def unpack(self, sample, data):
    self.mine = {**getattr(self, "mine", {}), sample: data.decode().partition(":")[2]}
ToyModel.unpack = unpack
plain_field = ToyModel.field
def field(self, sample, weights, size):
    mine = sample.startswith("own:")
    return plain_field(self, "s" + self.mine[sample] if mine else sample, weights, size)
ToyModel.field = field
""",
    "parted": PARTED,
    # Scores all samples at once; fails at tolerance 0.9, and forgets some at 0.8.
    "batched": """
Plugin.id = "batched"
def evaluate(self, applied, samples, query, full, cancel=NEVER):
    size = int(query.value(GRID))
    got = np.stack([self.field(s, applied.token, size).values for s in samples])
    want = np.stack([self.field(s, self.weights, size).values for s in samples])
    apart = np.linalg.norm((got - want).reshape(len(samples), -1), axis=1)
    errors = 100 * apart / np.linalg.norm(want.reshape(len(samples), -1), axis=1)
    if applied.plan.value(TOLERANCE) == 0.9:
        raise ZeroDivisionError("division by zero")
    if applied.plan.value(TOLERANCE) == 0.8:
        samples = samples[:1]
    return [
        Scores({"l2": float(errors[n]) + 0.01, "peak": float(got[n].max())}, {"l2": 0.01})
        for n in range(len(samples))
    ]
ToyModel.evaluate = evaluate
def unasked(self, *asked):
    raise AssertionError("a sample was scored by itself")
ToyModel.score = ToyModel.reconstruct = unasked
""",
    "rated": RATED,
    "choosing": CHOOSING,
    # A job that works until it is stopped, or until FILE is there.
    "worker": """
import time
from pathlib import Path
from prune3d_gui.core.jobs import Job, Option, Progress
Plugin.id = "worker"
def labour(options, report, cancel):
    done = 0
    while not Path(options["until"]).exists():
        cancel.check()
        done += 1
        report(Progress(done, 0, "labouring", {"done": done}))
        time.sleep(0.05)
    return []
Plugin.jobs = lambda self: (Job("labour", "Labour.", (Option("until", "", "A file."),), labour),)
""",
}  # fmt: skip
# Scores are no numbers once more than 45 blobs are gone.
VARIANTS["gappy"] = (
    VARIANTS["rated"]
    + """
Plugin.id = "gappy"
full_score = ToyModel.score
def score(self, applied, *rest):
    found = full_score(self, applied, *rest)
    gone = applied.footprint.zeroed > 45
    return replace(found, values={name: np.nan for name in found.values}) if gone else found
ToyModel.score = score
"""
)
# The low band takes no rate of its own.
VARIANTS["half_rated"] = (
    VARIANTS["rated"]
    + """
Plugin.id = "half_rated"
full_apply = ToyModel.apply
def apply(self, plan, *rest):
    own = tuple(pair for pair in plan.rates if pair[0] != "low")
    return replace(full_apply(self, replace(plan, rates=own), *rest), plan=plan)
ToyModel.apply = apply
"""
)


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A plugin folder with the toy and its variants."""
    folder = write_plugins(tmp_path / "plugins", VARIANTS)
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    yield folder
    worker.forget()


@pytest.fixture
def study(plugins):
    """Make studies of a variant: ``study("toy", tolerances, samples)``."""

    def make(name="toy", tolerances=(0.01, 0.1, 0.5), samples=("s0", "s1", "s2"), **series):
        system = worker.registered(name)
        ref = replace(system.bundled()[0], device="cpu")
        model = system.open(ref)
        todo = cases(
            model.knobs, {"tolerance": tolerances, "grid": (12,), **series}, innermost="tolerance"
        )
        network = Network(ref, model.weights_hash)
        return Study("sweep", "Tolerances", network, todo, tuple(samples), "all", "tolerance")

    return make


@pytest.fixture
def evaluator(own_cache):
    """Make evaluators of a study: ``evaluator(study, workers)``."""
    made = []

    def make(study, workers, cache=None, packs=None):
        system = worker.registered(study.network.ref.system)
        metrics = system.open(study.network.ref).metrics
        if cache is None:
            cache = ResultCache(own_cache)
            made.append(cache)
        return Evaluator(study.network, metrics, workers, cache, CancelToken(), packs or {})

    yield make
    for cache in made:
        cache.close()


def plain(rows):
    """Rows with NaN made comparable."""
    return [{k: "nan" if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()}
            for row in rows]  # fmt: skip
