"""The jobs, from patients in a folder to networks, orders and rows."""

import json

import pytest
import torch
from safetensors import safe_open
from torch import nn

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Made, Progress
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.plans import write_plan
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.controls import CRITERION, NETWORK, ORDER
from prune3d_gui.plugins.psp_seg.jobs import JOBS
from prune3d_gui.plugins.psp_seg.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.psp_seg.network.network import Network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.network.sizes import FOUR, Size
from prune3d_gui.plugins.psp_seg.opening import open_model
from prune3d_gui.plugins.psp_seg.pruning.orders import read_order

SIZE = Size("tiny", (4, 6, 8), 1.0, FOUR, half=True)
GONE = ("encoder.1", "bottleneck", "decoder.1", "decoder.0")


def run(id, told=None, cancel=NEVER, **given):
    job = next(job for job in JOBS if job.id == id)
    options = {option.name: option.default for option in job.options} | {"device": "cpu"} | given
    heard = [] if told is None else told
    return job.run(options, heard.append, cancel)


@pytest.fixture(scope="module")
def patients(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patients")
    run("data", out=str(folder), patients=3, seed=4, size=16)
    return str(folder)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = Network(SIZE, len(CLASSES))
    for name, _ in SIZE.modules:
        nn.init.constant_(made.module(name).scales, 0.5)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_network(path, made, CLASSES, 18.0, Window(), {})
    return str(path)


def few(patients, weights, out, **more):
    return {
        "data": patients,
        "patients": 3,
        "weights": weights,
        "out": str(out),
        "unseen": 2,
        **more,
    }


def test_recovery_keeps_a_network_and_the_order_it_was_pruned_in(patients, weights, tmp_path):
    told = []
    rows = run(
        "recover", told, **few(patients, weights, tmp_path / "r", steps=4, every=2, branches=10),
        criterion="l1",
    )  # fmt: skip
    last = rows[-1]
    assert {"full_dice", "pruned_dice", "dice", "lost", "back", "regained"} <= last.keys()
    assert last["back"] == pytest.approx(last["dice"] - last["pruned_dice"])
    assert [row["step"] for row in rows if "part" not in row] == [0, 2, 4, 4]
    states = {row["stage"] for row in rows if "part" in row}
    assert states == {"unseen, full", "unseen, pruned", "unseen, recovered"}
    assert {row["part"] for row in rows if "part" in row} <= set(CLASSES[1:])
    curve = [row for row in rows if "stage" not in row]
    assert [one.row for one in told if isinstance(one, Progress) and one.row] == curve
    assert [one.artifact.hash for one in told if isinstance(one, Made)] == [
        last["network"], last["order"],
    ]  # fmt: skip
    assert json.loads((tmp_path / "r" / "rows.json").read_text())[-1]["network"] == last["network"]
    assert not (tmp_path / "r" / "training.pt").exists()

    # Chosen together they give what was trained: the same branches, of the network made.
    model = open_model(ModelRef("psp_seg", "tiny", weights, "cpu"))
    try:
        plan = Plan().with_value(model.left, 10).with_value(ORDER, last["order"])
        wanted = model.apply(plan).token
        assert len(wanted) == 6
        chosen = model.apply(plan.with_value(NETWORK, last["network"]))
        assert chosen.token == wanted
        stored = (
            ArtifactStore()
            .open(last["network"], "network", model.weights_hash, model.title)
            .tensors
        )
        for name, place in model.network.units:
            key = f"{name}.branches.{place}.mix.weight"
            same = torch.equal(stored[key].float(), model.network.state_dict()[key])
            assert same == ((name, place) in wanted)
    finally:
        model.close()
    whole, _ = load_network(last["file"])
    assert len(whole.units) == 16


def test_recovery_goes_on_from_a_recovered_network_by_its_order(patients, weights, tmp_path):
    more = {"steps": 2, "every": 2}
    first = run(
        "recover", **few(patients, weights, tmp_path / "a", branches=12, criterion="l1", **more)
    )
    again = run(
        "recover", **few(patients, weights, tmp_path / "b", branches=8, **more),
        order=first[-1]["order"][:12], network=first[-1]["network"][:12],
    )  # fmt: skip
    assert again[-1]["network"] != first[-1]["network"]
    orders = []
    for rows in (first, again):
        path = ArtifactStore().path(rows[-1]["order"])
        with safe_open(path, "pt") as file:
            units = tuple((name, place) for name in GONE for place in range(4))
            orders.append(read_order(file.metadata()["order"], units))
    assert set(orders[0][:4]) < set(orders[1][:8])


def test_a_progressive_one_keeps_its_order(patients, weights, tmp_path):
    told = []
    rows = run(
        "progressive", told,
        **few(patients, weights, tmp_path / "p", steps=40, epoch=2, patience=1, batches=1),
        worse=1e9, share=1.0, rate=1e-9,
    )  # fmt: skip
    epochs = [row for row in rows if "epoch" in row]
    assert [row["epoch"] for row in epochs] == list(range(1, 21))
    assert {"parameters", "memory_mb", "seconds", "branches", "dice"} <= epochs[0].keys()
    assert rows[-1]["branches"] < 16
    model = open_model(ModelRef("psp_seg", "tiny", weights, "cpu"))
    try:
        left = rows[-1]["branches"]
        plan = Plan().with_value(model.left, left).with_value(ORDER, rows[-1]["order"])
        gone = model.apply(plan.with_value(NETWORK, rows[-1]["network"])).token
        assert len(gone) == 16 - left
        events = " ".join(row.get("event", "") for row in epochs)
        removed = events.split("removed ")[1:]
        assert all(f"{name}/{place}" in " ".join(removed) for name, place in gone)
    finally:
        model.close()


def test_a_stopped_recovery_goes_on(patients, weights, tmp_path):
    cancel, told = CancelToken(), []

    class Stopping(list):
        def append(self, one):
            told.append(one)
            if isinstance(one, Progress) and one.row and one.row["step"]:
                cancel.cancel()

    given = few(patients, weights, tmp_path / "r", steps=6, every=2, criterion="l1")
    with pytest.raises(Cancelled, match="goes on"):
        run("recover", Stopping(), cancel, **given)
    assert (tmp_path / "r" / "training.pt").is_file()
    rows = run("recover", **given)
    through = run("recover", **given | {"out": str(tmp_path / "through")})
    assert rows[-1]["network"] == through[-1]["network"]


def test_a_checkpoint_of_another_recovery_is_refused(patients, weights, tmp_path):
    given = few(patients, weights, tmp_path / "r", steps=6, every=2, criterion="l1")
    cancel = CancelToken()

    class Stopping(list):
        def append(self, one):
            if isinstance(one, Progress) and one.row and one.row["step"]:
                cancel.cancel()

    with pytest.raises(Cancelled):
        run("recover", Stopping(), cancel, **given)
    with pytest.raises(BadInput, match="another gone"):
        run("recover", **given | {"branches": 3})


def test_networks_are_trained_and_small_dense_ones_the_same_way(tmp_path):
    folder, made = tmp_path / "patients", tmp_path / "dense.safetensors"
    run("data", out=str(folder), patients=2, seed=6, size=32)
    rows = run(
        "train", out=str(made), data=str(folder), patients=2, steps=2, dense=60_000, unseen=2
    )
    assert {row["class"] for row in rows} <= set(CLASSES[1:])
    assert all(row["low"] <= row["dice"] <= row["high"] for row in rows)
    network, info = load_network(made)
    assert abs(sum(p.numel() for p in network.parameters()) - 60_000) < 6_000
    assert info.spacing == 9.0
    assert info.metadata["dense"] == "60000"
    assert not made.with_name("dense.safetensors.training.pt").exists()


def test_branches_are_ranked_and_an_order_kept_for_each_criterion(weights):
    told = []
    rows = run("rank", told, weights=weights)
    assert len([row for row in rows if "unit" in row]) == 16
    ranked = {row["criterion"]: row for row in rows if "criterion" in row}
    assert ranked["drop"]["spearman"] == ranked["drop"]["kendall"] == 1
    kept = [one.artifact.hash for one in told if isinstance(one, Made)]
    assert kept == [row["order"] for row in ranked.values()]


def test_a_plan_in_a_file_is_recovered_from(patients, weights, tmp_path):
    model = open_model(ModelRef("psp_seg", "tiny", weights, "cpu"))
    try:
        plan = Plan().with_value(model.left, 13).with_value(CRITERION, "l1").with_lock("E1.0", True)
        wanted = model.apply(plan).token
    finally:
        model.close()
    write_plan(tmp_path / "plan.json", plan)
    rows = run(
        "recover", **few(patients, weights, tmp_path / "r", steps=2),
        plan=str(tmp_path / "plan.json"),
    )  # fmt: skip
    order = ArtifactStore().path(rows[-1]["order"])
    with safe_open(order, "pt") as file:
        units = tuple((name, place) for name in GONE for place in range(4))
        assert set(read_order(file.metadata()["order"], units)[: len(wanted)]) == wanted


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"order": "abcdef"}, "no artifact 'abcdef'"),
        ({"network": "ab"}, "too short"),
        ({"branches": 17}, "17"),
    ],
)
def test_what_cannot_be_recovered_is_said(patients, weights, tmp_path, bad, said):
    with pytest.raises(BadInput, match=said):
        run(
            "recover", **few(patients, weights, tmp_path / "r", steps=2) | {"criterion": "l1"} | bad
        )
