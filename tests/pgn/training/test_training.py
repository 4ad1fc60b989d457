import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Progress, Said
from prune3d_gui.plugins.pgn.data.batches import Batches
from prune3d_gui.plugins.pgn.data.dataset import open_layout
from prune3d_gui.plugins.pgn.data.intake import load_image
from prune3d_gui.plugins.pgn.jobs import fine_tune, train_network
from prune3d_gui.plugins.pgn.network.checkpoint import load_network
from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.training.evaluation import evaluation_image, full_evaluation
from prune3d_gui.plugins.pgn.training.release import finish
from prune3d_gui.plugins.pgn.training.schedule import Settings, Stage
from prune3d_gui.plugins.pgn.training.training import LOG, chamfer_loss, train

from ..data.test_dataset import CAR, LAMP, write_set

STAGES = (Stage(0.5, 32, 40, 1e-3, 1e-4), Stage(1.0, 64, 40, 1e-4, 1e-5))
SMALL = {"batch": 4, "stages": STAGES, "bottleneck": 16, "hidden": 16, "settle": 1, "validate": 1,
         "device": "cpu"}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = write_set(tmp_path_factory.mktemp("set"), {CAR: 10, LAMP: 10}, views=4)
    splits = {"train": [f"{s}/o{k}" for s in (CAR, LAMP) for k in range(6)],
              "val": [f"{s}/o{k}" for s in (CAR, LAMP) for k in (6, 7)],
              "heldout": [f"{CAR}/o8"]}  # fmt: skip
    (root / "splits.json").write_text(json.dumps(splits))
    return root


def test_loss_and_its_gradient_agree_with_the_definition():
    torch.manual_seed(0)
    points = torch.randn(3, 50, 3, requires_grad=True)
    targets = torch.randn(3, 70, 3)
    squared = ((points[:, :, None] - targets[:, None]) ** 2).sum(3)
    expected = squared.min(2).values.mean() + squared.min(1).values.mean()
    (wanted,) = torch.autograd.grad(expected, points)
    loss = chamfer_loss(points, targets)
    (got,) = torch.autograd.grad(loss, points)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(got, wanted)


def test_batches_depend_on_seed_and_step_alone(root):
    objects = open_layout(root).splits["train"]
    one, two = Batches(objects, 4, seed=3), Batches(objects, 4, seed=3)
    one.draw(0, 32, 50)
    a, b = one.draw(7, 32, 50), two.draw(7, 32, 50)
    assert torch.equal(a.images, b.images)
    assert torch.equal(a.points, b.points)
    assert a.images.shape == (4, 3, 32, 32)
    assert a.points.shape == (4, 50, 3)
    assert 0.3 < a.images.max() <= 1
    assert a.points.norm(dim=2).max() <= 1 + 1e-6
    other = Batches(objects, 4, seed=4).draw(7, 32, 50)
    assert not torch.equal(a.points, other.points)


def test_every_shape_comes_once_in_an_epoch(root, monkeypatch):
    batches = Batches(open_layout(root).splits["train"], 4, seed=0)
    assert batches.steps_per_epoch == 3
    batches._points = [np.full((5, 3), k, np.float32) for k in range(12)]
    seen = torch.cat([batches.draw(step, 32, 1).points[:, 0, 0] for step in range(3, 6)])
    assert sorted(seen.tolist()) == list(range(12))


def test_view_00_is_never_trained_on(root):
    objects = open_layout(root).splits["train"]
    batches = Batches(objects, 4, seed=0)
    seen = set()
    for step in range(20):
        batches.draw(step, 32, 1)
        seen |= {path.name for _, path in batches._small}
    assert seen == {"01.png", "02.png", "03.png"}
    only = [type(o)(o.synset, o.id, o.category, o.points_path, o.views[:1]) for o in objects]
    with pytest.raises(BadInput, match="view 00"):
        Batches(only, 4, seed=0)


def test_large_pictures_are_atlasnets_crops(root):
    objects = open_layout(root).splits["train"][:1]
    drawn = Batches(objects, 1, seed=0).draw(0, 224, 5).images[0]
    assert drawn.shape == (3, 224, 224)
    fast = evaluation_image(objects[0])
    expected = load_image(objects[0].views[0]).tensor
    np.testing.assert_array_equal(fast.transpose(2, 0, 1), (expected * 255).round().byte())


