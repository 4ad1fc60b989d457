"""Recovery training: masks stay, shapes come back, and the result opens again."""

import json

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Made
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.metrics.surfaces import ATLAS
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.vortx.pruning.pruner import Pruner
from prune3d_gui.plugins.vortx.training import finetuning, rooms
from prune3d_gui.plugins.vortx.training.crops import Cut
from prune3d_gui.plugins.vortx.training.recovery import Recovery
from prune3d_gui.plugins.vortx.training.rooms import Room
from prune3d_gui.plugins.vortx.training.training import Settings
from tests.vortx.small_room import write_floor

from ..pruning.shapes import plan, tiny

SIZE = (32, 48)
CUT = Cut((16, 16, 16), 2, SIZE[1])
ASKED = {"rate2d": 30, "rate_ff": 40, "width_ff": 25, "rate3d": 40}


def floor():
    """A floor of noise, seen from above by three cameras."""
    height = (np.arange(24) - 6.5) * 0.04
    values = np.clip(-height / 0.12, -1, 1)  # in front of the surface it is negative
    values = np.broadcast_to(values, (24, 24, 24)).copy()
    values[:, :, :3] = 1  # below it nothing is seen
    poses = np.tile(np.diag((1.0, -1.0, -1.0, 1.0)), (3, 1, 1))
    poses[:, :3, 3] = [(0.4, 0.5, 1.6), (0.5, 0.5, 1.6), (0.6, 0.5, 1.6)]
    drawn = np.random.default_rng(0)
    picture = drawn.integers(0, 255, (*SIZE, 3)).astype(np.uint8)
    depth = np.full(SIZE, 1.34, np.float32)
    intrinsics = np.tile((30.0, 30.0, SIZE[1] / 2, SIZE[0] / 2), (3, 1))
    return Room(
        "floor", intrinsics, poses, (SIZE[1], SIZE[0]), lambda _: picture, lambda _: depth,
        values, np.zeros(3), 0.04,
    )  # fmt: skip


@pytest.fixture(scope="module")
def recovered(tmp_path_factory):
    opened = tiny()
    pruner = Pruner(opened)
    effective = pruner.effective(plan(**ASKED))
    settings = Settings(2, cut=CUT, warm=1, second=0.0, guided=1.0, average=0.5)
    state = tmp_path_factory.mktemp("recovery") / "training.pt"
    recovery = Recovery(pruner, effective, [floor()], settings, state)
    return pruner, effective, recovery, recovery.run()


def test_what_is_zeroed_stays_zero_and_the_rest_learns(recovered):
    pruner, effective, recovery, made = recovered
    for name, mask in pruner.left_masks(effective).items():
        weights = made.get_parameter(name)
        assert float(weights[mask].abs().max()) == 0, name
    moved = [
        name
        for name, value in made.named_parameters()
        if not torch.equal(value, effective.network.get_parameter(name))
    ]
    assert {name.split(".")[0] for name in moved} >= {"cnn2d", "mv_fusion", "cnns3d"}
    assert recovery.step == 2
    assert made.size == effective.network.size


def test_the_network_in_its_old_shapes_gives_the_trained_one_under_its_plan(recovered):
    pruner, effective, recovery, made = recovered
    whole = recovery.whole()
    shapes = {name: value.shape for name, value in pruner.network.state_dict().items()}
    assert {name: value.shape for name, value in whole.state_dict().items()} == shapes
    again = Pruner(whole, pruner.network).effective(plan(**ASKED)).network.state_dict()
    for name, value in made.state_dict().items():
        assert torch.equal(again[name], value), name
    # What is gone is as it was.
    mask = effective.masks["conv1.0.0"]
    name = "cnn2d.conv1.0.layers.0.weight"
    before = pruner.network.get_parameter(name)
    assert torch.equal(whole.get_parameter(name)[mask], before[mask])


def test_a_pruned_network_opens_as_a_model_of_its_own(recovered, tmp_path):
    _, effective, _, _ = recovered
    file = tmp_path / "pruned.safetensors"
    save_network(file, effective.network, {"picture_width": "160", "weighted": "True"})
    again, info = load_network(file)
    assert again.size == effective.network.size
    assert (info.picture, info.notices) == (160, ())
    for name, value in effective.network.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


@pytest.fixture
def in_memory(monkeypatch, tmp_path):
    """Rooms that need not be rendered, and one to be scored as a whole."""
    write_floor(tmp_path / "val" / "unseen")

    class Floors(list):
        folder, split = tmp_path, "val"

        def __init__(self, *_):
            super().__init__([floor()])

    monkeypatch.setattr(rooms, "Rooms", Floors)


def options_of(tmp_path, **values):
    own = {option.name: option.default for option in finetuning.FINETUNING}
    return {**own, "out": str(tmp_path / "out"), "device": "cpu", **values}


def test_the_job_keeps_a_network_and_says_what_came_back(in_memory, tmp_path, monkeypatch):
    monkeypatch.setenv("PRUNE3D_ARTIFACTS", str(tmp_path / "artifacts"))
    weights = tmp_path / "whole.safetensors"
    save_network(weights, tiny(), {"picture_width": str(SIZE[1]), "weighted": "True"})
    told = []
    asked = {**ASKED, "steps": 1, "views": 2, "crop": "16,16,16", "unseen": 1, "whole": 1}
    options = options_of(tmp_path, weights=str(weights), scenes=str(tmp_path), **asked)
    rows = finetuning.finetune_job(options, told.append, NEVER)
    (artifact,) = [one.artifact for one in told if isinstance(one, Made)]
    assert rows[-1]["network"] == artifact.hash
    assert rows[-1]["lost"] == rows[-1]["full_iou"] - rows[-1]["pruned_iou"]
    stages = [row["stage"] for row in rows[:-1] if "stage" in row]
    states, often = ("full", "pruned", "recovered"), {"unseen": 3, "whole": 2}
    assert stages == [f"{what}, {s}" for s in states for what in often for _ in range(often[what])]
    whole = [row["fscore"] for row in rows if row.get("part") == rows[-1]["protocol"] == ATLAS]
    assert whole == [rows[-1][name] for name in ("full_fscore", "pruned_fscore", "fscore")]
    assert rows[-1]["fscore_lost"] == whole[0] - whole[1]
    assert json.loads((tmp_path / "out/rows.json").read_text()) == rows
    small, _ = load_network(rows[-1]["file"])
    opened, info = load_network(weights)
    stored = ArtifactStore().open(artifact.hash, "network", info.hash, "whole")
    opened_shapes = {name: value.shape for name, value in opened.state_dict().items()}
    assert {name: value.shape for name, value in stored.tensors.items()} == opened_shapes
    assert small.size == Pruner(opened).effective(plan(**ASKED)).network.size


def test_more_whole_rooms_than_there_are_is_said(in_memory, tmp_path, monkeypatch):
    monkeypatch.setenv("PRUNE3D_ARTIFACTS", str(tmp_path / "artifacts"))
    weights = tmp_path / "whole.safetensors"
    save_network(weights, tiny(), {"picture_width": str(SIZE[1]), "weighted": "True"})
    options = options_of(tmp_path, weights=str(weights), scenes=str(tmp_path), crop="16,16,16")
    with pytest.raises(BadInput, match="has 1 unseen rooms, so 2 cannot"):
        finetuning.finetune_job(options, lambda _: None, NEVER)


def test_without_a_network_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "weights", lambda: None)
    with pytest.raises(BadInput, match="--weights"):
        finetuning.finetune_job(options_of(tmp_path), lambda _: None, NEVER)
