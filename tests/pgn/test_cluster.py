"""A study of the trained network on a real Dask cluster on loopback."""

import shutil
from dataclasses import replace
from importlib.resources import as_file, files

import pytest

pytest.importorskip("distributed", reason="needs the extra 'cluster'")

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.pgn.bundled import WEIGHTS
from prune3d_gui.plugins.pgn.pruning.controls import RATE
from prune3d_gui.plugins.pgn.system import PgnSystem
from prune3d_gui.studies.ask.questions import Case, Network
from prune3d_gui.studies.run.cluster import ClusterWorkers
from prune3d_gui.studies.run.worker import compute, forget
from prune3d_gui.studies.run.workers import Chunk
from tests import clusters


@pytest.fixture
def network():
    """The bundled network, with two of its samples, one of them packed."""
    ref = ModelRef("pgn", "bundled", device="cpu")
    if not PgnSystem().bundled():
        pytest.skip("the trained network is not installed")
    model = PgnSystem().open(ref)
    yield Network(ref, model.weights_hash), model
    model.close()
    forget()


def test_a_file_of_the_users_survives_a_dead_worker(network, tmp_path):
    bundled, model = network
    samples = model.select("val:2")
    cases = [
        Case(Plan().with_value(RATE, rate), Query(), (("rate", rate),)) for rate in (0.0, 40.0, 80)
    ]
    todo = [(case,) for case in cases]
    wanted = [compute(Chunk(bundled, one, samples)) for one in todo]
    file = tmp_path / "mine.safetensors"
    with as_file(files("prune3d_gui.resources").joinpath(WEIGHTS)) as weights:
        shutil.copy(weights, file)
    mine = replace(bundled, ref=ModelRef("pgn", file.name, str(file)))
    packs = {sample: data for sample in samples if (data := model.pack(sample))}
    with clusters.running(tmp_path / "cluster") as cluster:
        cluster.start(2)
        workers = ClusterWorkers(cluster.address, mine)
        file.unlink()
        futures = [workers.submit(Chunk(mine, one, samples, packs=packs)) for one in todo * 2]
        futures[0].result(60)
        cluster.kill(0)
        found = [future.result(60) for future in futures]
        workers.close()
    for here, there in zip(wanted * 2, found, strict=True):
        assert [(n, s, o.size) for n, s, o in here] == [(n, s, o.size) for n, s, o in there]
        for (_, _, one), (_, _, other) in zip(here, there, strict=True):
            assert other.values == pytest.approx(one.values, rel=1e-5)
    chamfer = [one[0][2].values["chamfer_x1000"] for one in found[:3]]
    assert chamfer == sorted(chamfer)
