"""Networks that fine-tuning makes: artifacts that are pruned, compared, exported and reopened."""

import json
import shlex
import shutil

import pytest
import torch

from prune3d_gui.cli.main import main
from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Made, Progress
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.networks.checkpoints import read_checkpoint
from prune3d_gui.plugins.pgn.data.dataset import open_layout
from prune3d_gui.plugins.pgn.data.gallery import Gallery
from prune3d_gui.plugins.pgn.model import PgnModel
from prune3d_gui.plugins.pgn.network.checkpoint import load_network, save_network, weights_hash
from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.pruning.controls import CRITERION, NETWORK, RATE, SCOPE, WAY
from prune3d_gui.plugins.pgn.training.finetune import FineTuning, prune_and_fine_tune

SETTINGS = FineTuning(step=30, most=60, epochs=1, batch=2, points=60, validate=1, settle=1,
                      threshold=1e6)  # fmt: skip


def full(model, plan, sample):
    """The full-quality points under a plan, and the plan's footprint."""
    applied = model.apply(plan)
    (stage,) = model.reconstruct(applied, sample, Query(), "full", CancelToken())
    return stage.scene.layers[0].data.points, applied.footprint


@pytest.fixture(scope="module")
def run(small_weights, small_set, tmp_path_factory):
    """What two rounds of fine-tuning tell, in order, and the store that they fill."""
    folder, told = tmp_path_factory.mktemp("rounds"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRUNE3D_ARTIFACTS", str(folder / "artifacts"))
        net, info = load_network(small_weights)
        layout = open_layout(small_set)
        prune_and_fine_tune(net, layout, folder / "run", SETTINGS, {"note": "A test."},
                            told.append, title=info.title)  # fmt: skip
    told = [one for one in told if isinstance(one, Made) or (one.row is not None)]
    return told, folder / "artifacts"


@pytest.fixture
def rounds(run):
    """What the rounds tell; what they made is in the store of this test."""
    told, store = run
    shutil.copytree(store, ArtifactStore().folder)
    return told


@pytest.fixture
def made(rounds):
    """The artifacts of the two rounds."""
    return [one.artifact for one in rounds if isinstance(one, Made)]


def test_each_round_makes_one_while_the_run_goes_on(rounds, model):
    assert [type(one) for one in rounds] == [Made, Progress, Made, Progress]
    for one, progress in zip(rounds[::2], rounds[1::2], strict=True):
        artifact, row = one.artifact, progress.row
        assert row["network"] == artifact.hash
        assert artifact.made_from.weights_hash == model.weights_hash
        assert artifact.made_from.network == model.title
        assert dict(artifact.made_from.by)["round"] == row["round"]
        assert artifact.title == f"{row['rate']:g} % encoder, fine-tuned 1 epoch"
    assert ArtifactStore().made_from(model.weights_hash)[::-1] == tuple(
        one.artifact for one in rounds[::2]
    )


def test_the_same_run_makes_the_same_artifacts(made, small_weights, small_set, tmp_path):
    net, info = load_network(small_weights)
    told, layout = [], open_layout(small_set)
    prune_and_fine_tune(net, layout, tmp_path / "again", SETTINGS, {"note": "A test."}, told.append,
                        title=info.title)  # fmt: skip
    assert [one.artifact for one in told if isinstance(one, Made)] == made


def test_the_chosen_one_gives_what_its_file_gives(made, rounds, model, small_samples):
    sample = model.samples()[0].id
    before, _ = full(model, Plan(), sample)
    net, info = load_network(rounds[3].row["file"])
    own = PgnModel(net, info, Gallery.shipped(small_samples), "cpu")
    for rate in (0.0, 40.0, 80.0):
        plan = Plan().with_value(RATE, rate)
        wanted, _ = full(own, plan, sample)
        found, size = full(model, plan.with_value(NETWORK, made[1].hash), sample)
        assert (found == wanted).all()
        total = sum(unit.count for unit in model.units if unit.path[0] == "encoder")
        assert size.zeroed == round(max(0.6, rate / 100) * total)
        assert sum(u.count - size.nonzero[u.id] for u in model.units) == size.zeroed
        assert size.changed > 0
    after, size = full(model, Plan(), sample)
    assert (after == before).all()
    assert (size.zeroed, size.changed) == (0, 0)
    own.close()


def test_zeros_are_counted_whatever_prunes(made, model):
    chosen = Plan().with_value(NETWORK, made[1].hash)
    random = chosen.with_value(CRITERION, "random").with_value(RATE, 50.0)
    size = model.apply(random).footprint
    total = sum(unit.count for unit in model.units if unit.path[0] == "encoder")
    assert 0.6 * total < 0.78 * total < size.zeroed < 0.82 * total  # 0.6 + 0.4 * 0.5
    narrow = chosen.with_value(WAY, "channels").with_value(SCOPE, "all").with_value(RATE, 30.0)
    applied = model.apply(narrow)
    weights = dict(applied.token.named_parameters())
    zeros = sum(int((weights[unit.name] == 0).sum()) for unit in model.units)
    assert applied.footprint.removed > 0
    assert applied.footprint.zeroed == zeros > 0


def test_a_plan_without_reference_is_compared_with_the_opened_network(made, model, tmp_path):
    from PIL import Image

    from prune3d_gui.studies.ask.outcomes import footprint_columns, outcome_of

    file = tmp_path / "grey.png"
    Image.new("RGB", (64, 64), (90, 90, 90)).save(file)
    sample = model.open_sample(file).id
    applied = model.apply(Plan())
    (whole,) = model.reconstruct(applied, sample, Query(), "full", CancelToken())
    for digest, against in (("", "itself"), (made[0].hash, "full")):
        applied = model.apply(Plan().with_value(NETWORK, digest))
        (stage,) = model.reconstruct(applied, sample, Query(), "full", CancelToken())
        scores = model.score(applied, sample, Query(), stage, whole.scene)
        found = outcome_of(scores, footprint_columns(applied.footprint))
        assert found.against == against
        assert (found.values["chamfer_x1000"] > 0) == bool(digest)


def test_another_network_or_a_smaller_one_is_refused(made, model, tmp_path, small_samples):
    chosen = Plan().with_value(NETWORK, made[0].hash)
    torch.manual_seed(6)
    path = tmp_path / "other.safetensors"
    save_network(path, AtlasNet(bottleneck=48, hidden=32), {})
    net, info = load_network(path)
    other = PgnModel(net, info, Gallery.shipped(small_samples), "cpu")
    with pytest.raises(BadInput) as caught:
        other.apply(chosen)
    assert repr(model.title) in str(caught.value)
    assert repr(other.title) in str(caught.value)
    assert other.apply(Plan()).footprint.zeroed == 0
    other.close()
    origin = Origin("pgn", model.title, model.weights_hash)
    smaller = AtlasNet(bottleneck=48, hidden=24)
    digest = ArtifactStore().keep("network", "Narrow", origin, smaller.state_dict()).hash
    with pytest.raises(BadInput, match=r"is built otherwise than .* model of its own"):
        model.apply(chosen.with_value(NETWORK, digest))
    wrong = dict(model.network.state_dict())
    wrong["encoder.fc.bias"] = torch.full_like(wrong["encoder.fc.bias"], float("nan"))
    digest = ArtifactStore().keep("network", "NaN", origin, wrong).hash
    with pytest.raises(BadInput, match=r"values that are not numbers in 'encoder\.fc\.bias'"):
        model.apply(chosen.with_value(NETWORK, digest))
    assert model.apply(chosen).footprint.zeroed > 0


def test_finetune_sweep_prune_and_reopen(small_weights, small_set, tmp_path, capsys):
    def run(*words, code=0):
        capsys.readouterr()
        assert main([*map(str, words), "--json", "-"]) == code
        out, err = capsys.readouterr()
        return json.loads(out) if out else [], err

    mine = ("--weights", small_weights)
    rows, said = run(
        "finetune", "pgn", "--data", small_set, *mine, "--out", tmp_path / "rounds",
        "--step", 30, "--most", 60, "--epochs", 0.1, "--threshold", 1e6,
    )  # fmt: skip
    hashes = [row["network"] for row in rows]
    assert len(set(hashes)) == 2
    assert said.count("made the network") == 2
    listed, _ = run("artifacts")
    assert {row["hash"] for row in listed} == set(hashes)
    sweep = ("sweep", "pgn", *mine, "--samples", "val:2", "--network", f"none,{hashes[1][:8]}")
    swept, _ = run(*sweep, "--rate", "0,60,80")
    assert [(row["network"], row["rate"]) for row in swept] == [
        (digest, rate) for digest in ("", hashes[1]) for rate in (0, 60, 80)
    ]
    assert [row["zeroed"] for row in swept[3:5]] == [rows[1]["zeroed"]] * 2
    assert swept[3]["chamfer_x1000"] == swept[4]["chamfer_x1000"] != swept[1]["chamfer_x1000"]
    again, _ = run(*sweep, "--rate", "0,60,80", "--workers", 1, "--no-cache")
    assert [row["chamfer_x1000"] for row in again] == [row["chamfer_x1000"] for row in swept]
    out = tmp_path / "pruned.safetensors"
    (pruned,), _ = run("prune", "pgn", *mine, "--network", hashes[1], "--rate", 80, "--out", out)
    assert pruned["zeroed"] == swept[5]["zeroed"]
    moment = json.loads(read_checkpoint(out).facts[KEY])
    assert moment["plan"]["values"]["network"] == hashes[1]
    assert moment["about"]["artifacts"][hashes[1]]["made_by"]["round"] == 2
    assert hashes[1] in shlex.split(moment["command"])
    (opened,), _ = run("sweep", "pgn", "--weights", out, "--samples", "val:2", "--rate", 0)
    assert opened["chamfer_x1000"] == swept[5]["chamfer_x1000"]
    file = tmp_path / "round.safetensors"
    run("artifacts", "export", hashes[1][:6], "--out", file)
    net, info = load_network(file)
    assert info.notices == ()
    assert weights_hash(net) == weights_hash(load_network(rows[1]["file"])[0])
    run("artifacts", "remove", *hashes)
    _, said = run(*sweep, code=2)
    assert "There is no artifact" in said
    assert len(run("sweep", "pgn", *mine, "--samples", "val:2", "--rate", 0)[0]) == 1
    (row,), _ = run("sweep", "pgn", *mine, "--samples", "val:2", "--network", file, "--rate", 80)
    assert row["chamfer_x1000"] == swept[5]["chamfer_x1000"]