@pytest.fixture(scope="module")
def trained(root, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    events = []
    path = train(root, out, epochs=4, progress=events.append, **SMALL)
    return path, out, events


def test_training_lowers_the_loss_and_writes_a_network(trained):
    path, out, events = trained
    losses = [e["loss_x1000"] for e in events if "loss_x1000" in e]
    assert len(losses) == 12
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    assert [e["size"] for e in events if "loss_x1000" in e] == [32] * 6 + [64] * 6
    net, info = load_network(path)
    assert (info.primitives, info.template, net.bottleneck) == (1, "SPHERE", 16)
    entry = json.loads((out / LOG).read_text().splitlines()[-1])
    assert entry["step"] == 12
    assert entry["samples"] == 2
    assert set(entry["categories"]) == {"car", "lamp"}


def test_progress_counts_what_comes_after_the_last_step(trained):
    shares = [event["share"] for event in trained[2]]
    assert shares == sorted(shares)
    assert shares[-1] < 1
    after = [e["share"] for e in trained[2] if "ending" in e or "evaluation" in e]
    assert after, "the ending is told"
    steps = [e["share"] for e in trained[2] if "loss_x1000" in e]
    assert max(steps) < after[-1]


def test_the_job_says_how_far_all_of_it_is(root, tmp_path, monkeypatch):
    monkeypatch.setattr("prune3d_gui.plugins.pgn.training.training.train", short_training)
    told = []
    options = {"data": str(root), "out": str(tmp_path / "run"), "minutes": 1.0, "seed": 0,
               "device": "cpu"}  # fmt: skip
    train_network(options, told.append, CancelToken())
    assert all(0 < progress.done < progress.total for progress in told)
    assert not any("share" in progress.message for progress in told)


def short_training(layout, out, *, minutes, seed, device, **more):
    return train(layout, out, epochs=1, seed=seed, **SMALL, **more)


def test_places_are_tried_out_before_the_set_is_read(tmp_path):
    (tmp_path / "file").write_text("")
    options = {"data": str(tmp_path / "none"), "out": str(tmp_path / "file"), "device": "cpu"}
    for job in (train_network, fine_tune):
        with pytest.raises(BadInput, match="is a file; choose another folder"):
            job(options, lambda told: None, CancelToken())


def test_a_run_that_was_cut_ends_the_same(trained, root, tmp_path):
    path, _, _ = trained
    cancel = CancelToken()

    def stop(event):
        if event["step"] == 5:
            cancel.cancel()

    with pytest.raises(Cancelled, match="goes on where it was"):
        train(root, tmp_path, epochs=4, progress=stop, cancel=cancel, **SMALL)
    again = train(root, tmp_path, epochs=4, **SMALL)
    whole, cut = torch.load(path, weights_only=True), torch.load(again, weights_only=True)
    for name, tensor in whole.items():
        torch.testing.assert_close(cut[name], tensor, rtol=1e-3, atol=1e-5, msg=name)


def test_time_is_the_length(root, tmp_path):
    events = []
    train(root, tmp_path, minutes=0.01, progress=events.append, **SMALL)
    steps = [e for e in events if "loss_x1000" in e]
    assert steps[-1]["minutes"] >= 0.01 > steps[-1]["fraction"] * 0.01
    events.clear()
    train(root, tmp_path, minutes=0.01, progress=events.append, **SMALL)
    assert not [e for e in events if "loss_x1000" in e]


def test_rates_follow_the_schedule():
    settings = Settings(epochs=1, warmup=10, stages=STAGES)
    assert settings.rate(0.0, 0) == pytest.approx(1e-4)
    assert settings.rate(0.0, 50) == pytest.approx(1e-3)
    assert settings.rate(0.25, 50) == pytest.approx(5.5e-4)
    assert settings.rate(0.5, 50) == pytest.approx(1e-4)
    assert settings.rate(0.9999, 50) == pytest.approx(1e-5, rel=0.01)
    for bad in ({}, {"minutes": 1, "epochs": 1}, {"minutes": 0}):
        with pytest.raises(BadInput, match="one of the two"):
            Settings(**bad)


def test_checkpoints_of_other_runs(root, tmp_path):
    (tmp_path / "training.pt").write_bytes(b"junk")
    with pytest.raises(BadInput, match="not a checkpoint"):
        train(root, tmp_path, epochs=1, **SMALL)
    torch.save({"network": {}}, tmp_path / "training.pt")
    with pytest.raises(BadInput, match="not a checkpoint"):
        train(root, tmp_path, epochs=1, **SMALL)


def test_evaluation_beside_floor_and_baselines(root):
    torch.manual_seed(0)
    rows = full_evaluation(AtlasNet(bottleneck=16, hidden=16).eval(), open_layout(root))
    scored = {(r["split"], r["scored"]): r for r in rows if r["category"] == "all"}
    assert len(scored) == 8
    for split, count in (("val", 4), ("heldout", 1)):
        assert scored[split, "network"]["samples"] == count
        floor = scored[split, "floor"]
        assert floor["chamfer_x1000"] < scored[split, "category cloud"]["chamfer_x1000"]
        assert floor["fscore"] > scored[split, "nearest picture"]["fscore"]
    assert {r["category"] for r in rows if r["split"] == "val"} == {"all", "car", "lamp"}
    assert all(isinstance(v, str | int | float) for row in rows for v in row.values())


def test_every_row_of_an_evaluation_stands_alone(root, tmp_path):
    """One category has no training shapes and one training picture is broken."""
    layout = open_layout(root)
    cars = tuple(o for o in layout.splits["train"] if o.category == "car")
    broken = tmp_path / "01.png"
    broken.write_bytes(b"no picture")
    cars = (replace(cars[0], views=(cars[0].views[0], broken)), *cars[1:])
    told, net = [], AtlasNet(bottleneck=16, hidden=16).eval()
    rows = full_evaluation(net, replace(layout, splits=layout.splits | {"train": cars}),
                           report=told.append, named={"network": "n.pt"})  # fmt: skip
    scored = {(row["split"], row["scored"]) for row in rows}
    assert scored == {("val", "network"), ("val", "floor"), ("heldout", "network"),
                      ("heldout", "floor"), ("heldout", "category cloud")}  # fmt: skip
    assert all(row["network"] == "n.pt" for row in rows)
    assert [p.row for p in told if isinstance(p, Progress) and p.row] == rows
    said = [one.message for one in told if isinstance(one, Said)]
    assert len(said) == 3
    assert "'category cloud' of the val split. The training split has no 'lamp'" in said[0]
    assert "'nearest picture' of the val split" in said[1]
    assert str(broken) in said[1]
    moves = [one for one in told if isinstance(one, Progress)]
    assert all(one.done < one.total for one in moves[:-1])


def test_an_evaluation_without_training_shapes_says_so(root):
    layout = open_layout(root)
    told = []
    rows = full_evaluation(
        AtlasNet(bottleneck=16, hidden=16).eval(),
        replace(layout, splits=layout.splits | {"train": ()}),
        report=told.append,
    )
    assert {row["scored"] for row in rows} == {"network", "floor"}
    said = [one.message for one in told if isinstance(one, Said)]
    assert len(said) == 4
    assert all("The train split of" in text and "has no objects" in text for text in said)
    nothing = replace(layout, splits={"train": layout.splits["train"], "val": (), "heldout": ()})
    with pytest.raises(BadInput, match=r"The val split of .* has no objects"):
        full_evaluation(AtlasNet(bottleneck=16, hidden=16), nothing)


def test_finished_run_becomes_weights_with_their_scores(trained, root, tmp_path):
    _, run, _ = trained
    out = tmp_path / "weights" / "net.safetensors"
    report = finish(run, root, out)
    _, info = load_network(out)
    assert info.hash == report["hash"]
    assert "not ShapeNet" in info.metadata["note"]
    assert json.loads(info.metadata["training"])["steps"] == 12
    assert json.loads(info.metadata["scores"]) == report["scores"]
    assert json.loads(out.with_suffix(".json").read_text()) == report
    with pytest.raises(BadInput, match="no finished training"):
        finish(tmp_path, root, out)
