"""Training: losses, both phases, resuming with the same bits, and that it learns."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.vortx.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.vortx.network.fusion import NEAR, SPREAD
from prune3d_gui.plugins.vortx.network.network import new_network
from prune3d_gui.plugins.vortx.network.sizes import made
from prune3d_gui.plugins.vortx.training.crops import Cut
from prune3d_gui.plugins.vortx.training.heads import DepthHeads, _middles
from prune3d_gui.plugins.vortx.training.losses import (
    OCCUPIED,
    logged,
    surface_seen,
    view_loss,
    volume_loss,
)
from prune3d_gui.plugins.vortx.training.passing import _slab
from prune3d_gui.plugins.vortx.training.run import JOB
from prune3d_gui.plugins.vortx.training.training import Settings, Training
from prune3d_gui.plugins.vortx.volumes.views import Pinholes, seen_by

from .. import floors

CUT = Cut((16, 16, 16), 3)


def begin(path, steps=4, network=None, **changed):
    settings = Settings(steps, cut=changed.pop("cut", CUT), warm=2, **changed)
    network = network or new_network(made((2, 2, 2), settings.heads), 1)
    return Training([floors.room()], settings, path / "state.pt", network=network)


def test_distances_are_compared_by_their_logarithm():
    values = torch.tensor([-1.0, 0.0, 0.5])
    torch.testing.assert_close(logged(values), torch.tensor([-np.log(2), 0, np.log(1.5)]).float())


def test_only_what_is_known_counts():
    places = torch.tensor([[0, 0, 0], [1, 0, 0], [1, 1, 1]])
    known, truth = torch.zeros(2, 2, 2, dtype=torch.bool), torch.zeros(2, 2, 2)
    known[1, 0, 0], truth[1, 0, 0] = True, 1.0
    logits = torch.tensor([3.0, 0.7, -9.0], requires_grad=True)
    loss = volume_loss("coarse", logits, places, known, truth).detach()
    assert float(loss) == pytest.approx(OCCUPIED * np.log1p(np.exp(-0.7)))
    truth[1, 0, 0] = 0.25
    loss = volume_loss("fine", logits, places, known, truth).detach()
    wanted = abs(np.log1p(1.05 * np.tanh(0.7)) - np.log1p(0.25))
    assert float(loss) == pytest.approx(wanted, abs=1e-6)
    nothing = volume_loss("fine", logits, places, known & False, truth)
    nothing.backward()
    assert float(nothing.detach()) == 0
    assert (logits.grad == 0).all()


def test_views_say_where_a_surface_is_by_their_depths():
    own = floors.cameras()
    cameras = Pinholes(
        *(torch.from_numpy(np.asarray(part, np.float32))
          for part in (own.intrinsics, own.poses, own.sizes))
    )  # fmt: skip
    points = torch.tensor([[0.0, 0, 0], [0, 0, 0.5]])
    seen = seen_by(cameras, points)
    depths = tuple(torch.from_numpy(floors.depth_of(pose)) for pose in own.poses)
    near, known = surface_seen("fine", seen, depths, (64, 48), 0.04)
    assert known[seen.tokens.voxels == 0].all()
    assert (near[seen.tokens.voxels == 0] == 1).all()
    assert (near[(seen.tokens.voxels == 1) & known] == 0).all()
    half = tuple(depth[::2, ::2] for depth in depths)  # maps with other pixels say the same
    assert torch.equal(surface_seen("fine", seen, half, (64, 48), 0.04)[0], near)
    coarse = surface_seen("coarse", seen, depths, (64, 48), 0.16)[0]
    assert coarse.sum() >= near.sum()
    sure = view_loss(torch.where(near > 0, 20.0, -20.0), near, known)
    assert float(sure) < 1e-6 < float(view_loss(torch.zeros_like(near), near, known))


def test_a_slab_hangs_together():
    places = torch.stack(torch.meshgrid(*[torch.arange(12)] * 3, indexing="ij"), -1).reshape(-1, 3)
    chosen = places[_slab(places, 600, torch.Generator().manual_seed(4))]
    assert len(chosen) == len(chosen.unique(dim=0)) == 600
    column = chosen[:, :2].unique(dim=0)
    assert len(column) <= 600 / 12 + 2  # whole columns, but for the two at the planes


@pytest.mark.parametrize("heads", [2, 0])
def test_a_step_reaches_all_that_is_learned(tmp_path, heads):
    training = begin(tmp_path, heads=heads)
    losses = training.learn()
    views = {"coarse views", "medium views", "fine views"} if heads else set()
    volumes = {"coarse", "medium", "fine"}
    alone = {f"{level} {what}" for level in volumes for what in ("depth", "match")}
    assert set(losses) == {"loss"} | volumes | views | alone
    assert losses["loss"] == pytest.approx(sum(v for k, v in losses.items() if k != "loss"))
    still = [n for n, p in training.network.named_parameters() if p.grad is None]
    assert still == []
    assert all(p.grad.isfinite().all() for p in training.network.parameters())


def test_phases(tmp_path):
    training = begin(tmp_path, 10, frozen=True, second=0.6)
    settings = training.settings
    assert [settings.weighted(step) for step in (0, 5, 6, 9)] == [False, False, True, True]
    trunk = training.network.cnn2d.trunk
    before = [p.clone() for part in trunk for p in part.parameters()]
    training.learn()
    training.step = 7
    assert all(torch.equal(a, b) for a, b in zip(
        before, [p for part in trunk for p in part.parameters()], strict=True))  # fmt: skip
    training.learn()
    changed = [p for part in trunk for p in part.parameters()]
    assert any(not torch.equal(a, b) for a, b in zip(before, changed, strict=True))
    assert not trunk[0].training  # norms of a trained trunk stay
    after = Settings(20, alone=10, second=0.6, warm=1)
    assert [after.weighted(step) for step in (9, 15, 16)] == [False, False, True]
    assert after.rate_at(15) == after.rate_at(16) > after.rate_at(17)
    rates = [Settings(1000, warm=100, second=0.6).rate_at(step) for step in (0, 99, 500, 600, 999)]
    assert rates[0] < rates[1] == rates[2] == pytest.approx(1e-3) == rates[3] > rates[4] > 4e-5


def test_a_stopped_training_ends_with_the_same_bits(tmp_path):
    (tmp_path / "whole").mkdir()
    changed = {"cut": Cut((16, 16, 16), 2), "alone": 1}
    wanted = begin(tmp_path / "whole", 3, **changed).run().state_dict()
    cancel = CancelToken()
    training = begin(tmp_path, 3, **changed)
    training.report_seconds = 0
    with pytest.raises(Cancelled):
        training.run(lambda told: cancel.cancel() if training.step == 2 else None, cancel)
    again = begin(tmp_path, 3, network=new_network(made((2, 2, 2)), 9), **changed)
    assert again.step == 2
    found = again.run().state_dict()
    assert all(torch.equal(found[name], value) for name, value in wanted.items())


def test_a_training_in_progress_opens_as_its_averaged_network(tmp_path):
    training = begin(tmp_path, 4, cut=Cut((16, 16, 16), 2, 32), second=0.5, average=0.5)
    for step in (1, 2, 3):
        training.learn()
        training.step = step
        training.after({})
    training.save()
    network, info = load_network(training.state)
    assert (info.picture, info.weighted, network.size.heads) == (32, True, 2)
    wanted = training.result().state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in network.state_dict().items())


def test_another_training_does_not_go_on(tmp_path):
    begin(tmp_path, 4).save()
    with pytest.raises(BadInput, match="another crop's views"):
        begin(tmp_path, 4, cut=Cut((16, 16, 16), 2))


def test_it_learns_a_crop(tmp_path):
    training = begin(tmp_path, 16, network=new_network(made((4, 4, 4)), 1), rate=5e-3)
    (crop,) = training.crops_of(2)
    training.crops_of = lambda step: [crop]
    losses = []
    for step in range(16):
        training.step = step
        losses.append(training.learn())
    first, last = losses[0], losses[-1]
    assert last["loss"] < 0.6 * first["loss"]
    for part in ("coarse", "medium", "fine", "coarse views", "fine depth"):
        assert last[part] < first[part]


def test_depths_and_matches_are_learned_alone_first(tmp_path):
    training = begin(tmp_path, 4, alone=1)
    before = {n: p.clone() for n, p in training.network.named_parameters()}
    levels = ("coarse", "medium", "fine")
    alone = {f"{level} {kind}" for level in levels for kind in ("depth", "match")}
    assert set(training.learn()) == {"loss", *alone}
    moved = {n.split(".")[0] for n, p in training.network.named_parameters()
             if not torch.equal(p, before[n])}  # fmt: skip
    assert moved == {"cnn2d", "view_embedders"}
    training.step = 1
    assert "fine" in training.learn()


def test_fusion_begins_with_how_far_before_a_voxel_a_view_sees_a_surface(tmp_path):
    training = begin(tmp_path, 4, alone=1)
    features = torch.randn(5, 24)
    fusion, head = training.network.mv_fusion["fine"], training.heads.levels["fine"]
    before = fusion.depth_mlp.weight.clone()
    told = head(features)[:, 0] * SPREAD + NEAR  # metres
    training.heads.hand_over(training.network)
    depths = torch.linspace(0.5, 3, 5)
    given = torch.cat((features, ((depths - NEAR) / SPREAD)[:, None]), 1)
    begun = fusion.depth_mlp(given).detach()
    wanted = 4 * (told - depths) / SPREAD
    torch.testing.assert_close(begun[:, 0], wanted.detach(), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(begun[:, 1], -wanted.detach(), atol=1e-4, rtol=1e-4)
    assert torch.equal(fusion.depth_mlp.weight[2:], before[2:])


def test_depths_are_handed_over_when_steps_alone_end(tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(DepthHeads, "hand_over", lambda own, network: taken.append(network))
    training = begin(tmp_path, 3, alone=1)
    counts = []
    for step in range(3):
        training.step = step
        training.learn()
        counts.append(len(taken))
    assert counts == [0, 2, 2]
    assert [own is training.averaged for own in taken] == [False, True]


def test_the_mean_over_views_has_nothing_to_hand_depths_to(tmp_path):
    training = begin(tmp_path, 4, heads=0, alone=1)
    before = {n: p.clone() for n, p in training.network.state_dict().items()}
    training.heads.hand_over(training.network)
    assert all(torch.equal(p, before[n]) for n, p in training.network.state_dict().items())


def test_depths_are_those_of_the_middles_of_features():
    depth = torch.arange(48.0 * 64).reshape(48, 64)
    found = _middles(depth, torch.tensor([64.0, 48.0]), 16, torch.Size((4, 4)))
    assert found[:3].tolist() == depth[::16, ::16].tolist()
    assert (found[3] == 0).all()  # below the picture, which was made to fit


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": 0}, "0 steps"),
        ({"cut": Cut((30, 32, 32))}, "30 x 32 x 32"),
        ({"cut": Cut((32, 0, 32))}, "32 x 0 x 32"),
        ({"cut": Cut(views=0)}, "0 views"),
        ({"width": "huge"}, "'huge'"),
    ],
)
def test_settings_that_cannot_be_are_one_sentence(change, said):
    with pytest.raises(BadInput, match=said):
        Settings(**change)


def test_no_rooms_are_one_sentence(tmp_path):
    with pytest.raises(BadInput, match="no rooms"):
        Training([], Settings(1), tmp_path / "x.pt")


def written(folder, split):
    """A room as 'prune3d data vortx' leaves it."""
    room, own = floors.room(), folder / split / "floor"
    for part in ("color", "depth"):
        (own / part).mkdir(parents=True)
    frames = []
    for number, pose in enumerate(room.poses):
        Image.fromarray(room.picture(number)).save(own / f"color/{number}.jpg")
        steps = (room.depth(number) * 1000).astype(np.uint16)
        Image.fromarray(steps).save(own / f"depth/{number}.png")
        frames.append({"filename_color": f"color/{number}.jpg", "pose": pose.tolist(),
                       "filename_depth": f"depth/{number}.png"})  # fmt: skip
    np.savez_compressed(own / "full_tsdf_layer0.npz", room.values)
    told = {"vol_origin": room.origin.tolist(), "voxel_size": room.voxel}
    (own / "tsdf_info.json").write_text(json.dumps(told))
    matrix = [[floors.FOCAL, 0, 32], [0, floors.FOCAL, 24], [0, 0, 1]]
    info = {"scene": "floor", "path": ".", "gt_mesh": "", "intrinsics": matrix, "frames": frames}
    (own / "info.json").write_text(json.dumps(info))


def asked(folder, **own):
    """Options of a training of very few steps on a room of its own, which is scored on another."""
    for split in ("train", "val"):
        written(folder / "rooms", split)
    return {option.name: option.default for option in JOB.options} | {
        "scenes": str(folder / "rooms"), "alone": 1, "crop": "16,16,16", "views": 2, "side": 64,
        **own,
    }  # fmt: skip


def test_the_job_trains_scores_unseen_rooms_and_writes(tmp_path):
    out = tmp_path / "made.safetensors"
    options = asked(tmp_path, out=str(out), steps=2)
    told = []
    rows = JOB.run(options, told.append, CancelToken())
    assert [row["level"] for row in rows] == ["coarse", "medium", "fine"]
    assert all(0 <= row["iou"] <= 1 for row in rows)
    assert rows[2]["l1"] > 0
    network, info = load_network(out)
    assert (info.picture, info.weighted, info.metadata["steps"]) == (64, True, "3")
    assert network.size.unets[0].stem == 16
    assert not list(tmp_path.glob("*.training.pt"))
    assert told[-1].done == pytest.approx(told[-1].total, rel=0.05)
    with pytest.raises(BadInput, match="'16,16'"):
        JOB.run({**options, "crop": "16,16"}, told.append, CancelToken())


def test_trainings_share_what_the_2d_part_learned_alone(tmp_path, monkeypatch):
    """What one training made begins another, that fuses views in another way."""
    options = asked(tmp_path, steps=1)
    first = options | {"out": str(tmp_path / "first.safetensors")}
    JOB.run(first, lambda told: None, CancelToken())
    begun = options | {
        "out": str(tmp_path / "mean.safetensors"), "cnn2d": first["out"], "alone": 0,
        "attn_heads": 0, "rate": 0.0,
    }  # fmt: skip
    JOB.run(begun, lambda told: None, CancelToken())
    given, _ = load_network(first["out"])
    network, info = load_network(begun["out"])
    assert (network.size.heads, info.metadata["steps"]) == (0, "1")
    weights = dict(given.named_parameters())
    shared = [n for n in weights if n.startswith(("cnn2d.", "view_embedders."))]
    own = dict(network.named_parameters())
    assert len(shared) > 50
    assert all(torch.equal(own[name], weights[name]) for name in shared)

    # It goes on with what it was begun with alone.
    monkeypatch.setattr(Training, "report_seconds", 0)
    cancel, longer = CancelToken(), {**begun, "out": str(tmp_path / "longer.safetensors")}
    longer["steps"] = 3
    with pytest.raises(Cancelled):
        JOB.run(longer, lambda told: cancel.cancel(), cancel)
    with pytest.raises(BadInput, match="another network to begin with"):
        JOB.run({**longer, "cnn2d": begun["out"]}, lambda told: None, CancelToken())


def test_a_network_is_trained_on_and_its_steps_are_counted(tmp_path):
    """All of it is what it begins with; width and heads are its own."""
    options = asked(tmp_path, steps=2, attn_heads=0)
    first, on = tmp_path / "first.safetensors", tmp_path / "on.safetensors"
    JOB.run({**options, "out": str(first)}, lambda told: None, CancelToken())
    longer = {**options, "out": str(on), "network": str(first), "attn_heads": 2, "width": "full"}
    rows = JOB.run({**longer, "rate": 0.0}, lambda told: None, CancelToken())
    assert {row["steps"] for row in rows} == {5}
    given, _ = load_network(first)
    network, info = load_network(on)
    assert (network.size, info.metadata["steps"]) == (given.size, "5")
    weights = dict(given.named_parameters())
    assert all(torch.equal(own, weights[name]) for name, own in network.named_parameters())
    assert info.metadata["note"] == "Trained on procedural rooms, not on photographs."

    foreign, moved = tmp_path / "foreign.safetensors", tmp_path / "moved.safetensors"
    save_network(foreign, given, {})
    longer |= {"network": str(foreign), "out": str(moved)}
    JOB.run(longer, lambda told: None, CancelToken())
    network, info = load_network(moved)
    assert "'foreign.safetensors', which does not say" in info.metadata["note"]
    own = network.named_parameters()
    left = {name.split(".")[0] for name, one in own if not torch.equal(one, weights[name])}
    assert left >= {"cnn2d", "cnns3d"}
