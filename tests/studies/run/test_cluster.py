"""Studies on a real Dask cluster on loopback."""

import hashlib
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("distributed", reason="needs the extra 'cluster'")

from prune3d_gui.core.errors import BadInput, Prune3DError
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.studies.ask.questions import Case, Network
from prune3d_gui.studies.run.cluster import ClusterWorkers, checked
from prune3d_gui.studies.run.worker import compute, forget
from prune3d_gui.studies.run.workers import Chunk
from tests import clusters, toy
from tests.toy import TOLERANCE
from tests.variants import CHOOSING

PLUGIN = '''
import hashlib
from pathlib import Path

import numpy as np

from tests import toy


class Plugin(toy.Plugin):
    """The toy, slow, that also opens the files it writes."""

    delay = 0.05

    def open(self, ref, cancel=None):
        model = Model(self, ref.title)
        if ref.path:
            data = Path(ref.path).read_bytes()
            model.weights = np.load(ref.path)["weights"]
            model.weights_hash = hashlib.sha256(data).hexdigest()
        return model


class Model(toy.ToyModel):
    """A packed sample is another name of a bundled one."""

    def __init__(self, *args):
        super().__init__(*args)
        self.names = {}

    def unpack(self, sample, data):
        self.names[sample] = data.decode()

    def field(self, sample, weights, size):
        return super().field(self.names.get(sample, sample), weights, size)
'''
BUNDLED = Network(ModelRef("toy", "Eighty-four blobs"), "blobs-1")
SAMPLES = ("s0", "s1", "s2", "s3")
MASK = Knob("mask", "Mask", "artifact", "", takes="mask")


def case(tolerance):
    plan = Plan().with_value(TOLERANCE, tolerance)
    return Case(plan, Query(), (("tolerance", tolerance),))


CASES = tuple(case(t) for t in (0.002, 0.01, 0.05, 0.1, 0.3, 0.6))


def chunks(network):
    return [Chunk(network, (c,), (sample,)) for c in CASES for sample in SAMPLES]


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "toy.py").write_text(PLUGIN)
    source = Path(toy.__file__).read_text(encoding="utf-8")
    (folder / "choosing.py").write_text(source + CHOOSING, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cluster(plugins, tmp_path_factory):
    """Two workers, one of which says that it has a GPU."""
    with clusters.running(tmp_path_factory.mktemp("cluster")) as cluster:
        own = {"PRUNE3D_PLUGINS": str(plugins), "PRUNE3D_ARTIFACTS": str(plugins / "none")}
        cluster.start(1, **own)
        cluster.start(1, "--resources", "GPU=1", **own)
        yield cluster


@pytest.fixture
def connect(cluster):
    """Connect to the cluster; what is connected is closed after the test."""
    made = []

    def make(network=BUNDLED, **options):
        made.append(ClusterWorkers(cluster.address, network, **options))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


@pytest.fixture
def local(plugins, monkeypatch):
    """Compute a chunk in this process, with the same plugin."""
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(plugins))
    yield compute
    forget()


def keys(cluster, start=""):
    """Workers by key, of what the scheduler knows that begins with `start`."""
    return {k: v for k, v in cluster.client.who_has().items() if str(k).startswith(start)}


def test_gives_what_this_process_gives(connect, cluster, local):
    workers = connect()
    assert (workers.count, workers.device) == (2, "cpu")
    assert cluster.address in workers.title
    chunk = Chunk(BUNDLED, CASES[:3], SAMPLES[:2])
    assert workers.submit(chunk).result(60) == local(chunk)


def test_asks_for_gpus_by_their_tag(connect):
    workers = connect(gpus=True)
    assert (workers.count, workers.device) == (1, "cuda")
    assert len(workers.submit(chunks(BUNDLED)[0]).result(60)) == 1


def test_sends_a_file_of_the_users_once(connect, cluster, tmp_path, local):
    file = tmp_path / "mine.npz"
    np.savez(file, weights=np.geomspace(0.5, 1e-3, 84, dtype=np.float32))
    ref = ModelRef("toy", file.name, str(file))
    network = Network(ref, hashlib.sha256(file.read_bytes()).hexdigest())
    chunk = Chunk(network, CASES[:2], SAMPLES[:1])
    wanted = local(chunk)
    workers = connect(network)
    file.unlink()
    assert [workers.submit(chunk).result(60) for _ in range(3)] == [wanted] * 3
    assert len(keys(cluster, "prune3d-")) == 1


def test_sends_an_artifact_once_to_the_workers_that_lack_it(connect, cluster, local):
    origin = Origin("choosing", "Eighty-four blobs", "blobs-1")
    keep = {"keep": torch.arange(84) < 50}
    made = ArtifactStore().keep("mask", "Fifty", origin, keep)
    network = Network(replace(BUNDLED.ref, system="choosing"), "blobs-1")
    masked = [replace(c, plan=c.plan.with_value(MASK, made.hash)) for c in CASES]
    todo = [Chunk(network, (c,), SAMPLES[:2]) for c in masked]
    wanted = [local(chunk) for chunk in todo]
    assert wanted[0][0][2].size["zeroed"] == 34
    workers = connect(network)
    assert [f.result(60) for f in [workers.submit(chunk) for chunk in todo]] == wanted
    (key,) = keys(cluster, "prune3d-")
    assert made.hash[:16] in key
    futures = [workers.submit(chunk) for chunk in (*todo, *todo)]
    assert [future.result(60) for future in futures] == wanted * 2
    assert set(keys(cluster, "prune3d-")) == {key}
    gone = Case(Plan().with_value(MASK, "0" * 64), Query(), ())
    with pytest.raises(Prune3DError, match="There is no artifact '0000"):
        workers.submit(Chunk(network, (gone,), SAMPLES[:1])).result(60)
    assert workers.submit(Chunk(network, (CASES[0],), SAMPLES[:1])).result(60)


def test_refuses_other_weights(connect):
    with pytest.raises(BadInput, match=r"on the worker tcp://127\.0\.0\.1"):
        connect(Network(BUNDLED.ref, "0" * 64))


def test_says_what_a_worker_cannot_do(connect):
    wrong = Case(Plan().with_value(TOLERANCE, 0.1), Query(), ())
    workers = connect()
    lost = Chunk(Network(ModelRef("nowhere", ""), "x"), (wrong,), SAMPLES[:1])
    with pytest.raises(Prune3DError, match="no system 'nowhere'"):
        workers.submit(lost).result(60)


def test_refuses_a_folder_of_the_users(connect, tmp_path):
    with pytest.raises(BadInput, match="is a folder, which is not sent to a cluster"):
        connect(Network(ModelRef("toy", "scene", str(tmp_path)), "x"))


def test_sends_nothing_while_held(connect, cluster):
    workers, others = connect(), connect()
    before = set(keys(cluster))
    workers.hold(True)
    future = workers.submit(chunks(BUNDLED)[0])
    assert len(others.submit(chunks(BUNDLED)[1]).result(60)) == 1
    assert not future.done()
    assert len(set(keys(cluster)) - before) <= 1
    workers.hold(False)
    assert len(future.result(60)) == 1


def test_closing_cancels_what_waits_and_leaves_the_cluster(connect, cluster):
    workers = connect()
    futures = [workers.submit(chunk) for chunk in chunks(BUNDLED)]
    futures[0].result(60)
    workers.close()
    assert futures[-1].cancelled()
    assert len(cluster.client.scheduler_info()["workers"]) == 2
    workers.close()


def test_a_worker_that_dies_loses_nothing(connect, cluster, local):
    workers = connect()
    todo = chunks(BUNDLED)
    futures = [workers.submit(chunk) for chunk in todo]
    futures[0].result(60)
    cluster.kill(0)
    assert not all(future.done() for future in futures)
    assert [f.result(60) for f in futures] == [local(chunk) for chunk in todo]


def test_sends_samples_again_that_died_with_a_worker(connect, cluster, plugins, local):
    cluster.start(1, PRUNE3D_PLUGINS=str(plugins))
    workers = connect()
    asked = Chunk(BUNDLED, CASES[:2], ("mine",), packs={"mine": b"s3"})
    wanted = [(n, "mine", o) for n, _, o in local(Chunk(BUNDLED, CASES[:2], ("s3",)))]
    assert [workers.submit(asked).result(60) for _ in range(2)] == [wanted] * 2
    (key,) = keys(cluster, "prune3d-")
    cluster.kill_holder(key)
    assert workers.submit(asked).result(60) == wanted


def test_sends_a_file_to_workers_that_come_later(cluster, plugins, tmp_path, local, connect):
    file = tmp_path / "mine.npz"
    np.savez(file, weights=np.geomspace(0.7, 1e-3, 84, dtype=np.float32))
    ref = ModelRef("toy", file.name, str(file))
    network = Network(ref, hashlib.sha256(file.read_bytes()).hexdigest())
    wanted = local(Chunk(network, CASES[:2], SAMPLES[:1]))
    workers = connect(network)
    cluster.start(1, PRUNE3D_PLUGINS=str(plugins))
    cluster.kill_others()
    assert workers.submit(Chunk(network, CASES[:2], SAMPLES[:1])).result(60) == wanted


@pytest.mark.parametrize("address", ["here", "host:8786", "tcp://host", "tcp://host:99999"])
def test_refuses_what_is_no_address(address):
    with pytest.raises(BadInput, match=r"give one such as tcp://host:8786") as caught:
        checked(address)
    assert repr(address) in str(caught.value)


def test_says_that_nobody_answers():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(BadInput, match=f"No scheduler answers at '{address}'"):
            ClusterWorkers(address, BUNDLED)


def test_refuses_a_cluster_without_workers_or_of_another_version(plugins, tmp_path):
    with clusters.running(tmp_path / "cluster") as cluster:
        with pytest.raises(BadInput, match="has no workers; start one"):
            ClusterWorkers(cluster.address, BUNDLED)
        other = tmp_path / "other" / "prune3d-99.0.dist-info"
        other.mkdir(parents=True)
        (other / "METADATA").write_text("Metadata-Version: 2.1\nName: prune3d\nVersion: 99.0\n")
        cluster.start(1, PYTHONPATH=str(other.parent), PRUNE3D_PLUGINS=str(plugins))
        with pytest.raises(BadInput, match=r"The worker tcp://.* has prune3d 99\.0 where"):
            ClusterWorkers(cluster.address, BUNDLED)
        with pytest.raises(BadInput, match=r"No worker at .* offers a GPU"):
            ClusterWorkers(cluster.address, BUNDLED, gpus=True)
